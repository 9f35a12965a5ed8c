"""Read what a kind of hub can carry, and predict how long a sentence will take there.

A hub profile is a TOML file of figures, and every figure says where it comes from. Nobody can
measure on a board that is not there, so milliseconds are worked out from counts and from what is
known of its cores; they are called predicted wherever they are shown, and the truth may lie a
factor of two away.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import edge_nlu_profiles
from edge_nlu.errors import SettingsError

Value = TypeVar("Value")
Section = TypeVar("Section")
Band: TypeAlias = tuple[float, float]

UNITS = {
    "clock": "GHz",
    "memory": "MB",
    "memory_left": "MB",
    "bandwidth": "GB/s",
    "int8_rate": "MAC/cycle",
    "instructions_per_sentence": "million",
    "budget.memory": "MB",
    "budget.time": "ms",
    "budget.size": "bytes",
}
"""What each figure is counted in; one that is not here has no unit."""


@dataclass(frozen=True, slots=True)
class Figure(Generic[Value]):
    """One figure of a profile, what it is counted in, and where it comes from."""

    value: Value
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What understanding may take of a hub: memory of its process, time for a sentence, bytes of a pack."""

    memory: Figure[float]
    time: Figure[float]
    size: Figure[int]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How onnxruntime is best told to run there."""

    threads: Figure[int]
    spinning: Figure[bool]
    memory_arena: Figure[bool]
    memory_pattern: Figure[bool]
    prepacking: Figure[bool]


@dataclass(frozen=True, slots=True)
class HubProfile:
    """What a kind of hub is made of and can carry.

    Memory is in units of a million bytes. `instructions_per_sentence` is what a sentence of ten words
    takes besides its multiply-accumulates (MAC), each of which takes `instructions_per_mac`.
    """

    name: str
    board: str
    cores: Figure[int]
    core: Figure[str]
    clock: Figure[float]
    dot_product: Figure[bool]
    memory: Figure[float]
    memory_left: Figure[float]
    bandwidth: Figure[float]
    instructions_per_cycle: Figure[Band]
    int8_rate: Figure[float]
    instructions_per_mac: Figure[float]
    instructions_per_sentence: Figure[Band]
    budget: Budget
    session: SessionOptions


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sentence asks of a processor: multiply-accumulates and the bytes of the weights they read.

    `instructions` is the whole sentence as counted on such a core; without it they are estimated.
    """

    macs: float
    weight_bytes: float
    instructions: float | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Between which milliseconds a sentence is likely to take on a board; never a measurement."""

    board: str
    low_ms: float
    high_ms: float

    def __str__(self) -> str:
        return f"predicted {self.low_ms:.1f} to {self.high_ms:.1f} ms on {self.board}"


def predict(profile: HubProfile, cost: Cost) -> Prediction:
    """Return the time that a sentence will likely take on one core of a hub.

    At best the slowest of arithmetic, memory and instructions hides the others; at worst few instructions
    are done in a cycle and every weight is waited for.
    """
    cycles_a_ms = profile.clock.value * 1e6
    fetching = cost.weight_bytes / (profile.bandwidth.value * 1e6)
    slow, fast = profile.instructions_per_cycle.value
    few, many = _instructions(profile, cost)
    low = max(
        cost.macs / (profile.int8_rate.value * cycles_a_ms),
        fetching,
        few / (fast * cycles_a_ms),
    )
    return Prediction(profile.board, low, max(low, many / (slow * cycles_a_ms) + fetching))


def _instructions(profile: HubProfile, cost: Cost) -> Band:
    """Return between how many instructions a sentence takes."""
    if cost.instructions is not None:
        return cost.instructions, cost.instructions
    few, many = (1e6 * million for million in profile.instructions_per_sentence.value)
    arithmetic = cost.macs * profile.instructions_per_mac.value
    return few + arithmetic, many + arithmetic


def hub_profiles() -> tuple[HubProfile, ...]:
    """Return the hub profiles that come with edge-nlu, by name."""
    return tuple(read_hub_profile(path) for path in _shipped().values())


def hub_profile(name: str) -> HubProfile:
    """Return the hub profile of this name; raise `SettingsError` naming the nearest one there is."""
    shipped = _shipped()
    if name not in shipped:
        raise SettingsError("hub profile", repr(name), _nearest(name, shipped))
    return read_hub_profile(shipped[name])


def read_hub_profile(path: Path) -> HubProfile:
    """Return the hub profile in a TOML file; raise `SettingsError` naming the file and the key."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), str(error), "a hub profile in TOML") from error
    if "name" in found:
        raise SettingsError(
            f"{path}: name", repr(found["name"]), "none, since the file's name is the profile's"
        )
    return _section(HubProfile, {"name": path.stem, **found}, path, "")


