"""What a fleet asks of its homes, epoch by epoch, and what it has told the world of what they said.

What is told once is told for good, with the noise that was drawn then: noise that is drawn anew can be
averaged away. It is written down before anything else comes of it, so whoever is cut off finds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

from edge_nlu.durable import put_whole
from edge_nlu.errors import StorageError
from edge_nlu.fleet.mining.threshold import threshold
from edge_nlu.wire.pairs import ASKED, MOST_DELTA, MOST_EPSILON, MOST_NAMED, MOST_PAIRS, Asked

TOLD: Final = "told.json"
SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Told:
    """What was told and what it cost, epochs and weeks by their numbers."""

    epochs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    weeks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Epochs:
    """The epochs of a fleet, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, epsilon: float, delta: float, most: int, weeks: float = 0.0) -> Asked:
        """Begin an epoch; the one before is over."""
        sound = 0 < epsilon <= MOST_EPSILON and 0 <= weeks <= MOST_EPSILON and 0 < delta <= MOST_DELTA
        if not sound or not 1 <= most <= MOST_PAIRS:
            raise ValueError(
                f"epsilon {epsilon:g}, {weeks:g} a week, delta {delta:g}, {most} pairs; expected an epsilon "
                f"of {MOST_EPSILON:g} at most, a delta of {MOST_DELTA:g} at most, 1 to {MOST_PAIRS} pairs"
            )
        before = self.asked()
        number = before.epoch + 1 if before is not None else 1
        homes = threshold(epsilon, delta, most)
        asked = Asked(number, token_bytes(SALT_BYTES), most, homes, epsilon, delta, weeks=weeks)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ask(asked)
        return asked

    def asked(self) -> Asked | None:
        """Return what homes are asked now."""
        try:
            return Asked.from_json((self._folder / ASKED).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise self._damaged(ASKED, error) from error

    def name(self, asked: Asked, named: Iterable[tuple[bytes, int]]) -> None:
        """Write down which digests enough homes have in common, and ask for their words."""
        homes = dict(sorted(named, key=lambda one: -one[1])[:MOST_NAMED])
        told = self.told()
        if str(asked.epoch) not in told.epochs:
            cost = {"epsilon": asked.epsilon, "delta": asked.delta, "most": asked.most, "homes": asked.homes}
            counted = {one.hex(): count for one, count in homes.items()}
            epoch = {**cost, "named": counted}
            self._tell(replace(told, epochs={**told.epochs, str(asked.epoch): epoch}))
        known = self.told().epochs[str(asked.epoch)]["named"]
        self._ask(replace(asked, named=tuple(map(bytes.fromhex, known))))

    def word(self, epoch: int, homes: Mapping[str, int]) -> None:
        """Write down how many homes handed out the words of which digests, where enough did."""
        told = self.told()
        counted = {**told.epochs[str(epoch)], "words": dict(homes)}
        self._tell(replace(told, epochs={**told.epochs, str(epoch): counted}))

    def is_worded(self, epoch: int) -> bool:
        """Return whether the words of an epoch have been counted."""
        return "words" in self.told().epochs.get(str(epoch), {})

    def tell_week(self, week: int, epsilon: float, parts: Mapping[str, int]) -> None:
        """Write down how a week went in the fleet."""
        told = self.told()
        self._tell(replace(told, weeks={**told.weeks, str(week): {"epsilon": epsilon, "parts": dict(parts)}}))

    def is_told(self, week: int) -> bool:
        """Return whether a week has been told of."""
        return str(week) in self.told().weeks

    def told(self) -> Told:
        """Return all that was told."""
        try:
            return Told(**json.loads((self._folder / TOLD).read_bytes()))
        except FileNotFoundError:
            return Told()
        except (ValueError, TypeError, OSError) as error:
            raise self._damaged(TOLD, error) from error

    def _ask(self, asked: Asked) -> None:
        put_whole(self._folder / ASKED, asked.to_json().encode())

    def _tell(self, told: Told) -> None:
        body = {"epochs": told.epochs, "weeks": told.weeks}
        put_whole(self._folder / TOLD, json.dumps(body, indent=1).encode())

    def _damaged(self, name: str, error: Exception) -> StorageError:
        advice = "bring it back from a copy; without it noise would be drawn anew, and promises broken"
        return StorageError(self._folder / name, str(error), "what was written there", advice)
