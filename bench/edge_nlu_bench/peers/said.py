"""What is said in homes to edge-nlu and to peers: wordings of ours, Home Assistant's, and people's.

Ours are the plainest there are, and the free ones of `bench scale`. Home Assistant's templates give the
sentences that they stand for, so hassil cannot but know them. What people wrote about lights is from parts
of corpora that no pack learned from; the room that they name becomes a room of the home.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from edge_nlu.models.examples import read_examples
from edge_nlu.values import Example
from edge_nlu_bench import scale
from edge_nlu_bench.nlu import ELSEWHERE, LEARNED_FROM, plain
from edge_nlu_bench.robustness import DEV
from edge_nlu_bench.scale import Sentence
from edge_nlu_bench.sources import corpus

PLAIN: tuple[Sentence, ...] = (
    ("turn off the {room} floor lamp", (("off", "floor lamp"),)),
    ("turn on the {room} fan", (("on", "fan"),)),
    ("turn on the {room} desk lamp", (("on", "desk lamp"),)),
    ("turn off the {room} heater", (("off", "heater"),)),
    ("close the {room} blinds", (("off", "blinds"),)),
    ("set the {room} thermostat to 21 degrees", (("set", "thermostat"),)),
    ("set {room} desk lamp brightness to 30 percent", (("set", "desk lamp"),)),
)
FREE = tuple((sentence, wishes) for sentence, wishes in scale.SENTENCES if wishes)
ACTIONS = {
    "HassTurnOn": "on",
    "HassTurnOff": "off",
    "HassLightSet": "set",
    "HassSetPosition": "set",
    "HassClimateSetTemperature": "set",
    "HassClimateGetTemperature": "ask",
}
"""What Home Assistant's intents do, of those that the things in these homes know."""
DOMAINS = {"light": "light", "cover": "cover", "thermostat": "climate", "fan": "fan", "switch": "switch"}
"""What Home Assistant calls our kinds of things."""
_LISTS = {
    "{area}": "{room}",
    "{brightness}": "30",
    "{position}": "50",
    "{temperature}": "21",
    "{cover_classes}": "blinds",
}
_WRITTEN = {
    "iot_hue_lighton": "on",
    "iot_hue_lightoff": "off",
    "iot_hue_lightdim": "set",
    "iot_hue_lightup": "set",
}
_NOT_OF_A_ROOM = {"all", "every", "house", "apartment", "interior", "closet"}


def of_templates(wordings: Iterable[Mapping[str, Any]]) -> Iterator[Sentence]:
    """Yield the sentences of Home Assistant's templates about a thing, or about all of a kind in a room."""
    drawn = count()
    for one in wordings:
        action, text = ACTIONS.get(one["intent"]), str(one["text"])
        domains = ["climate"] if "Climate" in one["intent"] else one["domains"]
        for name, value in _LISTS.items():
            text = text.replace(name, value)
        kinds = [kind for kind, domain in DOMAINS.items() if domain in domains]
        if "{name}" in text:
            # a thermostat is not switched in these homes
            things = [
                name
                for name, kind, _ in scale.KINDS
                if kind in kinds and not (kind == "thermostat" and action in {"on", "off"})
            ]
            # the names of things begin with their room
            if "{room}" in text or not things:
                continue
            thing = things[next(drawn) % len(things)]
            text = text.replace("{name}", f"{{room}} {thing}")
        elif len(kinds) == 1 and ("{room}" in text or one["here"]):
            thing = _of_kind(kinds[0], text)
        else:
            continue
        if action is not None and "{" not in text.replace("{room}", ""):
            yield text, ((action, thing),)


def of_people(data: Path | None) -> Sequence[Sentence]:
    """Return what people wrote who want lights on or off, brighter or darker, once each."""
    learned = {plain(example.text) for example in read_examples(corpus(LEARNED_FROM, data))}
    written = [example for part in (DEV, ELSEWHERE) for example in read_examples(corpus(part, data))]
    found = {
        plain(one.text): _in_a_room(one)
        for one in written
        if one.intent in _WRITTEN and plain(one.text) not in learned and _is_of_a_room(one)
    }
    return tuple(found.values())


def _is_of_a_room(one: Example) -> bool:
    words, types = one.text.split(), [slot.type for slot in one.slots or ()]
    return (
        any(word.startswith("light") for word in words)
        and _NOT_OF_A_ROOM.isdisjoint(words)
        and set(types) <= {"house_place", "change_amount"}
        and types.count("house_place") <= 1
    )


def _in_a_room(one: Example) -> Sentence:
    """Return a sentence with a place for the room; one that names none is about where it is said."""
    text = one.text
    for slot in one.slots or ():
        if slot.type == "house_place" and slot.value != "room":
            text = f"{text[: slot.start]}{{room}}{text[slot.end :]}"
    return text, ((_WRITTEN[str(one.intent)], _of_kind("light", text)),)


def _of_kind(kind: str, text: str) -> str:
    """Return whether all of a kind are meant, or one will do as well: "the light"."""
    return kind if {"all", f"{kind}s"} & set(text.split()) else f"any {kind}"
