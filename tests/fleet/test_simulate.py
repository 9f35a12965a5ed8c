"""The study: homes differ as they should, old sentences are gone, and every figure can be told and drawn."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge_nlu.commands.fleet_simulate import simulate
from edge_nlu.errors import DataError, SettingsError
from edge_nlu.fleet import accounting
from edge_nlu.fleet import simulate as study
from edge_nlu.fleet.server import share_right
from edge_nlu.fleet.study import sentences
from edge_nlu.fleet.study.homes import fleet
from edge_nlu.fleet.study.playing import Setting, Weeks, central, played
from edge_nlu.fleet.study.sentences import Sentences, style
from edge_nlu.fleet.study.settings import BEST, CHOSEN, tried
from edge_nlu.learning.fitting import Lessons, Plan


def said(several: int, intents: int = 6) -> Sentences:
    """Sentences that a layer can tell apart, in manners of speech by chance."""
    rng = np.random.default_rng(0)
    wanted = rng.integers(0, intents, several)
    inputs = np.eye(8, dtype=np.float32)[wanted] * 4 + rng.normal(size=(several, 8)).astype(np.float32)
    styles = rng.integers(0, sentences.STYLES, several)
    return Sentences(Lessons(inputs, wanted), styles, [""] * several)


def test_homes_differ_and_no_sentence_is_in_two() -> None:
    everything = said(2000)
    homes = fleet(everything, 6, 200, 0.3, np.random.default_rng(1))
    inputs = np.concatenate([one.inputs for one in homes.lessons])
    assert len(np.unique(inputs, axis=0)) == len(inputs) > 1500
    assert homes.sizes.min() >= 1
    assert homes.sizes.max() > 5 * np.median(homes.sizes)
    alike = fleet(everything, 6, 200, 100.0, np.random.default_rng(1))
    skew, even = (
        np.mean([len(set(one.wanted)) / min(len(one), 6) for one in of.lessons]) for of in (homes, alike)
    )
    assert skew < 0.8 * even


def test_a_fleet_is_the_same_for_the_same_seed() -> None:
    one, other = (fleet(said(300), 6, 30, 0.3, np.random.default_rng(5)) for _ in range(2))
    assert all(np.array_equal(a.inputs, b.inputs) for a, b in zip(one.lessons, other.lessons, strict=True))


def test_a_home_keeps_the_last_weeks_only() -> None:
    lessons = Lessons(np.arange(12, dtype=np.float32)[:, None], np.arange(12))
    weeks = Weeks(several=6, kept=2)
    assert [weeks.at(lessons, week).wanted.tolist() for week in (0, 1, 5)] == [
        [0, 1],
        [0, 1, 2, 3],
        [8, 9, 10, 11],
    ]


def test_a_fleet_learns_nearly_what_one_place_does() -> None:
    everything, test = said(600), said(300).lessons
    homes = fleet(everything, 6, 50, 0.3, np.random.default_rng(1))
    start = [np.zeros((6, 8), np.float32), np.zeros(6, np.float32)]
    run = played(
        homes, start, Setting(plan=Plan(2, 32, 0.3), selection=study.Selection(20, 1.0), rounds=10), test, 1
    )
    whole = share_right(central(everything.lessons, 6), test)
    assert run.curve[0] < 0.5 < whole - 0.05 < run.final
    assert len(run.curve) == 11
    assert run.tasks == pytest.approx(200, rel=0.3)


@pytest.mark.parametrize(
    ("text", "same"),
    [("what time is it", "who is that"), ("please stop", "could you stop"), ("olly stop", "hey stop")],
)
def test_manners_of_speech(text: str, same: str) -> None:
    assert style(text) == style(same) != style("stop the music")


def test_what_is_chosen_was_tried() -> None:
    assert all(CHOSEN[name] in settings for name, settings in tried().items())
    assert BEST in study.ALGORITHMS
    assert set(CHOSEN) == {*study.ALGORITHMS, *study.PROMISES}


def test_an_interval_is_that_of_students_distribution() -> None:
    found = study.interval([1.0, 2.0, 3.0])
    assert found == pytest.approx({"mean": 2.0, "low": 2 - 4.303 / 3**0.5, "high": 2 + 4.303 / 3**0.5})


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus in which two words tell the intent."""
    folder = tmp_path_factory.mktemp("data") / sentences.CORPUS
    folder.mkdir(parents=True)
    words = "lamp song rain bus milk soap door fan cat tea egg car sun book game shirt oven bell plant key"
    things = {word: f"about_{word}" for word in words.split()}
    chance = random.Random(1)
    for part, several in (("train", 400), ("dev", 60)):
        with gzip.open(folder / f"{part}.jsonl.gz", "wt") as file:
            for number in range(several):
                thing = chance.choice(list(things))
                text = f"{chance.choice(['what about the', 'please the', 'the', 'my'])} {thing}"
                file.write(
                    json.dumps({"id": f"{part}-{number}", "text": text, "intent": things[thing]}) + "\n"
                )
    return folder.parents[1]


def test_every_figure_is_told_and_drawn(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # how much noise a promise needs takes long to find out, and is tested by itself
    monkeypatch.setattr(accounting, "noise_for", lambda epsilon, *_: 4.0 / epsilon)
    monkeypatch.setattr(
        study, "QUICK", study.Size(homes=20, seeds=2, compared=2, many=200, most=150, rounds=6)
    )
    page = tmp_path / "study.html"
    result = CliRunner().invoke(
        simulate,
        ["--quick", "--json", "--public", "2", "--data", str(corpora), "--report", str(page)],
        catch_exceptions=False,
    )
    found = json.loads(result.stdout)
    assert set(found) == {"data", "scale", "algorithms", "privacy", "selection", "continual"}
    assert found["data"]["public"] + found["data"]["at_homes"] < 400
    assert set(found["algorithms"]) == set(study.ALGORITHMS)
    assert found["privacy"]["epsilon 2"]["noise"] > found["privacy"]["epsilon 8"]["noise"]
    assert len(found["privacy"]["none"]["curve"]) == 7
    assert page.read_text().count("<svg") == 4


def test_nothing_left_to_learn_is_told(corpora: Path) -> None:
    with pytest.raises(SettingsError, match="all there is to learn"):
        study.Study(corpora, 80, study.Size(homes=5))


def test_no_corpus_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"train\.jsonl\.gz"):
        sentences.read(tmp_path)


def test_a_corpus_that_is_cut_off(corpora: Path, tmp_path: Path) -> None:
    folder = tmp_path / sentences.CORPUS
    folder.mkdir(parents=True)
    whole = (corpora / sentences.CORPUS / "train.jsonl.gz").read_bytes()
    (folder / "train.jsonl.gz").write_bytes(whole[:100])
    with pytest.raises(DataError, match="cannot be read"):
        sentences.read(tmp_path)
