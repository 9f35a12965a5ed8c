"""The steps that are timed are those of training at home, and what is told of them adds up."""

import numpy as np
import pytest

from edge_nlu.models.pack import Pack
from edge_nlu_bench.private import measure


def test_a_private_step_is_told_beside_a_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nlu_bench.private.QUICK", 3)
    found = measure(Pack.open(Pack.default_path()), quick=True)
    step, head = found["private_step"], found["fleet_head"]
    assert (step["classes"], step["width"], step["lot"], step["steps_in_round"]) == (124, 128, 128, 16)
    once = float(step["bounded_us"]) + float(step["noise_us"])
    assert step["private_step_us"] == pytest.approx(float(step["clipped_step_us"]) + once / 16, abs=0.2)
    ratio = float(step["private_step_us"]) / float(step["plain_step_us"])
    assert step["private_step_ratio"] == pytest.approx(ratio, abs=0.01)
    assert step["noise_every_step_ratio"] > step["private_step_ratio"]  # type: ignore[operator]
    assert int(head["file_bytes"]) > 124 * 129 * np.float32().nbytes
    assert 0 < float(head["reread_us"]) < 1000
