"""What goes back and forth until a wording that many homes say stands in everybody's table.

A fleet asks with a pack (`pairs.json`, signed like all of it): the salt of an epoch, how many pairs a home
may name, what that and each week may cost them, and, once it has counted, which digests enough homes had in
common. A home answers at first with digests alone (`outgoing/pairs-<epoch>.bin`), and hands out the words of
those that were named. How its week went it tells in shares, so nobody hears how much is spoken there. Each
offer and each week says what it was promised. Neither side believes the other: what is too large, of another
form or beyond what was agreed is a ValueError that says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from edge_nlu.durable import put_whole
from edge_nlu.learning.failures import UNTOLD
from edge_nlu.learning.goals import CORRECT, STAGES
from edge_nlu.learning.pairs import DIGEST_BYTES, Pair
from edge_nlu.learning.rules import Kind
from edge_nlu.learning.sharing import LONGEST
from edge_nlu.wire.outgoing import offer_file

ASKED: Final = "pairs.json"
"""The file of a pack in which a fleet asks."""

FORMAT: Final = 1
MOST_PAIRS: Final = 64
"""Of a home in an epoch, whatever a fleet asks for."""

MOST_EPSILON: Final = 8.0
MOST_DELTA: Final = 1e-4
"""Where an epoch would cost a home more of its privacy, it does not answer."""

MOST_NAMED: Final = 5_000
LARGEST_BYTES: Final = 1 << 18
PLACES: Final = (*STAGES, UNTOLD, CORRECT)
"""How a sentence can end, in a week's count."""

WHOLE: Final = 10_000
"""Parts that make up a week; they are whole numbers, so that noise that is a whole number hides them."""

