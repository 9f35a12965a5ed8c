"""Let many households live, as many at a time as there are cores, with a hub process for each of those."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from edge_nlu.hub.assemble import JOURNAL
from edge_nlu.learning.rules import Rule
from edge_nlu.storage.reading import reading
from edge_nlu.storage.shared import FILE
from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.hearing import Ears
from edge_nlu_bench.household.hub import HubLine
from edge_nlu_bench.household.living import Household, World
from edge_nlu_bench.household.sentences import read_sentences
from edge_nlu_bench.household.turns import Turn, Way
from edge_nlu_bench.noise import read_confusions
from edge_nlu_bench.sources import corpus

CONFUSIONS = "asr/confusions.jsonl.gz"
QUICK_DISK = Path("/dev/shm")
"""Where hubs keep their journals, if it is there: a disk in memory, which is not waited for."""

_RULES = f"SELECT {', '.join(one.name for one in fields(Rule))} FROM rules"
Progress = Callable[[int, int], None]
"""Is told how many streets have lived, of how many."""


@dataclass(frozen=True, slots=True)
class Street:
    """Households that one hub process serves, one after the other; each by its number and how it lives.

    `shared` is what stands in the file of shared rewordings that their hubs find.
    """

    name: str
    fleet: Fleet
    homes: tuple[tuple[int, Way], ...]
    days: int
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Lived:
    """What was said in the households of a street, and what their hubs made of it.

    `people_s` and `hubs_s` are CPU seconds, `nights_s` those of them in which a hub read its days again.
    """

    street: Street
    homes: tuple[tuple[Turn, ...], ...]
    rules: tuple[tuple[Rule, ...], ...]
    nights_s: tuple[float, ...]
    people_s: float
    hubs_s: float


def workers(pack: Path) -> ProcessPoolExecutor:
    """Return who lets streets live: a process for each core, and a hub process for each of those."""
    return ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn"), _open, (pack,))


def live(
    streets: Sequence[Street], pool: Executor, data: Path | None, progress: Progress | None = None
) -> list[Lived]:
    """Return what came of all streets, in their order."""
    waiting = [pool.submit(_live_in, street, data) for street in streets]
    for number, done in enumerate(as_completed(waiting), 1):
        done.result()
        if progress is not None:
            progress(number, len(streets))
    return [one.result() for one in waiting]


_LINE: list[HubLine] = []
"""The line of a worker to its hub process, which is the hub of one home after another."""


def _open(pack: Path) -> None:
    _LINE.append(HubLine(pack))


def _live_in(street: Street, data: Path | None) -> Lived:
    return live_in(street, _LINE[0], data)


def live_in(street: Street, line: HubLine, data: Path | None) -> Lived:
    """Return what came of one street."""
    world = world_of(street.fleet, data)
    begun, hub_begun = process_time(), line.cpu_s()
    homes: list[tuple[Turn, ...]] = []
    rules: list[tuple[Rule, ...]] = []
    nights = []
    for number, way in street.homes:
        with TemporaryDirectory(dir=QUICK_DISK if QUICK_DISK.is_dir() else None) as folder:
            line.folder = Path(folder)
            if street.shared:
                (line.folder / FILE).write_text(street.shared, encoding="utf-8")
            homes.append(tuple(Household(world, number, line, way).live(street.days)))
            nights.append(line.move_out())
            with reading(line.folder / JOURNAL) as journal:
                rules.append(tuple(Rule(*row) for row in journal.rows(_RULES)))
    people_s, hubs_s = process_time() - begun, line.cpu_s() - hub_begun
    return Lived(street, tuple(homes), tuple(rules), tuple(nights), people_s, hubs_s)


def world_of(fleet: Fleet, data: Path | None) -> World:
    """Return what all homes of a fleet share."""
    names = frozenset(re.findall(r"[a-z]{3,}", str((fleet.words["rooms"], fleet.words["names"]))))
    sentences = _sentences(fleet.side("sentences"), data)
    return World(fleet, sentences, _ears(fleet.side("noise"), names, data))


_sentences = lru_cache(read_sentences)


@lru_cache
def _ears(channel: str, names: frozenset[str], data: Path | None) -> Ears:
    return Ears(read_confusions(corpus(CONFUSIONS, data)), names, channel)
