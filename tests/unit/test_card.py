"""The card says what a pack is, whose work is in it, how good it is and where it fails."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import Score, SlotCount, judge
from edge_nlu.values import Example, Slot
from edge_nlu_export.card import SOURCES, CardFacts, Result, card_lines, write_card
from edge_nlu_export.promises import Promise, Report

SAID = [
    Example("1", "en", "on lamp", "lights_on", (Slot("device_type", 3, 7, "lamp"),)),
    Example("2", "en", "off lamp", "lights_off", (Slot("device_type", 4, 8, "lamp"),)),
    Example("3", "en", "not lamp", "lights_off", (Slot("device_type", 0, 3, "not"),)),
]


@pytest.fixture
def score(toy_pack: Path) -> Score:
    return Score(tuple(judge(SAID, Encoder(Pack.open(toy_pack)))))


@pytest.fixture
def facts(toy_pack: Path, score: Score) -> CardFacts:
    promises = (Promise("size", 3.7, 4.0, "MB"), Promise("memory", 70.0, 68.0, "MB", "on a day | in May"))
    return CardFacts(
        info=Pack.open(toy_pack).info(),
        about="Understands five words.",
        sources=SOURCES,
        recipe='name = "toy"\n[data]\nlabelled = []\n',
        fingerprint="0123456789abcdef",
        seed=7,
        results={"SAID": Result.of(score), "counted": Result({"n": 2, "exact_match": 0.5})},
        report=Report(toy_pack, "zero-2w", promises),
        weaknesses=["Knows five words.", "Sarcasm."],
        versions={"torch": "2.13.0", "numpy": "2.4.6"},
    )


def test_slots_are_counted_by_type(score: Score) -> None:
    assert score.by_slot() == {"device_type": SlotCount(labelled=3, found=3, right=2)}
    assert score.by_slot()["device_type"].f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "row",
    [
        "# toy-1",
        "Understands five words.",
        "| it says | 2 intents, 1 slots, 2 wants, 1 properties, 1 home slots |",
        "Seed 7, fingerprint `0123456789abcdef`.",
        'name = "toy"',
        "| lights_off | 2 | 0.500 |",
        "| device_type | 3 | 3 | 2 | 0.667 |",
        "| yes | size | 3.70 MB | at most 4 MB |  |",
        "| **no** | memory | 70 MB | at most 68 MB | on a day \\| in May |",
        "- Sarcasm.",
        "| numpy | 2.4.6 |",
    ],
)
def test_the_card_says(facts: CardFacts, row: str) -> None:
    assert row in list(card_lines(facts))


def test_every_figure_stands_with_its_interval(facts: CardFacts) -> None:
    (row,) = (line for line in card_lines(facts) if line.startswith("| SAID | 3 | "))
    figures = facts.results["SAID"].figures
    for name in ("intent_accuracy", "slot_f1", "exact_match"):
        assert f"{figures[name]:.4f} ({figures[f'{name}_low']:.4f} to {figures[f'{name}_high']:.4f})" in row


def test_a_figure_that_was_not_taken_is_left_empty(facts: CardFacts) -> None:
    (row,) = (line for line in card_lines(facts) if line.startswith("| counted | 2 | "))
    assert row.count("0.5000") == 1
    assert "0.5000 (" not in row


@pytest.mark.parametrize(
    ("whose", "licence"),
    [
        ("FitzGerald et al. 2022", "CC BY 4.0"),
        ("Bastianelli et al. 2020", "CC BY 4.0"),
        ("Liu et al. 2019", "CC BY 4.0"),
        ("Coucke et al. 2018", "CC0 1.0"),
        ("Princeton University", "WordNet licence"),
        ("all-MiniLM-L6-v2", "Apache-2.0"),
        ("Koen Kanters", "MIT"),
    ],
)
def test_whose_work_is_in_it_is_said_with_the_licence(facts: CardFacts, whose: str, licence: str) -> None:
    assert any(whose in line and f"| {licence} |" in line for line in card_lines(facts))


def test_every_row_of_a_table_has_the_cells_of_its_head(facts: CardFacts) -> None:
    cells = 0
    for line in card_lines(facts):
        count = line.replace("\\|", "").count("|")
        assert not line.startswith("|") or cells in (0, count)
        cells = count if line.startswith("|") else 0


def test_a_card_is_written_whole(facts: CardFacts, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    write_card(card, facts)
    assert card.read_text(encoding="utf-8").splitlines() == list(card_lines(facts))
    write_card(card, replace(facts, weaknesses=[]))
    assert "- None were looked for." in card.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
