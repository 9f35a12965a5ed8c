"""Make new sentences of known ones by exchanging what fills their slots.

Most slots that a model misses are values it never saw. A sentence with another artist, town or dish
is as good a sentence, and the dictionary knows thousands of each.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from edge_nlu.values import Example, Slot

Values = Mapping[str, Sequence[str]]

# where other corpora and the dictionary have values for MASSIVE's slot types
ALSO = {
    "artist": "artist_name", "track": "song_name", "album": "song_name", "playlist": "playlist_name",
    "city": "place_name", "state": "place_name", "country": "place_name", "movie_name": "movie_name",
    "restaurant_name": "business_name", "genre": "music_genre", "served_dish": "food_type",
    "cuisine": "food_type", "object_name": "audiobook_name", "timeRange": "time", "poi": "place_name",
    "facility": "business_type", "service": "app_name", "object_location_type": "business_type",
}  # fmt: skip
DICTIONARY = {
    "noun.13": ("food_type", "ingredient"), "noun.15": ("place_name",), "noun.18": ("relation",),
    "noun.06": ("list_name", "definition_word", "device_type"), "noun.04": ("event_name", "game_name"),
    "noun.09": ("definition_word", "news_topic"),
}  # fmt: skip


def values(
    sources: Iterable[Iterable[Example]], dictionary: Iterable[tuple[str, str, str]]
) -> dict[str, list[str]]:
    """Return what fills each slot type, in sentences first, then in the dictionary."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for examples in sources:
        for example in examples:
            for slot in example.slots or ():
                found[ALSO.get(slot.type, slot.type)][slot.value.lower()] = None
    for word, kind, _ in dictionary:
        for slot_type in DICTIONARY.get(kind, ()):
            if slot_type != "relation" and word.count(" ") < 3:
                found[slot_type][word.lower()] = None
    return {slot_type: list(names) for slot_type, names in found.items()}


def swapped(examples: Sequence[Example], fills: Values, seed: int, count: int) -> Iterator[Example]:
    """Yield `count` sentences with at least one slot filled anew."""
    rng = random.Random(seed)
    usable = [example for example in examples if example.slots]
    for number in range(count if usable else 0):
        example = rng.choice(usable)
        text, slots, at = "", [], 0
        for slot in example.slots or ():
            value = slot.value
            if slot.type in fills and rng.random() < 0.8:
                value = rng.choice(fills[slot.type])
            text += example.text[at : slot.start]
            slots.append(Slot(slot.type, len(text), len(text) + len(value), value))
            text += value
            at = slot.end
        yield Example(
            f"swap-{number}", example.locale, text + example.text[at:], example.intent, tuple(slots)
        )
