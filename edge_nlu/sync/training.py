"""Do a task of a fleet at home, by whichever way it came: look at what it costs, train, write it down.

A task is declined where its run would spend more of the home's privacy than its owner allows, and what a run
has spent is written down before anything is trained. A round is answered once: a server that came back from
an older state asks for it again, and would learn twice what was counted once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from edge_nlu.learning.fitting import Lessons
from edge_nlu.storage.packs import Packs
from edge_nlu.sync.choices import Choices, Federated
from edge_nlu.sync.reports import OUTGOING
from edge_nlu.sync.state import WAITING, Part, State
from edge_nlu.sync.updates import told_by
from edge_nlu.wire.lessons import lessons_in
from edge_nlu.wire.outgoing import delete, sign_of
from edge_nlu.wire.rounds import ANSWERED, Task, Update

Own: TypeAlias = dict[str, tuple[tuple[str, ...], Lessons]]
"""What a home has to learn from, by head, and what the rows or weights of that stand for."""


class Training:
    """What a home does for the fleet of one server."""

    def __init__(
        self,
        choices: Choices,
        federated: Federated,
        state: State,
        server: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._choices, self._federated = choices, federated
        self._state, self._server, self._now = state, server, now
        self._packs = Packs(choices.packs)
        self.outgoing = choices.packs.with_name(OUTGOING)
        self._sign = ""

    @property
    def pack(self) -> str:
        """Return the pack in use."""
        return self._packs.current().id or told_by(self._choices.comes_along, "id")

    def lessons(self) -> Own:
        """Return what there is to learn from now; what the hub has long not renewed is deleted."""
        since_s = self._now() - self._federated.keep_s
        self._sign = sign_of(self.outgoing)
        for file in self.outgoing.glob("examples-*.npz"):
            if file.stat().st_mtime < since_s:
                delete(file)
        found = lessons_in(self.outgoing, self.pack, since_s)
        return {head: own for head, own in found.items() if head in self._federated.heads}

    def update(self, key: str, task: Task, lessons: Own) -> tuple[Update | None, str]:
        """Return the update that a task asks for, or None and why it is declined; write down either."""
        part = self._state.part(key)
        # asked again for what still waits, this home was cut off before anybody could send it
        cut_off = part is not None and part.outcome == WAITING
        if task.round <= self._state.answered(task.run) and not cut_off:
            # what is written down of the answer stays
            return None, ANSWERED
        if why := self._declined(task, lessons):
            self._note(key, task, 0, f"declined: {why}")
            return None, why
        self._state.spend(task.run, self._server, task.epsilon, task.delta)
        update = task.answered(lessons[task.head][1])
        if self._sign != sign_of(self.outgoing):
            why = "the home has forgotten something meanwhile"
            self._note(key, task, 0, f"declined: {why}")
            return None, why
        self._note(key, task, len(update.to_bytes()), WAITING)
        self._state.answer(task.run, task.round)
        return update, ""

    def _note(self, key: str, task: Task, size: int, outcome: str) -> None:
        now, which, spent = self._now(), (task.run, task.round, task.head), (task.epsilon, task.delta)
        self._state.note_part(Part(key, now, self._server, *which, size, *spent, now + task.left_s, outcome))

    def _declined(self, task: Task, lessons: Own) -> str:
        """Return why this home does not do a task, or "" where it does."""
        most = self._federated.most_epsilon
        if task.head not in lessons or task.pack != self.pack:
            return f"no lessons for {task.head} of {task.pack}"
        names, own = lessons[task.head]
        if names != task.names or own.inputs.shape[-1] != task.arrays[0].shape[-1]:
            return "its numbers stand for other things than the lessons here"
        if most and not task.epsilon:
            return "its run promises no privacy, and sync.federated.most_epsilon asks for it"
        spent = self._state.spent(but=task.run)
        for what, would, allowed in (
            ("epsilon", spent.epsilon + task.epsilon, most),
            ("delta", spent.delta + task.delta, self._federated.most_delta),
        ):
            if most and would > allowed:
                return (
                    f"{would:.4g} of {what} would be spent, {allowed:g} at most (sync.federated.most_{what})"
                )
        return ""
