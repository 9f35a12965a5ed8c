"""Turn colours from `#rrggbb`, as the home holds them, to hue and saturation or x and y of lamps, and back.

A lamp has its brightness apart, so a colour here is always at its brightest: a dim red is told and
reported as red.
"""

from __future__ import annotations

import colorsys
import re

HEX = re.compile(r"#[0-9a-f]{6}")

# from linear red, green and blue to X, Y, Z for lamps of wide gamut, and back
TO_XYZ = (
    (0.664511, 0.154324, 0.162028),
    (0.283881, 0.668433, 0.047685),
    (0.000088, 0.072310, 0.986039),
)
FROM_XYZ = (
    (1.656492, -0.354851, -0.255038),
    (-0.707196, 1.655397, 0.036152),
    (0.051713, -0.121364, 1.011530),
)


def is_hex(color: object) -> bool:
    """Return whether this is a colour as the home holds it."""
    return isinstance(color, str) and HEX.fullmatch(color) is not None


def hex_of_rgb(red: float, green: float, blue: float) -> str:
    """Return the colour of three parts from 0 to 1, as bright as it can be."""
    parts = [max(part, 0.0) for part in (red, green, blue)]
    brightest = max(parts)
    if brightest <= 0:
        return "#ffffff"
    return "#" + "".join(f"{round(255 * part / brightest):02x}" for part in parts)


def hex_of_hs(hue: float, saturation: float) -> str:
    """Return the colour of a hue from 0 to 360 and a saturation from 0 to 100."""
    share = min(max(saturation, 0.0), 100.0) / 100
    return hex_of_rgb(*colorsys.hsv_to_rgb((hue % 360) / 360, share, 1.0))


def hex_of_xy(x: float, y: float) -> str | None:
    """Return the colour at a point of the chromaticity plane; None where there is no light."""
    if not (0 <= x <= 1 and 0.001 <= y <= 1):
        return None
    xyz = (x / y, 1.0, (1 - x - y) / y)
    return hex_of_rgb(*(_bend(sum(a * b for a, b in zip(row, xyz, strict=True))) for row in _scaled(xyz)))


def _scaled(xyz: tuple[float, float, float]) -> tuple[tuple[float, ...], ...]:
    """Return the rows that give red, green and blue of which the brightest is 1."""
    brightest = max(sum(a * b for a, b in zip(row, xyz, strict=True)) for row in FROM_XYZ)
    return tuple(tuple(part / brightest for part in row) for row in FROM_XYZ) if brightest > 0 else FROM_XYZ


def rgb_of(color: str) -> tuple[float, float, float]:
    """Return red, green and blue from 0 to 1."""
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def hs_of(color: str) -> tuple[float, float]:
    """Return hue from 0 to 360 and saturation from 0 to 100."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*rgb_of(color))
    return round(360 * hue, 1), round(100 * saturation, 1)


def xy_of(color: str) -> tuple[float, float]:
    """Return the point in the chromaticity plane; white where the colour is black."""
    linear = [_straighten(part) for part in rgb_of(color)]
    x, y, z = (sum(a * b for a, b in zip(row, linear, strict=True)) for row in TO_XYZ)
    whole = x + y + z
    return (round(x / whole, 4), round(y / whole, 4)) if whole > 0 else (0.3227, 0.329)


def _straighten(part: float) -> float:
    return ((part + 0.055) / 1.055) ** 2.4 if part > 0.04045 else part / 12.92


def _bend(part: float) -> float:
    if part <= 0.0031308:
        return 12.92 * max(part, 0.0)
    return 1.055 * float(part ** (1 / 2.4)) - 0.055
