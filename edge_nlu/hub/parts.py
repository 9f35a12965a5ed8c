"""The parts that come with edge-nlu and are looked up by name: bridges, weights."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from importlib.resources import files

from edge_nlu.interfaces import Bridge, Understander

GROUP = "edge_nlu.bridges"


def bridges() -> list[Bridge]:
    """Return a bridge for every convention that is installed."""
    return [entry.load()() for entry in sorted(entry_points(group=GROUP))]


def pack_id(understander: Understander) -> str:
    """Return the id of the model pack that somebody reads with, or "" where it is none."""
    pack = getattr(understander, "pack", None)
    return str(pack.id) if pack is not None else ""


def default_weights() -> dict[str, float]:
    """Return the weights of the evidence that come with edge-nlu."""
    text = files("edge_nlu").joinpath("default_weights.json").read_text(encoding="utf-8")
    return {name: float(weight) for name, weight in json.loads(text).items()}
