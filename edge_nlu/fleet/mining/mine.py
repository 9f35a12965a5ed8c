"""Find what many homes say alike: name it, count its words, put the table together, tell how weeks went.

Homes are counted twice: whose digests are alike, and who hands out the words of what was named, since that
some homes offer a thing does not say that more than one has words for it. The counts themselves are shown to
nobody, whoever asks; what is shown bears noise, and was drawn once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_nlu.durable import put_whole
from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.mining.collected import MOST_WEEKS, forget, shards
from edge_nlu.fleet.mining.epochs import Epochs, Told
from edge_nlu.fleet.mining.jobs import Engine, Job
from edge_nlu.fleet.mining.threshold import Laplace, named
from edge_nlu.learning.pairs import Pair, table_of
from edge_nlu.learning.sharing import Shared, line_of
from edge_nlu.storage.shared import FILE
from edge_nlu.wire.pairs import ASKED, PLACES, WHOLE, Asked, week_of

LARGEST_TABLE: Final = 200_000
"""Bytes of the table; a release of heads has room for it beside heads."""

TELLING: Final = 50
"""Of a week of fewer homes, at an epsilon of 1, no shares are shown."""

WORDS: Final = "words.json"


def homes_of(epoch: int) -> Job:
    """Return the job that counts the homes of each digest."""
    return Job(
        "SELECT digest, home FROM offers WHERE epoch = ?",
        "digest, home",
        "SELECT digest, COUNT(DISTINCT home) FROM part GROUP BY digest",
        (epoch,),
    )


def words_of(epoch: int) -> Job:
    """Return the job that counts the homes which handed out the words of each digest."""
    return Job(
        "SELECT digest, home, kind, failing, working FROM words WHERE epoch = ?",
        "digest, home, kind, failing, working",
        "SELECT digest, COUNT(DISTINCT home), kind, failing, working FROM part GROUP BY digest",
        (epoch,),
    )


def weeks_before(week: int, epsilon: float) -> Job:
    """Return the job that adds up how weeks went, of homes that were promised no less than this."""
    return Job(
        "SELECT week, home, place, parts FROM weeks WHERE week < ? AND epsilon >= ?",
        "week, home, place, parts",
        "SELECT week, place, SUM(parts) FROM (SELECT week, place, MAX(parts) AS parts FROM part"
        " GROUP BY week, home, place) GROUP BY week, place",
        (week, epsilon),
    )


@dataclass(frozen=True, slots=True)
class Mine:
    """What a fleet's folder holds, and the engine that counts over it."""

    folder: Path
    engine: Engine

    def close(self) -> Asked:
        """Count the epoch that is open, name what enough homes have in common, and forget who said it."""
        epochs, asked = self._begun()
        if str(asked.epoch) not in epochs.told().epochs:
            counted = self.engine(homes_of(asked.epoch), shards(self.folder))
            homes = np.array([count for _, count in counted], np.int64)
            which, told = named(homes, asked.epsilon, asked.delta, asked.most)
            epochs.name(asked, [(counted[at][0], int(of)) for at, of in zip(which, told, strict=True)])
        elif asked.named is None:
            # cut off last time, after all was told
            epochs.name(asked, ())
        forget(self.folder, "DELETE FROM offers WHERE epoch <= ?", asked.epoch)
        closed = epochs.asked()
        assert closed is not None
        return closed

    def words(self) -> None:
        """Count who handed out the words of what was named, keep those that enough homes did, forget who."""
        epochs, asked = self._begun()
        if asked.named is None:
            raise EdgeNluError(
                f"{self.folder}: found epoch {asked.epoch} open, expected one that has been counted; "
                f"`fleet mine --close` counts it, and then homes hand out words"
            )
        came = self.engine(words_of(asked.epoch), shards(self.folder))
        if not epochs.is_worded(asked.epoch):
            homes = np.array([count for _, count, *_ in came], np.int64)
            which, told = named(homes, asked.epsilon, asked.delta, asked.most)
            enough = {came[at][0].hex(): int(of) for at, of in zip(which, told, strict=True)}
            epochs.word(asked.epoch, enough)
        counted = epochs.told().epochs[str(asked.epoch)]["words"]
        known = self._words()
        # cut off last time, they may have been kept already
        own = known.setdefault(str(asked.epoch), {})
        own |= {one.hex(): list(pair) for one, _, *pair in came if one.hex() in counted}
        put_whole(self.folder / WORDS, json.dumps(known, ensure_ascii=False).encode())
        forget(self.folder, "DELETE FROM words WHERE epoch <= ?", asked.epoch)

    def table(self) -> list[Shared]:
        """Write the table of all epochs whose words were counted, and return it."""
        table = table_of(_with_homes(Epochs(self.folder).told(), self._words()))
        lines = (f"{line_of(one)}\n".encode() for one in sorted(table, key=lambda one: -one.homes))
        put_whole(self.folder / FILE, _fitting(lines))
        return table

    def weeks(self, now: float) -> None:
        """Tell how weeks went that are over for so long that all homes may have told of them."""
        epochs, asked = self._begun()
        if not (epsilon := asked.weeks):
            raise EdgeNluError(
                f"{self.folder}: found that homes are not asked for weeks, expected what a week may cost "
                f"them; `fleet table open --weeks-epsilon` tells them beforehand"
            )
        until = week_of(now) - 1
        first = max(map(int, epochs.told().weeks), default=until - 2) + 1
        job = weeks_before(until, epsilon)
        parts = {(week, place): of for week, place, of in self.engine(job, shards(self.folder))}
        # also of a week of which nobody told, since that would tell, too
        for week in range(max(first, until - MOST_WEEKS), until):
            drawn = zip(PLACES, Laplace.keeping(epsilon, WHOLE).drawn(len(PLACES)).tolist(), strict=True)
            epochs.tell_week(week, epsilon, {one: parts.get((week, one), 0) + more for one, more in drawn})
        forget(self.folder, "DELETE FROM weeks WHERE week < ?", until)

    def files(self) -> dict[str, bytes]:
        """Return the files by which a pack asks its homes and brings them the table."""
        return {name: (self.folder / name).read_bytes() for name in (ASKED, FILE) if self._has(name)}

    def _begun(self) -> tuple[Epochs, Asked]:
        """Return the epochs of the folder, and what is asked in the last of them."""
        epochs = Epochs(self.folder)
        if (asked := epochs.asked()) is None:
            raise EdgeNluError(
                f"{self.folder}: found no epoch there, expected one; `fleet table open` begins it"
            )
        return epochs, asked

    def _has(self, name: str) -> bool:
        path = self.folder / name
        return path.is_file() and path.stat().st_size > 0

    def _words(self) -> dict[str, dict[str, list[str]]]:
        path = self.folder / WORDS
        found: dict[str, dict[str, list[str]]] = json.loads(path.read_bytes()) if path.is_file() else {}
        return found


