"""Tell what a device is, and what each of its features is about.

A plain relay may be a heater, a lamp or a fan: only its name says so. So a device is first what it says
it is, where that says something; then what people call it; and last what its features look like. A
feature is about what its kind of device means by its name ("brew" starts a coffee maker), else what such
names, units and choices mean anywhere, so that a device of a kind that nobody described works as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from edge_nlu.steps.names import WORD, stem
from edge_nlu.values import Appliance, Device, Feature, Held


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PROPERTIES = _words("""
    power brightness color temperature humidity volume position speed swing mode program run time_left
    media source channel lock timer alarm battery level air presence leak smoke energy place status
""")
"""What a feature can be about; docs/ontology.md says what each means."""

PLAIN = frozenset({"socket", "switch"})
"""Kinds that are whatever is behind them, as soon as their name tells."""

_HOLDS = {
    "power": "switch choice",
    "brightness": "number",
    "color": "color number choice text",
    "temperature": "number",
    "humidity": "number",
    "volume": "number switch choice",
    "position": "number switch choice trigger",
    "speed": "number choice",
    "swing": "switch choice number",
    "mode": "choice switch text",
    "program": "choice text number",
    "run": "switch choice trigger text",
    "time_left": "number time text",
    "media": "media choice text trigger switch",
    "source": "choice text",
    "channel": "number choice text",
    "lock": "switch choice",
    "timer": "number time switch trigger",
    "alarm": "switch time choice trigger text",
    "battery": "number switch choice",
    "level": "number switch choice",
    "air": "number choice text",
    "presence": "switch choice text",
    "leak": "switch choice",
    "smoke": "switch choice number",
    "energy": "number",
    "place": "text trigger choice switch",
    "status": "text choice switch",
    "": "switch number choice trigger text color media time",
}

IDLE = frozenset(
    _words("""
    off idle done stopped stop finished complete completed end ended ready standby docked paused pause none
    inactive false unknown unavailable closed locked empty error sleeping sleep charged waiting on_hold
    program_ended not_running cancelled canceled aborted initialized initial
    """)
)
"""What a machine that does nothing says it does."""

_OPEN = frozenset(_words("open opened opening ajar"))

_BROAD = frozenset(
    _words("sensor binary-sensor number select button text device node thing entity event update")
)

_SEEMS = (
    ("brightness", "light"),
    ("color", "light"),
    ("lock", "lock"),
    ("position", "cover"),
    ("media", "speaker"),
    ("volume", "speaker"),
    ("temperature", "thermostat"),
    ("swing", "fan"),
    ("speed", "fan"),
    ("power", "socket"),
)
_CUT = re.compile(r"\s(?:in|by|of|on|at|near|behind|under|over|next to|beside|above|for|from)\s")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_TAIL = re.compile(r"[/.:]")
_OWN_WORD = re.compile(r"[^\W\d_]{2,}|\d{1,2}")
_LONGEST = 4
_MAKERS = frozenset(_words("tasmota shelly esphome esp zigbee homie sonoff device node"))


@dataclass(frozen=True, slots=True)
class PropertyWords:
    """How a feature of a property is called, counted and what it can hold; `weak` names say little."""

    property: str
    names: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """What is known of appliances and of how features are called, ready to be looked up."""

    appliances: Mapping[str, Appliance]
    words: tuple[PropertyWords, ...] = ()
    _called: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _calling: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _typed: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _names: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _weak: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _units: dict[str, str] = field(init=False, repr=False, default_factory=dict)
    _choices: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _own: dict[str, dict[str, str]] = field(init=False, repr=False, default_factory=dict)
    _parts: dict[str, tuple[tuple[str, str], ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        ranks: dict[str, list[tuple[int, str]]] = {}
        for kind, appliance in self.appliances.items():
            for phrase in appliance.words:
                _add(self._called, phrase_key(phrase), kind)
            for phrase in (*appliance.words, *appliance.forms):
                _add(self._calling, phrase_key(phrase), kind)
            for rank, name in enumerate(appliance.types):
                ranks.setdefault(type_key(name), []).append((rank, kind))
            self._own[kind] = {phrase_key(name): prop for name, prop in appliance.properties}
            parts = sorted(appliance.parts, key=lambda part: -part.count(" "))
            self._parts[kind] = tuple((phrase_key(part), part) for part in parts)
        for name, kinds in ranks.items():
            self._typed[name] = tuple(kind for _, kind in sorted(kinds, key=lambda found: found[0]))
        for words in self.words:
            for index, phrases in ((self._names, words.names), (self._weak, words.weak)):
                for phrase in phrases:
                    _add(index, phrase_key(phrase), words.property)
            self._units.update((unit.lower(), words.property) for unit in words.units)
            for choice in words.choices:
                _add(self._choices, choice_key(choice), words.property)

    def kinds_called(self, phrase: str) -> tuple[str, ...]:
        """Return the kinds all of whose devices a word or phrase means, in singular or plural."""
        return self._called.get(phrase_key(phrase), ())

    def kinds_calling(self, key: str) -> tuple[str, ...]:
        """Return the kinds that a device with this phrase in its name may be; `phrase_key` made it."""
        return self._calling.get(key, ())

    def kinds_typed(self, name: str) -> tuple[str, ...]:
        """Return the kinds that devices of a type may be, the likeliest first."""
        return self._typed.get(type_key(name), ())

    def appliance(self, kind: str) -> Appliance | None:
        """Return the profile of a kind."""
        return self.appliances.get(kind)

    def named(self, phrase: str, *, weak: bool) -> tuple[str, ...]:
        """Return the properties that a feature with this name may have."""
        return (self._weak if weak else self._names).get(phrase, ())

    def counted(self, unit: str) -> str:
        """Return the property that is counted in a unit."""
        return self._units.get(unit.strip().lower(), "")

    def holding(self, choice: str) -> tuple[str, ...]:
        """Return the properties that can hold a choice."""
        return self._choices.get(choice_key(choice), ())

    def own(self, kind: str) -> Mapping[str, str]:
        """Return what a kind of device means by the names of its features."""
        return self._own.get(kind, {})

    def parts(self, kind: str) -> Sequence[tuple[str, str]]:
        """Return the parts of a kind of device, each as it is found in a name and as it is called."""
        return self._parts.get(kind, ())


def recognise(device: Device, profiles: Profiles) -> Device:
    """Return the device with its kind, its name as words, and a property for each feature that has none."""
    features = tuple(_about(feature, "", profiles) for feature in device.features)
    kind = device.kind or _kind(device, features, profiles)
    if kind:
        features = tuple(_about(feature, kind, profiles) for feature in device.features)
    features = _with_powers(features, device.features)
    name = readable(device.name)
    aliases = _other_names(device, name, kind, profiles)
    return replace(device, kind=kind, name=name, features=features, aliases=aliases)


def at_work(feature: Feature, value: Held | None, appliance: Appliance | None) -> bool:
    """Return whether what a feature holds means that its device is doing something."""
    if value is None or not feature.readable:
        return False
    prop = feature.property
    if prop in ("power", "run") and not (appliance and appliance.always):
        return value is True or (isinstance(value, str) and choice_key(value).replace(" ", "_") not in IDLE)
    if prop == "media":
        return (
            feature.kind == "choice" and isinstance(value, str) and choice_key(value) in ("play", "playing")
        )
    if prop == "position":
        if isinstance(value, str):
            return choice_key(value) in _OPEN
        return value is True or (value is not False and value > (feature.low or 0.0))
    if prop == "lock":
        return value is False
    return prop == "alarm" and not feature.settable and value is True


def readable(name: str) -> str:
    """Return a name as words: "living_room_ceiling_light" is living room ceiling light."""
    return " ".join(re.split(r"[\s_/.\-]+", _CAMEL.sub(" ", name.strip()))).strip()


def phrase_key(phrase: str) -> str:
    """Return a phrase as it is looked up: lower case, singular, only words."""
    return " ".join(stem(word) for word in WORD.findall(phrase.lower()))


def type_key(name: str) -> str:
    """Return what a device says that it is as it is looked up."""
    return re.sub(r"[\s_]+", "-", name.strip().lower())


def choice_key(choice: str) -> str:
    """Return a choice as it is looked up."""
    return re.sub(r"[\s_\-]+", " ", choice.strip().lower())


def _add(index: dict[str, tuple[str, ...]], key: str, value: str) -> None:
    found = index.get(key, ())
    if value not in found:
        index[key] = (*found, value)


# --------------------------------------------------------------------------------------- the device


def _kind(device: Device, features: Sequence[Feature], profiles: Profiles) -> str:
    """Return the kind by what the device says it is, by its name, then by its features.

    The first of its types is a claim; the others may be no more than words of its description.
    """
    has = {feature.property for feature in features}
    phrases = list(_kinds_in(device.name, profiles))
    for alias in (*device.aliases, *_id_names(device)):
        phrases.extend(_kinds_in(alias, profiles))
    first = device.types[0] if device.types else ""
    kinds = profiles.kinds_typed(first) or _kinds_of_words(first, profiles)
    plain = kinds[0] if kinds and kinds[0] in PLAIN else ""
    if kinds and not plain and (kind := _chosen(kinds, device, phrases, has, profiles)):
        return kind
    named = _first_fit(phrases, has, profiles)
    if named and named not in PLAIN:
        return named
    if plain or named:
        return plain or named
    told = any(feature.settable and feature.property for feature in features)
    for kind in (kind for name in device.types[1:] for kind in profiles.kinds_typed(name)[:1]):
        if _has_needs(kind, has, profiles) and (told or profiles.appliances[kind].needs):
            return kind
    # what says that it is something that nobody described is not what its features look like
    strange = told and any(type_key(name) not in _BROAD for name in device.types)
    return "" if strange else _seems(features, has, profiles)


def _chosen(
    kinds: Sequence[str], device: Device, phrases: Sequence[Sequence[str]], has: set[str], profiles: Profiles
) -> str:
    """Return which of the kinds of a type it is: as its name says, as another type says, or the likeliest."""
    for called in phrases:
        for kind in called:
            if kind in kinds and _has_needs(kind, has, profiles):
                return kind
    others = (profiles.kinds_typed(name)[:1] for name in device.types)
    found = next((kind for other in others for kind in other if kind in kinds[1:]), kinds[0])
    return "" if _only_tells(found, profiles) and not _has_needs(found, has, profiles) else found


def _first_fit(phrases: Sequence[Sequence[str]], has: set[str], profiles: Profiles) -> str:
    plain = ""
    for called in phrases:
        for kind in called:
            if not _has_needs(kind, has, profiles):
                continue
            if kind not in PLAIN:
                return kind
            plain = plain or kind
    return plain


def _kinds_of_words(name: str, profiles: Profiles) -> tuple[str, ...]:
    """Return the kinds that the last words of an unknown type name: "countertop-oven" is an oven."""
    words = phrase_key(readable(name)).split()
    for start in range(max(0, len(words) - _LONGEST), len(words)):
        kinds = profiles.kinds_calling(" ".join(words[start:]))
        if kinds and kinds[0] not in PLAIN:
            return kinds if len(kinds) <= 2 else ()  # "sensor" alone says nothing
    return ()


def _kinds_in(name: str, profiles: Profiles) -> Iterator[tuple[str, ...]]:
    """Yield the kinds that parts of a name call, the last words and the longest runs of them first."""
    text = readable(name).lower()
    head = _CUT.split(text, 1)[0]
    for part in (head, text[len(head) :]):
        words = [stem(word) for word in WORD.findall(part)]
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - _LONGEST), end):
                if kinds := profiles.kinds_calling(" ".join(words[start:end])):
                    yield kinds


def _has_needs(kind: str, has: set[str], profiles: Profiles) -> bool:
    needs = profiles.appliances[kind].needs
    return not needs or any(prop in has for prop in needs)


def _only_tells(kind: str, profiles: Profiles) -> bool:
    """Return whether a kind is one of sensors, which have nothing to be told."""
    appliance = profiles.appliances[kind]
    return bool(appliance.needs) and appliance.always and not appliance.steps


def _seems(features: Sequence[Feature], has: set[str], profiles: Profiles) -> str:
    told = {feature.property for feature in features if feature.settable}
    for prop, kind in _SEEMS:
        if prop in told and kind in profiles.appliances:
            return kind
    if told - {""}:
        return ""
    for kind in profiles.appliances:
        if _only_tells(kind, profiles) and _has_needs(kind, has, profiles):
            return kind
    return ""


def _id_names(device: Device) -> Iterator[str]:
    """Yield the ids of a device that are words, as words."""
    for own in device.ids or (device.id.partition("/")[2],):
        if any(own != other and own.endswith(f"/{other}") for other in device.ids):
            continue  # the same with the convention's prefix
        words = readable(own)
        found = words.lower().split()
        if not 0 < len(found) <= 6 or found[0].isdigit() or _MAKERS & set(found):
            continue
        if all(_OWN_WORD.fullmatch(word) for word in found):
            yield words


def _other_names(device: Device, name: str, kind: str, profiles: Profiles) -> tuple[str, ...]:
    """Return what else a device is called: what it was named, what its ids say, and what it says it is.

    "TV" is also the living room tv; what calls itself a towel rail is one, whatever its owner calls it.
    """
    others = list(_id_names(device))
    own = readable(device.types[0]) if device.types else ""
    if own and not profiles.kinds_called(own):
        strange = not kind and not profiles.kinds_typed(own)
        if strange or kind in profiles.kinds_calling(phrase_key(own)):
            others.append(own)
    found = {phrase_key(text): text for text in (name, *device.aliases)}
    for words in others:
        key = phrase_key(words)
        if not any(set(key.split()) <= set(known.split()) for known in found):
            found[key] = words
    return tuple(found.values())[1:]


# ------------------------------------------------------------------------------------- its features


def _about(feature: Feature, kind: str, profiles: Profiles) -> Feature:
    """Return a feature with its property and part, as far as they can be told."""
    texts = _texts(feature)
    part = feature.part or _part(texts, kind, profiles)
    prop = feature.property or _property(feature, texts, kind, profiles)
    if part and not prop and feature.kind == "switch":
        prop = "power"
    if prop == feature.property and part == feature.part:
        return feature
    return replace(feature, property=prop, part=part)


def _texts(feature: Feature) -> tuple[str, ...]:
    """Return the names of a feature as they are looked up: what it is called, and the end of its handle."""
    tail = _TAIL.split(feature.key)[-1]
    return tuple(dict.fromkeys(filter(None, (_feature_key(tail), _feature_key(feature.name)))))


@lru_cache(maxsize=2048)
def _feature_key(name: str) -> str:
    return phrase_key(readable(name))


def _part(texts: Sequence[str], kind: str, profiles: Profiles) -> str:
    for key, part in profiles.parts(kind):
        if any(f" {key} " in f" {text} " for text in texts):
            return part
    return ""


def _property(feature: Feature, texts: Sequence[str], kind: str, profiles: Profiles) -> str:
    own = profiles.own(kind)
    for text in texts:
        if text in own and feature.kind in _HOLDS[own[text]].split():
            return own[text]
    if feature.kind in ("color", "media"):
        return feature.kind
    counted = _counted(feature, texts, kind, profiles) if feature.kind == "number" and feature.unit else None
    if counted is not None:
        return counted
    for weak in (False, True):
        if weak and feature.choices and (held := _held(feature, texts, profiles)):
            return held
        if (named := _named(feature, texts, profiles, weak=weak)) is not None:
            return named
    return _left_over(feature, kind)


def _counted(feature: Feature, texts: Sequence[str], kind: str, profiles: Profiles) -> str | None:
    """Return the property that a unit gives away; None where it may be of several."""
    unit = feature.unit.strip().lower()
    ignored = _named(feature, texts, profiles, weak=False)
    if ignored == "":
        return ""
    if unit in ("k", "kelvin"):
        return "color" if (feature.high or 0) > 1000 else "temperature"
    if found := profiles.counted(unit):
        return found
    if unit in ("s", "sec", "seconds", "min", "minutes", "h", "hours", "second", "minute", "hour"):
        if ignored in ("time_left", "timer"):
            return ignored
        return "timer" if feature.settable else ""
    if unit in ("%", "percent") and ignored is None and _named(feature, texts, profiles, weak=True) is None:
        by_kind = {"light": "brightness", "cover": "position", "fan": "speed", "speaker": "volume"}
        return by_kind.get(kind, "") if feature.settable else "level"
    return None


def _named(feature: Feature, texts: Sequence[str], profiles: Profiles, *, weak: bool) -> str | None:
    """Return the property of the longest known phrase in a feature's names; "" is of no use to speakers."""
    best: tuple[int, int] = (0, 0)
    found: str | None = None
    for text in texts:
        words = text.split()
        for end in range(len(words) if weak else 1, len(words) + 1):
            for start in range(max(0, end - _LONGEST), end):
                for prop in profiles.named(" ".join(words[start:end]), weak=weak):
                    rank = (end - start, end - len(words))
                    if rank > best or found is None:
                        if feature.kind in _HOLDS[prop].split():
                            best, found = rank, prop
                        break
    return found


