"""Hold the words of homes: devices by row, rooms, people, things to play, and how to make plurals.

The lists are data, in `words/*.toml`. What may not be trained on is dropped here, so a careless line
in a list cannot spoil the measurement; random nouns and real product names pass the same gate.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge_nlu_export.homespeak.ontology import is_held_out


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the ontology's property table: names of its devices, and what it has by degrees."""

    name: str
    degree: str
    run: str
    power: str
    singular: tuple[str, ...]
    plural: tuple[str, ...]
    mass: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every word list by its name, and the rows of devices."""

    lists: dict[str, tuple[str, ...]]
    rows: dict[str, Row]
    weights: dict[str, float]
    weights_of_rows: dict[str, float]

    def known_words(self) -> frozenset[str]:
        """Return every single word that some list of devices, rooms or tasks holds."""
        texts = [name for row in self.rows.values() for name in (*row.singular, *row.plural, *row.mass)]
        texts += [
            text
            for name in ("rooms_in", "rooms_on", "rooms_bare", "drinks", "people")
            for text in self.lists[name]
        ]
        return frozenset(word for text in texts for word in text.split())


def split_words(text: str) -> tuple[str, ...]:
    """Return the entries of a list written with commas, without those training must not see."""
    entries = (" ".join(entry.split()) for entry in text.replace("\n", ",").split(","))
    return tuple(dict.fromkeys(entry for entry in entries if entry and not is_held_out(entry)))


def read_lexicon(folder: Path) -> Lexicon:
    """Return the words of all lists in a folder."""
    lists: dict[str, tuple[str, ...]] = {}
    rows: dict[str, Row] = {}
    weights: dict[str, float] = {}
    weights_of_rows: dict[str, float] = {}
    for path in sorted(folder.glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name == "scenarios":
                weights.update({key: float(value) for key, value in entry.items()})
            elif name == "rows":
                weights_of_rows.update({key: float(value) for key, value in entry.items()})
            elif isinstance(entry, dict):
                rows[name] = _row(name, entry)
            else:
                lists[name] = split_words(entry)
    rooms = {room for name in ("rooms_in", "rooms_on") for room in lists.get(name, ())}
    return Lexicon(
        lists, {name: _without_rooms(row, rooms) for name, row in rows.items()}, weights, weights_of_rows
    )


def _without_rooms(row: Row, rooms: set[str]) -> Row:
    """Return the row without names that begin with a room, which is a slot of its own; doors keep theirs."""
    if row.name in ("covers", "locks"):
        return row

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if not any(name.startswith(room + " ") for room in rooms))

    return replace(row, singular=kept(row.singular), plural=kept(row.plural), mass=kept(row.mass))


def _row(name: str, entry: dict[str, str]) -> Row:
    return Row(
        name,
        entry.get("degree", "unsaid"),
        entry.get("run", "run"),
        entry.get("power", "power"),
        *(split_words(entry.get(number, "")) for number in ("singular", "plural", "mass")),
    )


_IRREGULAR = {
    "shelf": "shelves",
    "knife": "knives",
    "leaf": "leaves",
    "mouse": "mice",
    "man": "men",
    "loaf": "loaves",
}


def plural(name: str) -> str:
    """Return the name of several such things."""
    *rest, last = name.split(" ")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    elif last.endswith(("s", "x", "ch", "sh", "z")):
        last += "es"
    else:
        last += "s"
    return " ".join([*rest, last])


_LETTERS = re.compile(r"[a-z]{3,12}")


def fresh_nouns(nouns: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Return the nouns that no list of ours knows and training may see, each a plain short word."""
    known = lexicon.known_words()
    return tuple(
        dict.fromkeys(
            noun
            for noun in (noun.strip().lower() for noun in nouns)
            if _LETTERS.fullmatch(noun)
            and noun not in known
            and not noun.endswith("s")
            and not is_held_out(noun)
        )
    )


_HEADS = {
    "lights": "light lamp bulb spot downlight lightstrip chandelier filament",
    "sensors": "sensor detector",
    "covers": "curtain blind shutter shade",
    "heating": "thermostat radiator heater",
    "others": "switch plug socket dimmer controller remote button relay module hub siren keypad valve",
    "locks": "lock",
    "fans": "fan",
}


def named_by_makers(descriptions: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return short product names of makers by the row their last word puts them in."""
    row_of = {head: row for row, heads in _HEADS.items() for head in heads.split()}
    found: dict[str, dict[str, None]] = {row: {} for row in _HEADS}
    for description in descriptions:
        words = re.sub(r"\(.*?\)", " ", description.lower()).split()
        name = " ".join(words)
        if 2 <= len(words) <= 4 and re.fullmatch(r"[a-z0-9 ]+", name) and not is_held_out(name):
            row = row_of.get(words[-1])
            if row is not None and not {"the", "a", "of", "for", "with", "and", "in", "to"} & set(words):
                found[row][name] = None
    return {row: tuple(names) for row, names in found.items() if names}
