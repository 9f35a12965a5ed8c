"""The quiet work between sentences: save the home, let go of what is old, ask silent devices, take in packs.

At night there is what a day has taught. None of it may keep a sentence waiting for long, and none of it may
end the hub when a disk is full.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.admission import Admission
from edge_nlu.hub.door import Door
from edge_nlu.hub.inquiries import Inquiries
from edge_nlu.hub.nightly import Night
from edge_nlu.hub.service import SystemClock, give_back_memory
from edge_nlu.hub.settings import Settings
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.retention import Retention, fit
from edge_nlu.values import Act, Exchange, Outcome

log = logging.getLogger(__name__)

CUT_OFF = "cut off"
FIRST_S, DAY_S = 60.0, 86_400.0
UNSEEN_S = 600.0
"""So long after a connection those devices are gone that nobody has found again."""

CALM_S = 1.0
"""So long no device came or went before memory is given back that taking them in needed for a moment.

What a night needed is given back when it is over."""


class Upkeep:
    """What is to be done, and when. `saved` is the file for the home, if it is kept at all."""

    def __init__(
        self,
        settings: Settings,
        context: HomeContext,
        journal: SqliteJournal,
        inquiries: Inquiries,
        clock: SystemClock,
        saved: Path | None,
        door: Door,
        admission: Admission | None,
        night: Night,
    ) -> None:
        self._save_every_s = settings.limits.save_every_s
        self._retention = Retention(settings.journal.keep_days, settings.journal.event_days)
        self._largest_bytes = settings.journal.size_mb << 20
        self._context = context
        self._journal = journal
        self._inquiries = inquiries
        self._clock = clock
        self._saved = saved
        self._door = door
        self._admission = admission
        self._night = night
        self._connections = 0
        self._devices = 0
        now = monotonic()
        self._save_at = now + self._save_every_s
        self._prune_at = now + FIRST_S
        self._forget_at = float("inf")
        self._give_back_at = float("inf")

    def begin(self) -> None:
        """Take in what was kept, and what was left open when the hub last stopped."""
        if self._saved is not None:
            _warn(self._context.load(self._saved))
        for aside in self._journal.damaged:
            log.warning("the journal was damaged; it now lies in %s, and a new one was begun", aside)
        for exchange in self._journal.unfinished():
            self._close(exchange)
        self._door.open()

    def work(self, connections: int) -> None:
        """Do what is due."""
        now = monotonic()
        if connections != self._connections:
            self._connections = connections
            self._forget_at = now + UNSEEN_S
            at = self._clock.now()
            self._inquiries.connected(self._context.snapshot(at).all_devices(), now, at)
        if now >= self._inquiries.next_due():
            self._inquiries.work(self._context.snapshot(self._clock.now()), now)
        if now >= self._save_at:
            self._save_at = now + self._save_every_s
            self._try(self._save)
            give_back_memory()
        if now >= self._prune_at:
            self._prune_at = now + DAY_S
            self._try(self._prune)
        if self._context.size != self._devices:
            self._devices = self._context.size
            self._give_back_at = now + CALM_S
        if now >= self._give_back_at:
            self._give_back_at = float("inf")
            give_back_memory()
        if self._admission is not None:
            self._try(self._admission.work)
        at_work = self._night.working
        self._try(self._night.work)
        if at_work and not self._night.working:
            self._give_back_at = now
        if now >= self._forget_at:
            self._forget_at = float("inf")
            for device in self._context.forget_unseen():
                log.info("%s is gone: nobody has found it since the start", device)

    @property
    def working(self) -> bool:
        """Return whether something was begun that wants to be gone on with at once."""
        return self._night.working

    def next_due(self) -> float:
        """Return when there is something to do."""
        times = (self._save_at, self._prune_at, self._forget_at, self._give_back_at)
        admission = self._admission.next_due() if self._admission is not None else float("inf")
        night = 0.0 if self.working else float("inf")
        return min(self._inquiries.next_due(), admission, night, *times)

    def end(self) -> None:
        """Save what is worth it, and close the journal."""
        self._door.close()
        self._try(self._save)
        if self._admission is not None:
            self._try(self._admission.end)
        self._try(self._journal.close)

    def _close(self, exchange: Exchange) -> None:
        """Take note that the hub was cut off while it told devices: nobody knows which of them heard."""
        commands = exchange.decision.commands if isinstance(exchange.decision, Act) else ()
        devices = dict.fromkeys(command.device for command in commands)
        named = ", ".join(devices)
        log.warning("%s: the hub was cut off, whether %s was told is not known", exchange.utterance.id, named)
        self._journal.finish(replace(exchange, outcome=Outcome((), tuple((one, CUT_OFF) for one in devices))))

    def _save(self) -> None:
        self._journal.flush()
        if self._saved is not None:
            _warn(self._context.save(self._saved))

    def _prune(self) -> None:
        if self._clock.is_set:
            self._retention.tidy(self._journal, self._clock.now())
        fit(self._journal, self._largest_bytes)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (EdgeNluError, OSError) as error:
            log.warning("%s", error)


def _warn(warning: str) -> None:
    if warning:
        log.warning("%s", warning)
