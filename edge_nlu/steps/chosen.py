"""Answer what something is set to: its mode, program, input, channel or colour.

"Is the fan on auto" is a yes or a no, "which programs has the dryer" lists them. A function with a name
of its own, like a child lock, is on or off by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from edge_nlu.interfaces import Home
from edge_nlu.steps.called import name_of
from edge_nlu.steps.deeds import shown
from edge_nlu.steps.english import color_word, joined, readable, told, white_word
from edge_nlu.steps.question import Question, not_told, reachable, unreachable
from edge_nlu.steps.readings import about, held, meant
from edge_nlu.steps.states import state
from edge_nlu.values import Device, Feature, frozen

MANY = 6
_IS = {
    "mode": "in {} mode",
    "program": "set to {}",
    "source": "on {}",
    "channel": "on channel {}",
    "color": "{}",
}
_NAMES = {"color": "colour", "source": "input"}
_NOUNS = {
    "program": "program|programme|cycle|setting|option",
    "mode": "mode|setting|option",
    "source": "input|source",
    "color": "colour|color",
}


def mode(question: Question) -> str:
    """Return what mode something is in, or whether a function of it is on."""
    return _chosen(question, "mode")


def program(question: Question) -> str:
    """Return what program is set, or what programs there are."""
    return _chosen(question, "program")


def source(question: Question) -> str:
    """Return what input something shows."""
    return _chosen(question, "source")


def channel(question: Question) -> str:
    """Return what channel is on."""
    return _chosen(question, "channel")


def color(question: Question) -> str:
    """Return what colour a light has."""
    return _chosen(question, "color")


def _chosen(question: Question, prop: str) -> str:
    online, lost = reachable(question.devices, question.home)
    if lost and not online:
        return unreachable(lost, question.home)
    has = [device for device in online if about(device, prop)]
    if not has:
        return not_told(online, prop, question)
    listed = [words for device in has if (words := _choices(question, device, prop))]
    if listed:
        return joined(listed[:MANY])
    known = [found for device in has[:MANY] if (found := _of(question, device, prop)) is not None]
    if not known:
        return f"I don't know yet what {_NAMES.get(prop, prop)} {name_of(has[0], question.home)} is set to"
    return _yes_or_no(known)


@frozen
class Set:
    """What a device is set to in words, and whether that is what was asked, where something was."""

    name: str
    words: str
    hit: bool | None = None


def _yes_or_no(known: Sequence[Set]) -> str:
    """Return what devices are set to; where some are as asked, only of those."""
    hits = [one for one in known if one.hit]
    if hits:
        return f"yes, {told([(one.name, one.words) for one in hits])}"
    prefix = "no, " if all(one.hit is False for one in known) else ""
    return prefix + told([(one.name, one.words) for one in known])


def _choices(question: Question, device: Device, prop: str) -> str:
    """Return what there is to choose, where that is asked: "the dryer has cupboard, extra dry and quick"."""
    if not question.says(rf"\b(?:{_NOUNS.get(prop, prop)})s\b"):
        return ""
    feature = next((f for f in about(device, prop) if f.choices), None)
    if feature is None:
        return ""
    return f"{name_of(device, question.home)} has {joined([readable(choice) for choice in feature.choices])}"


def _of(question: Question, device: Device, prop: str) -> Set | None:
    """Return what one device is set to, and whether that is what was asked."""
    home = question.home
    name = name_of(device, home)
    features = [feature for feature in about(device, prop) if feature.kind != "trigger"]
    function = _function(features, question) if prop in ("mode", "program") else None
    if function is not None:
        return _function_of(device, function, question)
    switched = state(device, "power", home)
    if prop in ("color", "channel") and switched is not None and switched.word == "off":
        return Set(name, "off")
    words = _color_words(device, home) if prop == "color" else _words(features, device, question)
    if not words:
        return None
    asked = _asked(question)
    yes_or_no = question.shape == "whether" and len(asked) == 1 and not question.says(r"\bor\b")
    return Set(name, _IS[prop].format(words), _same(asked[0], words) if yes_or_no else None)


def _words(features: Sequence[Feature], device: Device, question: Question) -> str:
    known = [feature for feature in features if held(device, feature, question.home) is not None]
    if not known:
        return ""
    feature = meant([f for f in known if f.kind != "switch"] or known, question.text)[0]
    value = held(device, feature, question.home)
    return shown(feature, value) if value is not None else ""


def _color_words(device: Device, home: Home) -> str:
    """Return a light's colour; its white where it shows one."""
    color_now, white = "", ""
    for feature in about(device, "color"):
        value = held(device, feature, home)
        if isinstance(value, str) and value:
            color_now = shown(feature, value)
        elif value is not None and not isinstance(value, bool):
            white = shown(feature, value)
    return color_now if color_now and (not white or "white" not in color_now) else white


def _asked(question: Question) -> list[str]:
    wish = question.wish
    if wish.color:
        return [color_word(wish.color)]
    if wish.kelvin is not None:
        return [white_word(wish.kelvin)]
    if wish.options:
        return list(wish.options)
    if wish.amount is not None and wish.amount.number is not None:
        return [f"{wish.amount.number:g}"]
    return []


def _same(asked: str, words: str) -> bool:
    one, other = ("".join(re.findall(r"[a-z0-9]+", text.lower())) for text in (asked, words))
    return one == other or (len(one) > 3 and (one.startswith(other) or other.startswith(one)))


def _function(features: Sequence[Feature], question: Question) -> Feature | None:
    """Return the switch with a name of its own that is asked about: a child lock."""
    switches = [feature for feature in features if feature.kind == "switch"]
    named = meant(switches, question.text)
    if switches and (len(named) < len(switches) or len(features) == len(switches)):
        return named[0]
    own = switches[0].name.lower().split() if len(switches) == 1 else []
    return switches[0] if own and set(own) & set(question.text.split()) else None


def _function_of(device: Device, feature: Feature, question: Question) -> Set | None:
    """Return whether a function of a device is on."""
    home = question.home
    value = held(device, feature, home)
    if value is None:
        return None
    on = value is True or str(value).lower() == "on"
    asked_off = question.says(r"\b(?:off|disabled)\b")
    name = readable(feature.name or feature.key.rpartition("/")[2]).lower()
    hit = on != asked_off if question.shape == "whether" else None
    return Set(name, f"{'on' if on else 'off'} on {name_of(device, home)}", hit)
