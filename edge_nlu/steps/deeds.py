"""Put what devices are told into words, as something to do and as something done.

"turn off {it}" and "{it} {is} off": the same deed in a question ("Shall I ...?") and in a confirmation.
It is told from the values that are sent, not from what was said, so that a value held back to what the
device can do is the one that is heard.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from edge_nlu.interfaces import Home
from edge_nlu.steps.amounts import LENGTHS
from edge_nlu.steps.called import names
from edge_nlu.steps.english import (
    amount,
    article,
    clock_of,
    color_word,
    in_room,
    is_plural,
    lasting,
    number,
    readable,
    set_of,
    white_word,
)
from edge_nlu.values import Candidate, Command, Device, Feature, Held, Wish, frozen

_BEGIN = set_of("start on run resume begin play true open continue")
_END = set_of("stop off cancel end false")
_HOME = set_of("dock home return return_home return_to_base return_to_dock go_home base charge")
_HEARD = set_of("speaker display radio")


@frozen
class Deed:
    """What is done to devices: `do` after "shall I", `did` by itself; `{it}` stands for their names.

    `opens` says that it is done to a door, though what is told is the lock on it.
    """

    do: str
    did: str
    opens: bool = False

    def about(self, devices: Sequence[Device], home: Home) -> Deed:
        """Return the deed with the names of devices."""
        it = names(devices, home, opening=self.opens)
        several = len(devices) > 1 or is_plural(it)
        return Deed(_filled(self.do, it, several=several), _filled(self.did, it, several=several))


def _filled(words: str, it: str, *, several: bool) -> str:
    words = words.replace("{is}", "are" if several else "is").replace("{goes}", "go" if several else "goes")
    return words.replace("{it}", it).replace("timer timer", "timer")


def deeds_of(candidates: Sequence[Candidate], home: Home) -> tuple[Deed, ...]:
    """Return what candidates do, those that do the same put together, in order."""
    by_deed: dict[Deed, dict[str, Device]] = {}
    for candidate in candidates:
        for command in candidate.commands:
            device = home.device(command.device)
            deed = _deed(candidate.wish, command, device, home) if device is not None else None
            if device is not None and deed is not None:
                by_deed.setdefault(deed, {})[device.id] = device
    return tuple(deed.about(list(devices.values()), home) for deed, devices in by_deed.items())


def _deed(wish: Wish, command: Command, device: Device, home: Home) -> Deed | None:
    """Return what one device is told, the most telling setting first."""
    told = [
        (feature, value) for key, value in command.settings if (feature := device.feature(key)) is not None
    ]
    by_property = {feature.property: (feature, value) for feature, value in told}
    if not told:
        return None
    if wish.want == "play" and "media" in by_property:
        return _play(device, *by_property["media"], home)
    if "run" in by_property:
        program = by_property.get("program")
        return _run(wish, *by_property["run"], str(program[1]) if program else "")
    rest = [one for one in told if one[0].property != "power"]
    own = [one for one in rest if one[0].property == wish.property] or rest or told
    if "media" in by_property and by_property["media"] in own:
        return _transport(*by_property["media"])
    if _all_of_it(device, own):
        return _setting(replace(own[0][0], part=""), own[0][1])
    found = [_of_part(_setting(feature, value), feature, device) for feature, value in own[:2]]
    if len(found) == 1:
        return found[0]
    return Deed(" and ".join(deed.do for deed in found), " and ".join(deed.did for deed in found))


def _all_of_it(device: Device, told: Sequence[tuple[Feature, Held]]) -> bool:
    """Return whether all parts of a device are switched the same way, so that no part needs a name."""
    switches = [one for one in device.features if one.property == "power" and one.settable]
    parts = {feature.key for feature, _ in told if feature.property == "power"}
    return len(told) == len(parts) == len(switches) > 1 and len({value for _, value in told}) == 1


def _of_part(deed: Deed, feature: Feature, device: Device) -> Deed:
    """Return what is done, with the part that it is done to: the light of the fan."""
    if not feature.part or feature.property not in ("brightness", "color") or device.kind == "light":
        return deed
    it = f"the {feature.part.lower() if feature.part.istitle() else feature.part} of {{it}}"
    return Deed(deed.do.replace("{it}", it), deed.did.replace("{it}", it).replace("{is}", "is"))


def _run(wish: Wish, feature: Feature, value: Held, program: str) -> Deed:
    if feature.kind == "number" and isinstance(value, int | float):
        portions = f"{number(value)} portion{'' if value == 1 else 's'}"
        return Deed(f"give {portions} from {{it}}", f"{portions} from {{it}}")
    word = readable(str(value)).lower().replace(" ", "_")
    on = f" on {readable(program)}" if program else ""
    if wish.want == "dock" or word in _HOME or "dock" in feature.key.lower():
        return Deed("send {it} back to the dock", "{it} {goes} back to the dock")
    if wish.want == "resume":
        return Deed("let {it} go on", "{it} {is} going on")
    if word == "pause":
        return Deed("pause {it}", "pausing {it}")
    if word in _END:
        return Deed("stop {it}", "stopping {it}")
    if word in _BEGIN or value is True or (word.startswith("start")):
        return Deed(f"start {{it}}{on}", f"starting {{it}}{on}")
    words = readable(str(value)) or "nothing"
    if feature.kind == "trigger":
        return Deed(f"make {article(words)} with {{it}}", f"making {article(words)} with {{it}}")
    return Deed(f"set {{it}} to {words}", f"setting {{it}} to {words}")


def _play(device: Device, feature: Feature, value: Held, home: Home) -> Deed:
    what = _title(value) or ("the music" if feature.kind != "media" else "something")
    where = in_room(device.room, home) if device.kind in _HEARD else ""
    there = where or "on {it}"
    return Deed(f"play {what} {there}", f"playing {what} {there}")


def _title(value: Held) -> str:
    if not isinstance(value, str):
        return ""
    try:
        parts = json.loads(value)
    except ValueError:
        return ""
    if not isinstance(parts, dict):
        return ""
    kind = str(parts.get("kind") or "")
    whole = {"music": "music", "radio": "the radio", "photo": "photos", "news": "the news"}
    title = str(parts.get("title") or "")
    if title and kind in ("podcast", "recipe"):
        return f"a {kind} {'about' if kind == 'podcast' else 'for'} {title}"
    return title or whole.get(kind, article(readable(kind)) if kind else "")


def _transport(feature: Feature, value: Held) -> Deed:
    if feature.kind == "media":
        what = _title(value) or "something"
        return Deed(f"play {what} on {{it}}", f"playing {what} on {{it}}")
    match str(value).lower():
        case "pause" | "paused":
            return Deed("pause {it}", "pausing {it}")
        case "stop" | "stopped" | "false" | "off":
            return Deed("stop {it}", "stopping {it}")
        case "next":
            return Deed("skip to the next on {it}", "next on {it}")
        case "previous":
            return Deed("go back to the one before on {it}", "back to the one before on {it}")
    return Deed("let {it} play", "{it} {is} playing")


def _setting(feature: Feature, value: Held) -> Deed:
    """Return what a value of a feature does."""
    match feature.property:
        case "power":
            word = "off" if value in (False, 0) or str(value).lower() in ("off", "standby") else "on"
            if feature.part:
                part = feature.part.lower() if feature.part.istitle() else feature.part
                return Deed(f"turn {word} the {part} of {{it}}", f"the {part} of {{it}} is {word}")
            return Deed(f"turn {word} {{it}}", f"{{it}} {{is}} {word}")
        case "lock":
            locked = value is True or str(value).lower() in ("lock", "locked")
            do, did = ("lock", "locking") if locked else ("unlock", "unlocking")
            return Deed(f"{do} {{it}}", f"{did} {{it}}", opens=True)
        case "position":
            return _position(feature, value)
        case "volume" if isinstance(value, bool) or str(value).lower() in ("mute", "unmute"):
            if value is True or str(value).lower() == "mute":
                return Deed("mute {it}", "{it} {is} muted")
            return Deed("turn the sound of {it} back on", "the sound of {it} is back on")
        case "alarm":
            return _alarm(feature, value)
        case "timer":
            return _timer(feature, value)
        case "place":
            return Deed("make {it} ring", "making {it} ring")
    words = shown(feature, value)
    match feature.property:
        case "brightness" | "color" | "source" | "channel":
            at = {"brightness": "at ", "color": "", "source": "on ", "channel": "on channel "}[
                feature.property
            ]
            to = {"color": "make {it} "}.get(feature.property, "set {it} to ")
            return Deed(f"{to}{words}", f"{{it}} {{is}} {at}{words}")
        case "volume":
            return Deed(f"set the volume of {{it}} to {words}", f"the volume of {{it}} is at {words}")
        case "swing" if isinstance(value, bool) or str(value).lower() in ("on", "off"):
            if value is True or str(value).lower() == "on":
                return Deed("let {it} swing", "{it} {is} swinging")
            return Deed("stop {it} swinging", "{it} {is} standing still")
        case "mode" if isinstance(value, bool):
            name = readable(feature.name).lower() or feature.property
            state = "on" if value else "off"
            return Deed(f"turn {state} {name} on {{it}}", f"{name} on {{it}} is {state}")
    if feature.kind == "trigger":
        return Deed(f"start {words} on {{it}}", f"starting {words} on {{it}}")
    return Deed(f"set {{it}} to {words}", f"setting {{it}} to {words}")


def _position(feature: Feature, value: Held) -> Deed:
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_measured(feature):
        words = shown(feature, value)
        return Deed(f"set {{it}} to {words}", f"setting {{it}} to {words}")
    whole = (True, "open", "OPEN", feature.high if feature.high is not None else 100.0)
    none = (False, "close", "CLOSE", "closed", feature.low or 0.0)
    if isinstance(value, bool):
        return Deed("open {it}", "opening {it}") if value else Deed("close {it}", "closing {it}")
    if value in none:
        return Deed("close {it}", "closing {it}")
    if value in whole:
        return Deed("open {it}", "opening {it}")
    if str(value).lower() in ("stop", "pause"):
        return Deed("stop {it}", "stopping {it}")
    words = shown(feature, value)
    return Deed(f"set {{it}} to {words}", f"setting {{it}} to {words}")


def _alarm(feature: Feature, value: Held) -> Deed:
    word = str(value).lower()
    if feature.kind == "time" or word[:1].isdigit():
        words = clock_of(word) or "nothing"
        return Deed(f"set the alarm for {words}", f"your alarm is set for {words}")
    if word == "snooze":
        return Deed("snooze the alarm", "snoozing")
    if value is True or word in ("on", "enable"):
        return Deed("turn on the alarm", "your alarm is on")
    return Deed("turn off the alarm", "your alarm is off")


def _timer(feature: Feature, value: Held) -> Deed:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        seconds = value * {"s": 1, "h": 3600}.get(feature.unit.lower(), 60)
        return Deed(f"set {{it}} timer to {lasting(seconds)}", f"{lasting(seconds)} on {{it}} timer")
    if feature.kind == "time" or (str(value)[:1].isdigit() and value != 0):
        words = shown(feature, value)
        return Deed(f"set {{it}} timer to {words}", f"{words} on {{it}} timer")
    if value is True or str(value).lower() in ("start", "on"):
        return Deed("start {it} timer", "{it} timer is running")
    return Deed("stop {it} timer", "{it} timer is off")


def shown(feature: Feature, value: Held) -> str:
    """Return what a feature holds, or shall hold, in words: "30 percent", "level 2", "warm white"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        if feature.property == "color" and value.startswith("#"):
            return color_word(value)
        return (clock_of(value) if feature.kind == "time" else readable(value)) or "nothing"
    prop, unit = feature.property, feature.unit.strip().lower()
    if prop == "color":
        kelvin = 1e6 / value if "mired" in unit and value > 0 else float(value)
        return white_word(kelvin) if kelvin > 1000 else number(value)
    share = share_of(feature, float(value))
    if prop in ("brightness", "volume", "position") and share is not None and not _is_measured(feature):
        return f"{number(round(100 * share))} percent"
    if prop == "speed" and not unit:
        return f"level {number(value)}"
    return amount(value, feature.unit)


def _is_measured(feature: Feature) -> bool:
    """Return whether a feature is counted in a unit of its own: a desk's height in centimetres."""
    if feature.property == "position":
        return feature.unit.strip().lower() in LENGTHS
    return feature.property == "brightness" and (
        feature.unit.lower() in ("lx", "lux") or not feature.settable
    )


def share_of(feature: Feature, value: float) -> float | None:
    """Return a number as a part of its range, from 0 to 1; None where the range is not known."""
    low, high = feature.low, feature.high
    if feature.unit.strip() == "%" and (high is None or high == 100):
        low, high = low if high is not None else 0.0, 100.0
        low = 0.0
    if high is None:
        return None
    low = low or 0.0
    return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else None
