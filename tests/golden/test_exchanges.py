"""Whole exchanges in a cottage, from the words to the messages, with the pack that comes with edge-nlu.

`exchanges.jsonl` holds one exchange a line: what is said in which situation, and what must come of it.
Whatever goes wrong in a home and is put right leaves a line there.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.hub.replay import replay
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack

HERE = Path(__file__).parent
CASES = [json.loads(line) for line in (HERE / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()]
SAID = [
    pytest.param(case["id"], index, step["expect"], id=f"{case['id']}: {step['ask']}")
    for case in CASES
    for index, step in enumerate(case["steps"])
    if "ask" in step
]


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, int], dict[str, Any]]:
    reader = Encoder(Pack.open(Pack.default_path()))
    return {(one["id"], one["step"]): one for one in replay(HERE / "exchanges.jsonl", reader)}


def fits(sent: dict[str, str], wanted: dict[str, Any]) -> bool:
    """Return whether a message is the one that was to be sent."""
    if sent["topic"] != wanted["topic"]:
        return False
    if "text" in wanted:
        return bool(sent["payload"] == wanted["text"])
    told: dict[str, Any] = json.loads(sent["payload"])
    return all(key in told and told[key] == value for key, value in wanted["json"].items())


@pytest.mark.parametrize(("case", "step", "expected"), SAID)
def test_exchange(
    results: dict[tuple[str, int], dict[str, Any]], case: str, step: int, expected: dict[str, Any]
) -> None:
    result = results[case, step]
    allowed = expected["decision"]
    assert result["decision"] in (allowed if isinstance(allowed, list) else [allowed]), result["say"]
    wanted = expected.get("publish", [])
    sent = result["publishes"]
    assert len(sent) == len(wanted), sent
    assert all(any(fits(one, message) for one in sent) for message in wanted), sent
    for words in expected.get("answer", []):
        assert re.search(rf"\b{re.escape(words)}\b", result["say"], re.IGNORECASE), result["say"]
