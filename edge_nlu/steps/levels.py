"""Turn an amount into what a feature shall hold: a number between its ends, or one of its levels.

"thirty percent" of a light that counts to 254 is 76, 350 °F in an oven that counts in °C is 177. A target
out of reach is refused with what would be possible, never quietly made less; only "brighter" and "louder"
stop at the end. How big a step is depends on the property, on the kind of device, and on "a bit".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite

from edge_nlu.steps.aim import Aim
from edge_nlu.steps.amounts import LENGTHS, MEASURES
from edge_nlu.steps.choices import listed, match
from edge_nlu.values import Amount, Cannot, Feature

PER_CENT = frozenset(("brightness", "volume", "position", "speed", "humidity"))
"""Properties that people count in per cents, whatever the device counts in."""

STEPS = {
    "brightness": 0.15,
    "volume": 0.10,
    "position": 0.20,
    "temperature": 1.0,
    "speed": 1.0,
    "humidity": 0.10,
    "channel": 1.0,
}
"""How much more or less is meant when nobody says: a part of the range below 1, else so many."""

SMALL_STEP = 2 / 3
LARGE_STEP = 2.5
ENDS = {
    "brightness": ("brightest", "dimmest"),
    "volume": ("loudest", "quietest"),
    "speed": ("fastest", "slowest"),
    "temperature": ("highest", "lowest"),
}
NO_LEVEL = frozenset(("off", "on", "auto", "automatic", "smart", "none", "manual", "natural", "sleep"))
_ORDER = {
    word: rank
    for rank, words in enumerate(
        (
            "quiet silent whisper sleep",
            "lowest minimum min",
            "low slow gentle soft",
            "medium-low mediumlow medium_low",
            "medium mid middle normal standard",
            "medium-high mediumhigh medium_high",
            "high fast strong",
            "highest maximum max full",
            "turbo boost powerful",
        )
    )
    for word in words.split()
}


def span(feature: Feature) -> tuple[float, float] | None:
    """Return the lowest and the highest number of a feature, or None where nobody knows."""
    low, high = feature.low, feature.high
    if low is not None and high is not None:
        return (low, high) if isfinite(low) and isfinite(high) and low < high else None
    if feature.property in PER_CENT and (low is None or low < 100) and high is None:
        return (low or 0.0, 100.0)
    return (0.0, high) if feature.property in PER_CENT and high is not None and high > 0 else None


def tidy(value: float) -> float:
    """Return a number as it is best told: whole where it is whole."""
    value = round(value, 6)
    return int(value) if value == int(value) else value


def told_level(feature: Feature, amount: Amount, aim: Aim) -> float | str | bool | Cannot:
    """Return what a feature shall hold for a target."""
    if feature.kind == "choice":
        return _chosen_level(feature, amount, aim)
    value = _target(feature, amount)
    if value is None or not isfinite(value):
        return aim.cannot(f"{aim.name} cannot be set like that", near=2)
    slack = 0.5 if "F" in amount.unit else 0.0
    low, high = _ends(feature)
    if not low - slack <= value <= high + slack:
        return aim.cannot(
            f"{aim.name} goes from {_said(low, feature)} to {_said(high, feature, unit=True)}", 2
        )
    fine = min(_grid(feature), 1.0) if amount.unit == "°F" or _scale(feature.unit) == "°F" else _grid(feature)
    return _snapped(value, feature, fine)


def told_change(
    feature: Feature, amount: Amount | None, aim: Aim, *, up: bool
) -> float | str | bool | Cannot:
    """Return what a feature shall hold for more (`up`) or less."""
    if feature.kind == "choice":
        return _next_level(feature, amount, aim, up=up)
    now = aim.number(feature)
    if now is None or not isfinite(now):
        return aim.cannot(f"nobody knows what {aim.name} is set to now")
    low, high = _ends(feature)
    least = _least(feature) if not up and now > low else low
    if (up and now >= high) or (not up and now <= least):
        return aim.cannot(f"{aim.name} is already at its {_end(feature, up=up)}", near=2)
    grid = 0.5 if feature.property == "temperature" and not feature.step else _grid(feature)
    size = max(_step(feature, amount, aim, now), grid if grid else 0.0)
    if not isfinite(size):
        return high if up else least
    value = min(now + size, high) if up else max(now - size, least)
    snapped = _snapped(value, feature, grid)
    if snapped == now:
        snapped = _snapped(min(now + grid, high) if up else max(now - grid, least), feature, grid)
    return snapped


def _ends(feature: Feature) -> tuple[float, float]:
    known = span(feature)
    if known:
        return known
    low = feature.low if feature.low is not None and isfinite(feature.low) else float("-inf")
    high = feature.high if feature.high is not None and isfinite(feature.high) else float("inf")
    return (low, high) if low < high else (float("-inf"), float("inf"))


def _end(feature: Feature, *, up: bool) -> str:
    return ENDS.get(feature.property, ("highest", "lowest"))[0 if up else 1]


def _said(value: float, feature: Feature, *, unit: bool = False) -> str:
    names = {"%": "percent", "min": "minutes", "s": "seconds", "K": "kelvin"}
    names |= {"cm": "centimetres", "mm": "millimetres", "m": "metres", "A": "amps"}
    name = "degrees" if _scale(feature.unit) else names.get(feature.unit, "")
    return f"{tidy(value) if isfinite(value) else value:g}" + (f" {name}" if unit and name else "")


def _target(feature: Feature, amount: Amount) -> float | None:
    """Return the number that is meant, in the feature's own counting."""
    if amount.share is not None:
        return _of_range(feature, amount.share, percent=amount.unit == "%")
    if amount.number is None:
        return None
    if feature.property == "temperature":
        return _degrees(amount.number, amount.unit, feature.unit)
    if amount.unit in MEASURES:
        return _measured(amount.number, amount.unit, feature.unit)
    return _counted(feature, amount.number)


