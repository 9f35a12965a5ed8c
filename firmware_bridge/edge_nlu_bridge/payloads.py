"""Take what devices send as it is: text or JSON, right, wrong, unknown or far too long.

Devices say on in many spellings, numbers as text, and `null` when they do not know. A value that
makes no sense is as if it had not been said; one that says "unknown" is told on as None, never as off.
"""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from edge_nlu.values import DeviceId, Feature, Held, Message, Report

STATE_LIMIT_BYTES = 1 << 20
LIST_LIMIT_BYTES = 16 << 20
"""A description of a whole network may be long; whatever else is longer than a state is no state."""

TEXT_LIMIT = 1000

ON = frozenset({"on", "true", "1", "yes", "open", "opened"})
OFF = frozenset({"off", "false", "0", "no", "close", "closed"})
UNKNOWN = frozenset({"", "null", "none", "nan", "unknown", "unavailable"})

_JSON = json.JSONDecoder()
_MARK = re.compile(r"[ \t\n\r]*([\[\],]?)[ \t\n\r]*")


def text_of(payload: bytes, limit_bytes: int = STATE_LIMIT_BYTES) -> str | None:
    """Return a payload as text, or None when it is too long or no text."""
    if len(payload) > limit_bytes:
        return None
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return None


def json_of(payload: bytes | str, limit_bytes: int = STATE_LIMIT_BYTES) -> object:
    """Return what a JSON text holds, or None when it holds nothing or is no JSON."""
    if len(payload) > limit_bytes:
        return None
    try:
        text = payload if isinstance(payload, str) else payload.decode()
        value: object = json.loads(text)
        if _may_have_halves(text):
            _refuse_halves(value)
    except (ValueError, RecursionError):
        return None
    return value


def items_of(payload: bytes, limit_bytes: int = LIST_LIMIT_BYTES) -> Iterator[object]:
    """Yield what a JSON list holds, one by one, so that thousands of devices are read at the price of one.

    Raises a ValueError where the list is too long, broken off or none, also after some of it was read.
    """
    if len(payload) > limit_bytes:
        raise ValueError(f"found a list of {len(payload)} bytes, expected at most {limit_bytes}")
    text = payload.decode()
    halves = _may_have_halves(text)
    opening, at = _mark(text, 0)
    mark, at = _mark(text, at) if text.startswith("]", at) else (",", at)
    while opening == "[" and mark == ",":
        try:
            item, at = _JSON.raw_decode(text, at)
        except RecursionError as error:
            raise ValueError("found a list nested without end, expected one of devices") from error
        if halves:
            _refuse_halves(item)
        yield item
        mark, at = _mark(text, at)
    if opening != "[" or mark != "]" or at != len(text):
        raise ValueError(f"found {text[at : at + 20]!r} at {at}, expected a list and its end")


def _mark(text: str, at: int) -> tuple[str, int]:
    """Return the bracket or comma that stands there, blanks aside, and where the text goes on."""
    found = _MARK.match(text, at)
    assert found is not None  # it matches nothing, too
    return found[1], found.end()


