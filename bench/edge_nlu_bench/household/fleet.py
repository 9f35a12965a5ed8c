"""Read what a fleet of pretend households is made of: its seed, and ranges that homes and people draw from.

The fleet that judges is a file that was fixed before there was anything to judge; an edited one is refused.
Another fleet is a file that names what is different there. A key that is not known is an error, since a slip
of the pen would otherwise leave a range as it was, in silence.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from edge_nlu.errors import SettingsError
from edge_nlu.hub.checked import nearest
from edge_nlu_bench.sources import frozen

HERE = Path(__file__).parent
FLEET, WORDS = "fleet.toml", "words.toml"
CHOICES = {
    "wordings": ("practice", "held_out"),
    "sentences": ("practice", "held_out"),
    "names": ("practice", "held_out"),
    "noise": ("counted", "sounds", "both"),
}

Table = Mapping[str, Any]


class Range(NamedTuple):
    """From what to what something lies; one number for all is a range without width."""

    low: float
    high: float

    def draw(self, rng: Random) -> float:
        """Return where one home or person lies."""
        return rng.uniform(self.low, self.high)

    def whole(self, rng: Random) -> int:
        """Return a whole number, both ends among them."""
        return rng.randint(round(self.low), round(self.high))


@dataclass(frozen=True, slots=True)
class Fleet:
    """What households are made of; `words` are names and wordings, and `sha256` tells fleets apart."""

    tables: Mapping[str, Table]
    words: Mapping[str, Any]
    sha256: str

    def side(self, of: str) -> str:
        """Return which half of something is used here."""
        return str(self.tables["sides"][of])

    def count(self, name: str) -> int:
        """Return a number of the table `fleet`."""
        return int(self.tables["fleet"][name])

    def of(self, table: str, key: str) -> Range:
        """Return the range of a key."""
        found = self.tables[table][key]
        low, high = found if isinstance(found, list) else (found, found)
        return Range(float(low), float(high))

    def changed(self, **tables: Table) -> Fleet:
        """Return a fleet in which some keys are otherwise, as the sanity checks need them."""
        return Fleet(_laid_over(self.tables, tables, "a check"), self.words, self.sha256)


def read_fleet(path: Path | None = None) -> Fleet:
    """Return the fleet that judges, or that of another file; raise `SettingsError` for what is none."""
    said = frozen(FLEET, HERE).read_text(encoding="utf-8")
    words = frozen(WORDS, HERE).read_text(encoding="utf-8")
    tables: Mapping[str, Table] = tomllib.loads(said)
    if path is not None:
        try:
            said = path.read_text(encoding="utf-8")
            tables = _laid_over(tables, tomllib.loads(said), str(path))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError("--fleet", f"{path} ({error})", "a TOML file of a fleet") from error
    return Fleet(tables, tomllib.loads(words), hashlib.sha256(said.encode() + words.encode()).hexdigest())


def _laid_over(base: Mapping[str, Table], over: Mapping[str, Any], file: str) -> Mapping[str, Table]:
    """Return the tables of a fleet with those of another in their place, where it names them."""
    tables = {name: dict(table) for name, table in base.items()}
    for name, table in over.items():
        if name not in tables:
            raise SettingsError(f"{file}: [{name}]", "a table that is not known", nearest(name, tables))
        if not isinstance(table, Mapping):
            raise SettingsError(f"{file}: {name}", repr(table), "a table")
        for key, value in table.items():
            place = f"{file}: {name}.{key}"
            if key not in tables[name]:
                raise SettingsError(place, "a key that is not known", nearest(key, tables[name]))
            tables[name][key] = _checked(place, key, value, tables[name][key])
    return tables


def _checked(place: str, key: str, value: Any, as_: Any) -> Any:
    """Return a value if it is of the sort that stands there in the fleet that judges."""
    if isinstance(as_, str):
        if value not in CHOICES[key]:
            raise SettingsError(place, repr(value), f"one of {', '.join(CHOICES[key])}")
        return value
    if isinstance(as_, int) and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise SettingsError(place, repr(value), "a whole number, not below 0")
    ends = value if isinstance(value, list) and len(value) == 2 else [value]
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        raise SettingsError(place, repr(value), "a number, or [low, high]")
    if not 0 <= ends[0] <= ends[-1]:
        raise SettingsError(place, repr(value), "[low, high] with 0 <= low <= high")
    return value
