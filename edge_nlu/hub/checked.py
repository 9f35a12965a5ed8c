"""Check the values of a settings file, or of the environment, against tables of settings.

A table is a frozen dataclass: each of its fields made by `setting` is one value, each that holds a dataclass
is a table below. What does not fit is told by its place, by what was found there and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field, fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from edge_nlu.errors import SettingsError

Table = TypeVar("Table")

EXPECTED = {bool: "true or false", int: "a whole number", float: "a number", str: "a text in quotes"}


def setting(
    default: Any, why: str, *, low: float | None = None, high: float | None = None, secret: bool = False
) -> Any:
    """Return a field for one value: its default, why it is there, and within what it must lie."""
    said = {"why": why, "low": low, "high": high, "secret": secret}
    return field(default=default, repr=not secret, metadata=said)


def settings_in(table: Any) -> dict[str, Mapping[str, Any]]:
    """Return the names of what a table holds, single values and tables, with what was said of each."""
    return {one.name: one.metadata for one in fields(table) if one.metadata or is_dataclass(one.default)}


def every_setting(settings: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Yield the name of every single setting, its value, and what is said of it."""
    for name, said in settings_in(settings).items():
        value = getattr(settings, name)
        if is_dataclass(value):
            yield from every_setting(value, (*path, name))
        else:
            yield ".".join((*path, name)), value, said


# ----------------------------------------------------------------------------------------- a file


def from_toml(
    kind: type[Table], found: Any, file: str, path: tuple[str, ...] = (), others: Collection[str] = ()
) -> Table:
    """Return a table with the values that a file gives; `others` are keys that somebody else reads."""
    hints, known = get_type_hints(kind), settings_in(kind)
    values: dict[str, Any] = {}
    for key, value in as_table(found, file, path).items():
        here = (*path, key)
        if key not in known:
            if key in others:
                continue
            raise SettingsError(
                place_of(file, here), "a key that is not known", nearest(key, [*known, *others])
            )
        if is_dataclass(hints[key]):
            values[key] = from_toml(hints[key], value, file, here)
        else:
            place = place_of(file, here)
            values[key] = _within(_checked(value, hints[key], place), known[key], place)
    return kind(**values)


def as_table(found: Any, file: str, path: tuple[str, ...]) -> dict[str, Any]:
    """Return what was found if it is a table."""
    if not isinstance(found, dict):
        raise SettingsError(place_of(file, path), shown(found), "a table")
    return found


def place_of(file: str, path: tuple[str, ...]) -> str:
    """Return where a setting stands, for people."""
    return ": ".join(filter(None, (file, ".".join(path))))


def nearest(key: str, known: Collection[str]) -> str:
    """Return the name that was probably meant, or all there are."""
    near = get_close_matches(key, known, 1)
    return repr(near[0]) if near else f"one of {', '.join(sorted(known))}"


def shown(value: Any) -> str:
    """Return a value as a settings file would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _checked(value: Any, wanted: Any, place: str) -> Any:
    """Return a value if it is of the wanted type."""
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            raise SettingsError(place, shown(value), nearest(str(value), get_args(wanted)))
        return value
    if get_origin(wanted) is tuple:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise SettingsError(place, shown(value), "a list of texts")
        return tuple(value)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise SettingsError(place, shown(value), EXPECTED[wanted])
    return value


def _within(value: Any, said: Mapping[str, Any], place: str) -> Any:
    low, high = said["low"], said["high"]
    if low is not None and not low <= value <= high:
        raise SettingsError(place, shown(value), f"a number from {low:g} to {high:g}")
    return value


# -------------------------------------------------------------------------------- the environment


def from_environment(settings: Table, environment: Mapping[str, str], prefix: str) -> Table:
    """Return settings with single values replaced: `PREFIX_MQTT__HOST` is `host` in the table `mqtt`."""
    for name in sorted(environment):
        path = name.removeprefix(prefix).lower().split("__")
        # an image or a unit may have variables of its own that begin like ours
        if name.startswith(prefix) and (len(path) > 1 or path[0] in settings_in(settings)):
            settings = _replaced(settings, path, environment[name], name, prefix)
    return settings


def _replaced(held: Any, path: list[str], text: str, name: str, before: str) -> Any:
    """Return a table with the value at a path replaced; `before` is how the variable's name begins."""
    key, known = path[0], settings_in(held)
    if key not in known:
        meant = get_close_matches(key, known, 1) or sorted(known)
        raise SettingsError(
            name, "a name that is not known", " or ".join(before + one.upper() for one in meant)
        )
    value, here = getattr(held, key), before + key.upper()
    if is_dataclass(value) and len(path) > 1:
        return replace(held, **{key: _replaced(value, path[1:], text, name, f"{here}__")})
    if is_dataclass(value) or len(path) > 1:
        inside = f"{here}__..., for a setting of that table" if is_dataclass(value) else here
        raise SettingsError(name, "a name that is not known", inside)
    wanted = get_type_hints(type(held))[key]
    return replace(held, **{key: _within(_from_text(text, wanted, name), known[key], name)})


def _from_text(text: str, wanted: Any, name: str) -> Any:
    """Return a value from its text: numbers, and true or false, as in TOML; lists with commas."""
    if get_origin(wanted) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if wanted not in _READ:
        return _checked(text, wanted, name)
    try:
        return _READ[wanted](text.strip())
    except (ValueError, KeyError) as error:
        raise SettingsError(name, repr(text), EXPECTED[wanted]) from error


def _yes_or_no(text: str) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[text.lower()]


_READ: dict[Any, Callable[[str], Any]] = {bool: _yes_or_no, int: int, float: float}
