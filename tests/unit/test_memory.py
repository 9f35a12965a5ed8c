"""A month in a home, played in a loop: what is learned, what is taken back, and what a restart leaves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_nlu.steps.rewrite import rewrite
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.storage.retention import HABITS_DAYS, Retention
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    Candidate,
    Clause,
    Command,
    Decision,
    Device,
    Exchange,
    Feature,
    Lesson,
    Outcome,
    Report,
    Understanding,
    Utterance,
    Wish,
)

FIRST = datetime(2026, 2, 2, tzinfo=UTC)
COFFEE, LAMP = "h/coffee", "z/lamp"
UNSURE = Ask("Sorry, I did not get that.", "unsure")
BREW = Wish("start", "run", usual=True)


class Playing:
    """A hub of which only journal and memory are there, and a clock that is moved by hand."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.at = FIRST
        self.count = 0
        self.open()

    def open(self) -> None:
        self.journal = SqliteJournal(self.path)
        self.memory = HomeMemory(self.journal, {"kitchen_speaker": "kitchen", "kitchen_display": "kitchen"})

    def say(
        self,
        text: str,
        decision: Decision,
        *,
        want: str = "start",
        user: str = "",
        at: str = "kitchen_speaker",
        read_as: str = "",
    ) -> None:
        self.count += 1
        said = Utterance(f"u{self.count}", text, self.at, at, user)
        about = decision.candidates[0].wish.property if isinstance(decision, Act) else "run"
        read = Understanding(read_as or text, (), 1.0, (), (Clause(0, len(text), want, about),))
        taken = self.memory.rewording(said) if read_as else None
        exchange = Exchange(said, read, decision, taken=taken)
        assert self.journal.write(exchange)
        if isinstance(decision, Act):
            told = tuple(command.device for command in decision.commands)
            exchange = replace(exchange, outcome=Outcome(told))
        self.memory.observe(exchange)
        self.journal.finish(exchange)

    def brew(self, drink: str, user: str = "") -> None:
        self.say(f"make {drink}", act(Wish("start", "run"), COFFEE, brew=drink), user=user)

    def usual(self, user: str = "", at: str = "kitchen_speaker") -> list[tuple[object, float]]:
        said = Utterance("q", "the usual", self.at, at, user)
        return [(c.settings[0][1], sure) for c, sure in self.memory.usual(BREW, (COFFEE,), said)]


def act(wish: Wish, device: str, **settings: bool | float | str) -> Act:
    told = Command(device, tuple(settings.items()))
    return Act((Candidate(wish, (device,), (told,)),), (told,), "All right.")


def month(hub: Playing) -> None:
    for day in range(28):
        hub.at = FIRST + timedelta(days=day, hours=7, minutes=5)
        hub.brew("espresso" if hub.at.weekday() < 5 else "cappuccino", "ana")
        hub.at += timedelta(minutes=20)
        hub.brew("lungo", "ben")
        hub.at += timedelta(hours=12)
        hub.say("lamp on", act(Wish("on", "power"), LAMP, state=True), want="on", user="ana")


