"""The figures are those one gets by counting on paper."""

import json
from pathlib import Path

import pytest

from edge_nlu.errors import DataError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import example_from_marks
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import Score, Verdict, auroc, calibration_error, judge, score
from edge_nlu.values import Clause, Example, Scored, Slot, Understanding


class Parrot:
    """Understands of each sentence what it was told to."""

    def __init__(self, *understood: Understanding) -> None:
        self._understood = {understanding.text: understanding for understanding in understood}

    def understand(self, text: str) -> Understanding:
        return self._understood[text]


def labelled(text: str, intent: str = "on", slots: tuple[Slot, ...] = (), locale: str = "en-US") -> Example:
    return Example(text, locale, text, intent, slots)


def heard(text: str, intent: str = "on", slots: tuple[Slot, ...] = (), sure: float = 1.0) -> Understanding:
    return Understanding(text, (Scored(intent, sure),), 1.0, slots, ())


def wished(text: str, *clauses: Clause, home: float = 1.0) -> Understanding:
    return Understanding(text, (), home, (), clauses)


def slot(text: str, value: str, kind: str = "device", *, excluded: bool = False) -> Slot:
    start = text.index(value)
    return Slot(kind, start, start + len(value), value, excluded)


def verdict(example: Example, understood: Understanding) -> Verdict:
    (found,) = judge([example], Parrot(understood))
    return found


def sure(confidence: float, *, right: bool) -> Verdict:
    text = f"{confidence} {right}"
    return verdict(labelled(text, "on" if right else "off"), heard(text, sure=confidence))


def test_figures_by_hand() -> None:
    # of four sentences three intents are right; of three labelled and three found slots two agree
    texts = "lamp on", "fan on", "heat on", "all on"
    known = [
        labelled(texts[0], slots=(slot(texts[0], "lamp"),)),
        labelled(texts[1], slots=(slot(texts[1], "fan"),)),
        labelled(texts[2], slots=(slot(texts[2], "heat"),)),
        labelled(texts[3]),
    ]
    parrot = Parrot(
        heard(texts[0], slots=(slot(texts[0], "lamp"),)),
        heard(texts[1], "off", slots=(slot(texts[1], "fan"),)),
        heard(texts[2]),
        heard(texts[3], slots=(slot(texts[3], "all"),)),
    )
    figures = Score(tuple(judge(known, parrot))).as_dict()
    assert figures["n"] == 4
    assert figures["intent_accuracy"] == 0.75
    assert figures["slot_f1"] == pytest.approx(2 * 2 / (3 + 3), abs=1e-4)
    assert figures["exact_match"] == 0.25


def test_punctuation_at_a_word_is_part_of_it() -> None:
    text = "turn on 'the lamp', please"
    example = labelled(text, slots=(slot(text, "the lamp"),))
    assert verdict(example, heard(text, slots=(slot(text, "'the lamp',"),))).hits == 1
    assert verdict(example, heard(text, slots=(slot(text, "lamp"),))).hits == 0


@pytest.mark.parametrize(("locale", "hits"), [("ja-JP", 0), ("zh-CN", 0), ("en-US", 1)])
def test_where_words_have_no_blanks_every_character_counts(locale: str, hits: int) -> None:
    text = "灯を消して"
    example = labelled(text, slots=(slot(text, "灯"),), locale=locale)
    assert verdict(example, heard(text, slots=(slot(text, "灯を"),))).hits == hits


def test_half_of_the_right_words_is_an_overlap_and_no_hit() -> None:
    text = "kitchen ceiling lamp on"
    example = labelled(text, slots=(slot(text, "kitchen ceiling lamp"),))
    found = verdict(example, heard(text, slots=(slot(text, "ceiling lamp"),)))
    assert (found.hits, found.overlaps, found.exact) == (0, 1, False)


def test_two_halves_of_a_slot_are_one_overlap() -> None:
    text = "kitchen ceiling lamp on"
    example = labelled(text, slots=(slot(text, "kitchen ceiling lamp"),))
    halves = (slot(text, "kitchen"), slot(text, "lamp"))
    figures = Score((verdict(example, heard(text, slots=halves)),)).as_dict()
    assert figures["slot_f1_overlap"] == pytest.approx(2 / 3, abs=1e-4)


def test_the_right_words_with_another_type_are_wrong() -> None:
    text = "lamp on"
    example = labelled(text, slots=(slot(text, "lamp"),))
    found = verdict(example, heard(text, slots=(slot(text, "lamp", "room"),)))
    assert (found.hits, found.overlaps) == (0, 0)


def test_a_slot_type_that_the_file_never_uses_does_not_count() -> None:
    text = "lamp on"
    found = verdict(labelled(text), heard(text, slots=(slot(text, "lamp", "mood"),)))
    assert (found.found, found.exact) == (0, True)


LINE = (
    "off.power: [everything](quantity) off but not the [lamp](!device)"
    " | open.position: and open the [blinds](device)"
)


def test_a_frame_is_right_when_every_wish_is() -> None:
    example = example_from_marks(LINE, "one")
    assert example.clauses is not None
    found = verdict(example, wished(example.text, *example.clauses))
    assert (found.intent, found.exact, found.hits, found.labelled) == (True, True, 3, 3)


def test_an_excluded_lamp_is_another_slot_than_a_lamp() -> None:
    example = example_from_marks(LINE, "one")
    included = example_from_marks(LINE.replace("!", ""), "two")
    assert included.clauses is not None
    found = verdict(example, wished(example.text, *included.clauses))
    assert (found.intent, found.exact, found.hits) == (True, False, 2)


