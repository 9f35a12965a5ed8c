"""Say the same sentences to edge-nlu and to what Home Assistant has, in the same homes of four sizes.

Some are the plainest there are, which templates are made for; others are as people speak. All are judged by
one rule (`aimed`). Where a sentence is said in several rooms, the interval is over sentences.
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
from edge_nlu_bench.aimed import Step, is_right
from edge_nlu_bench.latency import one_core
from edge_nlu_bench.peers.environments import Environment, as_before
from edge_nlu_bench.peers.said import ACTIONS, DOMAINS, FREE, PLAIN, of_people, of_templates
from edge_nlu_bench.report import Figures, share
from edge_nlu_bench.scale import Sentence, Spoken

IMPLIED = {"Climate": "climate", "Cover": "cover", "Position": "cover"}
"""Kinds of things that go without saying, by a word in the intent."""
SAID, QUICKLY_SAID = 80, 20
"""How often something is said at least, in one way and in homes of one size."""


def homes_figures(
    pack: Pack, data: Path | None, home_assistant: Environment, *, quick: bool
) -> dict[str, Figures]:
    """Return for each size and way of speaking who was right, and in what time."""
    kinds: dict[str, Sequence[Sentence]] = {
        "plain": PLAIN,
        "free": FREE,
        "templates": list(of_templates(home_assistant.run("homeassistant", "wordings"))),
        "people": of_people(data),
    }
    least = QUICKLY_SAID if quick else SAID
    places = [(size, kind) for size in scale.SIZES for kind in kinds]
    said = {
        (size, kind): scale.spoken(size, kinds[kind], -(-least // len(kinds[kind]))) for size, kind in places
    }
    homes = [_home(size, said[size, kind]) for size, kind in places]
    told = _asked(home_assistant, homes)
    encoder, found = Encoder(pack), dict[str, Figures]()
    for (size, kind), home, theirs in zip(places, homes, told["homes"], strict=True):
        with one_core():
            speaking = scale.Speaking(encoder, size)
            ours = [speaking.say(one) for one in said[size, kind]]
        count = len(kinds[kind])
        found[f"{size}_devices_{kind}"] = {
            "n": len(said[size, kind]),
            "sentences": count,
            **_judged("edge_nlu", [one.right for one in ours], [one.wrong for one in ours], count),
            "edge_nlu_p50_ms": round(float(np.median([one.decided for one in ours])), 3),
            **_theirs(theirs, said[size, kind], home, count),
        }
    own = told["own"]
    for name, before in home_assistant.found.items():
        found[name] = {
            "own_sentences": own["n"],
            "yard_ms": round(told["yard_ms"], 3),
            **as_before(own[name] / own["n"], before),
        }
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
        "said": [{"text": one.utterance.text, "area": one.room} for one in said],
    }


def _asked(home_assistant: Environment, homes: Sequence[Mapping[str, Any]]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "homes.json")
        file.write_text(json.dumps(homes), encoding="utf-8")
        return home_assistant.run("homeassistant", str(file))


def _judged(name: str, right: Sequence[bool], wrong: Sequence[bool], sentences: int) -> Figures:
    """Return the shares that are right, and wrong, not left undone; each sentence is said once a round."""
    of_sentences = np.array(right, np.float64).reshape(-1, sentences).mean(0)
    return {**share(f"{name}_right", of_sentences), f"{name}_wrong": round(float(np.mean(wrong)), 4)}


def _theirs(
    told: Mapping[str, Any], said: Sequence[Spoken], home: Mapping[str, Any], sentences: int
) -> Figures:
    """Return who of them was right, in what time; the chain asks the second where the first finds nothing."""
    first, second = told["hassil"], told["gazetteer"]
    pairs = list(zip(first["told"], second["told"], strict=True))
    answers = {
        "hassil": [one for one, _ in pairs],
        "gazetteer": [other for _, other in pairs],
        "chain": [one or other for one, other in pairs],
    }
    times = {
        "hassil": first["cpu_ms"],
        "gazetteer": second["cpu_ms"],
        "chain": [
            took + (0.0 if one else more)
            for (one, _), took, more in zip(pairs, first["cpu_ms"], second["cpu_ms"], strict=True)
        ],
    }
    figures: dict[str, Any] = {}
    for name in answers:
        taken = [steps_of(found, one.room, home) for found, one in zip(answers[name], said, strict=True)]
        right = [is_right(steps, one.meant) for steps, one in zip(taken, said, strict=True)]
        wrong = [bool(steps) and not fit for steps, fit in zip(taken, right, strict=True)]
        figures |= {
            **_judged(name, right, wrong, sentences),
            f"{name}_p50_ms": round(float(np.median(times[name])), 3),
        }
    moved = {f"{name}_home_cpu_s": round(told[name]["home_cpu_s"], 4) for name in ("hassil", "gazetteer")}
    return {**figures, **moved, "both_rss_mb": round(told["rss_mb"], 1)}


def steps_of(found: Sequence[Mapping[str, Any]], room: str, home: Mapping[str, Any]) -> set[Step]:
    """Return what Home Assistant would do, or answer about: to a thing, or to all of a kind in a room.

    Where no room is told, it is the one in which this was said.
    """
    taken: set[Step] = set()
    for one in found:
        action = ACTIONS.get(one["intent"], one["intent"])
        # of others, such as volumes, there is nothing in these homes
        implied = next((kind for word, kind in IMPLIED.items() if word in one["intent"]), "")
        kind = one.get("domain", implied)
        area = one.get("area", room)
        for own, entity in home["entities"].items():
            if own == one["name"] if "name" in one else (entity["area"], entity["domain"]) == (area, kind):
                taken.add((action, own))
    return taken