def _measured(number: float, said: str, counted: str) -> float | None:
    """Return a length or a current as the feature counts it, None where it counts something else."""
    if counted.lower() == said.lower():
        return number
    if said not in LENGTHS or counted.lower() not in LENGTHS:
        return None
    return number * LENGTHS[said] / LENGTHS[counted.lower()]


def _of_range(feature: Feature, share: float, *, percent: bool) -> float | None:
    known = span(feature)
    if known is None:
        return None
    low, high = known
    if share == 1.0:
        return high
    if share == 0.0:
        return low if percent else _least(feature)
    if percent and feature.unit == "%":
        return share * 100
    return low + share * (high - low)


def _counted(feature: Feature, number: float) -> float:
    """Return a plain number in the feature's counting: of a light that counts to 254 it is per cents."""
    known = span(feature)
    if feature.property not in PER_CENT or known is None or not 0 <= number <= 100:
        return number
    if feature.unit.lower() in LENGTHS:
        return number
    low, high = known
    if high > 100 or high <= 1:
        return low + number / 100 * (high - low)
    grid = feature.step or 0.0
    if feature.property == "speed" and grid >= 10 and number < grid and number * grid <= high + grid / 2:
        return min(number * grid, high)  # level three of a fan that counts in steps of 33 %
    return number


def _scale(unit: str) -> str:
    letters = unit.replace("°", "").strip().lower()
    return {"c": "°C", "celsius": "°C", "f": "°F", "fahrenheit": "°F"}.get(letters, "")


def _degrees(number: float, said: str, counted: str) -> float:
    """Return a temperature in the feature's scale; without a scale said it is the feature's own."""
    scale = _scale(counted)
    if said == "°F" and scale != "°F":
        return (number - 32) * 5 / 9
    if said == "°C" and scale == "°F":
        return number * 9 / 5 + 32
    return number


def _grid(feature: Feature) -> float:
    """Return the step between two numbers that a feature can hold, 0 where any will do."""
    if feature.step is not None and isfinite(feature.step) and feature.step > 0:
        return feature.step
    known = span(feature)
    if feature.property == "temperature" or known is None:
        return 0.1
    return 1.0 if known[1] - known[0] > 2 else 0.01


def _snapped(value: float, feature: Feature, grid: float) -> float:
    low, high = _ends(feature)
    value = min(max(value, low), high)
    base = low if isfinite(low) else 0.0
    steps = (value - base) / grid if grid > 0 else float("inf")
    if value in (low, high) or not isfinite(steps) or abs(steps) > 1e9:
        return tidy(value)
    there = min(max(base + floor(steps + 0.5) * grid, low), high)
    return tidy(round(there) if feature.unit == "%" and high - low >= 100 else there)


