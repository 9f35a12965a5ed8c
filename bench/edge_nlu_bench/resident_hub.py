"""Hold a hub that was asked a question which is none for it, and print what this process weighs.

Run as a script with the pack's folder and the address of a cloud, or "" for none.
"""

import sys
from dataclasses import replace
from pathlib import Path
from threading import Event

from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.settings import Cloud, Settings
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu_bench.resident import weight


def main(pack: Path, url: str) -> None:
    """Print the bytes in memory after the answer."""
    settings = replace(Settings(), pack=str(pack), cloud=Cloud("openai" if url else "", url))
    broker = MemoryBroker()
    hub = assemble(settings, folder=None, transport=broker.client(), environment={})
    answered = Event()
    people = broker.client()
    people.listen(["edge-nlu/result"])
    people.start(lambda _: answered.set())
    hub.begin()
    people.ask("edge-nlu/ask", b"how tall is mount everest")
    while not answered.is_set():
        hub.turn(0.05)
    print(weight("VmRSS"))
    hub.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