def _shipped() -> dict[str, Path]:
    folder = Path(edge_nlu_profiles.__file__).parent / "hubs"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _section(kind: type[Section], found: Mapping[str, Any], path: Path, within: str) -> Section:
    """Return a part of a profile, each of its keys read as the type says."""
    kinds = get_type_hints(kind)
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    for key in found:
        if key not in names:
            raise SettingsError(f"{path}: {within}{key}", "a key that is not known", _nearest(key, names))
    for name in names:
        if name not in found:
            raise SettingsError(f"{path}: {within}{name}", "nothing", "a value and its source")
    return kind(**{name: _read(kinds[name], found[name], path, within + name) for name in names})


def _read(kind: Any, found: Any, path: Path, key: str) -> Any:
    place = f"{path}: {key}"
    if kind is str:
        return _value(str, found, place, "")
    if not isinstance(found, dict):
        raise SettingsError(place, repr(found), "a table with a value and its source")
    if get_origin(kind) is Figure:
        return _figure(get_args(kind)[0], found, place, UNITS.get(key, ""))
    return _section(kind, found, path, f"{key}.")


def _figure(kind: Any, found: Mapping[str, Any], place: str, unit: str) -> Figure[Any]:
    known = ["value", "unit", "source"] if unit else ["value", "source"]
    for key in found:
        if key not in known:
            raise SettingsError(f"{place}.{key}", "a key that is not known", _nearest(key, known))
    if found.get("unit", "") != unit:
        raise SettingsError(f"{place}.unit", repr(found.get("unit", "nothing")), repr(unit))
    source = found.get("source")
    if not isinstance(source, str) or not source.strip():
        raise SettingsError(f"{place}.source", repr(source), "where the figure comes from")
    return Figure(_value(kind, found.get("value"), f"{place}.value", unit), unit, source)


def _value(kind: Any, found: Any, place: str, unit: str) -> Any:
    """Return a value as the profile needs it: numbers above 0, a band as two of them in order."""
    of = f" of {unit}" if unit else ""
    if kind is bool or kind is str:
        if not isinstance(found, kind) or found == "":
            raise SettingsError(place, repr(found), "true or false" if kind is bool else "some text")
        return found
    if kind in (int, float):
        if not _counts(found, kind):
            raise SettingsError(place, repr(found), f"a {'whole ' * (kind is int)}number{of} above 0")
        return kind(found)
    if not isinstance(found, list) or len(found) != 2 or not all(_counts(end, float) for end in found):
        raise SettingsError(place, repr(found), f"two numbers{of} above 0")
    if found[0] > found[1]:
        raise SettingsError(place, repr(found), "the lower number first")
    return float(found[0]), float(found[1])


def _counts(found: Any, kind: type) -> bool:
    wanted = int if kind is int else (int, float)
    return isinstance(found, wanted) and not isinstance(found, bool) and 0 < found < float("inf")


def _nearest(key: str, known: Any) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return near[0] if near else f"one of {', '.join(known)}"
