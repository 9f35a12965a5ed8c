"""Rules of a home: on trial and withdrawn, of whom and where, lent by others, found at night, undone."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_nlu.learning.rewording import Turned
from edge_nlu.learning.rules import Rule, spared
from edge_nlu.learning.sharing import Shared, line_of, offered, pooled
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.learned import learned, undo
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.storage.shared import FILE, read_shared
from edge_nlu.values import (
    Act,
    Ask,
    Candidate,
    Clause,
    Command,
    Decision,
    Device,
    Exchange,
    Feature,
    Outcome,
    Report,
    Slot,
    Understanding,
    Utterance,
    Wish,
)

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNSURE = Ask("Sorry, I did not get that.", "unsure")
KILL, LAMP = "kill the reader", "turn off the hall lamp"


def turn_off(device: str) -> Act:
    told = Command(device, (("state", False),))
    return Act((Candidate(Wish("off", "power"), (device,), (told,)),), (told,), "Off.")


class Hub:
    """A journal and a memory, with people who speak to them."""

    def __init__(self, path: Path | None = None, shared: tuple[Shared, ...] = ()) -> None:
        self.at, self.count = NINE, 0
        self.path, self.shared = path, shared
        self.open()

    def open(self) -> None:
        self.journal = SqliteJournal(self.path)
        rooms = {"hall_speaker": "hall", "den_speaker": "den"}
        self.memory = HomeMemory(self.journal, rooms, shared=self.shared)

    def say(
        self, text: str, decision: Decision, *, user: str = "", at: str = "hall_speaker", want: str = "off"
    ) -> Exchange:
        """Let somebody say something, as the rules have it read."""
        self.count += 1
        self.at += timedelta(seconds=10)
        own = next(name for name in (f"u{self.count}-{n}" for n in range(99)) if not spared(name))
        said = Utterance(own, text, self.at, at, user)
        taken = self.memory.rewording(said)
        heard = taken.text if taken is not None else text
        room = next((word for word in ("hall", "den") if word in heard.split()), "")
        start = heard.find(room)
        slots = (Slot("room", start, start + len(room), room),) if room else ()
        read = Understanding(heard, (), 1.0, (), (Clause(0, len(heard), want, "power", slots),))
        exchange = Exchange(said, read, turn_off("z/hall") if taken is not None else decision, taken=taken)
        assert self.journal.write(exchange)
        if isinstance(exchange.decision, Act):
            told = tuple(command.device for command in exchange.decision.commands)
            exchange = replace(exchange, outcome=Outcome(told))
        self.memory.observe(exchange)
        self.journal.finish(exchange)
        return exchange

    def turn(
        self, failing: str = KILL, working: str = LAMP, *, user: str = "", at: str = "hall_speaker"
    ) -> None:
        self.say(failing, UNSURE, user=user, at=at)
        self.say(working, turn_off("z/hall" if "hall" in working else "z/den"), user=user, at=at)
        self.at += timedelta(hours=1)

    def taken(self, text: str = KILL, user: str = "", at: str = "hall_speaker") -> str:
        found = self.memory.rewording(Utterance("q", text, self.at, at, user))
        return found.text if found is not None else text

    def states(self) -> dict[str, str]:
        self.journal.flush()
        return dict(self.journal.rows("SELECT working, state FROM rules"))


def test_a_rule_is_on_trial_until_it_has_gone_well_twice() -> None:
    hub = Hub()
    hub.turn()
    assert hub.states() == {LAMP: "trial"}
    for state in ("trial", "confirmed"):
        hub.say(KILL, UNSURE)
        hub.at += timedelta(hours=1)
        hub.say("turn off the den lamp", turn_off("z/den"))
        hub.at += timedelta(hours=1)
        assert hub.states()[LAMP] == state


@pytest.mark.parametrize("complaint", ["no, undo that", "no"])
def test_at_the_first_complaint_a_rule_is_withdrawn(complaint: str) -> None:
    hub = Hub()
    hub.turn()
    hub.say(KILL, UNSURE)
    hub.say(complaint, turn_off("z/hall"), want="undo")
    assert hub.states() == {LAMP: "withdrawn"}
    assert hub.taken() == KILL


def test_what_did_not_go_well_either_teaches_nothing() -> None:
    hub = Hub()
    hub.say(KILL, UNSURE)
    hub.say(LAMP, turn_off("z/hall"))
    assert hub.taken() == LAMP
    hub.say("no, undo that", turn_off("z/hall"), want="undo")
    assert hub.taken() == KILL
    assert hub.journal.rows("SELECT * FROM evidence") == []


def test_an_act_that_was_taken_back_gives_way_to_what_was_said_then() -> None:
    hub = Hub()
    hub.say(KILL, turn_off("z/den"))
    hub.say("no, undo that", turn_off("z/den"), want="undo")
    hub.say(LAMP, turn_off("z/hall"))
    assert hub.taken() == LAMP


def test_what_has_nothing_in_common_is_the_same_wish_only_when_it_is_turned_to_again() -> None:
    hub = Hub()
    for expected in ("start the snuggle", LAMP):
        hub.say("start the snuggle", UNSURE, want="start")
        hub.say(LAMP, turn_off("z/hall"))
        hub.at += timedelta(hours=1)
        assert hub.taken("start the snuggle") == expected


def test_each_person_may_mean_something_else() -> None:
    hub = Hub()
    hub.turn("kill the hall reader", "turn off the hall lamp", user="ana")
    for _ in range(2):
        hub.turn("kill the hall reader", "turn off the den lamp", user="ben")
    assert hub.taken("kill the hall reader", "ana") == "turn off the hall lamp"
    assert hub.taken("kill the hall reader", "ben") == "turn off the den lamp"
    assert hub.taken("kill the hall reader") == "kill the hall reader"


def test_what_may_mean_the_room_it_was_said_in_holds_only_there() -> None:
    hub = Hub()
    hub.turn()
    assert hub.taken(at="den_speaker") == KILL
    hub.turn(at="den_speaker")
    assert hub.taken(at="den_speaker") == KILL, "who goes on to another room may want something else"
    hub.turn(at="den_speaker")
    assert hub.taken(at="den_speaker") == LAMP


def test_one_of_twenty_sentences_is_spared_for_good_and_tells_how_it_goes_without() -> None:
    hub = Hub()
    hub.turn()
    ids = [f"s{number}" for number in range(2000)]
    found = [hub.memory.rewording(Utterance(own, KILL, hub.at, "hall_speaker")) for own in ids]
    left = [one for one in found if one is not None and one.spared]
    assert 0.03 < len(left) / len(ids) < 0.07
    said = Utterance(next(own for own in ids if spared(own)), KILL, hub.at, "hall_speaker")
    read = Understanding(KILL, (), 1.0, (), (Clause(0, len(KILL), "off", "power"),))
    exchange = Exchange(said, read, UNSURE, taken=left[0])
    hub.memory.wordings.went(exchange, well=False)
    hub.journal.flush()
    assert hub.journal.rows("SELECT won, lost, plain_lost > 1.5 FROM rules") == [(0.0, 0.0, 1)]


def test_a_thousand_planted_corrections_can_be_undone() -> None:
    hub = Hub()
    for _ in range(2):
        hub.turn("kill the heater", "turn off the den heater")
    hub.at += timedelta(days=2)
    for number in range(1000):
        hub.at = NINE + timedelta(days=2, seconds=80 * number)
        hub.turn(f"kill the reader {'again ' * (number % 50)}".strip())
        hub.at -= timedelta(hours=1)
    assert len(hub.states()) == 2
    for number in range(2):
        undo(hub.journal, [], (NINE + timedelta(days=2 + number)).date().isoformat())
    for _ in range(2):
        hub.memory.read()
        assert {hub.taken(f"kill the reader {'again ' * n}".strip()) for n in range(50)} == {
            f"kill the reader {'again ' * n}".strip() for n in range(50)
        }
        assert hub.taken("kill the heater") == "turn off the den heater"
    # nor do the nights bring it back, which read it all again
    hub.journal.keep([("UPDATE exchanges SET goal = (number + 1) / 2, reached = 0.9", ())])
    list(hub.memory.wordings.mine())
    assert hub.taken() == KILL


def test_what_was_undone_is_learned_anew_when_people_go_on() -> None:
    hub = Hub()
    hub.turn()
    (own,) = [one.id for one in learned(hub.journal.rows) if one.kind == "rewording"]
    undo(hub.journal, [own], "")
    hub.memory.read()
    assert hub.taken() == KILL
    for _ in range(3):
        hub.turn()
    assert hub.taken() == LAMP


def test_nights_find_what_was_said_anew_later_on() -> None:
    hub = Hub()
    for _ in range(2):
        hub.say(KILL, UNSURE)
        hub.at += timedelta(minutes=3)
        hub.say(LAMP, turn_off("z/hall"))
        hub.at += timedelta(hours=1)
    assert hub.taken() == KILL
    hub.journal.keep([("UPDATE exchanges SET goal = (number + 1) / 2 * 2 - 1, reached = 0.95", ())])
    for _ in range(2):
        list(hub.memory.wordings.mine())
        ((seen,),) = hub.journal.rows("SELECT count(*) FROM evidence")
        assert seen == 2
    assert (
        hub.memory.wordings.likeliest("whole", KILL, Utterance("q", KILL, hub.at, "hall_speaker")) is not None
    )


@pytest.mark.parametrize("gap_s", [-9, 0, 60])
def test_what_was_done_is_not_wrong_for_what_is_said_next(gap_s: int) -> None:
    hub = Hub()
    for _ in range(3):
        hub.say("turn off the den lamp", turn_off("z/den"))
        hub.at += timedelta(seconds=gap_s)
        hub.say(LAMP, turn_off("z/hall"))
        hub.at += timedelta(hours=1)
    hub.journal.keep([("UPDATE exchanges SET goal = (number + 1) / 2 * 2 - 1, reached = 0.5", ())])
    list(hub.memory.wordings.mine())
    assert hub.states() == {}
    assert hub.taken("turn off the den lamp") == "turn off the den lamp"


def test_killed_at_any_statement_of_a_night_no_rule_is_half_written(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "journal.sqlite3")
    for number in range(3):
        hub.say(f"{KILL} {number}", UNSURE)
        hub.at += timedelta(minutes=3)
        hub.say(LAMP, turn_off("z/hall"))
        hub.at += timedelta(hours=1)
    hub.journal.keep([("UPDATE exchanges SET goal = (number + 1) / 2 * 2 - 1, reached = 0.95", ())])
    hub.journal.close()
    whole, found, number = (tmp_path / "journal.sqlite3").read_bytes(), set[int](), 0
    killed = True
    while killed:
        number += 1
        path = tmp_path / f"try-{number}" / "journal.sqlite3"
        path.parent.mkdir()
        path.write_bytes(whole)
        killed = killed_at(number, path)
        after = Hub(path)
        assert after.journal.damaged == []
        rules = [row[0] for row in after.journal.rows("SELECT id FROM rules")]
        assert sorted(rules) == sorted(row[0] for row in after.journal.rows("SELECT rule FROM evidence"))
        found.add(len(rules))
        after.journal.close()
    assert number > 10
    assert found == {0, 3}


def killed_at(number: int, path: Path) -> bool:
    """Let another process learn at night, and kill it at its statement of this number, if there is one."""
    child = os.fork()
    if child == 0:
        try:
            hub, left = Hub(path), [number]

            def stop(_: str) -> None:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), 9)

            hub.journal._database.set_trace_callback(stop)
            list(hub.memory.wordings.mine())
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == 9


# ------------------------------------------------------------------------------------- between homes

LENT = Shared("whole", KILL, "turn off the lamp", 5)


def test_what_other_homes_share_counts_where_a_home_has_nothing_of_its_own(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "journal.sqlite3")
    hub.turn()
    hub.shared = (LENT, replace(LENT, failing="kill the lamp"))
    hub.journal.close()
    hub.open()
    assert hub.taken() == LAMP
    assert hub.taken("kill the lamp") == "turn off the lamp"


def test_what_was_lent_is_withdrawn_like_anything_else() -> None:
    hub = Hub(shared=(LENT,))
    exchange = hub.say(KILL, UNSURE)
    assert exchange.taken is not None
    hub.say("no, undo that", turn_off("z/hall"), want="undo")
    assert hub.taken() == KILL
    assert hub.states() == {"turn off the lamp": "withdrawn"}


def test_a_home_shows_only_what_went_well_and_tells_of_nobody() -> None:
    fine = Rule("whole", KILL, LAMP, state="confirmed")
    others = [
        replace(fine, state="trial"),
        replace(fine, source="shared"),
        replace(fine, user="ana"),
        replace(fine, failing="call 5551234"),
        replace(fine, failing="call five five five one two"),
        replace(fine, working="mail ana@example.org"),
        replace(fine, failing="kill zebulon's reader", working="turn off zebulon lamp"),
    ]
    assert offered([fine, *others], names=["Zebulon Jones"]) == [fine]


def test_what_enough_homes_say_alike_is_shared() -> None:
    def name(failing: str, working: str) -> Rule:
        return Rule("name", failing, working, state="confirmed")

    homes = [
        [name("reader", "kitchen reading lamp"), Rule("whole", KILL, LAMP, state="confirmed")],
        [name("reader", "hall reading lamp"), name("big one", "spots")],
        [name("reader", "reading lamp"), name("big one", "floor lamp")],
        [name("big one", "kettle")],
    ]
    assert pooled(homes, 3) == [line_of(Shared("name", "reader", "reading lamp", 3))]


def test_a_bad_line_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    path = tmp_path / FILE
    assert read_shared(path) == ([], [])
    good = json.loads(line_of(LENT))
    bad = ["{", "[1]", {**good, "homes": 0}, {**good, "kind": "spell"}, {**good, "failing": "Kill, please"}]
    bad += [{**good, "working": "call 112"}, {**good, "working": ""}, {**good, "more": 1}]
    lines = [line_of(LENT), *(one if isinstance(one, str) else json.dumps(one) for one in bad)]
    path.write_text("\n".join(lines))
    rules, wrong = read_shared(path)
    assert rules == [LENT]
    assert [error.line for error in wrong] == list(range(2, len(lines) + 1))
    assert f"{path}, line 2: found '{{', which is no JSON" in str(wrong[0])


def test_a_pair_tells_for_whom_it_holds() -> None:
    hub = Hub()
    earlier = hub.say("my thing off", UNSURE, user="ana")
    later = hub.say(LAMP, turn_off("z/hall"), user="ana")
    assert Turned(earlier, later).user == "ana"
    assert hub.taken("my thing off", "ana") == LAMP
    assert hub.taken("my thing off", "ben") == "my thing off"


def test_what_is_done_by_hand_right_after_is_what_was_meant() -> None:
    hub = Hub()
    hub.say(LAMP, turn_off("z/hall"))
    hub.at += timedelta(hours=1)
    lamp = Device("z/hall", "hall lamp", (Feature("state", "switch", "power", settable=True),))
    hub.say(KILL, UNSURE)
    hub.memory.noticed(lamp, Report("z/hall", "state", value=False), hub.at + timedelta(seconds=15))
    hub.at += timedelta(hours=1)
    hub.say("is it late", UNSURE, want="ask")
    assert hub.taken() == LAMP
    hub.say("dim the reader", UNSURE, want="lower")
    hub.memory.noticed(lamp, Report("z/hall", "state", value=False), hub.at + timedelta(seconds=15))
    hub.at += timedelta(hours=1)
    hub.say("is it late", UNSURE, want="ask")
    assert hub.taken("dim the reader") == "dim the reader"
