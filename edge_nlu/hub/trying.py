"""Try a pack in a process of its own: `python -m edge_nlu.hub.trying SOURCE PLACE VERDICT BOARD`.

Whatever a pack does to whoever opens it, it does to this process and not to the hub. It is copied first and
then tried where it lies, so what was tried is what will be used. The verdict is a file with one JSON
object; where there is none, the pack killed its judge.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import sys
from dataclasses import fields
from pathlib import Path
from time import process_time_ns
from typing import Any, Final

from edge_nlu.durable import put_whole, settle

PR_SET_PDEATHSIG: Final = 1
"""Asks the system to end this process when the hub ends."""

NICE: Final = 10
ADDRESSES_BYTES: Final = 2 << 30
"""Addresses that the process may use: what goes beyond is a pack that bursts, not one a little large."""

SPREAD_MB: Final = 9.0
"""So much more the same pack weighs on one machine than on another, of which the budget was measured."""

CPU_S: Final = 120
LARGEST_BYTES: Final = 1 << 30
ROOM_BYTES: Final = 16 << 20
"""So much stays free for what is said meanwhile: without room to write it down, nothing is done."""
ROUNDS: Final = 3


def tried(source: Path, place: Path, board: str) -> dict[str, Any]:
    """Return what speaks against a pack, and what it takes; `later` is true where it may do another time."""
    from edge_nlu.errors import PackError
    from edge_nlu.storage.packs import delete

    try:
        _copy(source, place)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        delete(place)
        return {"why": f"cannot be copied: {error}", "later": True}
    try:
        return _judged(place, board)
    except PackError as error:
        return {"why": str(error), "later": False}


def _judged(place: Path, board: str) -> dict[str, Any]:
    from edge_nlu.models.encoder import Encoder, Session
    from edge_nlu.models.golden import broken, read_golden
    from edge_nlu.models.pack import GOLDEN, LABELS, MANIFEST, VOCABULARY, Pack, checksum

    pack = Pack.open(place)
    encoder = Encoder(pack, Session(**_session_options(board)))
    promised = read_golden(place / GOLDEN) if GOLDEN in pack.files else []
    spent = sorted(_milliseconds(encoder, one.text) for _ in range(ROUNDS) for one in promised)
    took: dict[str, Any] = {
        "id": pack.id,
        "manifest": checksum(place / MANIFEST),
        "milliseconds": round(spent[int(0.95 * (len(spent) - 1))], 2) if spent else 0.0,
        "memory_mb": round(_resident_bytes() / 1e6, 1),
        "size_bytes": sum(pack.files[name] for name in (pack.encoder, VOCABULARY, LABELS)),
    }
    _open_the_rest(encoder)
    budget = _budget(board)
    against = [
        *([] if promised else [f"{GOLDEN}: no promised sentence in it"]),
        *broken(promised, encoder)[:3],
        *_beyond("milliseconds", took["milliseconds"], budget.time.value),
        *_beyond("MB of memory", took["memory_mb"], budget.memory.value + SPREAD_MB),
        *_beyond("bytes to understand with", took["size_bytes"], budget.size.value),
    ]
    return {**took, "why": "; ".join(against), "later": False}


def _open_the_rest(encoder: Any) -> None:
    """Raise a `PackError` if what else a hub reads from the pack cannot be used."""
    from edge_nlu.models.dialogue import DialogueModel
    from edge_nlu.models.heads import check_heads

    check_heads(encoder)
    DialogueModel.open(encoder.pack)


def _session_options(board: str) -> dict[str, Any]:
    if not board:
        return {}
    from edge_nlu.storage.profiles import hub_profile

    best = hub_profile(board).session
    return {one.name: getattr(best, one.name).value for one in fields(best)}


def _budget(board: str) -> Any:
    """Return what a board carries; where nobody says which it is, it is taken for the smallest."""
    from edge_nlu.storage.profiles import hub_profile, hub_profiles

    profile = hub_profile(board) if board else min(hub_profiles(), key=lambda one: one.memory.value)
    return profile.budget


def _beyond(unit: str, found: float, limit: float) -> list[str]:
    return [f"{found:,} {unit}, this board carries {limit:,}"] if found > limit else []


def _milliseconds(encoder: Any, text: str) -> float:
    """Return the processor's time for a sentence: the board may be busy with something else."""
    begun = process_time_ns()
    encoder.understand(text)
    return (process_time_ns() - begun) / 1e6


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _copy(source: Path, place: Path) -> None:
    """Copy what the manifest names, and nothing else; whoever may write there must not lead us elsewhere."""
    from edge_nlu.wire.releases import LARGEST_MANIFEST

    place.mkdir(parents=True)
    manifest = _copied(source, place, "manifest.json", LARGEST_MANIFEST + 1)
    if manifest.stat().st_size > LARGEST_MANIFEST:
        raise ValueError(f"its manifest has more than {LARGEST_MANIFEST:,} bytes")
    named = json.loads(manifest.read_bytes())["files"]
    needed = sum(entry["size_bytes"] for entry in named.values()) + ROOM_BYTES
    disk = os.statvfs(place)
    if disk.f_bavail * disk.f_frsize < needed:
        raise OSError(errno.ENOSPC, f"less than {needed:,} bytes free, which it and the journal need")
    for name, entry in named.items():
        if Path(name).name != name or name == ".." or type(entry.get("size_bytes")) is not int:
            raise ValueError(f"{name!r} in its manifest")
        _copied(source, place, name, entry["size_bytes"])
    settle(place)


def _copied(source: Path, place: Path, name: str, most: int) -> Path:
    opened = os.open(source / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(opened, "rb") as read, (place / name).open("wb") as written:
        left = most
        while piece := read.read(min(1 << 16, left)):
            written.write(piece)
            left -= len(piece)
        written.flush()
        os.fsync(written.fileno())
    return place / name


def main(source: str, place: str, verdict: str, board: str) -> None:
    """Try a pack within limits, and write the verdict."""
    # the next hub tries it anew, in the same place
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICE)
    for what, most in (
        (resource.RLIMIT_AS, ADDRESSES_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, LARGEST_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    found = tried(Path(source), Path(place), board)
    put_whole(Path(verdict), json.dumps(found).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
