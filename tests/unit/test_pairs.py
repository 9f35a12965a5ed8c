"""What a home tells of its wordings: digests first, words once they are named, nothing of anybody."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import SettingsError
from edge_nlu.fleet.repacked import repacked
from edge_nlu.hub.assemble import sharing, use_pack
from edge_nlu.hub.pretend import layout_of, read_home
from edge_nlu.hub.records import Records
from edge_nlu.hub.settings import Federated, Settings, Sync, check_federated
from edge_nlu.hub.sharing import EPOCH_S, Sharing
from edge_nlu.hub.stage import Stage
from edge_nlu.learning.goals import CORRECT, HEARD
from edge_nlu.learning.pairs import Pair, digest, pairs_of, table_of
from edge_nlu.learning.rules import Rule
from edge_nlu.learning.sharing import Shared, line_of, offered
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.forgetting import OFFERED
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.storage.shared import FILE
from edge_nlu.sync.queue import QUEUE, Queue, deliver, queued, take_in
from edge_nlu.values import Utterance
from edge_nlu.wire.outgoing import Item, handed_out, offers_in, withdraw
from edge_nlu.wire.pairs import (
    ASKED,
    MOST_PAIRS,
    WHOLE,
    Asked,
    Offer,
    Week,
    Worded,
    begin_of,
    put_offer,
    week_of,
)

SALT = bytes(range(16))
NOW = datetime(2026, 3, 3, 3, 1, tzinfo=UTC)
GLOW = Pair("name", "glow", "reading lamp")
KILL = Pair("pattern", "kill the {device}", "turn off the {device}")
HOME = "ab" * 16


def rule(pair: Pair, **more: Any) -> Rule:
    return replace(Rule(*pair, state="confirmed"), **more)


# -------------------------------------------------------------------------------------------- pairs


def test_a_digest_tells_pairs_and_epochs_apart() -> None:
    assert digest(SALT, GLOW) == digest(SALT, GLOW)
    assert len({digest(SALT, GLOW), digest(SALT, KILL), digest(SALT[::-1], GLOW)}) == 3


def test_ways_of_saying_come_first_and_a_name_without_its_room() -> None:
    whole = rule(Pair("whole", "kill the glow", "turn off the reading lamp"))
    placed = rule(GLOW, working="kitchen reading lamp")
    here = replace(whole, failing="kill the lamp", place="hall")
    assert pairs_of([whole, here, placed, rule(KILL), rule(GLOW)]) == [KILL, GLOW, Pair(*whole_of(whole))]


def whole_of(one: Rule) -> tuple[Any, str, str]:
    return one.kind, one.failing, one.working


def test_where_homes_mean_different_things_the_table_has_none() -> None:
    named = [
        *((GLOW, 40), (GLOW._replace(working="lamp"), 60)),
        *((Pair("name", "big one", "kettle"), 30), (Pair("name", "big one", "floor lamp"), 32)),
    ]
    assert table_of(named) == [Shared(*GLOW, 40)]


# ------------------------------------------------------------------------------------------ the wire

ASKING = Asked(3, SALT, 2, 20, 1.0, 1e-8, weeks=0.5)
MESSAGES: list[Any] = [
    ASKING,
    replace(ASKING, named=(digest(SALT, GLOW),)),
    Offer(3, HOME, (digest(SALT, GLOW), digest(SALT, KILL)), 1.0, 1e-8),
    Worded(3, (GLOW, KILL)),
    Week.of(2_930, 0.5, {CORRECT: 90, HEARD: 7}),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_what_is_sent_is_what_is_read(message: Any) -> None:
    if isinstance(message, Asked):
        assert Asked.from_json(message.to_json()) == message
    else:
        assert type(message).from_bytes(message.to_bytes()) == message


@pytest.mark.parametrize("message", MESSAGES[2:], ids=lambda one: type(one).__name__)
def test_what_was_cut_short_is_refused_or_has_fewer_digests(message: Any) -> None:
    whole = message.to_bytes()
    read = [read_or_none(type(message), whole[:end]) for end in range(len(whole))]
    assert message not in read
    left = [one for one in read if one is not None]
    assert [one.digests for one in left] == ([message.digests[:1]] if isinstance(message, Offer) else [])


def read_or_none(kind: Any, data: bytes) -> Any:
    try:
        return kind.from_bytes(data)
    except ValueError:
        return None


def changed(message: Any, **more: Any) -> bytes:
    line, end, body = message.to_bytes().partition(b"\n")
    return json.dumps({**json.loads(line), **more}).encode() + bytes(end) + bytes(body)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Offer, changed(MESSAGES[2], home="x" * 32)),
        (Offer, changed(MESSAGES[2], epoch=True)),
        (Offer, changed(MESSAGES[2], format=2)),
        (Offer, MESSAGES[2].to_bytes() + b"x"),
        (Offer, Offer(1, HOME, tuple(bytes([n]) * 16 for n in range(MOST_PAIRS + 1)), 1.0, 1e-8).to_bytes()),
        (Offer, b"[" * 100_000 + b"\n" + bytes(16)),
        (Worded, changed(MESSAGES[3], pairs=[["spell", "a", "b"]])),
        (Worded, changed(MESSAGES[3], pairs=[["whole", "a" * 121, "b"]])),
        (Worded, changed(MESSAGES[3], pairs=[["whole", "a"]])),
        (Worded, changed(MESSAGES[3], pairs=[])),
        (Worded, bytes(1 << 19)),
        (Offer, changed(MESSAGES[2], epsilon=9.0)),
        (Offer, changed(MESSAGES[2], delta=None)),
        (Week, changed(MESSAGES[4], epsilon=float("nan"))),
        (Week, changed(MESSAGES[4], parts={})),
        (Week, changed(MESSAGES[4], parts={"heard wrong": -1})),
        (Week, changed(MESSAGES[4], parts={"heard wrong": WHOLE, "correct": 1})),
        (Week, changed(MESSAGES[4], parts={"somewhere": 1})),
        (Week, changed(MESSAGES[4], parts={"heard wrong": 1.5})),
    ],
)
def test_what_was_not_agreed_is_refused_by_name(kind: Any, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected|bytes|parts"):
        kind.from_bytes(data)


@pytest.mark.parametrize(
    "more",
    [
        {"salt": "ab"},
        {"epoch": 0},
        {"most": MOST_PAIRS + 1},
        {"epsilon": float("nan")},
        {"delta": 2},
        {"weeks": -1},
        {"named": ["x"]},
        {"named": 3},
        {"named": ["ab" * 16] * 5_001},
    ],
)
def test_a_question_beyond_what_was_agreed_is_none(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected|named"):
        Asked.from_json(json.dumps({**json.loads(ASKING.to_json()), **more}))


LEFT_BEFORE = (
    *("call oksana", "marisol's reader", "grandma zeynep reader", "doctor okafor's line", "tiago's room"),
    *(
        "reader at baker close",
        "reader two",
        "set it to twenty five",
        "the seven thirty light",
        "jonesy reader",
    ),
    *(
        "the code four two",
        "my password swordfish",
        "zwei vier sieben",
        "lamp \u2461",
        "lamp \u2177",
        "lamp \u00bd",
    ),
    *("zebulons reader", "open sesame is my code", "ninth street reader", "text mum on whatsapp mariak"),
)
"""What a filter let out that looked for names, numbers and secrets."""


# ------------------------------------------------------------------------------------------- at home


@dataclass
class Own:
    """Wordings that a home has learned, and those that everybody knows."""

    rules: list[Rule]
    common: set[str] = field(default_factory=set)

    def offered(self, names: Collection[str]) -> list[Rule]:
        return offered(self.rules, names)

    def is_common(self, _: str, failing: str) -> bool:
        return failing in self.common


@dataclass
class Asking:
    """The pack that comes along, with what a fleet asks."""

    encoder: Encoder
    folder: Path

    @property
    def pack(self) -> Any:
        size = (self.folder / ASKED).stat().st_size
        return replace(self.encoder.pack, folder=self.folder, files={ASKED: size})

    def understand(self, text: str) -> Any:
        return self.encoder.understand(text)


class House:
    """The demo home, asked by a fleet."""

    def __init__(self, encoder: Encoder, place: Path, rules: list[Rule]) -> None:
        self.outgoing, self.place, self.own = place / "outgoing", place, Own(rules)
        self.journal = SqliteJournal(place / "journal.sqlite3")
        self.context = HomeContext(appliance_profiles(), layout_of(read_home("demo")))
        self.reads = Asking(encoder, place)

    def asked(self, asked: Asked | str, now: datetime = NOW) -> None:
        text = asked if isinstance(asked, str) else asked.to_json()
        (self.place / ASKED).write_text(text)
        told: Any = self.own
        private = ("Zebulon Jones",)
        sharing = Sharing(
            *(self.journal, told, self.context, self.reads, self.outgoing),
            private=private,
            wordings=True,
            weeks=True,
        )
        for _ in sharing.tell(now):
            pass

    def digests(self) -> list[bytes]:
        bodies = [item.body for _, item in offers_in(self.outgoing) if item is not None]
        return [one for body in bodies for one in Offer.from_bytes(body).digests]

    def words(self) -> list[Pair]:
        items = [item for item in handed_out(self.outgoing) if item.kind == "wordings"]
        return [pair for item in items for pair in Worded.from_bytes(item.body).pairs]


@pytest.fixture
def house(encoder: Encoder, tmp_path: Path) -> House:
    return House(encoder, tmp_path, [rule(GLOW), rule(KILL)])


def test_a_home_that_is_asked_tells_digests_and_no_words(house: House) -> None:
    house.asked(ASKING)
    assert sorted(house.digests()) == sorted(digest(SALT, pair) for pair in (GLOW, KILL))
    assert house.words() == []
    assert b"glow" not in next(house.outgoing.glob("pairs-*.bin")).read_bytes()


def test_a_home_tells_no_more_pairs_than_it_is_asked_for_and_none_that_everybody_knows(house: House) -> None:
    house.asked(replace(ASKING, most=1))
    assert house.digests() == [digest(SALT, KILL)]
    house.own.common.add(KILL.failing)
    house.asked(replace(ASKING, most=1, epoch=4), NOW + timedelta(seconds=EPOCH_S))
    assert house.digests()[1:] == [digest(SALT, GLOW)]


def test_a_home_tells_once_an_epoch_and_no_oftener_than_every_four_weeks(house: House) -> None:
    house.asked(ASKING)
    for file in house.outgoing.glob("pairs-*.bin"):
        file.unlink()
    house.asked(ASKING, NOW + timedelta(days=60))
    house.asked(replace(ASKING, epoch=4), NOW + timedelta(days=27))
    assert house.digests() == []
    house.asked(replace(ASKING, epoch=4), NOW + timedelta(days=29))
    assert len(house.digests()) == 2


def test_only_the_words_of_what_was_named_follow_and_once(house: House) -> None:
    named = replace(ASKING, named=(digest(SALT, GLOW), digest(SALT, Pair("name", "x", "y"))))
    house.asked(ASKING)
    house.asked(named)
    house.asked(named)
    assert house.words() == [GLOW]


def test_no_words_follow_of_what_this_home_has_not_offered(house: House) -> None:
    asking = replace(ASKING, most=1)
    both = tuple(digest(SALT, pair) for pair in (KILL, GLOW))
    house.asked(asking)
    house.asked(replace(asking, named=both))
    assert house.words() == [KILL], "it offered no more than that"
    house.asked(replace(asking, epoch=4, named=both))
    assert house.words() == [KILL], "and nothing in that epoch"


@pytest.mark.parametrize(
    ("failing", "working"),
    [
        ("zebulon's reader", "reading lamp"),
        ("reader", "zebulon lamp"),
        ("nine one one two", "reading lamp"),
        ("12 lamp", "reading lamp"),
        ("the lamp at elm street", "reading lamp"),
        ("ana at example dot org", "reading lamp"),
        ("my pin is open sesame", "reading lamp"),
        *((failing, "reading lamp") for failing in LEFT_BEFORE),
    ],
)
def test_nothing_that_tells_of_somebody_is_named_or_worded(house: House, failing: str, working: str) -> None:
    pair = Pair("name", failing, working)
    house.own.rules = [rule(pair)]
    house.asked(ASKING)
    house.asked(replace(ASKING, named=(digest(SALT, pair),)))
    assert house.digests() == []
    assert house.words() == []


@pytest.mark.parametrize("text", ["", "{", "[]", ASKING.to_json()[:-1], '{"format": 1}'])
def test_a_question_that_is_none_is_not_answered(house: House, text: str) -> None:
    house.asked(text)
    assert house.digests() == []


def test_what_has_not_left_yet_is_forgotten_with_the_rest(house: House) -> None:
    house.asked(ASKING)
    house.asked(replace(ASKING, named=(digest(SALT, GLOW),)))
    assert house.digests()
    assert house.words()
    withdraw(house.outgoing)
    assert house.digests() == house.words() == []


def test_of_what_was_offered_before_something_was_forgotten_no_words_follow(house: House) -> None:
    house.asked(ASKING)
    records = Records(house.journal, HomeMemory(house.journal), house.context, None, house.outgoing)
    records.answer({"do": "undo", "items": [], "day": ""})
    house.asked(replace(ASKING, named=(digest(SALT, GLOW),)))
    assert house.words() == []
    offered_ = f"SELECT name FROM marks WHERE name GLOB '{OFFERED}*'"
    assert list(house.journal.rows(offered_)) == []


def test_a_quiet_week_is_not_told(house: House) -> None:
    house.asked(ASKING)
    assert [item for item in handed_out(house.outgoing) if item.kind == "count"] == []
    assert house.journal.mark("week told") == week_of(NOW.timestamp()) - 1


def test_a_week_is_told_in_shares_and_once(house: House, encoder: Encoder) -> None:
    begun = NOW - timedelta(days=7)
    stage = Stage(read_home("demo"), begun, encoder, journal=house.place / "said.sqlite3", live=True)
    for number in range(12):
        stage.at += timedelta(minutes=20)
        text = "turn on the hallway light" if number % 4 else "mumble grumble rumble"
        stage.handle(Utterance(f"u{number}", text, stage.at, "kitchen_speaker"))
    house.journal = stage.journal
    house.asked(replace(ASKING, weeks=0.0))
    assert [one for one in handed_out(house.outgoing) if one.kind == "count"] == [], (
        "nobody says what it costs"
    )
    house.asked(ASKING)
    house.asked(ASKING)
    (week,) = [Week.from_bytes(one.body) for one in handed_out(house.outgoing) if one.kind == "count"]
    assert week.week == week_of(begun.timestamp())
    assert sum(week.parts.values()) == WHOLE
    assert week.epsilon == ASKING.weeks
    assert b"hallway" not in week.to_bytes()


def test_cut_off_before_it_has_told_digests_a_home_tells_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("edge_nlu.hub.sharing.put_offer", cut_off)
        with pytest.raises(OSError, match="power"):
            house.asked(ASKING)
    house.asked(ASKING)
    assert house.digests() == [], "nobody knows whether the first left, and twice would be too often"


def test_cut_off_before_it_has_told_words_a_home_tells_them_the_next_night(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = replace(ASKING, named=(digest(SALT, GLOW),))
    house.asked(ASKING)
    with monkeypatch.context() as patch:
        patch.setattr("edge_nlu.hub.sharing.hand_out", cut_off)
        with pytest.raises(OSError, match="power"):
            house.asked(named)
    house.asked(named)
    assert house.words() == [GLOW]


def cut_off(*_: Any) -> None:
    raise OSError("the power is gone")


def test_weeks_begin_on_mondays() -> None:
    begun = datetime.fromtimestamp(begin_of(week_of(NOW.timestamp())), UTC)
    assert (begun.weekday(), begun.hour) == (0, 0)
    assert timedelta(0) <= NOW - begun < timedelta(days=7)


# ---------------------------------------------------------------------------------------- on its way


def test_an_offer_leaves_once_under_the_name_that_was_drawn_for_it(tmp_path: Path) -> None:
    queue, has = Queue(tmp_path / QUEUE), list[Item]()
    offer = Offer(3, HOME, (digest(SALT, GLOW),), 1.0, 1e-8)
    for _ in range(2):
        # the second time it comes back from the dead
        put_offer(tmp_path / "outgoing", offer)
        take_in(queue, tmp_path / "outgoing", 0.0)
        deliver(queue, tmp_path / "outgoing", has.append, "https://inbox.example", lambda: 0.0)
    assert [(item.key, item.kind) for item in has] == [(HOME, "pairs")]
    assert list((tmp_path / "outgoing").glob("pairs-*")) == []


def test_a_file_that_is_no_offer_is_not_sent(tmp_path: Path) -> None:
    outgoing = tmp_path / "outgoing"
    outgoing.mkdir()
    (outgoing / "pairs-3.bin").write_bytes(b"the reader is the reading lamp")
    (outgoing / "pairs-4.bin.part").write_bytes(b"half of it")
    queue = Queue(tmp_path / QUEUE)
    assert take_in(queue, outgoing, 0.0) == 0
    assert queue.waiting() == {}


def test_words_that_left_are_kept_word_for_word_and_nothing_else_is(tmp_path: Path) -> None:
    queue = Queue(tmp_path / QUEUE)
    for number, (kind, body) in enumerate([("pairs", b"\x00digests"), ("wordings", MESSAGES[3].to_bytes())]):
        queue.done(Item(f"{number}" * 32, kind, body), "https://inbox.example", 1.0)
    queue.close()
    (pairs, wordings) = queued(tmp_path).delivered
    assert pairs[4] == ""
    assert "reading lamp" in wordings[4]


# ------------------------------------------------------------------------------ as a hub is put together


def test_nobody_is_told_anything_unless_the_settings_say_so(encoder: Encoder, tmp_path: Path) -> None:
    journal, context = SqliteJournal(None), HomeContext(appliance_profiles())
    learned = HomeMemory(journal)
    for more, tells in (
        ({}, False),
        ({"wordings": True}, False),
        ({"inbox": "https://inbox.example"}, False),
        ({"inbox": "https://inbox.example", "wordings": True}, True),
        ({"inbox": "https://inbox.example", "weeks": True}, True),
    ):
        settings = replace(Settings(), sync=Sync(**more))
        found = sharing(settings, tmp_path, journal, learned, context, encoder)
        assert (found is not None) == tells, more
        assert sharing(settings, None, journal, learned, context, encoder) is None


def test_the_table_of_a_pack_counts_at_home_and_goes_with_the_pack(encoder: Encoder, tmp_path: Path) -> None:
    lent = Shared("whole", "kill the glow", "turn off the reading lamp", 60)
    repacked(Pack.default_path(), tmp_path / "pack", {FILE: line_of(lent).encode()})
    journal, context = SqliteJournal(None), HomeContext(appliance_profiles())
    learned = HomeMemory(journal)
    use_pack(Encoder(Pack.open(tmp_path / "pack")), context, journal, learned, {})
    taken = learned.wordings.taken(Utterance("u1", "kill the glow", NOW, "tv"))
    assert taken is not None
    assert taken.text == lent.working
    use_pack(encoder, context, journal, learned, {})
    assert learned.wordings.taken(Utterance("u2", "kill the glow", NOW, "tv")) is None


def test_whom_a_fleet_counts_it_has_to_know(tmp_path: Path) -> None:
    key = tmp_path / "hub.pem"
    key.touch()
    known = Federated(ca=str(key), certificate=str(key), key=str(key))
    check_federated(replace(Settings(), sync=Sync(inbox="http://reports.example")))
    for sync, named in (
        (Sync(inbox="http://fleet.example", wordings=True, federated=known), "sync.inbox"),
        (Sync(inbox="https://fleet.example", weeks=True), "sync.federated.ca"),
        (Sync(inbox="https://fleet.example", wordings=True), "sync.federated.ca"),
    ):
        with pytest.raises(SettingsError, match=named):
            check_federated(replace(Settings(), sync=sync))
    check_federated(
        replace(Settings(), sync=Sync(inbox="https://fleet.example", weeks=True, federated=known))
    )
