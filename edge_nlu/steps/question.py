"""Tell what sort of answer a question wants, and of which devices.

"is the oven on" wants yes or no, "which lights are on" a list, "how many" a number and "how warm is it" a
value. One of several things is enough for "is a window open", all of them for "are the doors locked".
What cannot be told at all is said plainly: no such sensor there, not reachable, not reported yet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

from edge_nlu.interfaces import Home
from edge_nlu.steps.called import name_of
from edge_nlu.steps.english import WHOLE, age, in_place, in_room, is_plural, joined, set_of
from edge_nlu.steps.readings import about
from edge_nlu.values import Device, Feature, Wish, frozen

Shape = Literal["whether", "which", "count", "what", "when", "where"]

ALL: Final = set_of("all every everything both each everyone")
ANY: Final = set_of("any anything something either some which neither none anyone")
_ASKING = set_of("what which how when where who whose why")
_OPENING = set_of(
    """
    is are was were am do does did has have had will would can could should shall isn't aren't wasn't weren't
    don't doesn't didn't hasn't haven't won't can't couldn't whether if
    """
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
# things that report all the time: what they said longer ago than this is told with its age
STALE: Final = timedelta(hours=3)


@frozen
class Question:
    """A question about the home: the wish, the devices that come into question, and what it is like."""

    wish: Wish
    devices: tuple[Device, ...]
    home: Home
    text: str
    shape: Shape

    @property
    def thing(self) -> str:
        """Return the one word for all things asked about, "" where there is none."""
        things = {target.thing for target in self.wish.targets if target.thing}
        return things.pop() if len(things) == 1 else ""

    @property
    def place(self) -> str:
        """Return where it is asked about, as it is said: "in the kitchen"; "" for the whole home."""
        places = {target.place.lower() for target in self.wish.targets if target.place}
        place = places.pop() if len(places) == 1 else ""
        return "" if place.split()[-1:] and place.split()[-1] in WHOLE else in_place(place)

    @property
    def generic(self) -> bool:
        """Return whether it is asked about whatever there is, not about things that were named."""
        return self.wish.quantity in ALL | ANY or not self.thing or is_plural(self.thing)

    def says(self, pattern: str) -> bool:
        """Return whether the words of the question match a pattern."""
        return re.search(pattern, self.text) is not None


def question_of(wish: Wish, devices: Sequence[Device], home: Home) -> Question:
    """Return the question that a wish asks about devices."""
    text = wish.text.lower().replace("\u2019", "'")
    inside = {member for device in devices for member in device.members}
    listed = {device.id for device in devices}
    kept = [device for device in devices if not (device.members and inside & listed & set(device.members))]
    return Question(wish, tuple(kept), home, text, shape_of(wish, text))


def shape_of(wish: Wish, text: str) -> Shape:
    """Return what sort of answer is wanted."""
    if re.search(
        r"\bhow many (?!minutes|hours|seconds|degrees|percent|litres|watts|kilowatt|particles)", text
    ):
        return "count"
    words = _WORD.findall(text)
    if wish.state and re.search(r"\b(?:what|how) about\b", text):
        return "whether"
    for place, word in enumerate(words):
        asking = re.sub(r"'?s$", "", word) if word not in _OPENING else word
        if asking in _ASKING:
            return _asking(asking, words[place + 1 :])
        if word not in _OPENING:
            continue
        # "do you know what ...", "have you any idea where ...": what comes after is the question
        rest = [re.sub(r"'?s$", "", later) for later in words[place + 1 : place + 8]]
        if rest[:1] == ["you"] and any(later in _ASKING for later in rest):
            continue
        return "whether"
    if wish.quantity == "which":
        return "which"
    return "whether" if wish.state or wish.quantity in ("any", "anything") else "what"


def _asking(word: str, rest: Sequence[str]) -> Shape:
    if word == "which":
        return "which"
    if word == "when" or (word == "what" and rest[:1] == ["time"]):
        return "when"
    return "where" if word == "where" else "what"


def telling(question: Question, prop: str, word: str) -> Question:
    """Return the question about those devices that tell of what was said: of CO2, of food, of beans.

    Where none of the devices does, it is about others in the same place that do.
    """
    home = question.home
    ours = [device for device in question.devices if _tells_of(device, prop, word)]
    rooms = {room for target in question.wish.targets for room in home.rooms_called(target.place)}
    others = () if ours else home.with_property(prop, settable=False)
    found = ours or [
        device
        for one in others
        if (device := home.device(one)) is not None and _tells_of(device, prop, word)
        if not rooms or device.room in rooms
    ]
    return replace(question, devices=tuple(found)) if found else question


def _tells_of(device: Device, prop: str, word: str) -> bool:
    labels = (re.sub(r"[_.\-/]", " ", f"{feature.name} {feature.key}") for feature in about(device, prop))
    return any(re.search(rf"\b{re.escape(word.split()[-1])}", label.lower()) for label in labels)


# --------------------------------------------------------------------------- what is not known

SENSORS: Final = {
    "temperature": "thermometer",
    "humidity": "humidity sensor",
    "air": "air sensor",
    "presence": "motion sensor",
    "leak": "leak sensor",
    "smoke": "smoke detector",
    "brightness": "light sensor",
    "lock": "lock that I can see",
    "position": "door or window sensor",
    "alarm": "alarm clock",
    "media": "player",
    "volume": "player",
    "energy": "power meter",
}
_TELLS = {
    "power": "whether it is on",
    "position": "whether it is open",
    "lock": "whether it is locked",
    "run": "what it is doing",
    "time_left": "how long it takes",
    "media": "what it plays",
    "swing": "whether it turns",
    "color": "its colour",
    "level": "how full it is",
    "energy": "how much power that uses",
    "battery": "how full its battery is",
    "air": "how good the air is",
    "presence": "whether anybody is there",
    "leak": "whether anything leaks",
    "smoke": "whether there is smoke",
    "place": "where it is",
    "status": "how it is doing",
    "unsaid": "that",
}


def nothing_known(question: Question, prop: str) -> str:
    """Return that there is no device that could tell: "I have no humidity sensor in the study"."""
    place = question.place
    sensor = SENSORS.get(prop)
    if sensor:
        return f"I have no {sensor} {place}".strip()
    thing = question.thing
    if thing:
        return f"I know no {thing} {place or 'here'}"
    return f"I know of nothing {place or 'here'} that could tell me"


def not_told(devices: Sequence[Device], prop: str, question: Question) -> str:
    """Return that devices do not tell what is asked."""
    named = question.wish.names_a_thing()
    if not named and prop in SENSORS:
        return nothing_known(question, prop)
    if not named and len(devices) > 1:
        return f"nothing {question.place or 'here'} tells me that"
    tells = _TELLS.get(prop, f"its {prop.replace('_', ' ')}")
    names = [name_of(device, question.home) for device in devices[:3]]
    if len(names) > 1:
        tells = "how full their batteries are" if prop == "battery" else "that"
    several = len(names) > 1 or is_plural(names[0])
    return f"{joined(names)} {'do not' if several else 'does not'} tell me {tells}"


def unreachable(devices: Sequence[Device], home: Home) -> str:
    """Return that devices cannot be reached, so that nothing is known of them."""
    names = joined([name_of(device, home) for device in devices[:4]])
    return f"{names} {'are' if len(devices) > 1 else 'is'} not reachable, so I can't tell"


def reachable(devices: Sequence[Device], home: Home) -> tuple[list[Device], list[Device]]:
    """Return the devices that can be reached, and those that cannot."""
    online = [device for device in devices if home.online(device.id)]
    return online, [device for device in devices if device not in online]


def with_age(words: str, device: Device, feature: Feature, home: Home) -> str:
    """Return words with how old they are, where the device has been silent for long."""
    reading = home.reading(device.id, feature.key)
    if reading is None or feature.settable or home.at - reading.at < STALE:
        return words
    return f"{words}, as of {age(reading.at, home.at)}"


def whereabouts(device: Device, home: Home) -> str:
    """Return where a device is; by its own name where its room is not known."""
    return in_room(device.room, home) or f"at {name_of(device, home)}"