def test_a_month_leaves_the_habits_of_each_person(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    month(hub)
    hub.at = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    for _ in range(2):
        assert hub.usual("ana")[0][0] == "espresso"
        assert [drink for drink, sure in hub.usual("ben") if sure > 0.8] == ["lungo"]
        assert hub.usual("carla") == []
        before = hub.usual("ana")
        hub.journal.close()
        hub.open()
        assert hub.usual("ana") == before
    hub.at = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
    assert hub.usual("ana")[0][0] == "cappuccino"


def test_satellites_of_one_room_share_what_is_usual_there() -> None:
    hub = Playing()
    month(hub)
    hub.at = datetime(2026, 3, 2, 7, 20, tzinfo=UTC)
    said = Utterance("q", "the usual", hub.at, "kitchen_display", "ben")
    assert hub.memory.usual(BREW, (), said)[0][0].settings == (("brew", "lungo"),)
    elsewhere = Utterance("q", "the usual", hub.at, "hall_speaker", "ben")
    assert hub.memory.usual(BREW, (), elsewhere) == ()


def test_what_is_taken_back_is_not_learned_not_even_after_a_restart(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    for day in range(4):
        hub.at = FIRST + timedelta(days=day, hours=7)
        hub.brew("espresso")
        hub.at += timedelta(seconds=5)
        hub.say("no", UNSURE, want="deny")
    assert hub.usual() == []
    hub.journal.close()
    hub.open()
    assert hub.usual() == []


def test_an_old_habit_gives_way_in_days_not_months() -> None:
    hub = Playing()
    for day in range(24):
        hub.at = FIRST + timedelta(days=day, hours=7)
        hub.brew("espresso" if day < 18 else "tea")


def test_a_clock_that_jumps_loses_no_habit() -> None:
    hub = Playing()
    days = (0, 1, 2, -12000, -11999, 3, 4, 9000, 5, 6)
    for day in days:
        hub.at = FIRST + timedelta(days=day, hours=7)
        hub.brew("espresso")
    assert hub.usual()[0][0] == "espresso"


def test_what_is_taught_holds_at_once_and_after_a_restart(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    said = Utterance("t", "", FIRST, "kitchen_speaker", "ana")
    hub.memory.learn((Lesson("phrase", "movie time", "close the blinds", "ana"),), said)
    hub.memory.learn((Lesson("favourite", "coffee", "a lungo", "ana"),), said)
    hub.memory.learn((Lesson("favourite", "coffee", "a latte", "ben"),), said)
    for _ in range(2):
        assert rewrite("movie time", hub.memory.lessons("ana")) == "close the blinds"
        assert rewrite("movie time", hub.memory.lessons("ben")) == "close the blinds"
        assert rewrite("make my favourite coffee", hub.memory.lessons("ben")) == "make a latte"
        assert rewrite("make my favourite coffee", hub.memory.lessons("carla")) == "make my favourite coffee"
        assert [lesson.user for lesson in hub.memory.teachings("ben")] == ["ben"]
        # the power goes, nothing is closed
        hub.open()


def test_each_has_a_meaning_of_their_own_and_the_latest_holds() -> None:
    hub = Playing()
    for user, meaning in (("", "one"), ("ana", "two"), ("ben", "three"), ("ana", "four")):
        hub.memory.learn((Lesson("phrase", "cosy", meaning, user),), Utterance("t", "", FIRST, user=user))
    found = {user: rewrite("cosy", hub.memory.lessons(user)) for user in ("", "ana", "ben", "carla")}
    assert found == {"": "one", "ana": "four", "ben": "three", "carla": "one"}
    hub.memory.learn((Lesson("phrase", "cosy", "five"),), Utterance("t", "", FIRST, user="ana"))
    assert rewrite("cosy", hub.memory.lessons("ana")) == "five"


def test_what_is_forgotten_is_gone_for_good(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    said = Utterance("t", "", FIRST)
    hub.memory.learn((Lesson("phrase", "movie time", "close the blinds"),), said)
    hub.memory.learn((Lesson("forget", "movie time"),), said)
    assert rewrite("movie time", hub.memory.lessons("")) == "movie time"
    hub.open()
    assert hub.memory.lessons("") == ()


def fail_and_turn(hub: Playing, *, times: int) -> None:
    for _ in range(times):
        hub.at += timedelta(days=1)
        hub.say("kill the reader", Answer("There is no reader."), want="off")
        hub.at += timedelta(seconds=8)
        hub.say("turn off the lamp", act(Wish("off", "power"), LAMP, state=False), want="off")


def taken_for(hub: Playing, text: str, user: str = "", at: str = "kitchen_speaker") -> str:
    taken = hub.memory.rewording(Utterance("q", text, hub.at, at, user))
    return taken.text if taken is not None else text


def test_a_wording_that_failed_gives_way_and_is_withdrawn_by_a_no(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    assert taken_for(hub, "kill the reader") == "kill the reader"
    fail_and_turn(hub, times=1)
    assert taken_for(hub, "kill the reader") == "turn off the lamp"
    hub.journal.close()
    hub.open()
    assert taken_for(hub, "Kill the reader, please!", "ben") == "turn off the lamp"
    assert taken_for(hub, "kill the reader", at="hall_speaker") == "kill the reader", "another lamp there"
    hub.at += timedelta(days=1)
    done = act(Wish("off", "power"), LAMP, state=False)
    hub.say("kill the reader", done, want="off", read_as="turn off the lamp")
    assert taken_for(hub, "kill the reader") == "turn off the lamp"
    hub.at += timedelta(seconds=4)
    hub.say("no, undo that", act(Wish("undo", "power"), LAMP, state=True), want="undo")
    for _ in range(2):
        assert taken_for(hub, "kill the reader") == "kill the reader"
        hub.journal.close()
        hub.open()
    fail_and_turn(hub, times=2)
    assert taken_for(hub, "kill the reader") == "turn off the lamp", "people turned to it anew"


def test_a_household_that_never_complains_learns_no_rewording() -> None:
    hub = Playing()
    month(hub)
    assert hub.journal.rows("SELECT * FROM rules") == []


def test_a_household_that_always_speaks_on_learns_no_rewording() -> None:
    hub = Playing()
    for number in range(40):
        hub.at += timedelta(hours=1)
        hub.say("lamp on", act(Wish("on", "power"), LAMP, state=True), want="on")
        hub.at += timedelta(seconds=12)
        hub.say("make tea", act(Wish("start", "run"), COFFEE, brew="tea"))
        hub.at += timedelta(hours=1)
        hub.say(f"frobnicate {number % 8}", Answer("There is no such thing."))
        hub.at += timedelta(seconds=12)
        drink = f"drink {number}"
        hub.say(f"make {drink}", act(Wish("start", "run"), COFFEE, brew=drink))
    assert [taken_for(hub, f"frobnicate {number}") for number in range(8)] == [
        f"frobnicate {number}" for number in range(8)
    ]


def test_a_wording_that_mostly_works_by_itself_is_left_alone() -> None:
    hub = Playing()
    for _ in range(6):
        hub.at += timedelta(days=1)
        hub.say("kill the reader", act(Wish("off", "power"), LAMP, state=False), want="off")
    fail_and_turn(hub, times=1)
    assert taken_for(hub, "kill the reader") == "kill the reader"


def test_the_echo_of_a_command_is_not_done_by_hand() -> None:
    hub = Playing()
    lamp = Device(LAMP, "lamp", (Feature("state", "switch", "power", settable=True),))
    wish = Wish("on", "power", usual=True)
    for day in range(6):
        hub.at = FIRST + timedelta(days=day, hours=20)
        # an echo may be quicker than what is written down about the command
        hub.memory.noticed(lamp, Report(LAMP, "state", True), hub.at + timedelta(seconds=day % 2))
        hub.say("lamp on", act(Wish("on", "power"), LAMP, state=True), want="on")
        hub.memory.noticed(lamp, Report(LAMP, "state", True), hub.at + timedelta(seconds=1))
    assert hub.journal.rows("SELECT count(*) FROM occasions WHERE by_hand") == [(0,)]
    assert len(hub.memory.usual(wish, (LAMP,), Utterance("q", "", hub.at))) == 1


def test_what_somebody_does_by_hand_each_evening_is_learned(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    lamp = Device(LAMP, "lamp", (Feature("level", "number", "brightness", settable=True),))
    for day in range(6):
        hub.at = FIRST + timedelta(days=day, hours=20)
        hub.memory.noticed(lamp, Report(LAMP, "level", 30.0), hub.at)
        hub.memory.noticed(lamp, Report(LAMP, "level", None), hub.at)
    wish, asked = Wish("set", "brightness", usual=True), Utterance("q", "", hub.at)
    for _ in range(2):
        assert hub.memory.usual(wish, (LAMP,), asked)[0][0] == Command(LAMP, (("level", 30.0),))
        hub.journal.close()
        hub.open()


def test_what_has_faded_is_dropped(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    month(hub)
    later = FIRST + timedelta(days=14 + HABITS_DAYS)
    assert [Retention(30, 7).tidy(hub.journal, at) for at in (later - timedelta(days=1), later)] == [
        False,
        True,
    ]
    (oldest,) = hub.journal.rows("SELECT min(at_s) FROM occasions")[0]
    assert oldest >= (FIRST + timedelta(days=14)).timestamp()


def test_the_oldest_is_dropped_in_the_order_written_whatever_the_clock_said(tmp_path: Path) -> None:
    hub = Playing(tmp_path / "journal.sqlite3")
    rows = [
        (f"u{number}", FIRST + timedelta(days=number % 7 * 4000, minutes=number)) for number in range(4500)
    ]
    sentence = (
        "INSERT INTO occasions VALUES "
        " (NULL, ?, ?, ?, 'start', 'run', 'h/coffee', '[[\"brew\", \"tea\"]]', '', '', 0)"
    )
    hub.journal.keep((sentence, (name, at.isoformat(), at.timestamp())) for name, at in rows)
    hub.journal.keep([("INSERT INTO occasions SELECT NULL, 'x', 'broken', 0, '', '', '', '', '', '', 0", ())])
    hub.open()
    assert hub.journal.rows("SELECT count(*), max(number) FROM occasions") == [(4000, 4501)]
