"""Measure on a real board what is otherwise predicted, and say what board it was.

What a figure depends on is recorded: the board, its kernel and page size, governor and clock, memory and
heat, before and after. Nothing is recorded that tells whose it is: no host name, address or serial number.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns, process_time_ns

import numpy as np

from edge_nlu.models.pack import Pack
from edge_nlu.storage.profiles import HubProfile, hub_profiles
from edge_nlu_bench import memory, mosquitto, scale
from edge_nlu_bench.arm.counts import MILLION, Spent, decided, spent
from edge_nlu_bench.arm.marks import Part
from edge_nlu_bench.arm.measure import QUICK_TEXTS, decided_here, digest, texts
from edge_nlu_bench.arm.sentences import QUICK_ROUNDS, ROUNDS, SENTENCES, WARM_UP, conversation, one_by_one
from edge_nlu_bench.arm.weight import talked_to
from edge_nlu_bench.latency import no_old_garbage, one_core
from edge_nlu_bench.report import Figures

ROOT = Path("/")
MODEL = "proc/device-tree/model"
FREQUENCY = "sys/devices/system/cpu/cpu0/cpufreq"
HEAT = "sys/class/thermal/thermal_zone0/temp"
SYNCS, BLOCK = 50, 4096
# "Raspberry Pi 4 Model B, 1 GB"
_SIZED = re.compile(r",| \(")


def measure(pack: Pack, disk: Path, *, quick: bool, progress: Callable[[str], None]) -> dict[str, Figures]:
    """Return what board this is, and what was measured on it; `disk` is a folder on its card or disk."""
    mosquitto.found()  # before minutes go by: a hub is weighed beside it
    before = state(ROOT)
    rounds = QUICK_ROUNDS if quick else ROUNDS
    progress("saying sentences")
    wall, cpu = _times(pack, rounds)
    progress("writing them down on the disk")
    with TemporaryDirectory(dir=disk) as folder:
        written, _ = _times(pack, min(rounds, 2), journal=Path(folder, "journal.sqlite"))
        syncs = synced(Path(folder, "synced"))
    progress("weighing a process that understands, and a hub")
    weighed = memory.measure(pack, processes=1 if quick else 5)
    with talked_to(pack) as hub:
        weight = round(hub.rss() / 1e6, 1)
    progress("comparing what is decided")
    talk = one_by_one(texts(QUICK_TEXTS if quick else None))
    decisions = digest(decided_here(pack, talk))
    progress("saying sentences in homes of 20 to 10,000 devices")
    grown = scale.measure(pack, quick=quick)
    return {
        "board": described(ROOT),
        "before": before,
        "sentence": sentence_figures(wall, cpu),
        "disk": {
            "n": len(written),
            **_ends("write", [sentence[Part.WRITING] for sentence in written]),
            **_ends("fsync", syncs),
        },
        "memory": weighed["rss_mb"],
        "hub": {"rss_mb": weight},
        "decisions": {"n": len(talk), "digest": decisions},
        **{f"scale_{name}": figures for name, figures in grown.items()},
        "after": state(ROOT),
    }


def _times(pack: Pack, rounds: int, journal: Path | None = None) -> tuple[list[Spent], list[Spent]]:
    """Return the nanoseconds of each part of each sentence: all that went by, and the processor's."""
    from edge_nlu_bench.arm.turns import Turns

    marks: list[tuple[Part, int, int]] = []
    turns = Turns(
        pack.folder,
        lambda part: marks.append((part, perf_counter_ns(), process_time_ns())),
        journal=journal,
    )
    with one_core(), no_old_garbage():
        for number, turn in enumerate(conversation(rounds)):
            turns.say(number, turn)
    clocks = ([(part, clock[at]) for part, *clock in marks] for at in (0, 1))
    wall, cpu = (spent(one)[len(WARM_UP) :] for one in clocks)
    return wall, cpu


