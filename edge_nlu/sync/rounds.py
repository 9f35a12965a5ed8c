"""Look for a new pack, again and again, without ever being a burden or believing a wrong clock.

A hub without a battery for its clock wakes up in the past. Signatures run out by the clock, so nothing is
asked before the time can be true. After a failure the next try comes after a while drawn by lot, longer
each time, so that a thousand hubs do not fall upon a server that comes back.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from edge_nlu.errors import StorageError, UnreachableError, UpdateRefusedError
from edge_nlu.storage.packs import BAD, REQUEST, Packs, Slot, bad_in, delete, handed_in, unanswered
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.state import SIGNED, State, alone
from edge_nlu.sync.updates import Repository, checksum_of, chosen, give, told_by
from edge_nlu.wire.releases import Release

FIRST_S: Final = 60.0
"""Hubs that got their current back together begin within this time."""

SHORTEST_S: Final = 30.0
CLOCK_S: Final = 30.0
"""So often it is looked whether the clock was set."""

SLACK_S: Final = 300.0
"""A clock may be set back by so much."""


@dataclass(frozen=True, slots=True)
class Round:
    """How a look went: what came of it, in a word and in a sentence, and what there was."""

    outcome: str
    found: str
    releases: tuple[Release, ...] = ()
    release: Release | None = None

    @property
    def failed(self) -> bool:
        """Return whether the next look should keep its distance."""
        return self.outcome in ("unreachable", "refused", "failed")


class Rounds:
    """Looks for packs. `sleep` is how to wait, `now` the clock of this machine."""

    def __init__(
        self,
        choices: Choices,
        state: State,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._choices = choices
        self._state = state
        self._now = now
        self._sleep = sleep
        self._packs = Packs(choices.packs)

    def first_in_s(self) -> float:
        """Return after how many seconds to look for the first time after a start."""
        first = random.uniform(0, min(FIRST_S, self._choices.every_s))
        return first if not self._state.failures else self.next_in_s()

    def next_in_s(self) -> float:
        """Return after how many seconds to look again."""
        every = self._choices.every_s
        if not self._clock_may_be_right():
            return min(CLOCK_S, every)
        if failures := self._state.failures:
            return random.uniform(0, min(every, SHORTEST_S * 2.0 ** min(failures, 20)))
        return random.uniform(0.9, 1.1) * every

    def look(self, *, fetch: bool = True, wanted: str = "") -> Round:
        """Look once, fetch what is new and hand it to the hub; `wanted` is a pack that somebody asked for."""
        with alone(self._choices.folder):
            received = 0
            if not self._clock_may_be_right():
                shown, known = (
                    f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M}"
                    for at_s in (self._now(), self._state.not_before)
                )
                found = f"it shows {shown} UTC, and it was {known} already; nothing is asked until it is set"
                came = Round("waiting", f"the clock of this machine is wrong: {found}")
            else:
                came, received = self._asked(fetch=fetch, wanted=wanted)
            self._state.keep("failures", str(self._state.failures + 1 if came.failed else 0))
            self._state.note_round(self._choices.url, came.outcome, came.found, received)
            return came

    def _asked(self, *, fetch: bool, wanted: str) -> tuple[Round, int]:
        """Return how it went, and how many bytes came in."""
        repository: Repository | None = None
        try:
            repository = Repository(self._choices, self._sleep)
            releases = tuple(repository.releases())
            # signed by keys that we trust, and not run out: it is at least so late
            self._state.keep("not_before", str(max(self._state.not_before, self._now())))
            self._remember_costs(releases)
            self._clear()
            came = self._taken(repository, releases, self._chosen(releases, wanted), fetch=fetch)
        except UpdateRefusedError as error:
            came = Round("refused", str(error))
        except UnreachableError as error:
            came = Round("unreachable", str(error))
        except StorageError as error:
            came = Round("failed", str(error))
        if repository is None:
            return came, 0
        repository.close()
        return came, repository.received_bytes

    def _taken(
        self, repository: Repository, releases: tuple[Release, ...], release: Release | None, *, fetch: bool
    ) -> Round:
        if release is None:
            found = f"{len(releases)} packs are given away, none is new for this hub"
            return Round("nothing new", found, releases)
        named = f"{release.pack}, release {release.number}"
        if handed_in(self._choices.incoming) == Slot(release.pack, release.number, release.manifest):
            return Round("handed in", f"{named}, waits for the hub to take it in", releases, release)
        if not fetch:
            return Round("new", named, releases, release)
        repository.fetch(release)
        give(self._choices, release)
        return Round("handed in", named, releases, release)

    def _chosen(self, releases: tuple[Release, ...], wanted: str) -> Release | None:
        """Return the release that somebody asked for, or the one that this hub should have."""
        in_use = self._packs.current()
        # what comes along is no news, nor is what failed here
        bad = bad_in(self._choices.packs) | {checksum_of(self._choices.comes_along)}
        if not wanted:
            locale = told_by(
                self._packs.place(in_use.id) if in_use.id else self._choices.comes_along, "locale"
            )
            hub, board = self._state.hub(), self._choices.board
            return chosen(releases, in_use, bad, lambda one: one.is_for(hub, board, locale))
        release = next((one for one in releases if wanted in (one.pack, str(one.number))), None)
        if release is None:
            given = ", ".join(one.pack for one in releases) or "none"
            raise UpdateRefusedError(
                f"pack {wanted}", "none that is given away", f"one of those that are: {given}"
            )
        if release.manifest in bad:
            found = "one that failed or was left here before, or that comes along anyway"
            chance = f"take {release.manifest[:12]}... out of {self._packs.folder / BAD}"
            expected = f"another one; to give it another chance, {chance}"
            raise UpdateRefusedError(f"pack {wanted}", found, expected)
        if release.number <= in_use.release:
            raise UpdateRefusedError(
                f"pack {wanted}", f"release {release.number}", f"one after {in_use.release}"
            )
        return release

    def _remember_costs(self, releases: tuple[Release, ...]) -> None:
        """Remember what is signed about packs, also about the one in use where it is given away no longer."""
        in_use = self._packs.current().id
        before = json.loads(self._state.fact(SIGNED, "{}"))
        kept = {in_use: before[in_use]} if in_use in before else {}
        told = {one.pack: one.privacy.custom() for one in releases if one.privacy is not None}
        self._state.keep(SIGNED, json.dumps({**kept, **told}))

    def _clear(self) -> None:
        """Delete what the hub has answered."""
        slot = handed_in(self._choices.incoming)
        if slot is not None and unanswered(self._choices.incoming, self._choices.packs) is None:
            (self._choices.incoming / REQUEST).unlink(missing_ok=True)
            delete(self._choices.incoming / slot.id)

    def _clock_may_be_right(self) -> bool:
        return self._now() >= self._state.not_before - SLACK_S
