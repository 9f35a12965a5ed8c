"""hassil with Home Assistant's own sentences, and gazetteer-matcher, which is asked where that fails.

    python -m edge_nlu_bench.peers.homeassistant HOMES.json

A home has `entities` (by id: `name`, `area`, `domain`), `areas` (by id: `name`) and `said`: `text`, the
`area` it is said in, and the `entity` that is meant. Entities are found as Home Assistant finds them:
the names that occur in a sentence are looked up first, and templates see only those. What is printed has
for each home what both took each sentence for, and the time that took.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import process_time, process_time_ns
from typing import Any

from edge_nlu_bench.peers.told import rss_mb

Found = dict[str, Any]
Ask = Callable[[str, str], "Found | None"]
"""Returns what a sentence, said in an area, is taken for; None where it is taken for nothing."""

NOTHING = {"intent": ""}


class Hassil:
    """Home Assistant's templates."""

    def __init__(self) -> None:
        import hassil  # type: ignore[import-not-found]
        import hassil.errors  # type: ignore[import-not-found]
        from home_assistant_intents import get_intents  # type: ignore[import-not-found]

        self._hassil = hassil
        self._intents = hassil.Intents.from_dict(get_intents("en"))

    def move_in(self, home: Found) -> Ask:
        """Return who answers in a home."""
        hassil = self._hassil
        trie = hassil.Trie()
        for own, entity in home["entities"].items():
            value = hassil.TextSlotValue.from_tuple(
                (entity["name"], own, {"domain": entity["domain"]}), allow_template=False
            )
            trie.insert(entity["name"].lower(), value)
        areas, floors = self._areas(home), hassil.TextSlotList(name="floor", values=[])

        def ask(text: str, area: str) -> Found | None:
            names = [value for *_, value in trie.find(text.lower(), unique=False)]
            named = hassil.TextSlotList(name="name", values=names)
            lists = {"area": areas, "floor": floors, "name": named}
            context = {"area": area} if area else None
            result = hassil.recognize_best(
                text,
                self._intents,
                slot_lists=lists,
                intent_context=context,
                language="en",
                best_slot_name="name",
            )
            if result is None:
                return None
            return {"intent": result.intent.name, **{n: e.value for n, e in result.entities.items()}}

        return ask

    def own(self, home: Found) -> Iterator[tuple[str, str]]:
        """Yield an intent and a sentence for each of its templates that names no device."""
        areas = self._areas(home)
        for name, intent in self._intents.intents.items():
            for data in intent.data:
                for template in data.sentences if not data.requires_context else ():
                    lists = {**self._intents.slot_lists, **data.slot_lists, "area": areas}
                    rules = {**self._intents.expansion_rules, **data.expansion_rules}
                    sentences = self._hassil.sample_expression(template.expression, lists, rules, "en")
                    with suppress(self._hassil.errors.MissingListError):
                        yield name, self._hassil.normalize_whitespace(next(iter(sentences))).strip()

    def _areas(self, home: Found) -> Any:
        areas = [(area["name"], own) for own, area in home["areas"].items()]
        return self._hassil.TextSlotList.from_tuples(areas, name="area", allow_template=False)


class Gazetteer:
    """The matcher that goes by names."""

    def __init__(self) -> None:
        from gazetteer_matcher import GazetteerMatcher  # type: ignore[import-not-found]

        self._matcher = GazetteerMatcher(home={"areas": {}, "floors": {}, "entities": {}})

    def move_in(self, home: Found) -> Ask:
        """Return who answers in a home."""
        self._matcher.set_home({"areas": home["areas"], "floors": {}, "entities": home["entities"]})

        def ask(text: str, area: str) -> Found | None:
            result = self._matcher.interpret(text, context_area=area or None)
            if not result.accepted:
                return None
            frame = result.frames[0]
            return {"intent": frame.intent, **frame.slots}

        return ask


def main(homes: list[Found]) -> None:
    """Ask both in every home, and hassil its own sentences; print what came of it."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    hassil, gazetteer = Hassil(), Gazetteer()
    told = []
    for home in homes:
        of = {name: _asked(one.move_in, home) for name, one in (("hassil", hassil), ("gazetteer", gazetteer))}
        told.append({**of, "rss_mb": rss_mb()})
    own = [(intent, text) for intent, text in hassil.own(homes[0])]
    right = {}
    for name, one in (("hassil", hassil), ("gazetteer", gazetteer)):
        ask = one.move_in(homes[0])
        right[name] = sum((ask(text, "") or NOTHING)["intent"] == intent for intent, text in own)
    print(json.dumps({"homes": told, "own": {"n": len(own), **right}}, default=str))


def _asked(move_in: Callable[[Found], Ask], home: Found) -> Found:
    begun = process_time()
    ask = move_in(home)
    moved = process_time() - begun
    # a template is compiled when it is first used
    for said in home["said"]:
        ask(said["text"], said["area"])
    answers, times = [], []
    for said in home["said"]:
        cpu = process_time_ns()
        answers.append(ask(said["text"], said["area"]))
        times.append((process_time_ns() - cpu) / 1e6)
    return {"told": answers, "cpu_ms": times, "home_cpu_s": moved}


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
