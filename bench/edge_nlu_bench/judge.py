"""Judge what a hub did in a written case by what the case expects.

An expectation names the messages that must be sent, those that may be, and what must be said. Which message
was meant for which entry is not written down, so all ways to match them are tried and the kindest counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one case went: what is wrong with it, and whether the hub acted wrongly or asked in vain."""

    id: str
    about: tuple[str, ...]
    faults: tuple[str, ...] = ()
    acted: bool = False
    asked: bool = False

    @property
    def holds(self) -> bool:
        """Return whether everything was as expected."""
        return not self.faults


def judge(case: Json, results: Mapping[int, Json]) -> Verdict:
    """Return how a case went, by the results of its steps."""
    wrong: list[str] = []
    acted = asked = False
    for index, step in enumerate(case["steps"]):
        if "expect" not in step:
            continue
        result = results.get(index)
        found = faults(step["expect"], result)
        wrong += [f"{step['ask']!r}: {fault}" for fault in found]
        if found and result is not None:
            acted |= bool(result.get("publishes"))
            asked |= result.get("decision") == "ask"
    return Verdict(case["id"], tuple(case["about"]), tuple(wrong), acted, asked and not acted)


def faults(expect: Json, result: Json | None) -> list[str]:
    """Return what is wrong with a result; nothing when it is as expected."""
    if result is None:
        return ["no result"]
    if "any" in expect:
        return min((faults(one, result) for one in expect["any"]), key=len)
    return [*_decided(expect, result), *_sent(expect, result), *_said(expect, result)]


def _decided(expect: Json, result: Json) -> Iterator[str]:
    allowed = _listed(expect.get("decision"))
    if allowed and result.get("decision") not in allowed:
        yield f"decision {result.get('decision')!r}, not {' or '.join(allowed)}"


def _sent(expect: Json, result: Json) -> Iterator[str]:
    sent = list(result.get("publishes", ()))
    allowed = _listed(expect.get("decision"))
    if "publish" in expect:
        missing, more = _unmatched(expect["publish"], sent, expect.get("also", ()))
        yield from (f"not sent: {json.dumps(entry)}" for entry in missing)
        yield from (f"sent too: {json.dumps(one)}" for one in more)
    elif allowed and "act" not in allowed:
        yield from (f"sent, though nothing should be: {json.dumps(one)}" for one in sent)
    for one in sent:
        if any(matches(entry, one) for entry in expect.get("never", ())):
            yield f"must not be sent: {json.dumps(one)}"


def _said(expect: Json, result: Json) -> Iterator[str]:
    said = str(result.get("say") or "").lower()
    for part in expect.get("answer", ()):
        if not any(_says(text, said) for text in _listed(part)):
            yield f"answer {said!r} lacks {' or '.join(_listed(part))}"
    for text in expect.get("lacks", ()):
        if _says(text, said):
            yield f"answer {said!r} has {text}"
    slots = {str(value).strip().lower() for value in (result.get("slots") or {}).values()}
    for value in expect.get("slots", ()):
        if not any(choice.lower() in slots for choice in _listed(value)):
            yield f"no slot holds {' or '.join(_listed(value))}"


def matches(entry: Json, message: Json) -> bool:
    """Return whether a message is the one that an entry asks for; without a payload any will do."""
    if message["topic"] not in _listed(entry["topic"]):
        return False
    payload, near = message["payload"], entry.get("near", 0.0)
    if "json" in entry:
        return _same(entry["json"], _parsed(payload), near)
    if "text" not in entry:
        return True
    return _same(entry["text"], payload if isinstance(payload, str) else json.dumps(payload), near)


def _unmatched(
    entries: Sequence[Json], sent: Sequence[Json], also: Sequence[Json]
) -> tuple[list[Json], list[Json]]:
    """Return the least that is missing and the least that was sent too, over all ways to match."""
    if not entries:
        return [], [one for one in sent if not any(matches(entry, one) for entry in also)]
    first, rest = entries[0], entries[1:]
    if "any" in first:
        ways = [_unmatched([*_listed(way), *rest], sent, also) for way in first["any"]]
    else:
        ways = [
            _unmatched(rest, [*sent[:index], *sent[index + 1 :]], also)
            for index, one in enumerate(sent)
            if matches(first, one)
        ]
    if not ways:
        missing, more = _unmatched(rest, sent, also)
        return [first, *missing], more
    return min(ways, key=lambda way: len(way[0]) + len(way[1]))


def _same(wanted: object, got: object, near: float) -> bool:
    if isinstance(wanted, list):
        return any(_same(one, got, near) for one in wanted)
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(
            key in got and _same(value, got[key], near) for key, value in wanted.items()
        )
    if isinstance(wanted, bool) or isinstance(got, bool):
        return str(wanted).lower() == str(got).lower()
    try:
        return abs(float(wanted) - float(got)) <= near + 1e-6  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(wanted).strip().lower() == str(got).strip().lower()


def _says(text: str, said: str) -> bool:
    """Return whether an answer has a text from the start of a word; numbers and short words whole."""
    end = r"(?!\d)(?![.,]\d*[1-9])" if text[-1].isdigit() else r"(?!\w)" if len(text) <= 3 else ""
    return re.search(r"(?<!\w)(?<!\d[.,])" + re.escape(text.lower()) + end, said) is not None


def _parsed(payload: object) -> object:
    if not isinstance(payload, str):
        return payload
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
