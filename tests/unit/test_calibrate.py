"""Confidence is made to mean what it says, and no answer changes by it."""

from __future__ import annotations

import numpy as np
import pytest

from edge_nlu.labels import Labels

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("too_sure", [0.7, 1.0, 2.5])
def test_the_temperature_is_how_much_too_sure_the_scores_are(too_sure: float) -> None:
    from edge_nlu_export.calibrate import temperature

    rng = np.random.default_rng(1)
    honest = rng.normal(0, 2, (4000, 5))
    chances = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    right = [int(rng.choice(5, p=row)) for row in chances]
    assert temperature(list(honest * too_sure), right) == pytest.approx(too_sure, rel=0.1)


def test_cooling_a_head_divides_its_numbers_and_no_others() -> None:
    import torch

    from edge_nlu_export.calibrate import cool_sentence, cool_words
    from edge_nlu_export.student import Shape, Student

    labels = Labels(("on", "off"), ("place",), ("on", "off"), ("power",), ("device",), embedding=4)
    torch.manual_seed(1)
    student = Student(Shape(4, 8, embedding=8, width=8, blocks=1), labels, teacher_width=4).eval()
    features = torch.randint(0, 12, (1, 3, 14))
    with torch.no_grad():
        before = student(features)
        cool_sentence(student, "intent", 2.0)
        cool_words(student, "want", 4.0)
        after = student(features)
    for row, cooled, by in (("sentence", "intent", 2.0), ("word", "want", 4.0)):
        for name, columns in getattr(labels, row).items():
            rows = "words" if row == "word" else row
            then, now = getattr(before, rows)[..., columns], getattr(after, rows)[..., columns]
            assert torch.allclose(now * (by if name == cooled else 1), then, atol=1e-6), name
