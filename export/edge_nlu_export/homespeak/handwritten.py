"""Sentences that people wrote one by one, and what becomes of them with other words in their places.

A written sentence has a turn of phrase that no list has. Exchanging its device for another of the
same row, its room, its number or its title keeps what it wants and makes many of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from edge_nlu.models.examples import read_examples
from edge_nlu.values import Clause, Example, Slot
from edge_nlu_export.homespeak.lexicon import Lexicon, Row, fresh_nouns, plural, read_lexicon
from edge_nlu_export.homespeak.ontology import is_held_out, without_article
from edge_nlu_export.likeness import Alike, words_of

_HERE = Path(__file__).parent
_KEPT = 0.35  # share of slots that stay as they were written
_LISTS = {
    "title": ("artists", "songs", "shows", "books", "genre", "podcast_topics", "stations"),
    "program": ("drinks", "programs"),
    "color": ("colors", "whites"),
    "person": ("people",),
    "source": ("sources",),
    "phrase": ("phrases_taught", "nicknames"),
    "room": ("rooms_in",),
}
_UNKNOWN = "unknown devices"
# whatever a device is, it may be on, ready, found or empty; how warm or how bright it is tells what it is
_OF_ANY = ("power", "run", "status", "time_left", "place", "battery", "level", "name")
_SHAPES = ("{}", "{}", "{}", "{} maker", "{} machine", "{} pump", "{} box", "electric {}", "{} station")


@cache
def sentences() -> tuple[Example, ...]:
    """Return the written sentences that training may see."""
    found = [example for path in sorted((_HERE / "written").glob("*.txt")) for example in read_examples(path)]
    return tuple(example for example in found if not is_held_out(example.text))


@cache
def pairs() -> dict[str, list[Alike]]:
    """Return written pairs that mean the same: what was said and meant, a wish and the device for it."""
    found: dict[str, list[Alike]] = {"wishes": [], "rewordings": []}
    for path in sorted((_HERE / "written").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        about = {row["device"]: row["about"] for row in rows if "about" in row}
        for row in rows:
            if is_held_out(
                " ".join(str(value) for value in (*row.values(), about.get(row.get("device"), "")))
            ):
                continue
            if "said" in row:
                pair = Alike(words_of(row["said"]), words_of(row["meant"]), (row["meant"].lower(),))
                found["rewordings"].append(pair)
            elif "wish" in row:
                pair = Alike(words_of(row["wish"]), words_of(about[row["device"]]), (row["device"],))
                found["wishes"].append(pair)
    return found


def variations(seed: int, count: int, nouns: Sequence[str] = ()) -> Iterator[Example]:
    """Yield written sentences with other words in some of their slots; `nouns` name unknown devices."""
    rng = Random(seed)
    words = replace(_words(), lists={**_words().lists, _UNKNOWN: fresh_nouns(nouns, _words())})
    written = sentences()
    for number in range(count if written else 0):
        made = _varied(rng.choice(written), words, rng, f"written-{seed}-{number}")
        if not is_held_out(made.text):
            yield made


@cache
def _words() -> Lexicon:
    return read_lexicon(_HERE / "words")


@cache
def _rows_by_name() -> dict[str, tuple[Row, str]]:
    return {
        name: (row, number)
        for row in _words().rows.values()
        for number in ("singular", "plural", "mass")
        for name in getattr(row, number)
    }


def _varied(example: Example, words: Lexicon, rng: Random, name: str) -> Example:
    text, at, clauses = "", 0, []
    for clause in example.clauses or ():
        text += example.text[at : clause.start]
        start, at, slots = len(text), clause.start, []
        for slot in clause.slots:
            value = slot.value if rng.random() < _KEPT else _other(slot, clause, words, rng)
            text += example.text[at : slot.start]
            slots.append(Slot(slot.type, len(text), len(text) + len(value), value, slot.excluded))
            text += value
            at = slot.end
        clauses.append((start, clause, tuple(slots)))
    text += example.text[at:]
    ends = [start for start, *_ in clauses[1:]] + [len(text)]
    built = tuple(
        without_article(Clause(start, end, clause.want, clause.property, slots))
        for (start, clause, slots), end in zip(clauses, ends, strict=True)
    )
    return Example(name, example.locale, text, home=example.home, clauses=built, group="written")


def _other(slot: Slot, clause: Clause, words: Lexicon, rng: Random) -> str:
    """Return another filling of the same kind, or the same where no other is known to fit."""
    if slot.type == "device":
        if (
            clause.property in _OF_ANY
            and slot.value.islower()
            and rng.random() < 0.15
            and words.lists[_UNKNOWN]
        ):
            return rng.choice(_SHAPES).format(rng.choice(words.lists[_UNKNOWN]))
        return _other_device(slot.value, clause, words, rng)
    if slot.type == "value" and slot.value.isdigit():
        return str(rng.randint(max(1, int(slot.value) // 2), int(slot.value) * 2))
    if slot.type == "room" and slot.value.lower() not in words.lists["rooms_in"]:
        return slot.value
    lists: Sequence[str] = [name for name in _LISTS.get(slot.type, ()) if name in words.lists]
    if not lists:
        return slot.value
    return _cased(rng.choice(words.lists[rng.choice(lists)]), slot.value)


def _other_device(name: str, clause: Clause, words: Lexicon, rng: Random) -> str:
    row, number = _rows_by_name().get(name.lower(), (None, ""))
    if row is None:
        # power is every kind's property, so any kind may stand there
        return rng.choice(words.rows["others"].singular) if clause.property == "power" else name
    others = getattr(row, number)
    if number == "plural" and not others:
        others = tuple(plural(other) for other in row.singular)
    return _cased(rng.choice(others), name)


def _cased(new: str, old: str) -> str:
    return new.capitalize() if old[:1].isupper() and not old.isupper() else new
