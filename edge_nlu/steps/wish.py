"""Turn the words of a clause into values: a wish.

Slots are words; a wish has numbers with units, colours, times and targets. Which place belongs to which
thing is told by how they stand: "bedroom light and bathroom heater" are two things in two rooms, "the lamp
and the spots in the kitchen" two things in one. What was turned down ("but not the lamp") is kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from edge_nlu.steps.amounts import MEASURES, number_in, seconds_in, share_in, unit_in
from edge_nlu.steps.colors import color_in, kelvin_in, warmth_in
from edge_nlu.steps.moments import moment_in, names_clock
from edge_nlu.steps.targets import targets_in
from edge_nlu.steps.titles import media_in, title_in
from edge_nlu.values import Amount, Clause, Slot, Wish

_USUAL_WORDS = re.compile(r"\b(?:usual|usually|always|favou?rite|normal|regular|same as every)\b")
_USUAL = re.compile(
    r"\b(?:as|like) (?:on |in )?(?:every|each|any other)"
    r" (?:time|day|morning|noon|afternoon|evening|night|weekday|weekend|week)\b"
    r"|\b(?:the|my) usual\b|\bas (?:always|usual|ever)\b|\blike (?:always|usual|every|i always|i usually)\b"
    r"|\bmy (?:usual|favou?rite|normal|regular)\b|\bsame as (?:always|usual|every)\b"
    r"|\b(?:the way|as|how|like) (?:i|we) (?:always |usually |normally )?(?:like|love|want|have|do|take)\b"
    r"|\b(?:i|we) (?:always|usually|normally) (?:have|do|take|drink|use|listen|watch|play|like|set|want)\b"
    r"|\bthe way (?:it|they) (?:always|usually|normally)\b"
)
_SMALL = re.compile(
    r"\b(?:bit|little|tad|touch|slightly|smidge|smidgen|notch|shade|hair|crack|somewhat|tiny|fraction|step)\b"
)
_LARGE = re.compile(
    r"\b(?:lots?|much|way|far|loads|tons|heaps|masses|chunk|considerably|significantly|good deal|fair bit)\b"
)
_TOO_LARGE = re.compile(
    r"\b(?:way|far|much|so much) (?:too|more|less|\w+er)\b|\ba lot\b|\b(?:blasting|deafening|blinding)\b"
)
_MORE = re.compile(
    r"\s*(?:more|less|higher|lower|up|down|warmer|hotter|colder|cooler|brighter|darker|dimmer|louder|quieter"
    r"|faster|slower|extra|further)\b"
)
_BY = re.compile(r"\b(?:by|another|extra|further)\s*$")
_TO = re.compile(r"\b(?:to|at|on|level|for)\s*$")
_UNIT_AFTER = re.compile(
    r"\s?(?:%|°\s?[cf]?\b|°"
    r"|(?:per\s?cent|degrees?(?: (?:celsius|fahrenheit))?|celsius|fahrenheit|kelvin|k"
    r"|cm|(?:centi|milli)?met(?:re|er)s?|amps?|amperes?)\b)",
    re.IGNORECASE,
)
_COUNT = r"(?P<number>\d+(?:[.,]\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty)"
_COUNTED = rf"{_COUNT}\s*(?P<unit>%|°|percent\b|per cent\b|degrees?\b|points?\b|notch(?:es)?\b|steps?\b)?"
_NUMBER_MORE = re.compile(
    rf"\b{_COUNTED}\s*(?:more|less|higher|lower|up|down|warmer|hotter|colder|cooler|brighter|darker|dimmer|louder"
    r"|quieter|faster|slower)\b"
)
_MORE_NUMBER = re.compile(rf"\b(?:up|down|by|higher|lower) {_COUNTED}(?=\s*(?:[,.!?]|please\b|$))")
_WHICH_ONE = re.compile(r"\b(?:this|that|the|other|left|right|which|each|every|no|any)\s*$")
_CURLY = "\u2019"
_UNTIL = re.compile(r"\b(?:until|till|til)(?: the)?\s*$")
_EVERY = re.compile(
    r"\b(?:every|each|daily|all week|weekdays|weekends|(?:mon|tues|wednes|thurs|fri|satur|sun)days|evenings"
    r"|mornings|nights|afternoons)\b"
)
_TIME_UNITS = frozenset(("s", "min", "h"))
LEVELS = frozenset(("temperature", "brightness", "volume", "humidity", "position"))
_OPTIONS = frozenset(("mode", "program", "source"))
_TURNED_DOWN = _OPTIONS | {"title", "media_kind", "color", "value", "moment", "duration"}
_CORRECTED = re.compile(
    r"\b(?:no|nope|wait|hang on|hold on|sorry|actually|rather|i mean|i meant|make (?:that|it)|scratch that"
    r"|oops|or better)\b"
)
_AT_ONCE = re.compile(
    r"(?:just )?(?:this|this time|(?:for |this )?once|now|right now|right away|straight away|at once"
    r"|immediately|already|quickly|asap)"
)
_MOST_BETWEEN = 6
_SETTING = re.compile(r"\w+ (?:position|mode|setting|program|programme|cycle|preset)$")
_LOW_END = re.compile(r"\s*(?:back )?(?:down|in|shut|closed|off|low)\b")
_HIGH_END = re.compile(r"\s*(?:back )?(?:up|out|open|on)\b")
_CLOSING = re.compile(r"\b(?:close|closed|closing|shut|lower|dim|down)\b")
_OPENING = re.compile(r"\b(?:open|opened|opening|raise|up)\b")
_EXTENT = re.compile(r"\b(?:way|right|fully|completely|totally|entirely|whole)\b")
_ONLY_MORE = re.compile(
    rf"\W*(?:and |just |maybe |make it |give it |go )*"
    rf"(?:(?P<many>{_COUNTED})|(?:a )?(?:little |tiny )?(?:bit|little|tad|touch))"
    r"\s*(?:more|less)(?: please| thanks)?\W*"
)
_ACTS_NOT = frozenset(("ask", "remove", "leave", "same", "teach", "none", "cancel", "correct"))


def wish_of(clause: Clause, text: str, at: datetime) -> Wish:
    """Return what a clause of a text wishes for, with its words turned into values, at this moment."""
    said = text[clause.start : clause.end].strip()
    lowered = said.lower().replace(_CURLY, "'")
    wanted = [_measured(slot) for slot in clause.slots if not slot.excluded]
    wanted = _corrected(_with_settings(wanted), text)
    wish = Wish(
        want=clause.want,
        property=clause.property,
        options=_texts(wanted, _OPTIONS),
        title=title_in(clause, wanted, text),
        media=media_in(clause, wanted, lowered),
        state=_first(wanted, "state"),
        phrase=_first(wanted, "phrase"),
        targets=targets_in(wanted, text),
        but=targets_in([slot for slot in clause.slots if slot.excluded], text),
        people=_texts(wanted, {"person"}),
        quantity=_first(wanted, "quantity"),
        reference=_reference(wanted),
        not_options=_texts((slot for slot in clause.slots if slot.excluded), _TURNED_DOWN),
        usual=_is_usual(clause.slots, lowered),
        text=said,
        confidence=clause.confidence,
    )
    wish = _with_amount(_with_time(wish, wanted, text, at), clause, wanted, text)
    told = wish.color or wish.title or wish.kelvin is not None
    if wish.usual and (told or (wish.amount is not None and not wish.amount.relative)):
        return replace(wish, usual=False)  # nothing is left open: "like always at eighteen degrees"
    return wish


def _measured(slot: Slot) -> Slot:
    """Return a slot as a value where it was taken for a time though it counts something else: "ten amps"."""
    if slot.type not in ("moment", "duration") or unit_in(slot.value.lower()) not in MEASURES:
        return slot
    return replace(slot, type="value")


def _with_settings(slots: Sequence[Slot]) -> list[Slot]:
    """Return slots with a setting that was taken for a second thing as what it is: "standing position"."""
    things = [slot for slot in slots if slot.type == "device"]
    settings = [slot for slot in things[1:] if _SETTING.search(slot.value.lower())]
    return [replace(slot, type="mode") if slot in settings else slot for slot in slots]


def _corrected(slots: Sequence[Slot], text: str) -> list[Slot]:
    """Return slots without those that were taken back: "a hundred, hang on, a hundred and five"."""
    kept: list[Slot] = []
    for slot in slots:
        before = next((other for other in reversed(kept) if other.type == slot.type), None)
        if before is not None:
            between = text[before.end : slot.start].lower()
            if _CORRECTED.search(between) and len(between.split()) <= _MOST_BETWEEN:
                kept = [other for other in kept if other.start < before.start]
        kept.append(slot)
    return kept


def _texts(slots: Iterable[Slot], types: Iterable[str]) -> tuple[str, ...]:
    return tuple(slot.value.lower() for slot in slots if slot.type in types)


def _first(slots: Sequence[Slot], kind: str) -> str:
    return next((slot.value.lower() for slot in slots if slot.type == kind), "")


def _reference(slots: Sequence[Slot]) -> str:
    """Return the words that point back; those that point to habit only where there are no others."""
    said = [slot.value.lower() for slot in slots if slot.type == "reference"]
    pointing = [words for words in said if not _USUAL_WORDS.search(words)]
    return next(iter((*pointing, *said)), "")


def _is_usual(slots: Sequence[Slot], said: str) -> bool:
    """Return whether it shall be as always; not where just that was turned down."""
    told = [slot for slot in slots if _USUAL_WORDS.search(slot.value.lower())]
    if any(slot.excluded for slot in told):
        return False
    return any(slot.type == "reference" for slot in told) or _USUAL.search(said) is not None


# -------------------------------------------------------------------------------------- how much


def _with_amount(wish: Wish, clause: Clause, slots: Sequence[Slot], text: str) -> Wish:
    """Return the wish with its number, part, colour or length of time."""
    wish = _with_color(wish, _first(slots, "color"))
    told = [slot for slot in slots if slot.type in ("value", "change")]
    if not told and wish.options and wish.property in LEVELS and number_in(wish.options[-1]) is not None:
        told = [slot for slot in slots if slot.type in _OPTIONS][-1:]  # "sixty degrees" taken for a program
        wish = replace(wish, options=wish.options[:-1])
    if not told and wish.want == "same" and (more := _only_more(wish.text)) is not None:
        return replace(wish, amount=more)
    if not told and wish.want not in ("raise", "lower"):
        return wish
    amounts = [_amount(slot, slots, text, clause) for slot in told]
    targets = [amount for amount in amounts if amount is not None and not amount.relative]
    changes = [amount for amount in amounts if amount is not None and amount.relative]
    found = next(iter((*targets, *changes)), None)
    if len(changes) > 1 and found is not None and found.number is None and found.share is None:
        found = next((amount for amount in changes if amount.number is not None), found)
    if found is None and wish.want in ("raise", "lower"):
        found = _unmarked(clause, text)
    if found is None:
        return wish
    if found.unit in _TIME_UNITS and found.number is not None and wish.duration_s is None:
        seconds = found.number * {"s": 1.0, "min": 60.0, "h": 3600.0}[found.unit]
        return replace(wish, duration_s=seconds)
    if found.unit == "K" and not found.relative and found.number is not None:
        return replace(wish, kelvin=found.number)
    return replace(wish, amount=found)


def _only_more(said: str) -> Amount | None:
    """Return how much more or less, where that is all that was said: "ten more"."""
    match = _ONLY_MORE.fullmatch(said.lower())
    if match is None:
        return None
    return _change(match["number"], unit_in(match["unit"] or "")) if match["many"] else _change("a bit", "")


def _with_color(wish: Wish, said: str) -> Wish:
    if not said and wish.property != "color":
        return wish
    lighter = warmth_in(said or (wish.text if not wish.options else ""))
    if lighter is not None:
        return replace(wish, amount=Amount(number=lighter, unit="K", relative=True))
    if not said:
        return wish
    color, kelvin = color_in(said), kelvin_in(said)
    if kelvin is not None:
        return replace(wish, kelvin=kelvin)
    return replace(wish, color=color) if color else replace(wish, unread=said)


def _amount(slot: Slot, slots: Sequence[Slot], text: str, clause: Clause) -> Amount | None:
    words = slot.value.lower()
    unit = unit_in(words) or _unit_after(slot, slots, text, clause)
    relative = slot.type == "change" or _is_relative(slot, text, clause)
    if slot.type == "change":
        return _change(words, unit)
    share = share_in(words)
    number = number_in(words)
    if unit == "%" and number is not None:
        return Amount(share=number / 100, unit="%", relative=relative)
    if share is not None and unit in ("", "%"):
        if share == 1.0 and not relative and _is_low_end(slot, text, clause):
            share = 0.0
        return Amount(share=share, relative=relative)
    return None if number is None else Amount(number=number, unit=unit, relative=relative)


def _is_low_end(slot: Slot, text: str, clause: Clause) -> bool:
    """Return whether "all the way" is down, in or shut."""
    if clause.want not in ("set", "lower") or not _EXTENT.search(slot.value.lower()):
        return False
    after = text[slot.end : clause.end].lower()
    if _HIGH_END.match(after):
        return False
    said = text[clause.start : clause.end].lower()
    return bool(_LOW_END.match(after) or (_CLOSING.search(said) and not _OPENING.search(said)))


def _change(words: str, unit: str) -> Amount:
    """Return how much more or less: a number, a part of what it is, or small or large."""
    number = number_in(words)
    share = share_in(words)
    if number is not None and unit == "%":
        return Amount(share=number / 100, unit="%", relative=True)
    if share is not None and not unit and 0 < share < 1 and number is not None:
        return Amount(share=share, relative=True)
    if number is not None and not _SMALL.search(words):
        return Amount(number=number, unit=unit, relative=True)
    if words in ("a", "an", "one", "another") and unit:
        return Amount(number=1.0, unit=unit, relative=True)
    small = _SMALL.search(words) is not None and "fair bit" not in words
    large = not small and _LARGE.search(words) is not None
    return Amount(relative=True, small=small, large=large)


def _unit_after(slot: Slot, slots: Sequence[Slot], text: str, clause: Clause) -> str:
    """Return the unit that stands after an amount, tagged or not."""
    tagged = next((other for other in slots if other.type == "unit" and other.start >= slot.end), None)
    if tagged is not None and text[slot.end : tagged.start].strip().lower() in ("", "more", "or so", "of a"):
        return unit_in(tagged.value)
    match = _UNIT_AFTER.match(text, slot.end, clause.end)
    return unit_in(match[0]) if match else ""


def _is_relative(slot: Slot, text: str, clause: Clause) -> bool:
    """Return whether a value is one of change after all: "by ten", "two louder", "raise it three"."""
    if clause.want not in ("raise", "lower"):
        return False
    before, after = text[clause.start : slot.start].lower(), text[slot.end : clause.end].lower()
    unit = _UNIT_AFTER.match(after)
    return bool(
        _BY.search(before) or _MORE.match(after[unit.end() :] if unit else after) or not _TO.search(before)
    )


def _unmarked(clause: Clause, text: str) -> Amount | None:
    """Return the change that no slot tells: "one lower", "up two", "way too loud"."""
    said = text[clause.start : clause.end].lower()
    for slot in clause.slots:
        blank = " " * (slot.end - slot.start)
        said = said[: slot.start - clause.start] + blank + said[slot.end - clause.start :]
    match = _NUMBER_MORE.search(said) or _MORE_NUMBER.search(said)
    if match and not _WHICH_ONE.search(said[: match.start()]):
        number = number_in(match["number"])
        if number is not None:
            return _change(match["number"], unit_in(match["unit"] or ""))
    if _TOO_LARGE.search(said):
        return Amount(relative=True, large=True)
    if re.search(r"\ba (?:\w+ )?(?:bit|little|tad|touch|notch)\b|\bslightly\b", said):
        return Amount(relative=True, small=True)
    return None


# ------------------------------------------------------------------------------------------- when


def _with_time(wish: Wish, slots: Sequence[Slot], text: str, at: datetime) -> Wish:
    """Return the wish with its moment and its length of time; what cannot be read is kept as it was said."""
    lengths = _texts(slots, {"duration"})
    if lengths:
        seconds = seconds_in(" ".join(lengths))
        if seconds is None and len(lengths) == 1 and (number := number_in(lengths[0])) is not None:
            seconds = 60 * number  # "a timer for twenty"
        wish = replace(wish, duration_s=seconds) if seconds else replace(wish, unread=" ".join(lengths))
    moments = [slot for slot in slots if slot.type == "moment" and not _AT_ONCE.fullmatch(slot.value.lower())]
    if not moments or (wish.usual and not any(names_clock(slot.value) for slot in moments)):
        return wish
    ends = [slot for slot in moments if _UNTIL.search(text[: slot.start].lower())]
    starts = [slot for slot in moments if slot not in ends]
    if starts:
        wish = _with_moment(wish, [slot.value.lower() for slot in starts], at)
    return _with_end(wish, ends[0].value.lower(), at) if ends else wish


def _with_moment(wish: Wish, words: Sequence[str], at: datetime) -> Wish:
    """Return the wish with the moment that it begins at; what comes round every day is for alarms alone."""
    waking = wish.property == "alarm"
    if not waking and wish.want not in _ACTS_NOT and _EVERY.search(" ".join(words)):
        return replace(wish, unread=wish.unread or " ".join(words))
    for said in (" ".join(words), *words):
        moment = moment_in(said, at, waking=waking)
        if moment is None:
            continue
        if wish.property == "timer" and wish.duration_s is None and wish.want in ("set", "raise", "start"):
            return replace(wish, duration_s=max((moment - at) / timedelta(seconds=1), 1.0))
        # a day alone tells no time to act at
        vague = wish.want not in _ACTS_NOT and not names_clock(said) and (waking or _only_a_day(said))
        return replace(wish, moment=moment, unread=said if vague else wish.unread)
    return replace(wish, unread=wish.unread or " ".join(words))


def _with_end(wish: Wish, said: str, at: datetime) -> Wish:
    """Return the wish with how long it holds: "on until midnight", "from eight till ten"."""
    start = wish.moment or at
    end = moment_in(said, start)
    if end is None:
        return replace(wish, unread=wish.unread or said)
    return replace(wish, duration_s=max((end - start) / timedelta(seconds=1), 1.0))


def _only_a_day(said: str) -> bool:
    return not re.search(r"morning|afternoon|evening|night|noon|lunch", said)
