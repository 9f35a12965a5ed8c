"""Play written cases through the real line, with their own clock and nobody to answer.

Each case gets a fresh hub with an empty memory: real bridges, context, model, resolver and memory,
and a transport that only records. What a case expects is not looked at here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_nlu.errors import DataError
from edge_nlu.hub.pretend import payload_of
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Understander
from edge_nlu.values import Message, Utterance


def replay(cases: Path, understander: Understander, *, blind: bool = False) -> Iterator[dict[str, Any]]:
    """Yield a result for each thing said in the cases, in order; homes are looked up beside the file."""
    homes: dict[str, dict[str, Any]] = {}
    with cases.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                case = json.loads(line)
                home = homes.get(case["home"]) or _home(cases.parent / "homes" / f"{case['home']}.json")
                homes[case["home"]] = home
                name, steps = str(case["id"]), _steps(case)
            except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
                raise DataError(cases, number, f"{type(error).__name__}: {error}", "a case") from error
            yield from _play(name, steps, home, understander, blind=blind)


def _home(path: Path) -> dict[str, Any]:
    home: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return home


Step = tuple[int, datetime | Message | Utterance]


def _steps(case: dict[str, Any]) -> list[Step]:
    """Return the steps of a case; raise what Python raises where it is none."""
    at = _time(case["now"])
    found: list[Step] = [(-1, at)]
    for index, step in enumerate(case["steps"]):
        if "at" in step:
            at = _time(step["at"])
            found.append((index, at))
        elif "mqtt" in step:
            found.append((index, Message(step["mqtt"], payload_of(step["payload"]))))
        else:
            satellite, user = step.get("satellite") or "", step.get("user") or ""
            found.append((index, Utterance(f"{case['id']}-{index}", step["ask"], at, satellite, user)))
    return found


def _play(
    name: str, steps: list[Step], home: dict[str, Any], understander: Understander, *, blind: bool
) -> Iterator[dict[str, Any]]:
    stage: Stage | None = None
    for index, step in steps:
        match step:
            case datetime() if stage is None:
                stage = Stage(home, step, understander, blind=blind)
            case datetime() if stage is not None:
                stage.wait_until(step)
            case Message() if stage is not None:
                stage.hear(step.topic, step.payload)
            case Utterance() if stage is not None:
                exchange = stage.handle(step)
                if exchange is not None:
                    yield {"id": name, "step": index, **stage.result(exchange)}


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    # a case tells local time without a zone; any zone will do
    return at if at.tzinfo else at.replace(tzinfo=UTC)
