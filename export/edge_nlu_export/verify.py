"""Say of each promise a pack must keep whether it keeps it; one that breaks any is no release.

A pack may lose next to nothing of what its weights knew in full precision, must not be worse than
the pack it replaces, must keep what it promises of its golden sentences, and must fit the hub it
was made for. Time on a board that is not here is predicted, and says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

from edge_nlu.errors import DataError, PackError, PackForeignError
from edge_nlu.interfaces import Understander
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.golden import broken, golden_failures, read_golden
from edge_nlu.models.pack import GOLDEN, Pack
from edge_nlu.models.score import Verdict, judge
from edge_nlu.storage.profiles import HubProfile, predict
from edge_nlu.values import Example
from edge_nlu_export.cost import TEN_WORDS, cost
from edge_nlu_export.promises import Promise, Report

WEIGHED = 10
TIMED = 50
ROUNDS = 5

# what a hub does first, in a process that holds nothing else
_OPEN_AND_UNDERSTAND = """
import json, sys
from pathlib import Path
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
encoder = Encoder(Pack.open(Path(sys.argv[1])))
for text in json.load(sys.stdin):
    encoder.understand(text)
status = Path("/proc/self/status").read_text()
print(1024 * int(status.partition("VmRSS:")[2].split()[0]))
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a pack may fall short of what it came from and of what it replaces, in percent."""

    lost: float = 0.5  # of the answers that were right in full precision; what rounding costs at most
    newly_wrong: float = 2.0  # of all sentences; more is felt at home, even when as many got better


def verify(
    folder: Path,
    full: Path,
    examples: Sequence[Example],
    profile: HubProfile,
    *,
    current: Path | None = None,
    limits: Limits | None = None,
    instructions: float | None = None,
) -> Report:
    """Return what became of every promise of the pack in a folder.

    `full` is its network in full precision, `examples` are labelled sentences it was not taught with,
    `current` is the pack in use, and `instructions` how many a sentence of ten words was counted to take
    on the hub's core; without them the time is predicted from multiplications.
    """
    limits = limits or Limits()
    try:
        pack = Pack.open(folder)
        encoder = Encoder(pack)
    except PackError as error:
        return Report(folder, profile.name, (Promise("whole files", 1, 0, "damaged", str(error)),))
    verdicts = list(judge(examples, encoder))
    promises = [
        Promise("whole files", 0, 0, "damaged"),
        own_golden(pack),
        *against_full(list(judge(examples, full_precision(pack, full))), verdicts, limits),
        *(_against_current(Pack.open(current), encoder, examples, verdicts, limits) if current else ()),
    ]
    texts = ten_words([example.text for example in examples])
    needed = replace(cost(full), instructions=instructions)
    predicted = predict(profile, needed)
    how = "counted instructions" if instructions else f"{needed.macs / 1e6:.1f} million multiplications"
    promises += within_budget(
        profile,
        size_bytes=pack.size_bytes,
        memory_bytes=resident_bytes(folder, texts[:WEIGHED]),
        here_ms=sentence_ms(encoder, texts),
        hub_ms=predicted.high_ms,
        note=f"{predicted}, from {how}",
    )
    return Report(folder, profile.name, tuple(promises))


def full_precision(pack: Pack, network: Path) -> Encoder:
    """Return an understander that is the pack in all but its network."""
    return Encoder(replace(pack, encoder=str(network.absolute())))


def against_full(
    full: Sequence[Verdict], small: Sequence[Verdict], limits: Limits
) -> tuple[Promise, Promise]:
    """Return what was lost of the right answers when the weights were made small."""
    return (
        _lost("intents lost to small weights", [v.intent for v in full], [v.intent for v in small], limits),
        _lost("frames lost to small weights", [v.exact for v in full], [v.exact for v in small], limits),
    )


def against_current(
    current: Sequence[Verdict], new: Sequence[Verdict], lost_promises: Sequence[str], limits: Limits
) -> tuple[Promise, Promise, Promise]:
    """Return how the pack compares with the one in use on the same sentences, and which promises went."""
    count = max(len(new), 1)
    was, now = sum(v.exact for v in current), sum(v.exact for v in new)
    wrong = [n.example.text for c, n in zip(current, new, strict=True) if c.exact and not n.exact]
    better = now - was + len(wrong)
    return (
        Promise(
            "right sentences",
            100 * now / count,
            100 * was / count,
            "%",
            f"{now} of {len(new)}, {was} in use",
            True,
        ),
        Promise(
            "newly wrong sentences",
            100 * len(wrong) / count,
            limits.newly_wrong,
            "%",
            f"{len(wrong)} of {len(new)}, {better} newly right" + _as(wrong),
        ),
        Promise(
            "golden sentences of the pack in use", len(lost_promises), 0, "lost", "; ".join(lost_promises[:3])
        ),
    )


def own_golden(pack: Pack) -> Promise:
    """Return whether the pack understands its golden sentences as it promises."""
    failures = golden_failures(pack)
    return Promise("golden sentences", len(failures), 0, "broken", "; ".join(failures[:3]))


def within_budget(
    profile: HubProfile, *, size_bytes: int, memory_bytes: int, here_ms: float, hub_ms: float, note: str = ""
) -> tuple[Promise, ...]:
    """Return whether the pack fits a hub; the time there is a prediction, taken at its slow end."""
    budget = profile.budget
    on_x86 = "a fresh process that understands ten sentences here; an arm64 one is 1 to 9 MB lighter"
    return (
        Promise("size", size_bytes / 1e6, budget.size.value / 1e6, "MB"),
        Promise("memory", memory_bytes / 1e6, budget.memory.value, "MB", on_x86),
        Promise("time of ten words here", here_ms, budget.time.value, "ms", "median, on this machine"),
        Promise("time of ten words there, predicted", hub_ms, budget.time.value, "ms", note),
    )


def resident_bytes(folder: Path, texts: Sequence[str]) -> int:
    """Return the resident memory of a fresh process that opened the pack and understood the sentences."""
    command = [sys.executable, "-c", _OPEN_AND_UNDERSTAND, str(folder)]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        raise PackForeignError(
            folder, f"a process that ends with {told[0]}", "one that understands sentences"
        )
    return int(done.stdout)


def sentence_ms(understander: Understander, texts: Sequence[str]) -> float:
    """Return the median milliseconds of a sentence, in the quickest of a few rounds."""

    def timed(text: str) -> float:
        begun = perf_counter()
        understander.understand(text)
        return (perf_counter() - begun) * 1000

    return min(median(timed(text) for text in texts) for _ in range(ROUNDS))


def ten_words(texts: Sequence[str]) -> list[str]:
    """Return the sentences that are nearest to ten words, those that tell most about time."""
    if not texts:
        raise ValueError("no sentence to verify with")
    return sorted(dict.fromkeys(texts), key=lambda text: abs(len(text.split()) - TEN_WORDS))[:TIMED]


def _against_current(
    current: Pack, encoder: Encoder, examples: Sequence[Example], verdicts: Sequence[Verdict], limits: Limits
) -> tuple[Promise, ...]:
    try:
        promised = read_golden(current.folder / GOLDEN) if GOLDEN in current.files else []
    except DataError as error:
        raise PackForeignError(current.folder, str(error), f"a {GOLDEN} that can be read") from error
    before = list(judge(examples, Encoder(current)))
    return against_current(before, verdicts, broken(promised, encoder), limits)


def _lost(name: str, full: Sequence[bool], small: Sequence[bool], limits: Limits) -> Promise:
    """Return by how much fewer answers are right, as a share of those right in full precision."""
    was, now = sum(full), sum(small)
    tipped = sum(f and not s for f, s in zip(full, small, strict=True))
    # where nothing was right there is nothing to compare with, and that is no release either
    lost = 100 * max(was - now, 0) / was if was else 100.0
    return Promise(
        name, lost, limits.lost, "%", f"{was} right of {len(full)}, now {now}; {tipped} tipped over"
    )


def _as(texts: Sequence[str]) -> str:
    return f", as {', '.join(map(repr, texts[:3]))}" if texts else ""
