"""The frozen nouns of the line, in the order they appear in it.

The home: devices with their features, rooms, people, satellites, and what devices last reported.
A sentence: what was said, what it may mean, the wishes in it. Then what the hub makes of it:
candidates with their reasons, one decision, commands to devices, and the exchange as a whole.
Nothing here can be changed after it was made, so a value can be journalled, replayed and compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar, dataclass_transform

Value = TypeVar("Value")


@dataclass_transform(frozen_default=True)
def frozen(kind: type[Value]) -> type[Value]:
    """Make a class of values: equal by what is in them, and never changed once they are made.

    The type checker sees to it that nobody changes one. To look while the hub runs, too, would take a tenth
    of the time that Python needs for a sentence (docs/benchmarks/hot-path.md).
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


# ---------------------------------------------------------------------------------------- the home

DeviceId: TypeAlias = str
"""Names a device in this home: the convention's prefix and its own id there, `zigbee2mqtt/reading_lamp`."""

Held: TypeAlias = bool | float | str
"""What a feature can hold: a switch True or False, a number, or words. A colour is `#rrggbb`, a time
of day `06:30`, media `{"kind": "music", "title": "jazz"}` as JSON text with sorted keys."""

FeatureKind: TypeAlias = Literal["switch", "number", "choice", "trigger", "text", "color", "media", "time"]
"""A trigger makes something happen and holds nothing: `brew` of a coffee maker. Its choices are what it can
be told; one without choices is told True."""


@frozen
class Feature:
    """One thing that a device can be told or can tell, in the words of the home.

    `key` is its bridge's handle, unique in the device. `property` is the ontology's (docs/ontology.md),
    or "" until somebody knows. A lock is a switch that is True when locked; a door, window or cover has
    `position`, a number up to `high` (fully open) or a switch that is True when open. Numbers are as the
    device counts them: per cents are reckoned between `low` and `high`. A feature that can be set is what
    is wanted (the oven's target temperature), one that only tells is what is measured (the one in it).
    """

    key: str
    kind: FeatureKind
    property: str = ""
    name: str = ""
    part: str = ""
    settable: bool = False
    readable: bool = True
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()


@frozen
class Device:
    """A thing in the home, as a bridge found it and as profiles and people name it.

    `types` is what the device says that it is, most telling first ("coffee-maker", "light"); `kind` is the
    appliance profile that fits, or "". `ids` are the names that a configuration may use for it. `room` is the
    room's id, or "" where nobody knows; a bridge puts the area there that the device itself suggests.
    """

    id: DeviceId
    name: str
    features: tuple[Feature, ...] = ()
    types: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    room: str = ""
    kind: str = ""
    aliases: tuple[str, ...] = ()
    members: tuple[DeviceId, ...] = ()

    def feature(self, key: str) -> Feature | None:
        """Return the feature with this key."""
        return next((feature for feature in self.features if feature.key == key), None)


@frozen
class Appliance:
    """What a kind of device can do, how people speak of it, and what is risky about it.

    `words` mean any device of the kind, `forms` only some: a towel rail is a heater, but who says "towel
    rail" does not mean any heater. `serves` names wishes that it fulfils though nobody named it ("raise.air"
    for a fan) with the wish that does it ("on.power"); `tasks` are words that make an indirect wish land
    here ("tea" for a kettle). `risky` says of which wishes to be careful: "confirm" is always asked back,
    "guarded" unless it is plainly an adult at home who says it. `everything` tells whether "everything off"
    includes it. `steps` are sensible relative steps by property: a share of the range below 1, else in the
    feature's unit. Of `needs` a device must have one property to be of this kind by its name alone. What is
    `always` on, like a fridge, is doing nothing worth telling.
    """

    kind: str
    words: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    serves: tuple[tuple[str, str], ...] = ()
    risky: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str, float], ...] = ()
    needs: tuple[str, ...] = ()
    everything: bool = True
    always: bool = False


@frozen
class Reading:
    """What a feature last held, and since when the hub knows; `value` None is unknown, never off."""

    value: Held | None
    at: datetime


@frozen
class Room:
    """A room or a place around the house, with the words people have for it."""

    id: str
    words: tuple[str, ...]


