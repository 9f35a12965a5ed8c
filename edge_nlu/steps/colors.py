"""Turn the names of colours and whites into `#rrggbb` and kelvin.

A shade may stand before any colour ("dark blue", "pale pink"). Whites are told apart by their warmth,
which lamps count in kelvin or mired; a lamp without either still gets the colour that looks like it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import log

_COLORS = {
    "red": "#ff0000",
    "scarlet": "#ff2400",
    "crimson": "#dc143c",
    "ruby": "#e0115f",
    "cherry": "#de3163",
    "burgundy": "#800020",
    "maroon": "#800000",
    "wine": "#722f37",
    "blood": "#8a0303",
    "brick": "#cb4154",
    "rust": "#b7410e",
    "coral": "#ff7f50",
    "salmon": "#fa8072",
    "peach": "#ffcba4",
    "apricot": "#fbceb1",
    "orange": "#ff8000",
    "tangerine": "#f28500",
    "amber": "#ffbf00",
    "gold": "#ffd700",
    "golden": "#ffd700",
    "mustard": "#e1ad01",
    "yellow": "#ffff00",
    "lemon": "#fff44f",
    "cream": "#fffdd0",
    "beige": "#f5f5dc",
    "sand": "#c2b280",
    "tan": "#d2b48c",
    "brown": "#8b4513",
    "chocolate": "#7b3f00",
    "bronze": "#cd7f32",
    "copper": "#b87333",
    "green": "#00ff00",
    "lime": "#bfff00",
    "mint": "#98ff98",
    "olive": "#808000",
    "emerald": "#50c878",
    "jade": "#00a86b",
    "forest": "#228b22",
    "grass": "#7cfc00",
    "teal": "#008080",
    "turquoise": "#40e0d0",
    "aqua": "#00ffff",
    "cyan": "#00ffff",
    "aquamarine": "#7fffd4",
    "sky": "#87ceeb",
    "azure": "#007fff",
    "ice": "#a5f2f3",
    "ocean": "#0077be",
    "blue": "#0000ff",
    "cobalt": "#0047ab",
    "sapphire": "#0f52ba",
    "navy": "#000080",
    "royal": "#4169e1",
    "midnight": "#191970",
    "indigo": "#4b0082",
    "violet": "#8f00ff",
    "purple": "#800080",
    "lilac": "#c8a2c8",
    "lavender": "#b57edc",
    "mauve": "#e0b0ff",
    "plum": "#8e4585",
    "magenta": "#ff00ff",
    "fuchsia": "#ff00ff",
    "pink": "#ff69b4",
    "rose": "#ff007f",
    "grey": "#808080",
    "gray": "#808080",
    "silver": "#c0c0c0",
    "ivory": "#fffff0",
    "black": "#000000",
}
_WHITES = {
    "candlelight": 1900.0,
    "candle light": 1900.0,
    "candle": 1900.0,
    "firelight": 1900.0,
    "sunset": 2200.0,
    "extra warm white": 2200.0,
    "very warm white": 2200.0,
    "warmest": 2200.0,
    "warm white": 2700.0,
    "warm": 2700.0,
    "incandescent": 2700.0,
    "cosy white": 2700.0,
    "relaxing": 2700.0,
    "cosy": 2200.0,
    "cozy": 2200.0,
    "snug": 2200.0,
    "soft white": 3000.0,
    "halogen": 3000.0,
    "white": 4000.0,
    "neutral white": 4000.0,
    "neutral": 4000.0,
    "natural white": 4000.0,
    "natural": 4000.0,
    "pure white": 4500.0,
    "bright white": 5000.0,
    "cool white": 5000.0,
    "cool": 5000.0,
    "concentrate": 5000.0,
    "daylight": 5600.0,
    "daylight white": 5600.0,
    "day light": 5600.0,
    "cold white": 6000.0,
    "cold": 6000.0,
    "ice white": 6500.0,
    "coldest": 6500.0,
    "coolest": 6500.0,
}
_WARMER = {"warmer": -600.0, "yellower": -600.0, "cosier": -600.0, "cozier": -600.0}
_COOLER = {"cooler": 600.0, "colder": 600.0, "whiter": 600.0, "bluer": 600.0}
_NEARLY = {
    "reddish": "red",
    "yellowish": "yellow",
    "greenish": "green",
    "bluish": "blue",
    "pinkish": "pink",
    "purplish": "purple",
}
_DARK = frozenset(("dark", "deep", "dim", "midnight"))
_LIGHT = frozenset(("light", "pale", "pastel", "baby", "soft", "powder"))
_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=512)
def color_in(words: str) -> str:
    """Return the colour that some words name as `#rrggbb`, or "" when they name none; white is none."""
    said = _WORD.findall(words.lower())
    said = [_NEARLY.get(word, word) for word in said]
    known = [word for word in said if word in _COLORS]
    if not known or "white" in said:
        return ""
    name = known[-1]
    color = _COLORS[name]
    before = set(said[: said.index(name)])
    if named := next((word for word in known[:-1] if word not in _DARK), ""):
        # "sky blue" and "blood red" are what stands first, "golden yellow" is both
        return _mix(_COLORS[named], color, 0.3)
    if before & _DARK:
        return _mix(color, "#000000", 0.45)
    return _mix(color, "#ffffff", 0.5) if before & _LIGHT else color


@lru_cache(maxsize=512)
def kelvin_in(words: str) -> float | None:
    """Return how warm a white is that some words name, in kelvin, or None when they name none."""
    text = " ".join(word for word in _WORD.findall(words.lower()) if word not in ("light", "colour", "color"))
    for name in (text, text.removesuffix(" white"), " ".join(_WORD.findall(words.lower()))):
        if name in _WHITES:
            return _WHITES[name]
    said = text.split()
    if "white" in said and not any(word in _COLORS for word in said):
        return next((_WHITES[word] for word in said if word in _WHITES and word != "white"), 4000.0)
    return None


def warmth_in(words: str) -> float | None:
    """Return how many kelvin more a light shall have that shall be "warmer" (less) or "cooler" (more)."""
    said = set(_WORD.findall(words.lower()))
    for table in (_WARMER, _COOLER):
        for word in said & table.keys():
            return table[word]
    return None


def white_as_color(kelvin: float) -> str:
    """Return the colour that a white of so many kelvin looks like, for a lamp that only knows colours."""
    # the usual fit to the colours of a black body, good between 1,000 and 10,000 kelvin
    heat = min(max(kelvin, 1000.0), 10000.0) / 100
    red = 255.0 if heat <= 66 else 329.7 * (heat - 60) ** -0.1332
    green = 99.47 * log(heat) - 161.12 if heat <= 66 else 288.12 * (heat - 60) ** -0.0755
    blue = 255.0 if heat >= 66 else 138.52 * log(heat - 10) - 305.04 if heat > 19 else 0.0
    return "#" + "".join(f"{round(min(max(part, 0.0), 255.0)):02x}" for part in (red, green, blue))


@lru_cache(maxsize=512)
def color_name(color: str) -> str:
    """Return the name of a colour that somebody may have said, or the colour itself."""
    return next((name for name, known in _COLORS.items() if known == color), color)


def _mix(color: str, other: str, share: float) -> str:
    """Return a colour with so much of another in it."""
    parts = (
        round((1 - share) * int(color[at : at + 2], 16) + share * int(other[at : at + 2], 16))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)
