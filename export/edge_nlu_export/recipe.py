"""Read a recipe: one TOML file that says how a pack is made, from data to card.

Every figure has a name, a default and a line of why. A key that is not known is an error that
offers the nearest one, since a misspelt figure would otherwise cost two hours to notice.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from edge_nlu.errors import SettingsError

Section = TypeVar("Section")


@dataclass(frozen=True)
class Data:
    """Where sentences come from; paths are relative to the data folder or absolute."""

    labelled: tuple[str, ...]  # their intents and slots are what the pack learns to say
    alike: tuple[str, ...] = ()  # the same labels under the same names, for teachers; their text for students
    text: tuple[str, ...] = ()  # only their text, and what fills their slots
    swaps: int = 20000  # new sentences with other slot values, for students
    home: int = 0  # generated home-control sentences in every epoch; 0 makes a pack without home control
    dictionary: str = (
        ""  # folder of a WordNet dictionary, for preparing the student; left out where it is not there
    )
    definitions: int = 40000  # definitions taken from it
    judged: tuple[
        str, ...
    ] = ()  # sentences for the card beside the sources' own; ./ and ../ start at the recipe
    confusions: str = ""  # what speech recognition mishears
    devices: str = ""  # definitions of real devices, for their names


@dataclass(frozen=True)
class Teaching:
    """How teachers are made."""

    model: str = ""  # name or folder of a Hugging Face encoder; empty is the MiniLM that comes with [export]
    seeds: tuple[int, ...] = (1,)  # one teacher for each; students learn from their mean
    adapt: int = 0  # epochs of guessing hidden words first
    epochs: int = 8
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    tutor: int = 0  # epochs of one more teacher, for wishes at home; 0 is none
    attune: int = 0  # hundreds of rounds in which what the untouched teacher makes of wishes is set right
    attune_rate: float = 5e-5


@dataclass(frozen=True)
class Studying:
    """What the student is, and how it learns."""

    pieces: int = 17000
    buckets: int = 4096
    embedding: int = 96
    width: int = 224
    blocks: int = 4
    dropout: float = 0.1
    meaning: int = 128  # numbers of the sentence embedding; 0 is none
    prepare: int = 4  # epochs of following the teacher's word vectors on plain text
    epochs: int = 20
    embed: int = 0  # epochs for the embedding by itself, at last
    batch: int = 128
    rate: float = 2e-3
    table_rate: float = 2e-3  # of the word table, once it was prepared
    plain: int = 0  # texts in every epoch of which only the meaning is learned
    typing: float = 0.2  # share of sentences with a slip of a finger in each epoch
    hearing: float = 0.12  # share of sentences misheard


@dataclass(frozen=True)
class Recipe:
    """How a pack is made."""

    name: str
    data: Data
    locale: str = "en-US"
    about: str = ""  # a sentence for the card
    weaknesses: tuple[str, ...] = ()  # what the card warns of
    seed: int = 1
    hub: str = "zero-2w"  # profile whose budgets the pack must keep
    first: bool = False  # no home uses a pack of this name yet, so there is none that it must not fall behind
    teacher: Teaching = field(default_factory=Teaching)
    student: Studying = field(default_factory=Studying)

    def fingerprint(self) -> str:
        """Return a checksum of everything the recipe says."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a TOML file; raise `SettingsError` naming the key that cannot be used."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), str(error), "a recipe in TOML") from error
    return _section(Recipe, found, str(path))


def _section(kind: type[Section], found: dict[str, Any], place: str) -> Section:
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in found.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise SettingsError(
                f"{place}: {key}", "a key that is not known", f"{near[0] if near else sorted(known)}"
            )
        values[key] = _value(str(known[key].type), value, f"{place}: {key}")
    missing = {"Recipe": ("name", "data"), "Data": ("labelled",)}.get(kind.__name__, ())
    for key in missing:
        if key not in values:
            raise SettingsError(f"{place}: {key}", "nothing", "a value")
    return kind(**values)


def _value(kind: str, value: Any, place: str) -> Any:
    section = {"Data": Data, "Teaching": Teaching, "Studying": Studying}.get(kind)
    if section is not None:
        if not isinstance(value, dict):
            raise SettingsError(place, repr(value), "a table")
        return _section(section, value, place)
    if kind.startswith("tuple"):
        inner: type = str if "str" in kind else int
        if not isinstance(value, list) or not all(type(item) is inner for item in value):
            raise SettingsError(place, repr(value), f"a list of {inner.__name__}")
        return tuple(value)
    if kind == "str":
        if not isinstance(value, str):
            raise SettingsError(place, repr(value), "a text in quotes")
        return value
    if kind == "bool":
        if type(value) is not bool:
            raise SettingsError(place, repr(value), "true or false")
        return value
    if type(value) not in ((int,) if kind == "int" else (int, float)) or value < 0:
        raise SettingsError(place, repr(value), f"a{'n' if kind == 'int' else ''} {kind} of 0 or more")
    return float(value) if kind == "float" else value