def test_wishes_in_another_order_are_other_wishes() -> None:
    example = example_from_marks(LINE, "one")
    assert example.clauses is not None
    assert not verdict(example, wished(example.text, *reversed(example.clauses))).intent


def test_a_wish_cut_at_another_word_is_not_exact() -> None:
    example = example_from_marks("off.power: lamp off | on.power: and fan on", "one")
    assert example.clauses is not None
    first, second = example.clauses
    later = Clause(second.start + 4, second.end, second.want, second.property, second.slots)
    found = verdict(example, wished(example.text, first, later))
    assert (found.intent, found.exact) == (True, False)


@pytest.mark.parametrize(
    ("home", "want", "right"), [(0.1, "off", True), (0.9, "none", True), (0.9, "off", False)]
)
def test_a_sentence_for_somebody_else_is_right_when_nothing_is_wanted(
    home: float, want: str, *, right: bool
) -> None:
    example = example_from_marks("none.unsaid: who won", "one")
    found = verdict(example, wished("who won", Clause(0, 7, want, "power"), home=home))
    assert (found.intent, found.exact) == (right, right)


def test_a_wish_for_the_home_taken_for_talk_is_wrong() -> None:
    example = example_from_marks("off.power: [lamp](device) off", "one")
    assert example.clauses is not None
    found = verdict(example, wished(example.text, *example.clauses, home=0.2))
    assert (found.intent, found.found, found.labelled) == (False, 0, 1)


def test_confidence_that_tells_how_often_it_is_right_has_no_calibration_error() -> None:
    assert calibration_error([sure(0.5, right=True), sure(0.5, right=False)]) == pytest.approx(0)
    assert calibration_error([sure(1.0, right=True)]) == pytest.approx(0)


def test_calibration_error_by_hand() -> None:
    # sure at 0.9 and half right; sure at 0.2 and wrong; two in four each
    verdicts = [sure(0.9, right=True), sure(0.9, right=False), sure(0.2, right=False), sure(0.2, right=False)]
    assert calibration_error(verdicts) == pytest.approx(0.5 * 0.4 + 0.5 * 0.2)


@pytest.mark.parametrize(
    ("yes", "no", "expected"),
    [
        pytest.param([0.9, 0.8], [0.1, 0.2], 1.0, id="told apart"),
        pytest.param([0.1], [0.9], 0.0, id="the wrong way round"),
        pytest.param([0.5, 0.5], [0.5], 0.5, id="ties"),
        pytest.param([0.9, 0.3], [0.5, 0.1], 0.75, id="three of four pairs"),
    ],
)
def test_auroc(yes: list[float], no: list[float], expected: float) -> None:
    scored = [*((value, True) for value in yes), *((value, False) for value in no)]
    assert auroc(scored) == pytest.approx(expected)


def test_home_is_judged_where_there_is_both() -> None:
    for_home = example_from_marks("off.power: lamp off", "one")
    for_nobody = example_from_marks("none.unsaid: who won", "two")
    parrot = Parrot(wished("lamp off", home=0.7), wished("who won", home=0.6))
    figures = Score(tuple(judge([for_home, for_nobody], parrot))).as_dict()
    assert figures["home_auroc"] == 1.0
    assert "home_auroc" not in Score(tuple(judge([for_home], parrot))).as_dict()


@pytest.mark.parametrize("right", [0, 1, 7, 39, 40])
def test_the_interval_holds_the_figure_and_is_the_same_every_time(right: int) -> None:
    verdicts = tuple(sure(0.5 + number / 100, right=number < right) for number in range(40))
    figures = Score(verdicts).as_dict()
    assert figures == Score(verdicts).as_dict()
    for name in ("intent_accuracy", "exact_match", "slot_f1"):
        assert 0 <= figures[f"{name}_low"] <= figures[name] <= figures[f"{name}_high"] <= 1
    assert figures["intent_accuracy"] == pytest.approx(right / 40)


def test_more_sentences_make_the_interval_narrower() -> None:
    few, many = (
        Score(tuple(sure(0.5, right=number % 2 == 0) for number in range(count))).as_dict()
        for count in (20, 500)
    )
    widths = [figures["intent_accuracy_high"] - figures["intent_accuracy_low"] for figures in (few, many)]
    assert widths[1] < widths[0] / 2


def test_groups_are_counted_apart() -> None:
    lights, fans = (
        Example(text, "en", text, "on", (), group=text.split()[0]) for text in ("lights on", "fans on")
    )
    verdicts = tuple(judge([lights, fans], Parrot(heard("lights on"), heard("fans on", "off"))))
    assert Score(verdicts).by_group() == {"lights": (1, 1), "fans": (1, 0)}


@pytest.fixture
def pack(toy_pack: Path) -> Pack:
    return Pack.open(toy_pack)


def test_a_file_without_labels_cannot_be_judged(pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text('{"text": "lamp on"}\n')
    with pytest.raises(DataError, match=r"said\.jsonl: no sentence has an intent or clauses"):
        score([file], Encoder(pack), pack)


def test_a_file_about_something_else_is_not_judged(pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "cooking.jsonl"
    file.write_text(json.dumps({"text": "peel an onion", "intent": "peel"}))
    with pytest.raises(DataError, match=r"cooking\.jsonl: none of its intents \(peel"):
        score([file], Encoder(pack), pack)


def test_a_pack_is_judged_by_marked_lines(pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "said.txt"
    file.write_text("## lamps\noff.power: [lamp](device) off\n## talk\nnone.unsaid: who won\n")
    judged = score([file], Encoder(pack), pack)
    assert judged.by_group() == {"lamps": (1, 1), "talk": (1, 1)}
    assert judged.as_dict()["exact_match"] == 1.0
