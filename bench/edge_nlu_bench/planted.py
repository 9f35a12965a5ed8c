"""Plant personal words in sentences, and count those that would leave the house all the same.

A word counts as let out when it can be read in what is left of a sentence beside its placeholders; a name of
two words, when either of them can. Beside it stands what masking costs: words that nobody planted.
"""

from __future__ import annotations

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_nlu.cloud.mask import KINDS, mask
from edge_nlu.interfaces import Home, Understander
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.layout import read_layout
from edge_nlu.values import Device, Feature, Found
from edge_nlu_bench.report import Figures, share

AT: Final = datetime(2026, 3, 2, tzinfo=UTC)
FILLED: Final = 8
"""Times that each pattern is filled."""

NAMED: Final = ("person", "contact", "room", "thing")
_HOLE: Final = re.compile(r"\{(\w+)\}")
_PLACEHOLDER: Final = re.compile(rf"<(?:{'|'.join(KINDS)})_\d+>")
_SMALL: Final = frozenset(["the", "of", "and", "at", "a", "pm", "am", "dot", "doctor", "dr", "room"])


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence, and what was planted in it, by kind."""

    text: str
    words: tuple[tuple[str, str], ...]


def masking_figures(understander: Understander, seed: int = 1) -> Mapping[str, Figures]:
    """Return how much of what was planted stays at home, by kind."""
    home, own, sentences = _read(seed)
    kept: dict[str, list[float]] = {}
    taken, spare, restored = 0, 0, 0
    for one in sentences:
        masked = mask(understander.understand(one.text), home, own)
        left = _folded(_PLACEHOLDER.sub(" ", masked.text))
        around = _words(_without(one))
        for kind, words in one.words:
            own_words = _words(words) - _SMALL - around
            kept.setdefault(kind, []).append(float(not own_words & _words(left)))
        kept.setdefault("digit", []).append(float(not any(letter.isdigit() for letter in left)))
        restored += _folded(masked.restored(masked.text)) == _folded(one.text)
        spare += len(around)
        # what nobody planted, and is gone
        taken += len(around - _words(left))
    names = [value for kind in NAMED for value in kept[kind]]
    return {
        "masking": {
            "sentences": len(sentences),
            **share("digits", np.array(kept.pop("digit"))),
            **share("mail_addresses", np.array(kept["mail"])),
            **share("known_names", np.array(names)),
            **{
                f"all_{kind}": round(float(np.mean(kept[kind])), 4)
                for kind in (*NAMED, "phone", "address", "code", "number", "time")
            },
            "put_back": round(restored / len(sentences), 4),
            "other_words_masked": round(taken / spare, 4),
        }
    }


def _read(seed: int) -> tuple[Home, tuple[str, ...], list[Planted]]:
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    layout = read_layout(
        {"people": {person: {} for person in told["person"]}, "rooms": {room: [] for room in told["room"]}}
    )
    context = HomeContext(appliance_profiles(), layout)
    switch = (Feature("on", "switch", "power", settable=True),)
    for name in told["thing"]:
        context.apply(Found(Device(f"z/{name}", name, switch, ("light",), (name,))), AT)
    home = context.snapshot(AT)
    return home, tuple(told["contact"]), list(_filled(told, random.Random(seed)))


def _filled(told: Mapping[str, Any], rng: random.Random) -> Iterator[Planted]:
    ways = {kind: [way for said in told[kind].values() for way in said] for kind in NAMED} | told["said"]
    for pattern in told["patterns"]:
        for _ in range(FILLED):
            words = [(kind, rng.choice(ways[kind])) for kind in _HOLE.findall(pattern)]
            filled = iter(words)
            yield Planted(_HOLE.sub(lambda _, filled=filled: next(filled)[1], pattern), tuple(words))  # type: ignore[misc]


def _without(one: Planted) -> str:
    text = one.text
    for _, words in one.words:
        text = text.replace(words, " ", 1)
    return text


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", _folded(text)))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