def _least(feature: Feature) -> float:
    """Return the lowest number that is not off: a light at its dimmest is still on."""
    low, high = _ends(feature)
    if feature.property not in ("brightness", "speed") or low > 0 or not isfinite(high - low):
        return low
    grid = _grid(feature)
    return min(low + max(ceil(min(0.01 * (high - low) / grid, 1e9)), 1) * grid, high)


def _step(feature: Feature, amount: Amount | None, aim: Aim, now: float) -> float:
    known = span(feature)
    reach = known[1] - known[0] if known else None
    if amount is not None and amount.share is not None:
        whole = reach if amount.unit == "%" and reach is not None else abs(now)
        return abs(amount.share) * whole
    if amount is not None and amount.number is not None:
        return abs(_relative_number(feature, amount, reach))
    steps = dict(aim.appliance.steps) if aim.appliance else {}
    size = steps.get(feature.property, STEPS.get(feature.property, 0.1))
    if size < 1:
        size = size * reach if reach is not None else 1.0
    elif feature.property == "speed" and reach is not None and reach > 10:
        size = max(size, _grid(feature), 0.2 * reach)
    elif feature.property == "temperature" and _scale(feature.unit) == "°F" and size == 1.0:
        size = 2.0
    if amount is not None and (amount.small or amount.large):
        size *= SMALL_STEP if amount.small else LARGE_STEP
    return size


def _relative_number(feature: Feature, amount: Amount, reach: float | None) -> float:
    number = amount.number or 0.0
    if amount.unit in MEASURES or feature.unit.lower() in LENGTHS:
        told = _measured(number, amount.unit or feature.unit, feature.unit)
        return number if told is None else told
    if feature.property == "temperature":
        scale = _scale(feature.unit)
        if amount.unit == "°F" and scale != "°F":
            return number * 5 / 9
        return number * 9 / 5 if amount.unit == "°C" and scale == "°F" else number
    known = span(feature)
    if feature.property in PER_CENT and reach is not None and known and (known[1] > 100 or known[1] <= 1):
        return number / 100 * reach
    if feature.property == "speed" and (feature.step or 0.0) >= 10 and number < (feature.step or 0.0):
        return number * (feature.step or 1.0)
    return number


# ---------------------------------------------------------------------------------- levels by name


def levels_of(feature: Feature) -> Sequence[str]:
    """Return the levels among a feature's choices, from least to most; off and auto are none."""
    levels = [choice for choice in feature.choices if choice.lower() not in NO_LEVEL]
    if all(choice.lower() in _ORDER for choice in levels):
        return sorted(levels, key=lambda choice: _ORDER[choice.lower()])
    return levels


def _chosen_level(feature: Feature, amount: Amount, aim: Aim) -> str | Cannot:
    levels = levels_of(feature)
    if amount.number is not None:
        number = str(tidy(amount.number))
        if number in levels:
            return number
        if (said := match(number, levels)) is not None:
            return said
        place = int(amount.number) if abs(amount.number) < 1e6 else 0
        if amount.number == place and 1 <= place <= len(levels):
            return levels[place - 1]
    elif amount.share is not None and levels and 0 <= amount.share <= 1:
        return levels[floor(amount.share * (len(levels) - 1) + 0.5)]
    return aim.cannot(f"{aim.name} has {listed(feature.choices)}", near=2)


def _next_level(feature: Feature, amount: Amount | None, aim: Aim, *, up: bool) -> str | Cannot:
    levels = levels_of(feature)
    now = aim.holds(feature)
    far = int(min(amount.number, 100)) if amount is not None and amount.number else 1
    far = max(far, 2 if amount is not None and amount.large else 1)
    if isinstance(now, str) and now in levels:
        at = levels.index(now)
        there = min(at + far, len(levels) - 1) if up else max(at - far, 0)
        if there == at:
            return aim.cannot(f"{aim.name} is already at its {_end(feature, up=up)}", near=2)
        return levels[there]
    if now == "off" and up and levels:
        return levels[0]
    return aim.cannot(f"nobody knows what {aim.name} is set to now")
