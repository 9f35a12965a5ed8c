"""Find the human-written sentences that pretend people say: as wishes of a home, and beyond any.

Sentences of one intent with the same slots are each other's rephrasings. People wrote every one of them, but
not one after the other: that somebody would turn from this one to that is made up here.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_nlu_bench.sources import corpus, gzipped_rows

FILES = ("massive/en-US/dev.jsonl.gz", "nlu-evaluation/dev.jsonl.gz")
# intent and slot types, what is wanted, and what stands for the slot
WISHES: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("iot_hue_lightoff", ""): ("lights", "off", ""),
    ("iot_hue_lightoff", "house_place"): ("lights", "off", "{room}"),
    ("iot_hue_lighton", "house_place"): ("lights", "on", "{room}"),
    ("iot_coffee", ""): ("coffee", "start", ""),
    ("iot_cleaning", ""): ("vacuum", "start", ""),
    ("audio_volume_up", ""): ("speaker", "raise", ""),
    ("audio_volume_down", ""): ("speaker", "lower", ""),
    ("play_music", "music_genre"): ("speaker", "play", "{title}"),
    ("play_music", "artist_name"): ("speaker", "play", "{title}"),
}
BEYOND = (
    "weather_query", "news_query", "email_query", "email_sendemail", "calendar_query", "calendar_set",
    "transport_traffic", "transport_query", "qa_factoid", "qa_stock", "qa_currency", "qa_definition",
    "cooking_recipe", "recommendation_events", "recommendation_locations", "social_query", "takeaway_query",
)  # fmt: skip
_NAMED = re.compile(r"\b(?:olly|alexa|siri|google|cortana|computer)\b")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Human wordings of wishes by what is wanted, groups of rephrasings beyond home, and talk overheard."""

    wishes: Mapping[tuple[str, str], Sequence[str]]
    beyond: Sequence[tuple[str, ...]]
    overheard: Sequence[str]


def read_sentences(side: str, folder: Path | None) -> Sentences:
    """Return the sentences of one side."""
    wishes: dict[tuple[str, str], list[str]] = defaultdict(list)
    beyond: dict[Any, list[str]] = defaultdict(list)
    overheard = []
    for row in _rows(side, folder):
        types = " ".join(slot["type"] for slot in row["slots"])
        found = WISHES.get((row["intent"], types))
        if found is not None:
            sort, want, place = found
            wishes[sort, want].append(_with_place(row, place))
        elif row["intent"] in BEYOND:
            slots = tuple(sorted((slot["type"], slot["value"].lower()) for slot in row["slots"]))
            beyond[row["intent"], slots].append(_plain(row["text"]))
        elif row["intent"].startswith(("general_", "qa_")):
            overheard.append(_plain(row["text"]))
    groups = [tuple(dict.fromkeys(texts)) for texts in beyond.values()]
    return Sentences(wishes, [group for group in groups if len(group) > 1], overheard)


def _rows(side: str, folder: Path | None) -> Iterator[Any]:
    """Yield the rows of one half: which, by a hash of the words."""
    seen = set()
    for name in FILES:
        for _, row in gzipped_rows(corpus(name, folder)):
            text = _plain(row["text"])
            odd = hashlib.sha256(text.encode()).digest()[0] % 2
            if text not in seen and odd == (side == "held_out") and not _NAMED.search(text):
                seen.add(text)
                yield row


def _with_place(row: Mapping[str, Any], place: str) -> str:
    """Return a sentence with a place where its slot was, to put a room or a title of this home in."""
    text = row["text"]
    for slot in row["slots"]:
        text = f"{text[: slot['start']]}{place}{text[slot['end'] :]}"
    return _plain(text)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("?", "").replace(",", " ").rstrip(".! ").split())