def _held(feature: Feature, texts: Sequence[str], profiles: Profiles) -> str:
    """Return the property that most of a feature's choices belong to, if at least two or all do."""
    named = _named(feature, texts, profiles, weak=True)
    votes = {named: 1} if named else {}
    for choice in feature.choices:
        for prop in profiles.holding(choice):
            if feature.kind in _HOLDS[prop].split():
                votes[prop] = votes.get(prop, 0) + 1
    if not votes:
        return ""
    best = max(votes, key=lambda prop: votes[prop])
    return best if votes[best] >= min(2, len(feature.choices)) else ""


def _left_over(feature: Feature, kind: str) -> str:
    """Return what a feature is about whose name, unit and choices are unknown."""
    if not feature.settable:
        return ""
    if feature.kind == "trigger":
        return "run"
    if feature.kind == "switch":
        return "power"
    if feature.kind == "choice":
        return "mode"
    return {"light": "brightness", "fan": "speed"}.get(kind, "") if feature.kind == "number" else ""


def _with_powers(features: Iterable[Feature], before: Sequence[Feature]) -> tuple[Feature, ...]:
    """Return the features with one power: what a second switch of its own name turns on is a mode."""
    found = list(features)
    powers = [
        at
        for at, (feature, was) in enumerate(zip(found, before, strict=True))
        if feature.property == "power" != was.property and feature.settable and not feature.part
        if feature.kind == "switch"
    ]
    told = any(was.property == "power" and was.settable and not was.part for was in before)
    plain = [at for at in powers if _plain_power(found[at])]
    if told or plain:
        for at in set(powers) - set(plain):
            found[at] = replace(found[at], property="mode")
    return tuple(found)


def _plain_power(feature: Feature) -> bool:
    return bool({"power", "state", "on", "onoff", "relay"} & set(" ".join(_texts(feature)).split()))
