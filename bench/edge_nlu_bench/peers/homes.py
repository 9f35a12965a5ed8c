"""Say the same sentences to edge-nlu and to what Home Assistant has, in the same homes of four sizes.

Some are the plainest there are, which templates are made for; others are as people speak. Right is
whoever turns to the device that is meant, or to all of its kind in its room.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu_bench import scale
from edge_nlu_bench.latency import one_core
from edge_nlu_bench.peers.environments import Environment
from edge_nlu_bench.report import Figures
from edge_nlu_bench.scale import Spoken

PLAIN = (
    ("turn off the {room} floor lamp", "floor lamp"),
    ("turn on the {room} fan", "fan"),
    ("turn on the {room} desk lamp", "desk lamp"),
    ("turn off the {room} heater", "heater"),
    ("close the {room} blinds", "blinds"),
    ("set the {room} thermostat to 21 degrees", "thermostat"),
    ("set {room} desk lamp brightness to 30 percent", "desk lamp"),
)
FREE = tuple((sentence, thing) for sentence, thing in scale.SENTENCES if thing)
DOMAINS = {"light": "light", "cover": "cover", "thermostat": "climate", "fan": "fan", "switch": "switch"}
ROUNDS, QUICK_ROUNDS = 8, 3
WITHIN = 0.02
"""A peer may be so much below what it was found to reach."""


def homes_figures(pack: Pack, home_assistant: Environment, *, quick: bool) -> dict[str, Figures]:
    """Return for each size and way of speaking who was right, and in what time."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    kinds = {"plain": PLAIN, "free": FREE}
    places = [(size, kind) for size in scale.SIZES for kind in kinds]
    said = {(size, kind): scale.spoken(size, kinds[kind], rounds) for size, kind in places}
    homes = [_home(size, said[size, kind]) for size, kind in places]
    told = _asked(home_assistant, homes)
    encoder, found = Encoder(pack), dict[str, Figures]()
    for (size, kind), home, theirs in zip(places, homes, told["homes"], strict=True):
        with one_core():
            speaking = scale.Speaking(encoder, size)
            ours = [speaking.say(one) for one in said[size, kind]]
        found[f"{size}_devices_{kind}"] = {
            "n": len(said[size, kind]),
            "edge_nlu_right": round(float(np.mean([one.right for one in ours])), 3),
            "edge_nlu_p50_ms": round(float(np.median([one.decided for one in ours])), 3),
            **_theirs(theirs, home),
        }
    found["growth"] = _growth(found)
    own = told["own"]
    rights = {name: round(own[name] / own["n"], 4) for name in ("hassil", "gazetteer")}
    found["hassil"] = {
        "own_sentences": own["n"],
        "found": rights["hassil"],
        "before": home_assistant.found,
        "as_before": rights["hassil"] >= home_assistant.found - WITHIN,
    }
    found["gazetteer"] = {"own_sentences": own["n"], "found": rights["gazetteer"]}
    return found


def _home(size: int, said: Sequence[Spoken]) -> dict[str, Any]:
    """Return a home as Home Assistant knows it, and what is said there."""
    context, _ = scale.home_of(size)
    home = context.snapshot(scale.NOW)
    devices = [device for own in home.all_devices() if (device := home.device(own)) is not None]
    domains = {device.id: DOMAINS.get(device.types[0], "binary_sensor") for device in devices}
    return {
        "areas": {device.room: {"name": device.room.replace("_", " ")} for device in devices},
        "entities": {
            device.id: {"name": device.name, "area": device.room, "domain": domains[device.id]}
            for device in devices
        },
        "said": [
            {"text": one.utterance.text, "area": one.room, "entity": scale.device_id(one.room, one.thing)}
            for one in said
        ],
    }


def _asked(home_assistant: Environment, homes: Sequence[Mapping[str, Any]]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "homes.json")
        file.write_text(json.dumps(homes), encoding="utf-8")
        return home_assistant.run("homeassistant", str(file))


def _theirs(told: Mapping[str, Any], home: Mapping[str, Any]) -> Figures:
    """Return who of them was right, in what time; the chain asks the second where the first finds nothing."""
    first, second = told["hassil"], told["gazetteer"]
    pairs = list(zip(first["told"], second["told"], strict=True))
    answers = {
        "hassil": [one for one, _ in pairs],
        "gazetteer": [other for _, other in pairs],
        "chain": [other if one is None else one for one, other in pairs],
    }
    times = {
        "hassil": first["cpu_ms"],
        "gazetteer": second["cpu_ms"],
        "chain": [
            took + (more if one is None else 0.0)
            for (one, _), took, more in zip(pairs, first["cpu_ms"], second["cpu_ms"], strict=True)
        ],
    }
    figures: dict[str, float] = {}
    for name in answers:
        right = [_is_right(one, said, home) for one, said in zip(answers[name], home["said"], strict=True)]
        figures |= {
            f"{name}_right": round(float(np.mean(right)), 3),
            f"{name}_p50_ms": round(float(np.median(times[name])), 3),
        }
    moved = {f"{name}_home_cpu_s": round(told[name]["home_cpu_s"], 4) for name in ("hassil", "gazetteer")}
    return {**figures, **moved, "both_rss_mb": round(told["rss_mb"], 1)}


def _is_right(found: Mapping[str, Any] | None, said: Mapping[str, Any], home: Mapping[str, Any]) -> bool:
    """Return whether it is about the device that is meant, or all of its kind in its room."""
    if found is None:
        return False
    entity = home["entities"][said["entity"]]
    if "name" in found:
        return bool(found["name"] == said["entity"])
    kind = found.get("domain", "climate" if "Climate" in str(found["intent"]) else "cover")
    return bool(found.get("area", said["area"]) == entity["area"] and kind == entity["domain"])


def _growth(found: Mapping[str, Figures]) -> Figures:
    """Return how much longer each takes in the largest home than in the smallest."""
    small, large = (found[f"{size}_devices_free"] for size in (scale.SIZES[0], scale.SIZES[-1]))
    names = ("edge_nlu", "hassil", "gazetteer", "chain")
    return {
        f"{name}_p50_ratio": round(float(large[f"{name}_p50_ms"]) / float(small[f"{name}_p50_ms"]), 2)
        for name in names
    }
