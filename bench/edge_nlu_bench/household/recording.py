"""Write down what hubs of pretend households know, and apart from it what is true.

A recording is JSON Lines. What a hub knows are the rows that `edge-nlu journal export` hands out, and what it
was told of the home (table `homes`); the truth of the judge (table `truth`) is a row for each sentence. Every
row says in which home it is.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from edge_nlu.errors import DataError
from edge_nlu.hub.assemble import JOURNAL
from edge_nlu.learning.dialogue import Moved, Place, Turn, Vector
from edge_nlu.storage.codec import from_json
from edge_nlu.storage.reading import reading
from edge_nlu.values import Exchange, Outcome
from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.hub import HubLine
from edge_nlu_bench.household.living import Household
from edge_nlu_bench.household.neighbourhood import Progress, world_of
from edge_nlu_bench.household.turns import OVERHEARD
from edge_nlu_bench.household.turns import Turn as Judged

Row = dict[str, Any]
PRACTICE = Path(__file__).with_name("practice.toml")
EXCHANGES, EVENTS, HOMES, TRUTH = "exchanges", "events", "homes", "truth"


@dataclass(slots=True)
class Recorded:
    """One home: the rows that its hub knows by table, and the truth by the id of the exchange."""

    home: int
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    truth: dict[str, Row] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Yield all rows, each with its table and home."""
        for table, rows in self.tables.items():
            yield from ({"home": self.home, "table": table, **row} for row in rows)
        yield from ({"home": self.home, "table": TRUTH, **row} for row in self.truth.values())


def record(
    fleet: Fleet,
    numbers: Sequence[int],
    days: int,
    pack: Path,
    data: Path | None,
    progress: Progress | None = None,
) -> Iterator[Recorded]:
    """Let homes of a fleet live, and yield what there is to know of each."""
    processes = min(os.cpu_count() or 1, len(numbers))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ProcessPoolExecutor(processes, get_context("spawn"), _open, (pack,)) as pool,
    ):
        lives = partial(_recorded, fleet, days, data, Path(folder))
        for count, home in enumerate(pool.map(lives, numbers), 1):
            if progress is not None:
                progress(count, len(numbers))
            yield home


_LINE: list[HubLine] = []
"""The line of a worker to its hub process."""


def _open(pack: Path) -> None:
    _LINE.append(HubLine(pack))


def _recorded(fleet: Fleet, days: int, data: Path | None, folder: Path, number: int) -> Recorded:
    line = _LINE[0]
    line.folder = folder / str(number)
    turns = list(Household(world_of(fleet, data), number, line).live(days))
    line.move_out()
    found = Recorded(number)
    found.tables[HOMES].append(dict(line.home))
    with reading(line.folder / JOURNAL) as journal:
        for row in journal.everything():
            found.tables[row.pop("table")].append(row)
    found.truth = {row["id"]: row for row in _truth(turns)}
    return found


def _truth(turns: Iterable[Judged]) -> Iterator[Row]:
    """Yield the truth of each turn, with the number of the goal that it belongs to.

    What is said about an answer belongs to the goal of that answer; what nobody said to the hub to none, -1.
    """
    goal = -1
    for turn in turns:
        goal += turn.tries == 0 and turn.person != "" and turn.wish != "aside"
        yield {**asdict(turn), "goal": -1 if turn.wish == OVERHEARD else goal}


def write(homes: Iterable[Recorded], out: Path) -> None:
    """Write a recording, packed where the name ends in .gz; it is there when it is whole."""
    half = out.with_name(f"{out.name}.part")
    with gzip.open(half, "wt", encoding="utf-8") if out.suffix == ".gz" else half.open("w") as file:
        for home in homes:
            for row in home.rows():
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    half.rename(out)


def read(path: Path) -> list[Recorded]:
    """Return the homes of a recording; raise `DataError` for a line that is none of its rows."""
    homes: dict[int, Recorded] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as file:
            for number, line in enumerate(file, 1):
                _take(homes, line, path, number)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(path, 0, f"cannot be read ({error})", "a recording of `bench record`") from error
    for home in homes.values():
        unknown = [row["id"] for row in home.tables[EXCHANGES] if row["id"] not in home.truth]
        if unknown:
            raise DataError(
                path, 0, f"no truth of {unknown[0]!r} in home {home.home}", "one of each exchange"
            )
    return list(homes.values())


def _take(homes: dict[int, Recorded], line: str, path: Path, number: int) -> None:
    try:
        row: Mapping[str, Any] = json.loads(line)
        table, home = row["table"], int(row["home"])
        if table in (EXCHANGES, TRUTH):
            row["id"]
    except (ValueError, TypeError, KeyError) as error:
        found = f"{line.strip()[:40]!r} ({error!r})"
        raise DataError(path, number, found, "an object with home, table and its columns") from error
    kept = {name: value for name, value in row.items() if name not in ("home", "table")}
    one = homes.setdefault(home, Recorded(home))
    if table == TRUTH:
        one.truth[kept["id"]] = kept | {"home": home}
    else:
        one.tables[table].append(kept)


class Lived(NamedTuple):
    """What a model of dialogues is given of a home, and the truth of each of its turns."""

    turns: list[Turn]
    moved: list[Moved]
    place: Place
    truth: list[Row]


def lived(home: Recorded, vector: Callable[[str], Vector]) -> Lived:
    """Return a home as its hub sees it when it reads its journal; `vector` is that of a text."""
    turns = []
    for row in home.tables[EXCHANGES]:
        exchange = from_json(json.dumps(row["whole"]), Exchange)
        if row["outcome"]:
            exchange = replace(exchange, outcome=from_json(json.dumps(row["outcome"]), Outcome))
        turns.append(Turn(exchange, row["why"] or "", vector(exchange.understanding.text)))
    moved = [Moved(row["at_s"], row["device"], row["key"], _value(row)) for row in home.tables[EVENTS]]
    [told] = home.tables[HOMES]
    ids = {one.device.partition("/")[2]: one.device for one in moved}
    names = {ids.get(device, device): name for device, name in told["names"].items()}
    rooms = {ids.get(device, device): room for room, devices in told["rooms"].items() for device in devices}
    rooms |= {satellite: about["room"] for satellite, about in told["satellites"].items()}
    truth = [home.truth[row["id"]] for row in home.tables[EXCHANGES]]
    return Lived(turns, moved, Place(names, rooms), truth)


def _value(event: Row) -> Any:
    return json.loads(event["value"]) if isinstance(event["value"], str) else event["value"]
