"""Count, weigh and compare a hub on emulated arm64, and predict what a sentence takes on boards."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.storage.profiles import Cost, HubProfile, hub_profiles, predict
from edge_nlu_bench import mosquitto
from edge_nlu_bench.arm.counts import MILLION, Spent, decided, figures, read_marks, spent
from edge_nlu_bench.arm.emulator import CORES, Emulator
from edge_nlu_bench.arm.sentences import QUICK_ROUNDS, ROUNDS, WARM_UP, Turn, conversation, one_by_one
from edge_nlu_bench.arm.weight import weights
from edge_nlu_bench.reference import SIZE
from edge_nlu_bench.report import Figures
from edge_nlu_bench.sources import frozen

MIDDLE = "Cortex-A72"
"""The core that growth, memory and decisions are looked at on; decisions are the same on all of them."""
TURNS = "edge_nlu_bench.arm.turns"
SMALL, LARGE = 20, 10_000
COMPARED = ("decision", "publishes", "say", "intent", "slots", "targets")
QUICK_TEXTS = 60
SETS = ("home-seen.txt", "home-unseen.txt", "home-clauses.txt", "not-home.txt")

Result = Mapping[str, Any]
Progress = Callable[[str], None]


class Measured(NamedTuple):
    """The figures, and the sentences of which something else came than on x86."""

    figures: dict[str, Figures]
    flips: list[dict[str, str]]


def measure(emulator: Emulator, pack: Pack, network: Cost, *, quick: bool, progress: Progress) -> Measured:
    """Return what a sentence takes, and what a hub weighs and decides; `network` is what its network asks."""
    mosquitto.found()  # before minutes go by: a hub is weighed beside it
    found: dict[str, Figures] = {}
    of_core: dict[str, Sequence[Spent]] = {}
    talk = conversation(QUICK_ROUNDS if quick else ROUNDS)
    for core in CORES:
        progress(f"counting on a {core}")
        of_core[core] = counted(emulator, core, pack, talk)
        found[group_of(core)] = figures(of_core[core])
    few = conversation(1 if quick else 2)
    progress(f"counting in homes of {SMALL} and {LARGE:,} devices")
    sizes = {size: counted(emulator, MIDDLE, pack, few, devices=size) for size in (SMALL, LARGE)}
    found["growth"] = growth(sizes)
    for profile in hub_profiles():
        if profile.core.value in of_core:
            found[profile.name.replace("-", "_")] = predicted(profile, network, of_core[profile.core.value])
    progress("weighing a hub")
    found["guest_rss_mb"] = weights(emulator, MIDDLE, pack)
    progress("comparing what is decided")
    talk = one_by_one(texts(QUICK_TEXTS if quick else None))
    here, there = decided_here(pack, talk), _decided_there(emulator, pack, talk)
    flips = list(flipped(talk, zip(here, there, strict=True)))
    found["decisions"] = {"n": len(talk), "flipped": len(flips), "x86_digest": digest(here)}
    return Measured(found, flips)


def group_of(core: str) -> str:
    """Return the group of a core's figures: "cortex_a72"."""
    return core.lower().replace("-", "_")


# ---------------------------------------------------------------------------------------- counting


def counted(
    emulator: Emulator, core: str, pack: Pack, talk: Sequence[Turn], devices: int = SIZE
) -> Sequence[Spent]:
    """Return what each sentence took, but for those that everything was loaded with."""
    with tempfile.TemporaryDirectory() as folder:
        count = Path(folder) / "count"
        emulator.run(core, "-m", TURNS, given=_given(pack, talk, devices), count=count)
        return spent(read_marks(count.read_text().splitlines()))[len(WARM_UP) :]


def _given(pack: Pack, talk: Sequence[Turn], devices: int = SIZE) -> str:
    return json.dumps({"pack": str(pack.folder), "devices": devices, "turns": list(talk)})


def growth(sizes: Mapping[int, Sequence[Spent]]) -> Figures:
    """Return how much more a sentence takes in the largest home than in the smallest."""
    middle = {size: float(np.median([decided(one) for one in of])) for size, of in sizes.items()}
    small, large = min(middle), max(middle)
    return {
        **{f"{size}_devices_p50": round(middle[size] / MILLION, 3) for size in (small, large)},
        "p50_ratio": round(middle[large] / middle[small], 3),
    }


# -------------------------------------------------------------------------------------- predicting


def predicted(profile: HubProfile, network: Cost, sentences: Sequence[Spent]) -> Figures:
    """Return the milliseconds that the middle sentence, and the slowest but one in twenty, likely take."""
    instructions = [decided(sentence) for sentence in sentences]
    found: dict[str, float | str] = {"board": profile.board, "core": profile.core.value}
    for name, at in (("p50", 50), ("p95", 95)):
        cost = Cost(network.macs, network.weight_bytes, float(np.percentile(instructions, at)))
        time = predict(profile, cost)
        ends = {"": (time.low_ms * time.high_ms) ** 0.5, "_low": time.low_ms, "_high": time.high_ms}
        found |= {f"predicted_{name}_ms{end}": round(value, 2) for end, value in ends.items()}
    return found


# --------------------------------------------------------------------------------------- comparing


def texts(most: int | None) -> list[str]:
    """Return the sentences of the frozen sets; where so many are enough, evenly drawn."""
    found = [example.text for name in SETS for example in read_examples(frozen(name))]
    return found if most is None else found[:: max(1, len(found) // most)]


def decided_here(pack: Pack, talk: Sequence[Turn]) -> Sequence[Result]:
    """Return what comes of sentences on this machine."""
    command = [sys.executable, "-m", TURNS]
    here = subprocess.run(command, input=_given(pack, talk), capture_output=True, text=True)
    if here.returncode:
        last = (here.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise EdgeNluError(f"saying sentences here ended with {here.returncode}: {last}")
    return [json.loads(line) for line in here.stdout.splitlines()]


def _decided_there(emulator: Emulator, pack: Pack, talk: Sequence[Turn]) -> Sequence[Result]:
    """Return what comes of sentences on arm64."""
    there = emulator.run(MIDDLE, "-m", TURNS, given=_given(pack, talk))
    return [json.loads(line) for line in there.splitlines()]


def digest(results: Iterable[Result]) -> str:
    """Return a digest of all that is compared: where it is the same, nothing was decided otherwise."""
    compared = [[result[name] for name in COMPARED] for result in results]
    return sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()


def flipped(talk: Iterable[Turn], pairs: Iterable[tuple[Result, Result]]) -> Iterable[dict[str, str]]:
    """Yield the sentences whose two results differ, with what differs."""
    for turn, (here, there) in zip(talk, pairs, strict=True):
        other = [name for name in COMPARED if here[name] != there[name]]
        if other:
            x86, arm = ({name: of[name] for name in other} for of in (here, there))
            yield {"text": turn["text"], "x86": json.dumps(x86), "arm64": json.dumps(arm)}