WEEK_S: Final = 7 * 86_400
_HEX: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fleet asks in an epoch.

    `most` pairs a home may name; `homes` is how many it takes for a pair to be named, noise and all. Each
    epoch costs a home `epsilon` and `delta` of its privacy, and each week that it tells of an epsilon of
    `weeks`; where that is 0, the fleet does not ask for weeks. `named` is None until the fleet has counted.
    """

    epoch: int
    salt: bytes
    most: int
    homes: int
    epsilon: float
    delta: float
    named: tuple[bytes, ...] | None = None
    weeks: float = 0.0

    def to_json(self) -> str:
        """Return it as the file of a pack."""
        named = [one.hex() for one in self.named] if self.named is not None else None
        told = {name: getattr(self, name) for name in (*_WHOLE_NUMBERS, *_COSTS)}
        return json.dumps({"format": FORMAT, **told, "salt": self.salt.hex(), "named": named})

    @classmethod
    def from_json(cls, text: str) -> Asked:
        """Return what a fleet asks, or raise a ValueError."""
        read = _read(text.encode())
        limits = {**_WHOLE_NUMBERS, **_COSTS}
        told = {name: _number(read, name, name in _WHOLE_NUMBERS, top) for name, top in limits.items()}
        salt, named = read.get("salt"), read.get("named")
        if not isinstance(salt, str) or not _HEX.fullmatch(salt):
            raise ValueError(f"salt {salt!r:.40}, expected 32 hexadecimal digits")
        if named is not None:
            if not isinstance(named, list) or len(named) > MOST_NAMED:
                raise ValueError(f"named {named!r:.40}, expected {MOST_NAMED} digests at most")
            if not all(isinstance(one, str) and _HEX.fullmatch(one) for one in named):
                raise ValueError("something named that is no digest")
            named = tuple(map(bytes.fromhex, named))
        return cls(**told, salt=bytes.fromhex(salt), named=named)


@dataclass(frozen=True, slots=True)
class Offer:
    """The digests that a home offers in an epoch, and what that may cost it.

    `home` is a name drawn for this one offer, by which it is known should it come twice.
    """

    epoch: int
    home: str
    digests: tuple[bytes, ...]
    epsilon: float
    delta: float

    def to_bytes(self) -> bytes:
        """Return it as it travels: a line of JSON, and the digests."""
        promised = {"epsilon": self.epsilon, "delta": self.delta}
        told = {"format": FORMAT, "epoch": self.epoch, "home": self.home, **promised}
        return json.dumps(told).encode() + b"\n" + b"".join(self.digests)

    @classmethod
    def from_bytes(cls, data: bytes) -> Offer:
        """Return the offer that somebody sent, or raise a ValueError."""
        line, _, body = data.partition(b"\n")
        read = _read(line)
        if not body or len(body) % DIGEST_BYTES or len(body) > MOST_PAIRS * DIGEST_BYTES:
            raise ValueError(f"{len(body)} bytes, expected 1 to {MOST_PAIRS} digests of {DIGEST_BYTES}")
        digests = (body[at : at + DIGEST_BYTES] for at in range(0, len(body), DIGEST_BYTES))
        promised = (_number(read, name, 0, _COSTS[name]) for name in ("epsilon", "delta"))
        return cls(_number(read, "epoch", 1, _LAST), _home(read), tuple(dict.fromkeys(digests)), *promised)


@dataclass(frozen=True, slots=True)
class Worded:
    """The words of pairs that were named in an epoch."""

    epoch: int
    pairs: tuple[Pair, ...]

    def to_bytes(self) -> bytes:
        """Return it as it travels: JSON, for everybody to read."""
        told = {"format": FORMAT, "epoch": self.epoch, "pairs": self.pairs}
        return json.dumps(told, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Worded:
        """Return the words that somebody sent, or raise a ValueError."""
        read = _read(data)
        found = read.get("pairs")
        if not isinstance(found, list) or not 1 <= len(found) <= MOST_PAIRS:
            raise ValueError(f"pairs {found!r:.40}, expected 1 to {MOST_PAIRS}")
        return cls(_number(read, "epoch", 1, _LAST), tuple(map(_pair, found)))


@dataclass(frozen=True, slots=True)
class Week:
    """How the sentences of a home's week ended, in parts of ten thousand, and what telling it may cost."""

    week: int
    epsilon: float
    parts: Mapping[str, int]

    @classmethod
    def of(cls, week: int, epsilon: float, counted: Mapping[str, int]) -> Week:
        """Return a week in which so many sentences ended so."""
        said = sum(counted.values())
        parts = {place: WHOLE * times // said for place, times in counted.items() if place != CORRECT}
        return cls(week, epsilon, {**parts, CORRECT: WHOLE - sum(parts.values())})

    def to_bytes(self) -> bytes:
        """Return it as it travels."""
        told = {"format": FORMAT, "week": self.week, "epsilon": self.epsilon, "parts": dict(self.parts)}
        return json.dumps(told).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Week:
        """Return the week that somebody sent, or raise a ValueError."""
        read = _read(data)
        parts = read.get("parts")
        if not isinstance(parts, dict) or not parts or not parts.keys() <= set(PLACES):
            raise ValueError(f"parts {parts!r:.60}, expected parts of {', '.join(PLACES)}")
        checked = {place: int(_number(parts, place, 0, WHOLE)) for place in parts}
        if sum(checked.values()) > WHOLE:
            raise ValueError(f"{sum(checked.values())} parts of ten thousand")
        promised = _number(read, "epsilon", 0, MOST_EPSILON)
        return cls(_number(read, "week", 1, _LAST), promised, checked)


def week_of(at_s: float) -> int:
    """Return the number of a week, whose days begin on a Monday."""
    return int((at_s - _MONDAY_S) // WEEK_S)


def begin_of(week: int) -> float:
    """Return when a week begins, in seconds since 1970."""
    return _MONDAY_S + float(week) * WEEK_S


def put_offer(outgoing: Path, offer: Offer) -> None:
    """Lay an offer where sync finds it."""
    put_whole(outgoing / offer_file(offer.epoch), offer.to_bytes())


_LAST: Final = 10**9
_MONDAY_S: Final = 4 * 86_400.0
_WHOLE_NUMBERS: Final = {"epoch": _LAST, "most": MOST_PAIRS, "homes": _LAST}
_COSTS: Final = {"epsilon": MOST_EPSILON, "delta": MOST_DELTA, "weeks": MOST_EPSILON}


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"{len(data)} bytes, expected {LARGEST_BYTES} at most")
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{data[:40]!r}, expected JSON") from error
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise ValueError(f"{data[:40]!r}, expected format {FORMAT}")
    return read


def _number(read: Mapping[str, Any], name: str, low: int, high: float) -> Any:
    found: Any = read.get(name)
    kinds = (int, float) if name in _COSTS else (int,)
    if type(found) not in kinds or not low <= found <= high:
        raise ValueError(f"{name} {found!r:.40}, expected {low} to {high}")
    return found


def _home(read: Mapping[str, Any]) -> str:
    found = read.get("home")
    if not isinstance(found, str) or not _HEX.fullmatch(found):
        raise ValueError(f"home {found!r:.40}, expected 32 hexadecimal digits")
    return found


def _pair(found: Any) -> Pair:
    sound = isinstance(found, list) and len(found) == 3 and found[0] in get_args(Kind)
    if not sound or not all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in found):
        raise ValueError(f"{found!r:.60}, expected kind, failing and working")
    return Pair(*found)
