"""What rounds cost in privacy: the published figures, and what must hold of any accountant."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from edge_nlu.commands.fleet_server import doubts
from edge_nlu.fleet.accounting import Spent, delta_for, epsilon, noise_for, planned, spent
from edge_nlu.fleet.server import Study
from edge_nlu_bench.updates.together import task


@pytest.mark.parametrize(
    ("q", "rounds", "noise", "delta", "published"),
    [
        pytest.param(0.05, 100, 1.0, 1e-4, 2.870, id="a thousand homes, fifty a round"),
        pytest.param(0.05, 300, 1.0, 1e-4, 4.922, id="three times the rounds"),
        pytest.param(0.01, 200, 0.8, 1e-5, 1.802, id="few of many"),
        pytest.param(0.0213, 940, 1.0, 1e-5, 4.050, id="lots of 256 of 12,000, twenty times"),
        pytest.param(1.0, 20, 4.0, 1e-2, 2.694, id="everybody in every round"),
        pytest.param(0.1, 100, 0.5, 1e-4, 27.2, id="little noise"),
        pytest.param(0.0213, 940, 0.6, 1e-5, 14.5, id="less noise for lots"),
    ],
)
def test_it_costs_what_was_published(
    q: float, rounds: int, noise: float, delta: float, published: float
) -> None:
    assert epsilon(q, noise, rounds, delta) == pytest.approx(published, rel=5e-3)


def test_rounds_of_different_kinds_add_up() -> None:
    both = [Spent(1.0, 4.0, 10), Spent(0.5, 3.0, 10)]
    apart = [spent([part], 1e-3) for part in both]
    assert max(apart) < spent(both, 1e-3) < sum(apart)


def test_rounds_in_two_parts_cost_what_they_cost_in_one() -> None:
    assert spent([Spent(1.0, 4.0, 5)] * 4, 1e-3) == pytest.approx(epsilon(1.0, 4.0, 20, 1e-3), abs=2e-3)


def test_nothing_costs_nothing() -> None:
    assert spent([Spent(0.1, 1.0, 0)], 1e-3) == 0


def test_who_is_asked_more_often_pays_more() -> None:
    seldom, often = (epsilon(q, 1.0, 20, 1e-4) for q in (0.05, 0.1))
    assert often > 1.5 * seldom


def test_the_noise_is_enough_and_hardly_more() -> None:
    delta = delta_for(1000)
    noise = noise_for(4.0, 1.0, 20, delta)
    assert epsilon(1.0, noise, 20, delta) <= 4.0 < epsilon(1.0, 0.99 * noise, 20, delta)


@pytest.mark.parametrize(
    ("promised", "q", "rounds", "hubs", "found"),
    [
        pytest.param(2.0, 1.0, 20, 1000, 6.87, id="all in few rounds"),
        pytest.param(8.0, 0.05, 100, 1000, 0.603, id="some in many"),
        pytest.param(2.0, 1.0, 10, 14, 2.66, id="a dozen homes"),
        pytest.param(1.0, 0.01, 500, 10_000, 1.08, id="few of many"),
        pytest.param(0.2, 0.01, 50, 10_000, 1.43, id="hardly anything"),
    ],
)
def test_noise_that_is_looked_for_roughly_is_the_least_that_is_found_finely(
    promised: float, q: float, rounds: int, hubs: int, found: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = list[float]()

    def counted(parts: Iterable[Spent], delta: float, step: float = 1e-4) -> float:
        steps.append(step)
        return spent(parts, delta, step)

    noise_for.cache_clear()
    monkeypatch.setattr("edge_nlu.fleet.accounting.spent", counted)
    delta = delta_for(hubs)
    noise = noise_for(promised, q, rounds, delta)
    assert noise == pytest.approx(found, rel=0.01)
    assert epsilon(q, noise, rounds, delta) <= promised
    # the slow way is gone once or twice, and here
    assert steps.count(1e-4) <= 3


def test_a_plan_keeps_its_promise() -> None:
    plan = planned(8.0, 500, q=1.0, rounds=5, clip=0.3)
    assert plan.delta == 500**-1.1
    assert epsilon(plan.q, plan.noise, plan.rounds, plan.delta) <= plan.epsilon == 8.0


def test_a_dozen_homes_drown_in_noise_that_a_thousand_do_not() -> None:
    numbers = 124 * 129
    thousand = planned(2.0, 1000, q=1.0, rounds=20, clip=0.1).loudness(numbers, 1000.0)
    dozen = planned(2.0, 14, q=1.0, rounds=5, clip=0.1).loudness(numbers, 14.0)
    assert thousand < 1 < 10 < dozen


def test_a_server_says_beforehand_what_speaks_against_its_promise() -> None:
    def of(epsilon: float, homes: int) -> list[str]:
        promise = planned(epsilon, homes, q=1.0, rounds=20, clip=0.1)
        return [doubt.split(" ", 1)[0] for doubt in doubts(Study(task(), 20, 10.0, promise), homes)]

    assert of(2.0, 1000) == []
    assert of(8.0, 1000) == ["epsilon"]
    assert of(2.0, 5) == ["noise"]
    assert list(doubts(Study(task(), 20, 10.0), 10.0)) == []
