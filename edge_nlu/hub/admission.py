"""Take in the packs that sync hands over: try them, use them on trial, and go back when people fare worse.

A pack that keeps all its promises can still be a bad one. So how often people come to nothing, or take back
what was done, is compared with how it was before; a pack under which that gets worse than chance would have
it is left within a few turns, and never tried again. Requests wait meanwhile and are not lost: the pack is
exchanged between two of them.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from edge_nlu.durable import PART
from edge_nlu.errors import PackError
from edge_nlu.hub.inuse import InUse
from edge_nlu.hub.service import give_back_memory
from edge_nlu.learning.verdicts import AGAIN, ANEW, BACK, GIVEN_UP, HAND, NOTHING
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.packs import (
    IN_USE,
    KEPT,
    PUT_OFF,
    REFUSED,
    RETURNED,
    VERDICT,
    Packs,
    Slot,
    Trial,
    delete,
    handed_in,
    log_in,
)

if TYPE_CHECKING:
    from edge_nlu.models.encoder import Encoder

log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
POLL_S: Final = 0.2
TRY_S: Final = 300.0
"""A pack that takes longer to be tried hangs."""

LATER_S: Final = 3600.0
RUNS: Final = 3
"""So many runs cut off while a pack is on trial are no accident."""

FAILED: Final = (NOTHING, GIVEN_UP, ANEW, AGAIN, BACK, HAND)
BEFORE: Final = 200
"""Turns before that a pack is compared with."""

LEAST_FAILED: Final = 5
CHANCE: Final = 0.001
"""So unlikely it must be that so much fails when nothing got worse."""

USUAL: Final = (0.03, 0.6)
"""Between these lies the share that is taken to fail before, however few or many did."""

Open = Callable[[Path], "Encoder"]


@dataclass(slots=True)
class _Trying:
    """A pack that a process of its own is trying."""

    process: int
    slot: Slot
    part: Path
    until: float


class Admission:
    """Whether a pack comes in, stays, or goes."""

    def __init__(
        self,
        packs: Packs,
        incoming: Path,
        in_use: InUse,
        journal: SqliteJournal,
        open_pack: Open,
        comes_along: Path,
        *,
        board: str,
        trial_turns: int,
    ) -> None:
        self._packs = packs
        self._incoming = incoming
        self._in_use = in_use
        self._journal = journal
        self._open = open_pack
        self._comes_along = comes_along
        self._board = board
        self._trial_turns = trial_turns
        self._trial = packs.trial()
        self._trying: _Trying | None = None
        self._answered: Slot | None = None
        self._look_at = monotonic()
        self._judged = (-1, 0)

    def work(self) -> None:
        """Do what is due."""
        now = monotonic()
        if self._trying is not None:
            self._poll(self._trying, now)
        elif now >= self._look_at:
            self._look_at = now + LOOK_S
            self._look(now)
        if self._trial is not None and self._judged != (self._journal.written, self._in_use.broken):
            self._judged = self._journal.written, self._in_use.broken
            self._judge(self._trial)

    def next_due(self) -> float:
        """Return when there is something to do."""
        return monotonic() + POLL_S if self._trying is not None else self._look_at

    def end(self) -> None:
        """Leave a pack that is being tried for the next start, and end this run as it should be."""
        if self._trying is not None:
            os.kill(self._trying.process, signal.SIGKILL)
            os.waitpid(self._trying.process, 0)
            self._trying = None
        self._packs.ended()

    def go_back(self, why: str = "somebody asked for it") -> dict[str, Any]:
        """Use the pack before again, and this one never more; return which that is."""
        left = self._packs.current()
        slot = self._packs.go_back(forever=True)
        self._exchange(lambda: opened(self._packs, self._open, self._comes_along))
        log.warning("pack %s: returned to %s, %s", left.id, slot.id or "the one that comes along", why)
        self._packs.note(RETURNED, left, why)
        return {"id": slot.id}

    # ---------------------------------------------------------------------------------------- coming in

    def _look(self, now: float) -> None:
        """See whether sync handed something over, and have it tried."""
        slot = handed_in(self._incoming)
        if slot is None or slot == self._answered:
            return
        current = self._packs.current()
        if slot == current:
            self._answer(IN_USE, slot, "it is in use")
        elif self._packs.is_bad(slot.manifest):
            self._answer(REFUSED, slot, "it failed here before")
        elif slot.release <= current.release:
            self._answer(REFUSED, slot, f"it is not newer than release {current.release}, which is in use")
        else:
            self._try(slot, now)

    def _try(self, slot: Slot, now: float) -> None:
        part = self._packs.place(slot.id + PART)
        delete(part)
        verdict = self._packs.place(VERDICT)
        verdict.unlink(missing_ok=True)
        self._packs.folder.mkdir(parents=True, exist_ok=True)
        arguments = (str(self._incoming / slot.id), str(part), str(verdict), self._board)
        command = [sys.executable, "-m", "edge_nlu.hub.trying", *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        process = os.posix_spawn(sys.executable, command, environment)
        self._trying = _Trying(process, slot, part, now + TRY_S)

    def _poll(self, trying: _Trying, now: float) -> None:
        """See whether the pack was tried, and take it into use if nothing speaks against it."""
        done, status = os.waitpid(trying.process, os.WNOHANG)
        if not done:
            if now < trying.until:
                return
            os.kill(trying.process, signal.SIGKILL)
            os.waitpid(trying.process, 0)
        self._trying = None
        found, slot = self._verdict(status if done else None), trying.slot
        if not found["why"] and (found["id"], found["manifest"]) != (slot.id, slot.manifest):
            found["why"] = f"it is another one, {found['id']} with manifest {found['manifest'][:12]}"
        try:
            if found["why"]:
                delete(trying.part)
                self._put_off(slot, found["why"], now) if found["later"] else self._refuse(slot, found["why"])
            else:
                self._take(slot, trying.part)
        except OSError as error:
            delete(trying.part)
            self._put_off(slot, str(error), now)

    def _verdict(self, status: int | None) -> dict[str, Any]:
        if status is None:
            return {"why": f"it was not tried to the end within {TRY_S:.0f} seconds", "later": False}
        try:
            found: dict[str, Any] = json.loads(self._packs.place(VERDICT).read_bytes())
        except (OSError, ValueError):
            code = os.waitstatus_to_exitcode(status)
            # somebody else, or a board without memory, ends a process so
            return {"why": f"it ended the process that tried it ({code})", "later": code == -signal.SIGKILL}
        return found

    def _take(self, slot: Slot, part: Path) -> None:
        """Take a pack into use, on trial."""
        self._packs.put(part, slot)
        trial = Trial(slot.id, *self._before())

        def opening() -> Encoder:
            encoder = self._open(self._packs.place(slot.id))
            self._packs.switch(slot, trial)
            return encoder

        try:
            self._exchange(opening)
        except PackError as error:
            self._refuse(slot, str(error))
            return
        self._answer(IN_USE, slot, f"on trial for {self._trial_turns} turns")
        self._packs.tidy()

    def _refuse(self, slot: Slot, why: str) -> None:
        self._packs.remember_bad(slot.manifest)
        self._answer(REFUSED, slot, why)

    def _answer(self, event: str, slot: Slot, why: str) -> None:
        """Tell whoever handed a pack over what became of it, once."""
        self._answered = slot
        if any(
            (one.get("event"), one.get("manifest")) == (event, slot.manifest)
            for one in log_in(self._packs.folder)
        ):
            return
        log.log(logging.WARNING if event == REFUSED else logging.INFO, "pack %s: %s, %s", slot.id, event, why)
        self._packs.note(event, slot, why)

    def _put_off(self, slot: Slot, why: str, now: float) -> None:
        self._look_at = now + LATER_S
        log.warning("pack %s: %s; it is tried again later", slot.id, why)
        self._packs.note(PUT_OFF, slot, why)

    # ----------------------------------------------------------------------------------- staying, going

    def _judge(self, trial: Trial) -> None:
        """Keep the pack on trial when it has served long enough, and leave it when more fails than before."""
        rows = self._journal.rows(_SINCE, (*FAILED, trial.id, trial.since, trial.since))
        turns, failed = rows[0][0] + self._in_use.broken, (rows[0][1] or 0) + self._in_use.broken
        if got_worse(failed, turns, trial.failed_before, trial.turns_before):
            before = f"{trial.failed_before} of {trial.turns_before} before"
            self.go_back(f"{failed} of {turns} turns came to nothing or were taken back, {before}")
        elif turns >= self._trial_turns:
            self._packs.keep()
            self._trial = None
            log.info("pack %s: kept, %d of %d turns failed", trial.id, failed, turns)
            self._packs.note(KEPT, self._packs.current(), f"{failed} of {turns} turns failed")

    def _before(self) -> tuple[int, int, int]:
        """Return the last exchange, and how many of the turns up to it failed."""
        ((since, failed, turns),) = self._journal.rows(_BEFORE, (*FAILED, BEFORE))
        return since or 0, failed or 0, turns

    def _exchange(self, opening: Callable[[], Encoder]) -> None:
        self._in_use.use(opening)
        self._trial = self._packs.trial()
        give_back_memory()


def opened(packs: Packs, open_pack: Open, comes_along: Path) -> Encoder:
    """Return the pack in use; where it cannot be opened the one before it, or the one that comes along."""
    while (slot := packs.current()).id:
        try:
            return open_pack(packs.place(slot.id))
        except PackError as error:
            log.warning("%s", error)
            try:
                packs.go_back(forever=False)
                packs.note(RETURNED, slot, str(error))
            except OSError:
                break
    return open_pack(comes_along)


def leave_deadly(packs: Packs) -> None:
    """Go back from a pack on trial that the hub was cut off with again and again, or while it went back."""
    slot = packs.current()
    if packs.started() >= RUNS or packs.is_bad(slot.manifest):
        why = f"the hub was cut off {RUNS} times while it was on trial, or when it left it"
        log.warning("pack %s: returned, %s", slot.id, why)
        packs.go_back(forever=True)
        packs.note(RETURNED, slot, why)


def got_worse(failed: int, turns: int, failed_before: int, turns_before: int) -> bool:
    """Return whether so many failures are hardly chance, if as much fails as before.

    Of a home that has said little yet it is taken that one of five turns fails.
    """
    if failed < LEAST_FAILED:
        return False
    low, high = USUAL
    usual = min(max((failed_before + 2) / (turns_before + 10), low), high)
    return (
        sum(comb(turns, n) * usual**n * (1 - usual) ** (turns - n) for n in range(failed, turns + 1)) < CHANCE
    )


_ANY: Final = ", ".join("?" * len(FAILED))
# where all was forgotten, numbers begin anew
_SINCE: Final = (
    f"SELECT COUNT(*), SUM(why IN ({_ANY})) FROM exchanges"
    " WHERE pack = ? AND (number > ? OR (SELECT MAX(number) FROM exchanges) < ?)"
)
_BEFORE: Final = (
    f"SELECT MAX(number), SUM(why IN ({_ANY})), COUNT(*)"
    " FROM (SELECT number, why FROM exchanges ORDER BY number DESC LIMIT ?)"
)