def synced(file: Path) -> list[int]:
    """Return the nanoseconds in which one block after the other is safely on the disk."""
    times = []
    with file.open("wb", buffering=0) as to:
        for _ in range(SYNCS):
            begun = perf_counter_ns()
            to.write(bytes(BLOCK))
            os.fsync(to.fileno())
            times.append(perf_counter_ns() - begun)
    return times


def sentence_figures(wall: Sequence[Spent], cpu: Sequence[Spent]) -> Figures:
    """Return the milliseconds of a sentence from text in to decision, and of its parts at the median."""
    found: dict[str, float] = {"n": len(wall)}
    for clock, sentences in (("wall", wall), ("cpu", cpu)):
        whole = [decided(sentence) for sentence in sentences]
        found |= {f"{clock}_first_p50_ms": _milliseconds(np.median(whole[: len(SENTENCES)]))}
        found |= _ends(clock, whole)
    for part in Part:
        if part is not Part.NOTHING:
            name = f"{part.name.lower()}_cpu_p50_ms"
            found[name] = _milliseconds(np.median([sentence.get(part, 0) for sentence in cpu]))
    return found


def _ends(name: str, nanoseconds: Sequence[float]) -> dict[str, float]:
    return {f"{name}_p{at}_ms": _milliseconds(np.percentile(nanoseconds, at)) for at in (50, 95)}


def _milliseconds(nanoseconds: float | np.floating) -> float:
    return round(float(nanoseconds) / MILLION, 3)


def described(root: Path) -> Figures:
    """Return what a board is, and what runs on it."""
    told = _os_release(root)
    model = _read(root / MODEL).strip("\0")
    profile = profile_of(model)
    return {
        "model": model or "unknown",
        "profile": profile.name if profile is not None else "none",
        "machine": platform.machine(),
        "cores": os.cpu_count() or 0,
        "kernel": platform.release(),
        "system": told.get("PRETTY_NAME", "unknown"),
        "page_bytes": os.sysconf("SC_PAGE_SIZE"),
        "memory_mb": _memory(root, "MemTotal"),
        "most_mhz": _thousandth(root / FREQUENCY / "cpuinfo_max_freq"),
        "governor": _read(root / FREQUENCY / "scaling_governor") or "unknown",
    }


def state(root: Path) -> Figures:
    """Return what changes while one measures; -1 where it cannot be read."""
    return {
        "celsius": _thousandth(root / HEAT),
        "mhz": _thousandth(root / FREQUENCY / "scaling_cur_freq"),
        "throttled": _throttled(),
        "memory_left_mb": _memory(root, "MemAvailable"),
        "load": round(os.getloadavg()[0], 2),
    }


def profile_of(model: str, profiles: Sequence[HubProfile] | None = None) -> HubProfile | None:
    """Return the hub profile of a board by its own name, which begins as the profile's does."""
    known = hub_profiles() if profiles is None else profiles
    return next((one for one in known if model.startswith(_SIZED.split(one.board)[0])), None)


def _throttled() -> str:
    """Return what a Pi's firmware says of heat and voltage: "0x0" where all was well since the start."""
    ask = shutil.which("vcgencmd")
    if ask is None:
        return "unknown"
    told = subprocess.run([ask, "get_throttled"], capture_output=True, text=True)
    return told.stdout.strip().partition("=")[2] or "unknown"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _thousandth(file: Path) -> float:
    told = _read(file)
    return int(told) / 1000 if told.lstrip("-").isdigit() else -1


def _memory(root: Path, name: str) -> float:
    lines = _read(root / "proc/meminfo").splitlines()
    told = next((line.split()[1] for line in lines if line.startswith(f"{name}:")), None)
    return -1 if told is None else round(int(told) * 1024 / 1e6)


def _os_release(root: Path) -> Mapping[str, str]:
    lines = (line.partition("=") for line in _read(root / "etc/os-release").splitlines())
    return {name: value.strip('"') for name, _, value in lines}
