"""Weigh processes on emulated arm64, without the emulator's own memory.

qemu gives a guest the memory at low addresses and takes its own from the end of what a process can have, so
the resident set of the guest is the sum over what lies low. Pages are those of the machine that emulates, of
4 KB; a board with pages of 16 KB needs a little more.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from edge_nlu.errors import EdgeNluError
from edge_nlu.models.pack import Pack
from edge_nlu_bench.arm.emulator import Emulator
from edge_nlu_bench.arm.sentences import SENTENCES
from edge_nlu_bench.report import Figures
from edge_nlu_bench.running import HUB, Place, Running, memory_folder

MEGABYTE = 1e6
GUEST_ENDS = 0x60_0000_0000
UNDERSTANDING = """
import sys
from pathlib import Path
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
encoder = Encoder(Pack.open(Path(sys.argv[1])))
for sentence in sys.argv[2:]:
    encoder.understand(sentence)
print("understood", flush=True)
sys.stdin.read()
"""
_MAPPED = re.compile(r"([0-9a-f]+)-[0-9a-f]+ ")


class Weight(NamedTuple):
    """Bytes in memory, and those of them that no file holds as well."""

    rss: int
    anonymous: int


def weights(emulator: Emulator, core: str, pack: Pack) -> Figures:
    """Return what understanding weighs by itself, and a hub in the reference home after some sentences."""
    found: dict[str, float] = {}
    for name, weight in (
        ("understanding", _understanding(emulator, core, pack)),
        ("hub", _hub(emulator, core, pack)),
    ):
        found[name] = round(weight.rss / MEGABYTE, 1)
        found[f"{name}_anonymous"] = round(weight.anonymous / MEGABYTE, 1)
    return found


def _understanding(emulator: Emulator, core: str, pack: Pack) -> Weight:
    command = [*emulator.python(core), "-c", UNDERSTANDING, str(pack.folder), *SENTENCES]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise EdgeNluError("the process to be weighed ended before it had understood anything")
        weight = guest_weight(_smaps(process.pid))
        process.communicate("")
    return weight


def _hub(emulator: Emulator, core: str, pack: Pack) -> Weight:
    # what `edge-nlu hub run` becomes; to become it takes another program, which emulation cannot start
    with talked_to(pack, [*emulator.python(core), "-m", "edge_nlu.hub"]) as hub:
        return guest_weight(_smaps(hub.process.pid))


@contextmanager
def talked_to(pack: Pack, command: Sequence[str] = HUB) -> Iterator[Running]:
    """Run a hub in the reference home, beside Mosquitto, that has answered some sentences."""
    with tempfile.TemporaryDirectory(prefix="edge-nlu-bench-", dir=memory_folder()) as folder:
        place = Place(Path(folder), pack)
        with place.home() as port, place.hub(port, command=command) as hub:
            hub.wait_for_answer()
            hub.wait_for_rest()
            for text in SENTENCES:
                hub.answer(text)
            yield hub


def _smaps(process: int) -> list[str]:
    return Path(f"/proc/{process}/smaps").read_text().splitlines()


def guest_weight(smaps: Iterable[str]) -> Weight:
    """Return what a guest weighs, from the map of the process that emulates it."""
    summed = {"Rss": 0, "Anonymous": 0}
    low = False
    for line in smaps:
        if (begins := _MAPPED.match(line)) is not None:
            low = int(begins[1], 16) < GUEST_ENDS
            continue
        name, _, value = line.partition(":")
        if low and name in summed:
            summed[name] += 1024 * int(value.split()[0])
    return Weight(summed["Rss"], summed["Anonymous"])
