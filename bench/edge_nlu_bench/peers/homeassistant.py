"""hassil with Home Assistant's own sentences, and gazetteer-matcher, which is asked where that fails.

    python -m edge_nlu_bench.peers.homeassistant wordings
    python -m edge_nlu_bench.peers.homeassistant HOMES.json

The first prints what hassil's templates stand for. A home has `entities` (by id: `name`, `area`, `domain`),
`areas` (by id: `name`) and `said`: `text`, and the `area` it is said in. Entities are found as Home Assistant
finds them: the names that occur in a sentence are looked up first, and templates see only those. What is
printed has for each home what both took each sentence for, and the time that took.
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

from edge_nlu_bench.peers.told import rss_mb, yard_ms

Found = dict[str, Any]
Ask = Callable[[str, str], list[Found]]
"""Returns the wishes that a sentence, said in an area, is taken for."""


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

        def ask(text: str, area: str) -> list[Found]:
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
                return []
            return [{"intent": result.intent.name, **{n: e.value for n, e in result.entities.items()}}]

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

    def wordings(self) -> Iterator[Found]:
        """Yield for each template the first sentence it stands for, with lists such as areas left open.

        With its intent, the domains of the things it is about, and whether it is about where it is said.
        """
        for name, intent in self._intents.intents.items():
            for data in intent.data:
                asked = data.requires_context or {}
                domains = data.slots.get("domain", asked.get("domain", []))
                about = {
                    "domains": [domains] if isinstance(domains, str) else domains,
                    "here": "area" in asked,
                }
                rules = {**self._intents.expansion_rules, **data.expansion_rules}
                for template in data.sentences:
                    sentences = self._hassil.sample_expression(
                        template.expression, {}, rules, "en", expand_lists=False
                    )
                    text = self._hassil.normalize_whitespace(next(iter(sentences))).strip()
                    yield {"intent": name, "text": text, **about}

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

        def ask(text: str, area: str) -> list[Found]:
            result = self._matcher.interpret(text, context_area=area or None)
            return [{"intent": f.intent, **f.slots} for f in result.frames] if result.accepted else []

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
        right[name] = sum([one["intent"] for one in ask(text, "")][:1] == [intent] for intent, text in own)
    own_right = {"n": len(own), **right}
    print(json.dumps({"homes": told, "own": own_right, "yard_ms": yard_ms()}, default=str))


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
    if sys.argv[1] == "wordings":
        print(json.dumps(list(Hassil().wordings())))
    else:
        main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