def _may_have_halves(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text


def _refuse_halves(value: object) -> None:
    """Raise a ValueError for half a character, which nobody could write down."""
    json.dumps(value, ensure_ascii=False).encode()


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[object]:
    """Return a JSON array, an empty one where there is none."""
    return value if isinstance(value, list) else ()


def as_text(value: object) -> str:
    """Return a JSON string, an empty one where there is none."""
    return value if isinstance(value, str) else ""


def as_switch(value: object) -> bool | None:
    """Return whether a value says on or off, in any spelling."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    word = as_text(value).strip().lower()
    return True if word in ON else False if word in OFF else None


def as_number(value: object) -> float | None:
    """Return a number, also one written as text; not one without end."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_bounds(low: object, high: object) -> tuple[float | None, float | None]:
    """Return the least and the most that a number can be; neither when they contradict each other."""
    least, most = as_number(low), as_number(high)
    return (None, None) if least is not None and most is not None and least >= most else (least, most)


def as_choice(value: object, choices: Sequence[str]) -> str | None:
    """Return the choice that a value names, case aside."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    word = str(value).strip()
    if word in choices:
        return word
    return next((choice for choice in choices if choice.lower() == word.lower()), None)


def as_media(value: object) -> str | None:
    """Return what plays as JSON text with its kind and title."""
    said = as_mapping(json_of(value) if isinstance(value, str) else value)
    media = {name: said[name] for name in ("kind", "title") if isinstance(said.get(name), str)}
    return json.dumps(media, sort_keys=True, ensure_ascii=False) if media else None


def as_time(value: object) -> str | None:
    """Return a time of day as `06:30`."""
    parts = as_text(value).strip().split(":")
    if len(parts) not in (2, 3) or not all(
        part.isascii() and part.isdecimal() and len(part) <= 2 for part in parts
    ):
        return None
    hour, minute = int(parts[0]), int(parts[1])
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def as_held(feature: Feature, value: object) -> Held | None:
    """Return what a feature holds by the plain reading of its kind; None when that makes no sense."""
    match feature.kind:
        case "switch":
            return as_switch(value)
        case "number":
            return as_number(value)
        case "choice":
            return as_choice(value, feature.choices)
        case "trigger":
            return as_choice(value, feature.choices) if feature.choices else as_switch(value)
        case "media":
            return as_media(value)
        case "time":
            return as_time(value)
        case _:
            return value if isinstance(value, str) and len(value) <= TEXT_LIMIT else None


def is_unknown(feature: Feature, value: object) -> bool:
    """Return whether a value says that the device itself does not know."""
    if value is None:
        return True
    if not isinstance(value, str) or feature.kind == "text":
        return False
    return value.strip().lower() in UNKNOWN and as_choice(value, feature.choices) is None


def fits(feature: Feature, held: Held) -> bool:
    """Return whether a feature can be told this."""
    if not feature.settable:
        return False
    match feature.kind:
        case "switch":
            return isinstance(held, bool)
        case "number":
            return not isinstance(held, bool) and as_number(held) is not None and not isinstance(held, str)
        case "choice":
            return as_choice(held, feature.choices) is not None
        case "trigger":
            return as_choice(held, feature.choices) is not None if feature.choices else held is True
        case _:
            return isinstance(held, str) and is_writable(held)


def is_writable(text: str) -> bool:
    """Return whether a text can be sent; halves of characters cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain(held: Held) -> str:
    """Return a value as most conventions write it: `true`, `21`, `21.5`, or the words."""
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, str):
        return held
    number = exact(held)
    return str(number)


def exact(number: float) -> int | float:
    """Return a number without the dust of reckoning, and whole where it is whole."""
    rounded = round(number, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def report(device: DeviceId, feature: Feature, value: object, held: Held | None) -> tuple[Report, ...]:
    """Return the report of a value that was read as `held`; none when it makes no sense."""
    if held is not None:
        return (Report(device, feature.key, held),)
    return (Report(device, feature.key, None),) if is_unknown(feature, value) else ()


class Waiting:
    """The latest message of each topic that nobody can read yet; the oldest are forgotten first.

    What a device holds may be retained and arrive before the message that says what the device is.
    """

    def __init__(self, *, topics: int = 20_000, size_bytes: int = 2 << 20) -> None:
        self._topics = topics
        self._size_bytes = size_bytes
        self._held_bytes = 0
        self._messages: OrderedDict[str, Message] = OrderedDict()

    def keep(self, message: Message) -> None:
        """Keep a message until somebody takes it."""
        self.take(message.topic)
        self._messages[message.topic] = message
        self._held_bytes += _size(message)
        while len(self._messages) > self._topics or self._held_bytes > self._size_bytes:
            _, dropped = self._messages.popitem(last=False)
            self._held_bytes -= _size(dropped)

    def take(self, topic: str) -> Message | None:
        """Return the message kept for a topic, and keep it no longer."""
        message = self._messages.pop(topic, None)
        if message is not None:
            self._held_bytes -= _size(message)
        return message

    def __len__(self) -> int:
        return len(self._messages)


def _size(message: Message) -> int:
    return len(message.topic) + len(message.payload)