@frozen
class Person:
    """Somebody who lives here; `room` is the id of what they call their own."""

    id: str
    room: str = ""
    child: bool = False


@frozen
class Satellite:
    """A thing that people talk to. Without a room it is carried about, and whoever speaks may be away."""

    id: str
    room: str = ""
    screen: bool = False
    child: bool = False


# ------------------------------------------------------------------------- between hub and devices


@frozen
class Message:
    """One MQTT message, in or out."""

    topic: str
    payload: bytes
    retain: bool = False


@frozen
class Found:
    """A bridge found a device, or found that it changed."""

    device: Device


@frozen
class Gone:
    """A device was taken out of the home."""

    device: DeviceId


@frozen
class Report:
    """A device says what a feature holds; None says that it does not know."""

    device: DeviceId
    key: str
    value: Held | None


@frozen
class Presence:
    """A device can be reached, or cannot."""

    device: DeviceId
    online: bool


@frozen
class Refusal:
    """A convention says that a command did not reach its device."""

    device: DeviceId
    reason: str


Event: TypeAlias = Found | Gone | Report | Presence | Refusal


@frozen
class Command:
    """What one device shall be told: features by key, with the values they shall hold, in order."""

    device: DeviceId
    settings: tuple[tuple[str, Held], ...]


# ----------------------------------------------------------------------------- what was understood


@frozen
class Slot:
    """A run of words that fills a place in a wish.

    An excluded slot names what the wish does not hold for: the lamp in "everything except the lamp".
    """

    type: str
    start: int
    end: int
    value: str
    excluded: bool = False
    confidence: float = 1.0


@frozen
class Clause:
    """One wish of a sentence: what is wanted, of which property, and the slots that fill it."""

    start: int
    end: int
    want: str
    property: str
    slots: tuple[Slot, ...] = ()
    confidence: float = 1.0


@frozen
class Scored:
    """A label and how sure the model is of it, from 0 to 1."""

    label: str
    confidence: float


@frozen
class Understanding:
    """What one reading of a sentence gives: the likeliest intents first, its slots, its wishes.

    `home` says how sure it is that the sentence is meant for a home hub. `embedding` is a vector of
    unit length as little-endian float32, so that a value needs no numpy; `unnamed` is what it is with
    another name, where somebody is named.
    """

    text: str
    intents: tuple[Scored, ...]
    home: float
    slots: tuple[Slot, ...]
    clauses: tuple[Clause, ...]
    embedding: bytes = b""
    truncated: bool = False
    unnamed: bytes = b""

    @property
    def taught(self) -> bytes:
        """Return the embedding that heads learn from and read: it does not tell who is named."""
        return self.unnamed or self.embedding

    @property
    def intent(self) -> str:
        """Return the likeliest intent, or an empty string where the pack knows none."""
        return self.intents[0].label if self.intents else ""


# ------------------------------------------------------------------------------- what came of it


@frozen
class Utterance:
    """What was said, when, through which satellite and by whom, where that is known."""

    id: str
    text: str
    at: datetime
    satellite: str = ""
    user: str = ""


@frozen
class Amount:
    """How much: `number` in `unit`, or so much more or less when `relative`; `share` is a part of the range.

    "thirty percent" and "half" have a share, "21 degrees" a number and a unit, "a bit" is relative and small,
    "a lot" relative and large. A relative share in `%` is of the whole range ("by ten percent"), without a
    unit it is of what is set now ("by half"). Units are °C, °F, ° (no scale said), %, K, min, s, or none.
    """

    number: float | None = None
    unit: str = ""
    share: float | None = None
    relative: bool = False
    small: bool = False
    large: bool = False


@frozen
class Target:
    """What a wish names: words for a thing, words for the place it is in, or one of both."""

    thing: str = ""
    place: str = ""


