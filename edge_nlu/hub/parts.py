"""The parts that come with edge-nlu and are looked up by name: bridges, clouds.

Bridges and clouds are announced as entry points. `importlib.metadata` would find them too, and with it come
e-mail and ZIP archives: 3 MB for as long as the hub runs. So the files that it reads are read here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from edge_nlu.interfaces import Bridge, Understander

GROUP = "edge_nlu.bridges"
CLOUDS = "edge_nlu.clouds"


def bridges() -> list[Bridge]:
    """Return a bridge for every convention that is installed."""
    return [load(place)() for place in installed().values()]


def installed(path: Iterable[str] = sys.path, group: str = GROUP) -> dict[str, str]:
    """Return the conventions, or what else packages announce, sorted, each with its `module:class`."""
    found: dict[str, str] = {}
    for folder in path:
        for file in sorted(Path(folder).glob("*.*-info/entry_points.txt")):
            _, _, rest = file.read_text(encoding="utf-8").partition(f"[{group}]")
            lines = (line.partition("=") for line in rest.partition("\n[")[0].splitlines())
            found = {name.strip(): place.strip() for name, is_one, place in lines if is_one} | found
    return dict(sorted(found.items()))


def load(place: str) -> Callable[..., Any]:
    """Return the class at `module:class`."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def version() -> str:
    """Return which version of edge-nlu is installed."""
    found = (info.name for folder in sys.path for info in Path(folder).glob("edge_nlu-*.dist-info"))
    return next(found, "").removeprefix("edge_nlu-").removesuffix(".dist-info")


def pack_id(understander: Understander) -> str:
    """Return the id of the model pack that somebody reads with, or "" where it is none."""
    pack = getattr(understander, "pack", None)
    return str(pack.id) if pack is not None else ""
