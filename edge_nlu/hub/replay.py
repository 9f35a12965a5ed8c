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
from edge_nlu.values import Utterance


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
            except (KeyError, TypeError, ValueError, OSError) as error:
                raise DataError(cases, number, f"{type(error).__name__}: {error}", "a case") from error
            yield from _play(case, home, understander, blind=blind)


def _home(path: Path) -> dict[str, Any]:
    home: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return home


def _play(
    case: dict[str, Any], home: dict[str, Any], understander: Understander, *, blind: bool
) -> Iterator[dict[str, Any]]:
    stage = Stage(home, _time(case["now"]), understander, blind=blind)
    for index, step in enumerate(case["steps"]):
        if "at" in step:
            stage.at = _time(step["at"])
        elif "mqtt" in step:
            stage.hear(step["mqtt"], payload_of(step["payload"]))
        else:
            said = Utterance(
                f"{case['id']}-{index}",
                step["ask"],
                stage.at,
                step.get("satellite") or "",
                step.get("user") or "",
            )
            exchange = stage.handle(said)
            if exchange is not None:
                yield {"id": case["id"], "step": index, **stage.result(exchange)}


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    # a case tells local time without a zone; any zone will do
    return at if at.tzinfo else at.replace(tzinfo=UTC)
