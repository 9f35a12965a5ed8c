"""How sure a share is that was counted, against the posterior itself."""

import numpy as np
import pytest

from edge_nlu.learning.odds import at_least

GRID = (np.arange(20_000) + 0.5) / 20_000


def low_end(times: float, others: float) -> float:
    """Return the share below which a tenth of the beta posterior over a flat prior lies."""
    dense = times * np.log(GRID) + others * np.log1p(-GRID)
    below = np.exp(dense - dense.max()).cumsum()
    return float(np.interp(0.1 * below[-1], below, GRID))


@pytest.mark.parametrize("times", [0.0, 0.3, 1.0, 1.2, 2.0, 3.0, 6.5, 12.0, 30.0, 90.0])
@pytest.mark.parametrize("others", [0.0, 0.2, 1.0, 2.5, 7.0, 20.0, 90.0])
def test_the_low_end_is_that_of_the_posterior(times: float, others: float) -> None:
    assert at_least(times, times + others) == pytest.approx(
        low_end(times, others), abs=0.002 if times >= 1.0 else 0.007
    )


def test_more_of_the_same_is_surer_and_nothing_is_ever_certain() -> None:
    shares = [at_least(float(times), float(times)) for times in range(60)]
    assert shares == sorted(shares)
    assert 0.05 < shares[0] < 0.15
    assert 0.95 < shares[-1] < 1.0
    assert at_least(3.0, 2.0) == at_least(3.0, 3.0)
