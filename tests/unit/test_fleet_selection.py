"""How often each home is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.fleet.selection import Selection


def test_all_alike_whatever_they_have_to_tell() -> None:
    assert Selection(2, 1.0).rates({1: 3, 2: 30, 3: 0, 4: 7}) == {1: 0.5, 2: 0.5, 3: 0.5, 4: 0.5}


def test_twice_as_often_with_twice_as_much() -> None:
    rates = Selection(1, 1.0, by_activity=True).rates({1: 10, 2: 20, 3: 0})
    assert rates == pytest.approx({1: 1 / 3, 2: 2 / 3, 3: 0})


def test_what_the_busiest_may_not_have_goes_to_the_others() -> None:
    assert Selection(2, 0.8, by_activity=True).rates({1: 1000, 2: 3, 3: 3}) == pytest.approx(
        {1: 0.8, 2: 0.6, 3: 0.6}
    )


@given(
    st.dictionaries(st.integers(), st.floats(0, 1e4), max_size=30),
    st.floats(0.1, 20),
    st.floats(0.01, 1),
    st.booleans(),
)
def test_no_home_more_often_than_is_allowed(told, cohort, most, by_activity) -> None:
    rates = Selection(cohort, most, by_activity).rates(told)
    assert set(rates) == set(told)
    assert all(0 <= rate <= most for rate in rates.values())
    assert sum(rates.values()) <= cohort * (1 + 1e-9)
