"""Figures of habits are told of households that nothing is tuned on."""

from typing import cast

import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu.interfaces import Understander
from edge_nlu_bench.households import HELD_OUT, measure


@pytest.mark.parametrize("seed", [HELD_OUT - 1, HELD_OUT + 1])
def test_no_seed_for_tuning_reaches_a_household_that_is_held_out(seed: int) -> None:
    with pytest.raises(EdgeNluError, match=f"--seed {seed}: expected at most {HELD_OUT - 3}"):
        measure(cast(Understander, None), households=3, seed=seed)
