"""An audit is worth something if it finds what is there, and does not find what is not."""

import json
from math import exp
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import SettingsError
from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.audit.bound import least_epsilon, likely
from edge_nlu.fleet.audit.codes import CODES, exposed, rank
from edge_nlu.fleet.audit.everything import QUICK, Size
from edge_nlu.fleet.audit.groups import gaps, read_people
from edge_nlu.fleet.audit.manners import FLEETS, Said, alike, as_said, wrong
from edge_nlu.fleet.audit.measured import coins_of, noise_of, reach_of
from edge_nlu.fleet.audit.one_run import one_run
from edge_nlu.fleet.audit.sensitivity import accumulated
from edge_nlu.fleet.audit.servers import faulty, shipped
from edge_nlu.fleet.audit.shadows import attacked, pooled, rounds
from edge_nlu.fleet.audit.swaps import odds, pairs_of, students, swapped
from edge_nlu.fleet.audit.wordings import MANNERS, colloquial, named, of_other_gender, plain
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.study.homes import Fleet
from edge_nlu.fleet.study.playing import Setting, played
from edge_nlu.learning.fitting import Lessons, Plan
from edge_nlu.values import Example, Slot

PROMISED = Privacy(epsilon=2.0, delta=1e-3, clip=1.0, noise=1.1, q=0.05, rounds=20)
HOMES = 100


# ------------------------------------------------------------------------------------------ the bound


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_a_bound_is_too_high_no_oftener_than_it_may(epsilon: float) -> None:
    """Coins that are turned with a known chance have exactly this epsilon."""
    rng = np.random.default_rng(0)
    right = rng.binomial(1000, exp(epsilon) / (1 + exp(epsilon)), 100)
    bounds = np.array([least_epsilon(1000, 1000, one, 0.0) for one in right])
    assert 0.01 < (bounds > epsilon).mean() < 0.09
    assert np.median(bounds) > 0.7 * epsilon


def test_a_bound_holds_for_noise_of_which_the_cost_is_known() -> None:
    """Of normal noise as wide as a home's number is large, epsilon is 3.80 where delta is 1e-4."""
    rng = np.random.default_rng(1)
    bounds = []
    for _ in range(60):
        present = rng.random(2000) < 1 / 2
        guessed = np.argsort(-(present + rng.standard_normal(2000)))[:100]
        bounds.append(least_epsilon(2000, 100, int(present[guessed].sum()), 1e-4))
    assert max(bounds) < 3.80
    assert np.median(bounds) > 1.2


def test_delta_only_makes_a_bound_lower() -> None:
    assert likely(1000, 100, 90, 1.0, 1e-5) > likely(1000, 100, 90, 1.0, 0.0)
    assert least_epsilon(1000, 100, 100, 1e-5) < least_epsilon(1000, 100, 100, 0.0)


# ----------------------------------------------------------------------------------------- the server


def test_the_server_as_it_is_does_what_it_promises() -> None:
    assert noise_of(shipped(PROMISED)(HOMES), PROMISED) == pytest.approx(1, abs=0.01)
    assert reach_of(shipped(PROMISED)(HOMES), PROMISED) == pytest.approx(1, abs=1e-3)
    asked, spread = coins_of(shipped(PROMISED)(500), PROMISED)
    assert asked == pytest.approx(1, abs=0.06)
    assert spread == pytest.approx(1, abs=0.4)


def test_each_fault_is_seen_where_it_is() -> None:
    assert noise_of(faulty(PROMISED, "noise_off")(HOMES), PROMISED) == 0
    assert reach_of(faulty(PROMISED, "clip_off_by_two")(HOMES), PROMISED) == pytest.approx(2, abs=1e-3)
    assert noise_of(faulty(PROMISED, "clip_off_by_two")(HOMES), PROMISED) == pytest.approx(1, abs=0.01)
    assert coins_of(faulty(PROMISED, "asked_too_often")(500), PROMISED)[0] == pytest.approx(4, abs=0.1)


def test_one_run_shows_that_there_is_no_noise() -> None:
    promised = Privacy(epsilon=2.0, delta=1e-3, clip=1.0, noise=6.0, q=0.5, rounds=4)
    assert one_run(shipped(promised), promised, 300, seed=0).epsilon < 2
    assert one_run(faulty(promised, "noise_off"), promised, 300, seed=0).epsilon > 3


# ------------------------------------------------------------------------------------------ the heads