@frozen
class Wish:
    """A clause with its words turned into values: what is wanted, of which property, how much, when.

    `targets` are the things and places named, `but` those that it does not hold for. `options` are the words
    of a mode, program or source in the order said, `not_options` those turned down ("not hungry games"). A
    moment, a duration or a colour that could not be read stands in `unread`. `usual` says that what is left
    open shall be as always ("the usual", "as I like it").
    """

    want: str
    property: str
    amount: Amount | None = None
    options: tuple[str, ...] = ()
    color: str = ""
    kelvin: float | None = None
    title: str = ""
    media: str = ""
    duration_s: float | None = None
    moment: datetime | None = None
    state: str = ""
    phrase: str = ""
    targets: tuple[Target, ...] = ()
    but: tuple[Target, ...] = ()
    people: tuple[str, ...] = ()
    quantity: str = ""
    reference: str = ""
    not_options: tuple[str, ...] = ()
    usual: bool = False
    unread: str = ""
    text: str = ""
    confidence: float = 1.0

    def names_a_thing(self) -> bool:
        """Tell whether a thing was named, not only a place."""
        return any(target.thing for target in self.targets)


@frozen
class Cannot:
    """A device cannot do what is wished, and why; `near` is 2 when only the value was out of its reach."""

    device: DeviceId
    reason: str
    near: int = 0


@frozen
class Reason:
    """One thing that speaks for a candidate or against it, in words and in weight."""

    name: str
    text: str
    weight: float


@frozen
class Candidate:
    """A wish aimed at devices, what they would be told, and what speaks for it."""

    wish: Wish
    devices: tuple[DeviceId, ...]
    commands: tuple[Command, ...] = ()
    score: float = 0.0
    because: tuple[Reason, ...] = ()


@frozen
class Act:
    """Tell these devices to do it."""

    candidates: tuple[Candidate, ...]
    commands: tuple[Command, ...]
    say: str


@frozen
class Answer:
    """Say something: what was asked for, or why it cannot be done; `candidates` is what it is about."""

    say: str
    candidates: tuple[Candidate, ...] = ()


@frozen
class Option:
    """One way to answer a question of the hub: its words, and what then follows."""

    words: str
    candidates: tuple[Candidate, ...]


@frozen
class Ask:
    """Ask back. `why` is "which", "sure", "value" or "unsure"; a bare yes takes the only option."""

    say: str
    why: str
    options: tuple[Option, ...] = ()
    wish: Wish | None = None


@frozen
class AskCloud:
    """This is not for a hub; `say` is the answer where no cloud is configured or reachable."""

    say: str


@frozen
class Lesson:
    """What somebody teaches: `phrase` stands for `meaning`, words that go through the line in its place.

    `kind` is "phrase" (a sentence for sentences), "name" (a new name of a device), "favourite" (what somebody
    likes best of something) or "forget". `user` "" is the whole home.
    """

    kind: str
    phrase: str
    meaning: str = ""
    user: str = ""
    device: DeviceId = ""


@frozen
class Learn:
    """Keep what was taught, and say so."""

    lessons: tuple[Lesson, ...]
    say: str


Decision: TypeAlias = Act | Answer | Ask | AskCloud | Learn


@frozen
class Outcome:
    """What became of the commands: devices told, and those that could not be told and why."""

    sent: tuple[DeviceId, ...] = ()
    failed: tuple[tuple[DeviceId, str], ...] = ()


@frozen
class Taken:
    """What a sentence is taken for by rules that were learned; a spared one is left as it was said.

    Some are always spared, so that it stays known how the sentence does by itself. `because` tells what spoke
    for it, by name.
    """

    rule: str
    text: str
    spared: bool = False
    because: tuple[tuple[str, float], ...] = ()


@frozen
class Exchange:
    """An utterance, what it was read as, the decision and what came of it.

    `before` holds what the told features held until then, so that it can be put back; `seen` what those held
    that came into question besides. `taken` tells by which learned rule it was read, or would have been.
    """

    utterance: Utterance
    understanding: Understanding
    decision: Decision
    outcome: Outcome = Outcome()
    before: tuple[Command, ...] = ()
    ranked: tuple[Candidate, ...] = ()
    seen: tuple[Command, ...] = ()
    milliseconds: float = 0.0
    taken: Taken | None = None


# ---------------------------------------------------------------------------- what is learned from


@frozen
class Example:
    """A sentence with what it means, as people labelled it; None where nobody said."""

    id: str
    locale: str
    text: str
    intent: str | None = None
    slots: tuple[Slot, ...] | None = None
    home: float | None = None
    clauses: tuple[Clause, ...] | None = None
    group: str = ""