def shares(week: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a week went, as shares of a home's sentences, and about how many homes told of it."""
    parts = week["parts"]
    homes = sum(parts.values()) / WHOLE
    # of fewer there is more noise than anything else
    enough = homes >= TELLING / week["epsilon"]
    told = {place: round(max(of, 0) / (WHOLE * homes), 4) for place, of in parts.items() if enough}
    return {"homes": max(round(homes), 0), "epsilon": week["epsilon"], "shares": told}


def spent(told: Told) -> dict[str, float]:
    """Return what a home that took part in all of it has paid, added up."""
    return {
        "wordings_epsilon": sum(one["epsilon"] for one in told.epochs.values()),
        "wordings_delta": sum(one["delta"] for one in told.epochs.values()),
        "weeks_epsilon": sum(one["epsilon"] for one in told.weeks.values()),
    }


def _with_homes(told: Told, known: dict[str, dict[str, list[str]]]) -> Iterator[tuple[Pair, int]]:
    """Yield the pairs of all epochs, each with its homes when its words were counted last."""
    last: dict[Pair, int] = {}
    for epoch, words in sorted(known.items(), key=lambda one: int(one[0])):
        homes = told.epochs[epoch]["words"]
        last |= {Pair(*pair): homes[own] for own, pair in words.items()}  # type: ignore[arg-type]
    yield from last.items()


def _fitting(lines: Iterator[bytes]) -> bytes:
    """Return as many lines as fit into a table, those of most homes first."""
    held = bytearray()
    for line in lines:
        if len(held) + len(line) > LARGEST_TABLE:
            break
        held += line
    return bytes(held)
