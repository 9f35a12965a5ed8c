"""Colours as Zigbee2MQTT tells them, in red, green and blue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from edge_nlu_bench.conventions.things import DisguiseError


def rgb_of(color: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return the red, green and blue of a colour that Zigbee2MQTT tells."""
    if "x" not in color:
        raise DisguiseError("a colour", json.dumps(color))
    x, y = float(color["x"]), max(float(color["y"]), 1e-6)
    red, green, blue = x / y, 1.0, (1 - x - y) / y
    linear = (
        3.2406 * red - 1.5372 * green - 0.4986 * blue,
        -0.9689 * red + 1.8758 * green + 0.0415 * blue,
        0.0557 * red - 0.2040 * green + 1.0570 * blue,
    )
    most = max(*linear, 1e-6)
    parts = (max(part / most, 0.0) for part in linear)
    curved = (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in parts)
    return tuple(round(255 * part) for part in curved)  # type: ignore[return-value]
