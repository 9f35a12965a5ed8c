"""What a home could teach a fleet is put down at night: numbers of the last days, nothing forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_nlu.fleet.study.sentences import embedded
from edge_nlu.hub.assemble import teaching
from edge_nlu.hub.nightly import Night
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.records import Records
from edge_nlu.hub.settings import Federated, Settings, Sync
from edge_nlu.hub.stage import Stage
from edge_nlu.hub.teaching import Teaching
from edge_nlu.interfaces import Understander
from edge_nlu.learning.fitting import Lessons, Plan, fitted
from edge_nlu.learning.labels import Label
from edge_nlu.learning.ranker import NEEDED, Ranker
from edge_nlu.learning.ranker import choice_of as chance_of
from edge_nlu.learning.weights import choice_of, lessons_of
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.heads import arrays_of, default_weights, file_of, head_of, names_of
from edge_nlu.models.pack import Pack
from edge_nlu.steps.pair import Pair
from edge_nlu.steps.resolve import resolve
from edge_nlu.storage.codec import to_json
from edge_nlu.storage.judged import exchange_from
from edge_nlu.values import Act, Candidate, Command, Exchange, Taken, Understanding, Utterance, Wish
from edge_nlu.wire import HEADS
from edge_nlu.wire.lessons import lessons_in
from edge_nlu.wire.outgoing import sign_of
from edge_nlu_bench.household.serving import ToldClock

EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 3, 3, 1, tzinfo=UTC)
DAY = (
    *("the kitchen spots should be burning", "turn on the kitchen spots"),
    *("turn on the radio", "turn the volume up"),
    *("the hallway light should be burning", "turn on the hallway light"),
)
TOLD = (("name", 1.0), ("alike", 0.75))


class House:
    """The demo home, which puts down what it could teach."""

    def __init__(self, encoder: Encoder, outgoing: Path) -> None:
        self.encoder = encoder
        self.outgoing = outgoing
        self.clock = ToldClock(EVENING)
        self.stage = Stage(read_home("demo"), EVENING, encoder, live=True)
        self.teach(timedelta(days=30), HEADS)

    def teach(self, keep: timedelta, heads: tuple[str, ...]) -> None:
        stage = self.stage
        teaching = Teaching(stage.journal, self.encoder, self.outgoing, heads, keep)
        parts = (stage.journal, stage.memory, stage.context, self.encoder, self.clock)
        self.night = Night(*parts, {}, [teaching.tell])

    def day(self) -> None:
        for number, text in enumerate(DAY):
            self.stage.at += timedelta(minutes=20 * (number not in (1, 5)), seconds=8)
            self.stage.handle(Utterance(f"u{number}", text, self.stage.at, "kitchen_speaker", "ana"))

    def sleep(self, at: datetime = NIGHT) -> dict[str, tuple[tuple[str, ...], Lessons]]:
        self.clock.at = self.stage.at = at
        self.night.work()
        while self.night.working:
            self.night.work()
        return self.lessons()

    def lessons(self) -> dict[str, tuple[tuple[str, ...], Lessons]]:
        return lessons_in(self.outgoing, self.stage.journal.pack)

    def records(self) -> Records:
        stage = self.stage
        return Records(stage.journal, stage.memory, stage.context, None, self.outgoing)

    def by_a_rule(self, utterance: str, well: float) -> None:
        """Let a sentence have been taken for another, and have gone so."""
        journal = self.stage.journal
        journal.flush()
        ((whole,),) = journal.rows("SELECT whole FROM exchanges WHERE id = ?", (utterance,))
        taken = Taken("rule", "another sentence", because=TOLD)
        whole = to_json(replace(exchange_from(whole, None), taken=taken))
        journal.keep([("UPDATE exchanges SET whole = ?, well = ? WHERE id = ?", (whole, well, utterance))])


@pytest.fixture
def house(encoder: Encoder, tmp_path: Path) -> Iterator[House]:
    made = House(encoder, tmp_path / "outgoing")
    yield made
    made.stage.journal.close()


def test_what_sentences_meant_is_put_down_the_latest_first(house: House) -> None:
    house.day()
    names, lessons = house.sleep()["intent"]
    assert names == names_of("intent", house.encoder)
    assert [names[one] for one in lessons.wanted] == ["", "on.power", "", "", "", "on.power"]
    # what settings of a fleet are chosen with is what homes learn from
    assert (lessons.inputs[-1] == embedded([DAY[0]], house.encoder)[0]).all()


def test_which_device_was_meant_is_put_down_with_what_spoke_for_each(house: House) -> None:
    house.day()
    names, lessons = house.sleep()["evidence"]
    assert names == tuple(sorted(default_weights()))
    assert lessons.wanted.tolist() == [0, 0]
    own, spoken = names.index("own"), names.index("there")
    assert lessons.inputs[:, :, own].max() <= 1.01
    assert lessons.inputs[:, :, spoken].max() <= 1.01
    assert lessons.inputs[0, 0].any()


def test_whether_a_rule_was_right_is_put_down(house: House) -> None:
    house.day()
    house.by_a_rule("u2", 0.9)
    house.by_a_rule("u3", 0.1)
    names, lessons = house.sleep()["ranker"]
    assert names[-1] == NEEDED
    assert lessons.wanted.tolist() == [1, 0]
    assert dict(zip(names, lessons.inputs[0, 0].tolist(), strict=True))["alike"] == 0.75
    assert not lessons.inputs[:, 1].any()


def test_no_word_of_anybody_is_in_the_files(house: House) -> None:
    house.day()
    house.by_a_rule("u2", 0.9)
    house.sleep()
    held = b"".join(file.read_bytes() for file in house.outgoing.iterdir())
    texts = [
        text.encode(coding)
        for text in ("burning", "radio", "ana", "kitchen")
        for coding in ("utf-8", "utf-32-le")
    ]
    assert not any(text in held for text in texts)


def test_what_is_of_days_long_gone_is_no_lesson_any_more(house: House) -> None:
    house.day()
    assert house.sleep()
    house.teach(timedelta(days=2), HEADS)
    assert house.sleep(NIGHT + timedelta(days=1))
    assert house.sleep(NIGHT + timedelta(days=2)) == {}
    assert list(house.outgoing.iterdir()) == []


def test_only_heads_that_the_owner_allows(house: House) -> None:
    house.day()
    house.teach(timedelta(days=30), ("evidence",))
    assert set(house.sleep()) == {"evidence"}


@pytest.mark.parametrize("which", [{"person": "ana"}, {"since": EVENING.isoformat()}, {}])
def test_what_is_forgotten_is_gone_from_what_was_put_down(house: House, which: dict[str, str]) -> None:
    house.day()
    assert house.sleep()
    house.records().answer({"do": "forget", **which})
    assert [file.name for file in house.outgoing.iterdir()] == ["withdrawn"]
    assert house.sleep(NIGHT + timedelta(days=1)) == {}


def test_what_was_undone_is_gone_from_what_was_put_down(house: House) -> None:
    house.day()
    assert house.sleep()
    house.records().answer({"do": "undo", "items": [], "day": ""})
    assert house.lessons() == {}
    assert sign_of(house.outgoing)


def test_cut_off_while_it_forgets_a_home_has_taken_everything_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.day()
    house.sleep()
    monkeypatch.setattr("edge_nlu.hub.records.forget", _dies)
    with pytest.raises(KeyboardInterrupt):
        house.records().answer({"do": "forget"})
    # nothing is forgotten without: who asks again finds all of it
    assert (house.lessons(), bool(sign_of(house.outgoing))) == ({}, True)
    assert house.records().answer({"do": "count"})["rows"]["exchanges"] == len(DAY)


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_nothing_is_put_down_unless_a_server_is_named(house: House) -> None:
    house.day()
    house.sleep()
    outgoing = house.outgoing
    named = Settings(sync=Sync(federated=Federated(server="https://fleet.example/")))
    assert teaching(named, outgoing.parent, house.stage.journal, house.encoder) is not None
    assert house.lessons()
    assert teaching(Settings(), outgoing.parent, house.stage.journal, house.encoder) is None
    assert list(outgoing.iterdir()) == []


def test_what_one_home_found_out_another_understands_by_the_head_of_its_pack(
    house: House, tmp_path: Path
) -> None:
    house.day()
    names, lessons = house.sleep()["intent"]
    before = arrays_of("intent", house.encoder)
    file, body = file_of("intent", names, fitted(before, lessons, Plan(epochs=100)))
    head = head_of(with_file(house.encoder.pack, tmp_path, file, body))
    assert head is not None
    another = house.encoder.understand("the left bedside lamp should be burning")
    assert another.clauses[0].want == "ask"
    (clause,) = head.reread(another).clauses
    assert (clause.want, clause.property) == ("on", "power")
    for text in ("turn off the hallway light", "is the oven on", "dim the floor lamp", "turn on the radio"):
        read = house.encoder.understand(text)
        assert head.reread(read) is read


def with_file(pack: Pack, folder: Path, file: str, body: bytes) -> Understander:
    """Return what reads with a pack that holds one file more."""
    (folder / file).write_bytes(body)
    reader: Understander = SimpleNamespace(
        pack=replace(pack, folder=folder, files={**pack.files, file: len(body)})
    )
    return reader


# ------------------------------------------------------------------------------------------ pure parts


def chosen(*devices: str, meant: str = "on.power", read: str = "on.power") -> Label:
    commands = tuple(Command(device, (("power", True),)) for device in devices)
    return Label("u1", "turn it on", meant, read, commands=commands, sure=0.9)


def ranked(*evidence: tuple[tuple[str, float], ...]) -> Exchange:
    pairs = [Pair(Candidate(Wish("on", "power"), (f"lamp{at}",)), own) for at, own in enumerate(evidence)]
    found = resolve(pairs, default_weights())
    said = Utterance("u1", "turn it on", EVENING, "")
    return Exchange(said, Understanding("", (), 1.0, (), ()), Act((), (), ""), ranked=found)


def test_a_choice_has_the_evidence_that_was_weighed() -> None:
    choice = choice_of(
        chosen("lamp1"), ranked((("own", 1.0), ("usual", 0.25)), (("here", 1.0),)), default_weights()
    )
    assert choice is not None
    (right,) = choice.evidence[choice.right]
    assert right[0] == "here"
    assert right[1] == pytest.approx(1.0, abs=0.01)
    assert dict(choice.evidence[1 - choice.right]) == pytest.approx({"own": 1.0, "usual": 0.25}, abs=0.01)


@pytest.mark.parametrize(
    "label",
    [
        pytest.param(chosen("lamp1", "lamp0"), id="several were meant"),
        pytest.param(chosen("lamp7"), id="none of those in question"),
        pytest.param(chosen("lamp1", read="ask.power"), id="read as something else"),
    ],
)
def test_where_it_is_not_known_which_of_them_was_meant_there_is_no_choice(label: Label) -> None:
    assert choice_of(label, ranked((("own", 1.0),), (("here", 1.0),)), default_weights()) is None


def test_what_a_home_turned_out_to_mean_moves_the_weights_its_way(encoder: Encoder) -> None:
    # whoever speaks means what is usual, not what stands here
    one = choice_of(chosen("lamp1"), ranked((("here", 1.0),), (("usual", 0.4),)), default_weights())
    assert one is not None
    names = names_of("evidence", encoder)
    before = arrays_of("evidence", encoder)
    (after,) = fitted(before, lessons_of([one] * 8, names), Plan(pace=1.0))
    moved = dict(zip(names, (after - before[0]).tolist(), strict=True))
    assert moved["usual"] > 0 > moved["here"]


@pytest.mark.parametrize("well", [True, False])
def test_a_rule_that_was_right_makes_the_next_more_likely(encoder: Encoder, *, well: bool) -> None:
    names = names_of("ranker", encoder)
    lessons = lessons_of([chance_of(TOLD, well=well)] * 4, names)
    scores = []
    for arrays in (before := arrays_of("ranker", encoder), fitted(before, lessons, Plan(pace=1.0))):
        held = dict(zip(names, arrays[0].tolist(), strict=True))
        scores.append(Ranker(held, held.pop(NEEDED)).score(TOLD))
    assert (scores[1] > scores[0]) == well