def some_homes(homes: int, each: int, seed: int = 0) -> list[Lessons]:
    rng = np.random.default_rng(seed)
    return [
        Lessons(rng.standard_normal((each, 16)).astype(np.float32), rng.integers(4, size=each))
        for _ in range(homes)
    ]


START = [np.zeros((4, 16), np.float32), np.zeros(4, np.float32)]


@pytest.mark.parametrize("often", [0.2, 1.0])
def test_rounds_without_messages_are_those_of_the_server(
    often: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what noise a promise needs takes long to find out, and does not matter here
    promised = Privacy(8.0, 1e-3, 0.5, 1.1, often, 3)
    monkeypatch.setattr(Setting, "privacy", lambda *_: promised)
    homes = some_homes(40, 5)
    setting = Setting(
        "fedavgm", {"server_learning_rate": 2.0, "server_momentum": 0.9}, Plan(epochs=2, lot=4, pace=0.1),
        Selection(40 * often, often), rounds=3, epsilon=8.0, clip=0.5, last=2,
    )  # fmt: skip
    common = homes[0].inputs.mean(0)
    fleet = Fleet(homes, np.zeros((40, 4)))
    server = played(fleet, START, setting, homes[0], seed=7, common=common)
    alone = rounds(START, homes, setting, np.random.default_rng(7).random, common)
    for one, other in zip(server.head, alone, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_who_took_part_is_found_in_a_head_that_knows_by_heart_and_not_in_a_noisy_one() -> None:
    homes = some_homes(30, 2)
    by_heart = attacked(homes, lambda those, seed: pooled(START, those, Plan(30, 4, 0.5), seed), heads=16)
    assert min(one.area for one in by_heart) > 0.7
    noise = np.random.default_rng(0).standard_normal
    guessed, _ = attacked(homes, lambda *_: [noise((4, 16)).astype(np.float32), START[1]], heads=16)
    assert guessed.area == pytest.approx(0.5, abs=0.1)


def test_a_code_is_read_out_of_a_head_that_moved_along_it() -> None:
    codes = np.random.default_rng(0).standard_normal((CODES, 64)).astype(np.float32)
    assert rank(codes, codes[4821], 4821) == 1
    homes = [
        Lessons(
            np.random.default_rng(home).standard_normal((3, 64)).astype(np.float32), np.zeros(3, np.int64)
        )
        for home in range(30)
    ]
    start = [np.zeros((30, 64), np.float32), np.zeros(30, np.float32)]
    told = exposed(
        start, homes, codes, lambda those, seed: pooled(start, those, Plan(5, 8, 0.1), seed), 10, 1
    )
    assert told.share > 0.5
    assert not told.by_chance
    hidden = exposed(start, homes, codes, lambda *_: start, 10, 1)
    assert hidden.read == 0


# ----------------------------------------------------------------------------------------- the people


def person(home: int, name: str, said: int, before: int, after: int, odd: float) -> dict[str, object]:
    return {
        **{"home": home, "person": name, "said_off": said, "failed_off": before},
        **{"said_both": said, "failed_both": after, "odd_wordings": odd},
    }


def test_a_gap_that_grows_with_learning_is_told() -> None:
    people = [person(home, "sam", 100, 10, 5, 0.0) for home in range(20)]
    people += [person(home, "olga", 100, 12, 11, 0.1) for home in range(20, 40)]
    found = gaps(people)
    assert (found["gap_names"]["before"], found["gap_names"]["after"]) == (0.02, 0.06)
    assert found["gap_names"]["wider"] == found["gap_names"]["wider_low"] == 0.04
    assert (found["gap_names"]["worst"], found["gap_names"]["best"]) == ("slavic", "english")
    assert found["gap_odd_wordings"]["after"] == 0.06
    assert found["gap_names"]["by_chance"] < 0.06


def test_a_file_without_people_is_refused(tmp_path: Path) -> None:
    (tmp_path / "learning.json").write_text(json.dumps({"each_home": []}))
    with pytest.raises(SettingsError, match="each_person"):
        read_people(tmp_path / "learning.json")


def test_the_same_is_said_with_other_names_words_and_ways() -> None:
    text = "call john smith and give me his number"
    said = Example("1", "en-US", text, slots=(Slot("person", 5, 15, "john smith"),))
    assert named(said, 0, "indian") == "call priya smith and give me his number"
    assert of_other_gender(said, 0) == "call john smith and give me her number"
    assert colloquial(text) == "call john smith and gimme his number"


def test_the_same_is_said_in_each_manner() -> None:
    assert plain("hey olly could you please set an alarm") == plain("set an alarm please") == "set an alarm"
    assert plain("olly") == "olly"
    assert MANNERS["asking"]("what is the time") == "can you tell me what is the time"
    assert MANNERS["at length"]("stop") == "hey olly could you please stop"
    assert MANNERS["in few words"]("turn on the light in my room") == "turn on light in room"


def sentences_in_manners(harm: float) -> Said:
    """Return sentences of two wishes; who says them in few words is misread so often."""
    rng = np.random.default_rng(0)
    wanted = rng.integers(2, size=4000)
    inputs = np.eye(2, dtype=np.float32)[wanted]
    misread = np.eye(2, dtype=np.float32)[np.where(rng.random(4000) < harm, 1 - wanted, wanted)]
    # most are long that want the first, and short that want the other
    styles = np.where(rng.random(4000) < 0.9, wanted, 1 - wanted)
    ways = {name: misread if name == "in few words" else inputs for name in MANNERS}
    differ = dict.fromkeys(MANNERS, np.ones(4000, bool))
    return Said(np.arange(4000) % FLEETS, wanted, styles, inputs, inputs, ways, differ)


RIGHT = [np.eye(2, dtype=np.float32), np.zeros(2, np.float32)]


def test_a_manner_that_is_served_worse_is_told_by_how_much_and_chance_is_not() -> None:
    said = sentences_in_manners(0.05)
    right = wrong(said, [RIGHT] * FLEETS)
    found = alike(said, right, right)
    assert found["after"] == pytest.approx(0.05, abs=0.01)
    assert (found["worst"], found["wider"]) == ("in few words", 0)
    none = sentences_in_manners(0.0)
    assert alike(none, right, wrong(none, [RIGHT] * FLEETS))["after"] == 0
    by_chance = wrong(none, [RIGHT] * FLEETS)
    rng = np.random.default_rng(0)
    for fails in (by_chance.plain, *by_chance.ways.values()):
        fails[:] = rng.random(4000) < 0.1
    assert alike(none, by_chance, by_chance)["after"] < 0.01


def test_who_wants_what_fails_is_not_served_worse_for_the_manner_of_saying_it() -> None:
    said = sentences_in_manners(0.0)
    only_first = [np.eye(2, dtype=np.float32), np.array([9, 0], np.float32)]
    found = as_said(said, wrong(said, [RIGHT] * FLEETS), wrong(said, [only_first] * FLEETS))
    assert found["plain_after"] > 0.7
    assert abs(float(str(found["after"]))) < 0.01


def test_a_student_of_swapped_sentences_changes_its_mind_less_often() -> None:
    """A word that should not matter decides in the teacher, and less so in the student."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((400, 8)).astype(np.float32)
    wanted = (inputs[:, 0] + inputs[:, 7] > 0).astype(np.int64)
    teacher = [np.outer([-2, 2], np.eye(8)[0] + np.eye(8)[7]).astype(np.float32), np.zeros(2, np.float32)]
    said = [Example(str(row), "", "hello my king " + str(row), None) for row in range(400)]

    def embed(texts: list[str]) -> np.ndarray:
        found = inputs[[int(text.split()[-1]) for text in texts]].copy()
        found[["howdy" in text for text in texts], 7] *= -1
        return found

    pairs = swapped(pairs_of(said, "dialect", 1), embed)
    plain, fair = students(teacher, Lessons(inputs, wanted), [pairs])
    before, after = (
        (odds(head, pairs.some).argmax(1) != odds(head, pairs.others).argmax(1)).mean()
        for head in (plain, fair)
    )
    assert after < before / 2
    telling = np.eye(8)[7]
    assert accumulated(fair, inputs, telling).mean() < accumulated(plain, inputs, telling).mean() / 2


def test_a_quick_audit_tries_less_of_the_same() -> None:
    whole = Size()
    assert set(QUICK.settings) < set(whole.settings)
    assert (QUICK.answers, QUICK.fleets) < (whole.answers, whole.fleets)
    assert all(setting.epsilon for setting in whole.settings.values())


def test_the_command_says_what_it_is_for() -> None:
    shown = CliRunner().invoke(cli, ["fleet", "audit", "--help"])
    assert "--households" in shown.output
