"""Word everything that the hub says beside answers: confirmations, questions back, and what cannot be.

Short, plain and friendly: "The kitchen spots are on.", "Shall I unlock the front door?", "There is no fan
in the study; there is one in the lounge." Numbers are in digits, and a question names the real options.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from edge_nlu.interfaces import Home
from edge_nlu.steps.aim import Aim
from edge_nlu.steps.called import NAMED, name_of, names, spoken
from edge_nlu.steps.deeds import deeds_of
from edge_nlu.steps.english import (
    amount,
    article,
    in_place,
    in_room,
    is_plural,
    joined,
    plural,
    readable,
    sentence,
    singular,
    with_the,
)
from edge_nlu.values import (
    Candidate,
    Cannot,
    Command,
    Device,
    DeviceId,
    Exchange,
    Feature,
    Lesson,
    Option,
    Target,
    Wish,
)

_STATES = {
    "on": "on",
    "off": "off",
    "open": "open",
    "close": "closed",
    "lock": "locked",
    "unlock": "unlocked",
    "mute": "muted",
    "pause": "paused",
    "stop": "stopped",
    "start": "running",
    "play": "playing",
}
# as many things of a sort are looked at to tell where there are some
_MOST = 64
_ARTICLE = re.compile(r"^(?:the|a|an|my|our|your|some|any) ", re.IGNORECASE)

# ----------------------------------------------------------------------------- what is or was done


def said(candidates: Sequence[Candidate], home: Home) -> str:
    """Return the confirmation of what candidates do: "The kitchen spots are on."."""
    done = list(dict.fromkeys(deed.did for deed in deeds_of(candidates, home)))
    if any(candidate.wish.want == "undo" for candidate in candidates):
        return f"Back as it was: {joined(done)}." if 0 < len(done) <= NAMED else "Back as it was."
    if not done or len(done) > NAMED:
        return "Done."
    return " ".join(sentence(one) for one in done)


def already(wish: Wish, candidates: Sequence[Candidate], home: Home) -> str:
    """Return that devices are already as wished."""
    devices = _devices((d for candidate in candidates for d in candidate.devices), home)
    state = _STATES.get(wish.want, "as you want it")
    named = [target for target in wish.targets if target.thing]
    if len(named) == 1 and len(devices) > 1:
        it = with_the(f"{_bare(plural(named[0].thing))} {in_place(named[0].place)}".strip())
    else:
        it = names(devices, home) if devices else "that"
    several = len(devices) > 1 or is_plural(it)
    return sentence(f"{it} {'are' if several else 'is'} already {state}")


def no_answer(devices: Sequence[DeviceId], home: Home) -> str:
    """Return that devices did not react."""
    return sentence(f"no answer from {joined([spoken(device, home) for device in devices], 'or')}")


def out_of_reach(devices: Sequence[DeviceId], home: Home) -> str:
    """Return that devices cannot be told anything now: "The dishwasher cannot be reached right now."."""
    it = names(_devices(devices, home), home)
    return sentence(f"{it} cannot be reached right now")


def cut_off() -> str:
    """Return that no device at all can be told anything."""
    return "I can't reach any device right now, so I left everything as it is."


def too_late() -> str:
    """Return that a request waited too long to be acted on."""
    return "That was too long ago, so I left everything as it is."


def too_long() -> str:
    """Return that more was said than can be read at once."""
    return "That was too much at once. Please say it in one sentence."


def nothing_heard() -> str:
    """Return that there were no words."""
    return "I heard nothing."


def broken(*, told: bool) -> str:
    """Return that something broke, before devices were told or afterwards."""
    if told:
        return "I told the devices, but then something went wrong."
    return "Something went wrong, so I left everything as it is."


# -------------------------------------------------------------------------------- asking back


def which(options: Sequence[Option]) -> str:
    """Return the question which of some options is meant: "Which one: the left lamp or the right lamp?"."""
    return f"Which one: {joined([option.words for option in options], 'or')}?"


def sure(candidates: Sequence[Candidate], home: Home) -> str:
    """Return the question whether to do it: "Shall I unlock the front door?"."""
    deeds = list(dict.fromkeys(deed.do for deed in deeds_of(candidates, home)))
    return f"Shall I {joined(deeds)}?" if deeds else "Shall I do that?"


def value(wish: Wish, device: DeviceId, home: Home) -> str:
    """Return the question for what is still open, with what the device can be told."""
    known = home.device(device)
    feature = _open_choice(wish, known) if known is not None else None
    if known is None or feature is None:
        return unsure()
    if feature.choices:
        return f"{_which_noun(wish)}: {joined([readable(choice) for choice in feature.choices], 'or')}?"
    span = _range(feature)
    return f"What should I set {name_of(known, home)} to{f', {span}' if span else ''}?"


def _open_choice(wish: Wish, device: Device) -> Feature | None:
    able = [feature for feature in device.features if feature.settable]
    ranked = [f for f in able if f.property == wish.property] + [f for f in able if f.property == "program"]
    for feature in ranked:
        if (feature.kind in ("choice", "trigger") and feature.choices) or feature.kind == "number":
            return feature
    return None


def _which_noun(wish: Wish) -> str:
    """Return "Which coffee" where coffee was said, "Which program" where one is missing."""
    if wish.options and len(wish.options[0].split()) == 1 and wish.options[0].isalpha():
        return f"Which {wish.options[0]}"
    return {"program": "Which program", "mode": "Which mode", "source": "Which source"}.get(
        wish.property, "Which one"
    )


def _range(feature: Feature) -> str:
    if feature.low is None or feature.high is None:
        return ""
    unit = "" if feature.property in ("brightness", "volume", "position") else feature.unit
    if not unit and feature.high > 100:
        return "from 0 to 100 percent"
    return f"from {amount(feature.low)} to {amount(feature.high, unit)}"


def unsure() -> str:
    """Return that it was not understood."""
    return "Sorry, I did not get that. What should I do?"


# ----------------------------------------------------------------------------- what cannot be done


def cannot(unable: Sequence[Cannot], wish: Wish, home: Home) -> str:
    """Return why nothing that was meant can do it; a question where only a choice is missing."""
    if not unable:
        return unsure()
    first = unable[0]
    device = home.device(first.device)
    if device is None:
        return sentence(first.reason)
    if first.near == 1:
        return _missing(first, wish, device, home)
    return sentence(_reason(first, wish, device, home))


def _reason(unable: Cannot, wish: Wish, device: Device, home: Home) -> str:
    """Return a reason with the name by which the device is spoken of."""
    plain = Aim(wish, device, home, None).name
    it = name_of(device, home)
    words = unable.reason.replace(plain, it)
    if is_plural(it):
        for one, several in (
            (" is ", " are "),
            (" has ", " have "),
            (" goes ", " go "),
            (" tells ", " tell "),
        ):
            words = words.replace(it + one, it + several, 1)
    return words


def _missing(unable: Cannot, wish: Wish, device: Device, home: Home) -> str:
    """Return the question for the choice that is missing."""
    reason = unable.reason
    if reason.startswith("which one: "):
        options = reason.removeprefix("which one: ")
        head, _, last = options.rpartition(" and ")
        return f"{_which_noun(wish)}: {f'{head} or {last}' if head else options}?"
    if reason.startswith("nothing is usual"):
        asked = value(wish, device.id, home)
        return f"I don't know yet what is usual. {asked}" if asked != unsure() else f"{sentence(reason)}"
    if reason.startswith("how far"):
        return f"How far should I open {name_of(device, home)}?"
    return value(wish, device.id, home)


def no_room(place: str) -> str:
    """Return that there is no such place: "I know no attic here."."""
    owner, _, words = place.lower().partition(" ")
    if owner == "my":
        return f"I don't know which {words} is yours."
    if owner in ("her", "his", "their", "your", "our") and words:
        return f"I don't know which {words} you mean."
    if owner in ("here", "there", "this"):
        return "I don't know which room you are in."
    return f"I know no {_bare(place)} here."


def no_thing(target: Target, home: Home) -> str:
    """Return that there is no such thing, and where there is one: "there is one in the lounge"."""
    thing = _bare(target.thing)
    several = is_plural(thing)
    place = in_place(target.place)
    there = "are" if several else "is"
    if not place:
        return f"I know no {thing} here."
    others = [device for device in _such(thing, home) if in_room(device.room, home) not in ("", place)]
    if not others:
        return f"There {there} no {thing} {place}."
    elsewhere = joined(list(dict.fromkeys(in_room(device.room, home) for device in others))[:3])
    one = "are some" if len(others) > 1 else "is one"
    return f"There {there} no {thing} {place}; there {one} {elsewhere}."


def _bare(words: str) -> str:
    return _ARTICLE.sub("", words.strip())


def _such(thing: str, home: Home) -> list[Device]:
    """Return such things: devices of the kind, or with its last word in their name."""
    last = singular(thing.split()[-1]) if thing.split() else ""
    of_kind = (device for kind in home.kinds_called(thing) for device in home.of_kind(kind))
    found = list(islice(of_kind, _MOST)) or list(islice(home.known_as(last), _MOST))
    return _devices(found, home)


def _devices(ids: Iterable[DeviceId], home: Home) -> list[Device]:
    return [known for device in dict.fromkeys(ids) if (known := home.device(device)) is not None]


def not_for_children(candidates: Sequence[Candidate], home: Home) -> str:
    """Return that a child may not have this done."""
    deeds = [deed.do for deed in deeds_of(candidates, home)]
    return f"Please ask a grown-up to {joined(deeds)}." if deeds else "Please ask a grown-up for that."


def not_later() -> str:
    """Return that nothing can be done at another time."""
    return "I can't do things at a later time, so I left everything as it is."


def no_color(words: str) -> str:
    """Return that nobody knows such a colour."""
    return f"I don't know the colour {words}."


def why(exchange: Exchange, home: Home) -> str:
    """Return why something was done, or why it did not work."""
    if exchange.outcome.failed:
        return no_answer([device for device, _ in exchange.outcome.failed], home)
    for candidate in exchange.ranked[:1]:
        reasons = [reason.text for reason in candidate.because if reason.weight > 0][:3]
        return sentence(f"because {names(_devices(candidate.devices, home), home)} {joined(reasons)}")
    return "Because you said so."


def nobody_helped() -> str:
    """Return that this is no matter of the home, and that asking outside was no help."""
    return "I only know about this home, and right now nobody else could help me with that."


def not_for_hub() -> str:
    """Return that this is no matter of the home."""
    return "I only know about this home, so I can't help with that."


def too_many(devices: Sequence[DeviceId], home: Home) -> str:
    """Return that so many devices are not told at once."""
    return f"That would be {names(_devices(devices, home), home)}. Which of them do you mean?"


def busy() -> str:
    """Return that there is too much to do right now."""
    return "I am busy right now. Please say that again in a moment."


# -------------------------------------------------------------------------------- teaching


def hint(command: Command, home: Home) -> str:
    """Return what somebody usually does next; nothing where that is done already."""
    readings = [(home.reading(command.device, key), value) for key, value in command.settings]
    if all(reading is not None and reading.value == value for reading, value in readings):
        return ""
    wish = Wish("set", "unsaid")
    deeds = deeds_of((Candidate(wish, (command.device,), (command,)),), home)
    return f"You usually {deeds[0].do} then." if deeds else ""


def taught(lessons: Sequence[Lesson]) -> str:
    """Return what is kept in mind from now on, or no longer."""
    return " ".join(_lesson(lesson) for lesson in lessons[:2]) or "All right."


def _lesson(lesson: Lesson) -> str:
    meaning = lesson.meaning.strip().rstrip(".")
    match lesson.kind:
        case "forget":
            return f"I have forgotten {lesson.phrase}."
        case "name" if meaning:
            return f"All right, {lesson.phrase} is {with_the(_bare(meaning))}."
        case "name":
            return f"All right, I will call it {lesson.phrase}."
        case "favourite" if meaning:
            phrase = re.sub(r"^(?:(?:my|our|the|your) )?(?:favou?rite )?", "", lesson.phrase).strip()
            if not phrase:
                return f"All right, I will remember that you like {meaning}."
            counted = phrase.split()[-1:] in (["coffee"], ["drink"], ["tea"]) and " " not in meaning
            return f"All right, your favourite {phrase} is {article(meaning) if counted else meaning}."
    if not meaning:
        return f"All right, I will remember {lesson.phrase}."
    return f"All right, {lesson.phrase} means: {meaning}."


__all__ = [
    "already",
    "broken",
    "busy",
    "cannot",
    "cut_off",
    "no_answer",
    "no_color",
    "no_room",
    "no_thing",
    "not_for_children",
    "not_for_hub",
    "not_later",
    "nothing_heard",
    "out_of_reach",
    "said",
    "spoken",
    "sure",
    "taught",
    "too_late",
    "too_long",
    "too_many",
    "unsure",
    "value",
    "which",
    "why",
]
