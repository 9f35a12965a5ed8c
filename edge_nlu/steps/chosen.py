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
from edge_nlu.steps.english import color_word, is_plural, joined, readable, white_word
from edge_nlu.steps.question import Question, not_told, reachable, unreachable
from edge_nlu.steps.states import about, held, meant, state
from edge_nlu.values import Device, Feature

MANY = 6
_IS = {
    "mode": "in {} mode",
    "program": "set to {}",
    "source": "on {}",
    "channel": "on channel {}",
    "color": "{}",
}
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
    return joined(listed[:MANY] or [_of(question, device, prop) for device in has[:MANY]])


def _choices(question: Question, device: Device, prop: str) -> str:
    """Return what there is to choose, where that is asked: "the dryer has cupboard, extra dry and quick"."""
    if not question.says(rf"\b(?:{_NOUNS.get(prop, prop)})s\b"):
        return ""
    feature = next((f for f in about(device, prop) if f.choices), None)
    if feature is None:
        return ""
    return f"{name_of(device, question.home)} has {joined([readable(choice) for choice in feature.choices])}"


def _of(question: Question, device: Device, prop: str) -> str:
    """Return what one device is set to, after yes or no where something was named."""
    home = question.home
    features = [feature for feature in about(device, prop) if feature.kind != "trigger"]
    function = _function(features, question) if prop in ("mode", "program") else None
    if function is not None:
        return _function_is(device, function, question)
    name = name_of(device, home)
    verb = "are" if is_plural(name) else "is"
    switched = state(device, "power", home)
    if prop in ("color", "channel") and switched is not None and switched.word == "off":
        return f"{name} {verb} off"
    words = _color_words(device, home) if prop == "color" else _words(features, device, question)
    if not words:
        return f"I don't know yet what {'colour' if prop == 'color' else prop} {name} {verb} set to"
    told = f"{name} {verb} {_IS[prop].format(words)}"
    asked = _asked(question)
    if question.shape != "whether" or len(asked) != 1 or question.says(r"\bor\b"):
        return told
    return f"{'yes' if _same(asked[0], words) else 'no'}, {told}"


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


def _function_is(device: Device, feature: Feature, question: Question) -> str:
    home = question.home
    value = held(device, feature, home)
    name = readable(feature.name or feature.key.rpartition("/")[2]).lower()
    if value is None:
        return f"I don't know yet whether {name} is on"
    on = value is True or str(value).lower() == "on"
    told = f"{name} is {'on' if on else 'off'} on {name_of(device, home)}"
    if question.shape != "whether":
        return told
    asked_off = question.says(r"\b(?:off|disabled)\b")
    return f"{'yes' if on != asked_off else 'no'}, {told}"
