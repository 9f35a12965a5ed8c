"""Read a day at night: how wishes went in the end, what was meant, what to read otherwise from now on.

It asks nothing of the journal and changes nothing: what it is given comes from there, and what it returns
goes there. What is imported here is needed for a moment, and by nobody else.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import numpy as np

from edge_nlu.hub.nightly import BY_HAND_S, Day, Learned, Row
from edge_nlu.interfaces import Home, Understander
from edge_nlu.learning.dialogue import Moved, Place, Turn, runs_of
from edge_nlu.learning.goals import NOT_FOUND, Judged, by_verdicts
from edge_nlu.learning.head import READ_AT_ONCE, Head, readings_of, trained
from edge_nlu.learning.judge import acted
from edge_nlu.learning.labels import HALF, Label, Labeller
from edge_nlu.learning.occasions import Occasion
from edge_nlu.learning.rewording import Turned
from edge_nlu.models.dialogue import DialogueModel
from edge_nlu.models.pack import Pack
from edge_nlu.storage.journal import Statement
from edge_nlu.storage.judged import LIKELY, Said, exchange_from
from edge_nlu.storage.labelled import keeping_head, keeping_labels, labels_in
from edge_nlu.values import Command


class DayReader:
    """Reads days in a home with a pack; `rooms` are those of satellites."""

    def __init__(self, understander: Understander, home: Home, rooms: Mapping[str, str], pack: str) -> None:
        devices = [device for own in home.all_devices() if (device := home.device(own)) is not None]
        names = {device.id: device.name for device in devices}
        self._place = Place(names, {**{device.id: device.room for device in devices}, **rooms})
        self._understander = understander
        self._pack = pack

    def learned(self, day: Day, now: datetime, *, anew: bool) -> Generator[None, None, Learned]:
        """Return what a day has taught; `anew` trains heads though nothing new was read wrongly."""
        read = yield from _parsed(day.said)
        since = bisect_right([one.number for one in read], day.judged_to)
        opinions = (yield from self._opinions(read, since, day.moved)) if read[since:] else []
        judged = [one for one in opinions if one.number > day.judged_to]
        yield
        known = labels_in(day.labels)
        labels = self._labels(judged, known, day.by_hand)
        statements = [*map(_judging, judged), *keeping_labels(labels)]
        new = [label for label, _ in labels]
        heads = None
        # what was read rightly teaches nothing by itself
        if any(map(_read_wrongly, new)) or anew:
            heads = yield from self._heads([*known, *new])
            if heads is not None:
                statements += keeping_head(heads.get(self._pack), self._pack, now.timestamp())
        return Learned(statements, list(_names(judged)), heads)

    # ---------------------------------------------------------------- how wishes went, what was meant

    def _opinions(
        self, read: Sequence[Said], since: int, told: Sequence[Row]
    ) -> Generator[None, None, list[Judged]]:
        """Return what is thought of exchanges, by the pack's model of dialogues or else by their verdicts."""
        pack = getattr(self._understander, "pack", None)
        model = DialogueModel.open(pack) if isinstance(pack, Pack) else None
        if model is None:
            return by_verdicts((one.number, one.exchange, one.well) for one in read)
        turns = []
        for one in read:
            vector = self._understander.understand(one.exchange.understanding.text).embedding
            turns.append(Turn(one.exchange, one.why, np.frombuffer(vector, "<f4")))
            if len(turns) % READ_AT_ONCE == 0:
                yield
        moved = [Moved(at_s, device, key, json.loads(value)) for at_s, device, key, value in told]
        judged: list[Judged] = []
        for run in runs_of(turns, moved, self._place, since):
            for at, opinion in zip(run.turns, model.opinions(run), strict=True):
                anew = None if opinion.rephrased is None else read[opinion.rephrased].exchange.utterance.id
                judged.append(
                    Judged(
                        *(read[at].number, read[at].exchange, read[opinion.goal].number),
                        *(opinion.reached, opinion.worked, anew),
                        *(opinion.failure, opinion.failure_sure),
                    )
                )
            yield
        return sorted(judged, key=lambda one: one.number)

    def _labels(
        self, judged: Sequence[Judged], known: Sequence[Label], by_hand: Sequence[Row]
    ) -> list[tuple[Label, float]]:
        """Return what was meant by what was said, each with when that was."""
        goals: dict[int, list[Judged]] = defaultdict(list)
        for one in judged:
            goals[one.goal].append(one)
        at = {one.exchange.utterance.id: one.exchange.utterance.at.timestamp() for one in judged}
        times = sorted(at.values())
        labeller = Labeller(known)
        found = []
        for goal in goals.values():
            ended = goal[-1].exchange.utterance.at.timestamp()
            after = bisect_right(times, ended)
            until = min(ended + BY_HAND_S, times[after] if after < len(times) else ended + BY_HAND_S)
            hands = [_hand(row) for at_s, *row in by_hand if ended < at_s <= until]
            found += [(label, at[label.utterance]) for label in labeller.labels(goal, hands)]
        return [(label, said) for label, said in found if label.sure >= HALF]

    # -------------------------------------------------------------------------- what to read otherwise

    def _heads(self, labels: Sequence[Label]) -> Generator[None, None, dict[str, Head] | None]:
        """Return what is trained with all labels, by pack, if any of them was read wrongly."""
        if not any(map(_read_wrongly, labels)):
            return None
        readings = yield from readings_of(labels, self._understander)
        head = yield from trained(labels, readings)
        return {self._pack: head} if head is not None else {}


def _names(judged: Sequence[Judged]) -> Iterator[Turned]:
    """Yield acts on others than were meant, as what was said anew tells: they show what things are called."""
    exchanges = {one.exchange.utterance.id: one.exchange for one in judged}
    for one in judged:
        meant = exchanges.get(one.rephrased or "")
        if one.failure == NOT_FOUND and meant is not None and acted(one.exchange) and acted(meant):
            yield Turned(one.exchange, meant, one.failure_sure or 0.0)


def _parsed(rows: Iterable[Row]) -> Generator[None, None, list[Said]]:
    found = []
    for at, (number, _, whole, outcome, well, why) in enumerate(rows, 1):
        # of another version, whose values are not known here
        with suppress(ValueError):
            exchange = exchange_from(whole, outcome)
            found.append(Said(number, exchange, LIKELY if well is None else well, why or ""))
        if at % READ_AT_ONCE == 0:
            yield
    return found


def _read_wrongly(label: Label) -> bool:
    return label.read not in ("", label.meant)


def _judging(one: Judged) -> Statement:
    return _JUDGING, (one.goal, one.reached, one.rephrased, one.failure, one.failure_sure, one.number)


def _hand(row: Sequence[Any]) -> Occasion:
    at, want, prop, device, settings = row
    command = Command(device, tuple((str(key), value) for key, value in json.loads(settings)))
    return Occasion(datetime.fromisoformat(at), want, prop, command, by_hand=True)


_JUDGING: Final = (
    "UPDATE exchanges SET goal = ?, reached = ?, rephrased = ?, failure = ?, failure_sure = ?"
    " WHERE number = ?"
)
