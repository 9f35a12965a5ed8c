"""Where the sentences come from: labelled folders, people's own files, MASSIVE from its publisher,
a dictionary's definitions.

A labelled folder holds `train.jsonl.gz`; a tenth of it, chosen by what each sentence says, is kept
apart to choose by, so that nothing is ever chosen on the sentences a release is judged by.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from edge_nlu.errors import DataError
from edge_nlu.models.examples import example_from_row, read_examples
from edge_nlu.values import Clause, Example
from edge_nlu_export.massive import locale_of, read_massive

# what a sentence of MASSIVE wants, where its intent leaves no doubt; see docs/ontology.md
WISHES = {
    "iot_hue_lightoff": ("off", "power"),
    "iot_hue_lighton": ("on", "power"),
    "iot_wemo_off": ("off", "power"),
    "iot_wemo_on": ("on", "power"),
    "play_music": ("play", "media"),
    "play_radio": ("play", "media"),
    "play_podcasts": ("play", "media"),
    "play_audiobook": ("play", "media"),
    "alarm_set": ("set", "alarm"),
    "alarm_query": ("ask", "alarm"),
    "alarm_remove": ("remove", "alarm"),
}
# for a home hub, though the intent alone does not say what exactly is wanted
FOR_HOME = ("iot_", "audio_", "play_", "alarm_")
# for a hub or not, depending on the hub
UNDECIDED = (
    "music_", "datetime_", "play_game", "general_greet", "general_commandstop", "general_affirm",
    "general_negate", "general_confirm", "general_dontcare", "general_repeat", "general_explain",
)  # fmt: skip


def labelled(source: Path) -> list[Example]:
    """Return the sentences of a folder's or a public corpus's training part, or of one file:
    JSON Lines, marked lines or YAML."""
    if locale := locale_of(source):
        return read_massive(locale, "train")
    if source.is_dir():
        return read_examples(source / "train.jsonl.gz")
    return read_yaml(source) if source.suffix in (".yaml", ".yml") else read_examples(source)


def judging(source: Path) -> list[Example]:
    """Return the sentences beside a training part that a release is judged by."""
    if locale := locale_of(source):
        return read_massive(locale, "dev")
    path = source / "dev.jsonl.gz"
    return read_examples(path) if source.is_dir() and path.exists() else []


def read_yaml(path: Path) -> list[Example]:
    """Return the sentences of a YAML list with the same fields as the JSON Lines."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        raise DataError(
            path, mark.line + 1 if mark else 0, f"cannot be read ({error})", "a YAML list"
        ) from error
    if not isinstance(rows, list):
        raise DataError(path, 1, f"found {type(rows).__name__}", "a YAML list of sentences")
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(example_from_row(row, f"{path.name}-{number}"))
        except (KeyError, TypeError, ValueError) as error:
            problem = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise DataError(
                path, 0, f"entry {number}: {problem}", "the fields described in docs/data.md"
            ) from error
    return found


def same_text(text: str) -> str:
    """Return what stays of a sentence when case, blanks and punctuation do not count."""
    return "".join(char for char in text.lower() if char.isalnum())


def kept_apart(example: Example) -> bool:
    """Return whether the sentence is in the tenth that choices are made by."""
    return int(hashlib.sha256(example.text.lower().encode()).hexdigest(), 16) % 10 == 0


def with_wish(example: Example) -> Example:
    """Return a public sentence with what its intent says of a home: whether it is for one, and the wish."""
    intent = example.intent
    if intent is None or example.clauses is not None or intent.startswith(UNDECIDED):
        return example
    home = float(intent.startswith(FOR_HOME))
    wish = WISHES.get(intent) if home else ("none", "unsaid")
    clauses = (Clause(0, len(example.text), *wish),) if wish else None
    return replace(example, home=home, clauses=clauses)


def definitions(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (word, kind, definition) from the files of a WordNet dictionary; nothing where there is none."""
    for name in ("noun", "verb", "adj"):
        path = folder / f"data.{name}"
        if not path.exists():
            continue
        with path.open(encoding="latin-1") as file:
            for line in file:
                if line.startswith(" "):
                    continue
                fields, _, gloss = line.partition(" | ")
                parts = fields.split()
                word = parts[4].replace("_", " ")
                if re.fullmatch(r"[A-Za-z][A-Za-z' -]+", word):
                    yield word, f"{name}.{parts[1]}", gloss.split(";")[0].split('"')[0].strip()


# what is said of things, so that a student meets their names in more than their definitions
_SAID = (
    "{verb} the {noun}", "please {verb} the {noun}", "could you {verb} the {noun} for me",
    "time to {verb} the {noun}", "i want to {verb} the {noun}", "is the {noun} ready to {verb}",
    "did you {verb} the {noun} already", "somebody should {verb} the {noun}", "{verb} it in the {noun}",
    "we ran out of {noun}", "the {noun} is too {adj}", "make the {noun} more {adj}",
)  # fmt: skip
_THINGS = ("noun.06", "noun.13", "noun.27")


def imagined(dictionary: Sequence[tuple[str, str, str]], seed: int, count: int) -> Iterator[str]:
    """Yield things with what they are about, and sentences about them, made of a dictionary's words."""
    rng = random.Random(seed)
    words = {
        kind: [
            entry
            for entry in dictionary
            if entry[1].startswith(kind) and re.fullmatch("[a-z]{2,7}", entry[0])
        ]
        for kind in ("verb", "adj")
    }
    things = [entry for entry in dictionary if entry[1] in _THINGS and entry[0].islower()]
    for number in range(count if things and all(words.values()) else 0):
        noun, _, gloss = rng.choice(things)
        about = [
            word
            for word in re.findall(r"\b[a-z]{4,}", gloss)
            if word not in ("that", "with", "used", "which")
        ]
        if number % 2 and len(about) > 1:
            yield f"{noun}: {', '.join(rng.sample(about, min(len(about), rng.randint(2, 5))))}"
        else:
            verb, adj = (rng.choice(words[kind])[0] for kind in ("verb", "adj"))
            yield rng.choice(_SAID).format(verb=verb, noun=noun, adj=adj)


def device_names(path: Path) -> list[str]:
    """Return the descriptions of real devices in a file of their definitions."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [row["description"] for row in json.load(file)]


def texts(sources: Sequence[Sequence[Example]]) -> list[str]:
    """Return every different sentence once, in order."""
    return list({same_text(e.text): e.text for examples in sources for e in examples}.values())
