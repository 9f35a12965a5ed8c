"""Measure what a hub makes of its own nights: labels of what was meant, and what heads learn from them.

A label is wrong where the want, the things or the value are not those of the wish. What heads gain is counted
on sentences in words that nobody in that home said before, beside what the true labels of all sentences gain.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from edge_nlu.learning.head import Head, trained
from edge_nlu.learning.labels import Label
from edge_nlu.learning.rewording import wording
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import RESAMPLES
from edge_nlu.storage.labelled import labels_in
from edge_nlu.values import Understanding
from edge_nlu_bench.household.causes import NO_HUB
from edge_nlu_bench.household.dialogues import is_wish
from edge_nlu_bench.household.recording import Recorded, Row
from edge_nlu_bench.household.tally import SIMULATED
from edge_nlu_bench.report import Figures, Floats

Frames: TypeAlias = Mapping[str, Sequence[str]]
"""For each sort of wish the wants and properties that reach it, the commonest first."""

Understands: TypeAlias = Callable[[str], Understanding]
COVERED: Final = 0.6
TAUGHT: Final = 2 / 3
"""The share of the days that heads learn from; the rest judges them."""

# a want that as few wishes of a kind were reached with is chance
RARELY: Final = 0.02
LABELS: Final = "labels"
_COLUMNS: Final = ("utterance", "text", "meant", "read", "intent", "slots", "commands", "sure", "user")


def labels_figures(homes: Sequence[Recorded], pack: Pack) -> dict[str, Figures]:
    """Return how often labels are wrong, and what heads gain from them, in recorded homes."""
    read = cache(Encoder(pack).understand)
    frames = _frames(homes, read)
    return {"automatic_labels": _labels(homes, frames), "heads": _heads(homes, frames, read)}


def _frames(homes: Sequence[Recorded], read: Understands) -> Frames:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for home in homes:
        for row in home.truth.values():
            if row["reached"] and is_wish(row) and row["tries"] == 0 and not row["taken_as"]:
                counted[_sort(row)][_read_as(read(row["heard"]))] += 1
    return {
        sort: [frame for frame, times in own.most_common() if frame and times >= RARELY * own.total()]
        for sort, own in counted.items()
    }


def _labels(homes: Sequence[Recorded], frames: Frames) -> Figures:
    """Return how many labels are wrong among the surest that cover so many sentences, with all of them."""
    judged: list[tuple[float, int, bool]] = []
    wishes = np.zeros(len(homes))
    for number, home in enumerate(homes):
        wishes[number] = sum(is_wish(row) and row["cause"] != NO_HUB for row in home.truth.values())
        judged += [
            (label.sure, number, _fits(label, home.truth[label.utterance], frames)) for label in _own(home)
        ]
    judged.sort(key=lambda one: -one[0])
    covering = judged[: round(COVERED * wishes.sum())]
    wrong, given = np.zeros(len(homes)), np.zeros(len(homes))
    for _, number, right in covering:
        given[number] += 1
        wrong[number] += not right
    drawn = _drawn(len(homes))
    ends = np.percentile((drawn @ wrong) / np.maximum(drawn @ given, 1), (2.5, 97.5))
    return {
        "n": int(wishes.sum()),
        "coverage": round(len(covering) / max(wishes.sum(), 1), 4),
        "wrong": round(float(wrong.sum() / max(given.sum(), 1)), 4),
        "wrong_low": round(float(ends[0]), 4),
        "wrong_high": round(float(ends[1]), 4),
        "threshold": covering[-1][0] if covering else 0.0,
        "coverage_of_all": round(len(judged) / max(wishes.sum(), 1), 4),
        "wrong_of_all": round(sum(not right for *_, right in judged) / max(len(judged), 1), 4),
        "note": SIMULATED,
    }


def _heads(homes: Sequence[Recorded], frames: Frames, read: Understands) -> Figures:
    """Return what heads gain that learned from labels, and from the truth, in words new to the home.

    Politeness makes no new wording, but it does make a new sentence: those are counted beside.
    """
    taught = [_taught_in(home, frames, read) for home in homes]
    figures: dict[str, float | int | str | bool] = {}
    for name, alike in (("", wording), ("sentences_", str)):
        counts = np.array([_gains(one, frames, read, alike) for one in taught], np.float64)
        total, drawn = counts.sum(0), _drawn(len(homes)) @ counts
        ends = np.percentile(drawn[:, 2] / np.maximum(drawn[:, 3], 1), (2.5, 97.5))
        figures |= {
            f"{name}n": int(total[0]),
            f"{name}read_rightly": round(float(total[1] / max(total[0], 1)), 4),
            f"{name}gained": int(total[2]),
            f"{name}gained_with_truth": int(total[3]),
            f"{name}made_wrong": int(total[4]),
            f"{name}recovered": round(float(total[2] / max(total[3], 1)), 4),
            f"{name}recovered_low": round(float(ends[0]), 4),
            f"{name}recovered_high": round(float(ends[1]), 4),
        }
    return {**figures, "note": SIMULATED}


class _Home(NamedTuple):
    """The sentences of a home that heads learned from and those that judge them, with the heads."""

    before: Sequence[str]
    rows: Sequence[Row]
    heads: Sequence[Head | None]


def _taught_in(home: Recorded, frames: Frames, read: Understands) -> _Home:
    """Return what a home's labels and the truth teach in the first part of its days."""
    rows = [
        row
        for row in home.truth.values()
        if is_wish(row) and len(read(row["heard"]).clauses) == 1 and frames.get(_sort(row))
    ]
    last = TAUGHT * (1 + max((row["day"] for row in rows), default=0))
    true = [
        Label(row["id"], row["heard"], _true(row, frames, read), sure=1.0)
        for row in rows
        if row["day"] < last
    ]
    own = [label for label in _own(home) if home.truth[label.utterance]["day"] < last]
    before = [row["heard"] for row in home.truth.values() if row["day"] < last]
    later = [row for row in rows if row["day"] >= last]
    return _Home(before, later, [_taught(labels, read) for labels in (own, true)])


