"""Open a pack in a fresh process, step by step, and print what the process weighs after each.

Run as a script with the pack's folder as argument and the sentences to understand on standard
input. Each step imports only what it needs, so the order of the lines below is what is measured.
"""

import sys


def weight(name: str) -> int:
    """Return a figure of this process in bytes: VmRSS for now, VmHWM for the most so far."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib weighs something
        kibibytes = next(line.split()[1] for line in status if line.startswith(name))
    return 1024 * int(kibibytes)


def main(folder: str) -> None:
    """Print after each step its name and the bytes in memory, and at the end the most there ever were."""
    print("python", weight("VmRSS"))
    import numpy  # noqa: F401

    import edge_nlu  # noqa: F401 - before onnxruntime, whose word to its maker it switches off

    print("numpy", weight("VmRSS"))
    import onnxruntime  # noqa: F401

    print("onnxruntime", weight("VmRSS"))
    from pathlib import Path

    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.pack import Pack

    encoder = Encoder(Pack.open(Path(folder)))
    print("pack", weight("VmRSS"))
    for sentence in sys.stdin:
        encoder.understand(sentence)
    print("sentences", weight("VmRSS"))
    print("peak", weight("VmHWM"))


if __name__ == "__main__":
    main(sys.argv[1])