def _gains(
    home: _Home, frames: Frames, read: Understands, alike: Callable[[str], str]
) -> tuple[int, int, int, int, int]:
    """Return sentences, those read rightly, those gained by labels and by the truth, and those made wrong."""
    said = set(map(alike, home.before))
    counts = [0, 0, 0, 0, 0]
    for row in home.rows:
        if alike(row["heard"]) in said:
            continue
        raw = read(row["heard"])
        right = _read_as(raw) in frames[_sort(row)]
        anew = [
            right if head is None else _read_as(head.reread(raw)) in frames[_sort(row)] for head in home.heads
        ]
        counts[0] += 1
        counts[1] += right
        counts[2] += anew[0] - right
        counts[3] += anew[1] - right
        counts[4] += right and not anew[0]
    return counts[0], counts[1], counts[2], counts[3], counts[4]


def _taught(labels: Sequence[Label], read: Understands) -> Head | None:
    night = trained(labels, [read(label.text) for label in labels])
    while True:
        try:
            next(night)
        except StopIteration as done:
            head: Head | None = done.value
            return head


def _own(home: Recorded) -> Iterator[Label]:
    """Yield the labels that the hub of a home gave itself, of wishes that somebody had."""
    rows = [tuple(row[name] for name in _COLUMNS) for row in home.tables[LABELS]]
    for label in labels_in(rows):
        row = home.truth.get(label.utterance)
        if row is not None and is_wish(row):
            yield label


def _fits(label: Label, row: Row, frames: Frames) -> bool:
    """Return whether a label has the want, the things and the value of the wish."""
    sort, *about = str(row["wish"]).split(" ")
    things = {thing for thing in about if "_" in thing}
    value = " ".join(thing for thing in about if "_" not in thing)
    told = {command.device.rpartition("/")[2] for command in label.commands}
    values = json.dumps([command.settings for command in label.commands]).lower()
    if label.meant not in frames.get(sort, ()) or (told and not told & things):
        return False
    if value.isdigit():
        numbers = [held for command in label.commands for _, held in command.settings]
        return any(_near(held, int(value)) for held in numbers)
    return value in values


def _near(held: object, wanted: int) -> bool:
    """Return whether a number that a device was told is the one wished for, as it counts them."""
    if isinstance(held, bool) or not isinstance(held, int | float):
        return False
    return held == wanted or abs(held - 2.54 * wanted) <= 6


def _true(row: Row, frames: Frames, read: Understands) -> str:
    own = _read_as(read(row["heard"]))
    return own if own in frames[_sort(row)] else frames[_sort(row)][0]


def _sort(row: Row) -> str:
    return str(row["wish"]).partition(" ")[0]


def _read_as(read: Understanding) -> str:
    return f"{read.clauses[0].want}.{read.clauses[0].property}" if len(read.clauses) == 1 else ""


def _drawn(homes: int) -> Floats:
    return np.random.default_rng(0).multinomial(homes, [1 / homes] * homes, RESAMPLES).astype(np.float64)
