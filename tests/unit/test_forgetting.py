"""What is forgotten is found nowhere any more: in no table, in nothing learned, in no byte of a file."""

import json
import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_nlu.errors import StorageError
from edge_nlu.storage.forgetting import Which, count, forget
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.learned import learned, undo
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.storage.retention import Retention, fit
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
    Lesson,
    Outcome,
    Report,
    Understanding,
    Utterance,
    Wish,
)

FIRST = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
KETTLE, LAMP = "z/steam_kettle", "z/moon_lamp"
NEVER = Ask("Sorry, I did not get that.", "unsure")


class Home:
    """A hub of which only journal and memory are there; time goes on by itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at = FIRST
        self.count = 0
        self.open()

    def open(self) -> None:
        self.journal = SqliteJournal(self.path, pack="pack-1")
        self.memory = HomeMemory(self.journal)

    def say(self, text: str, user: str, decision: Decision) -> None:
        self.count += 1
        self.at += timedelta(seconds=20)
        said = Utterance(f"u{self.count}", text, self.at, "hall_speaker", user)
        read = Understanding(text, (), 1.0, (), (Clause(0, len(text), "start", "run"),))
        exchange = Exchange(said, read, decision)
        assert self.journal.write(exchange)
        if isinstance(decision, Act):
            told = tuple(command.device for command in decision.commands)
            exchange = Exchange(said, read, decision, Outcome(told))
        self.memory.observe(exchange)
        self.journal.finish(replace(exchange, milliseconds=1.5))

    def tell(self, text: str, user: str, device: str, **settings: bool | float | str) -> None:
        told = Command(device, tuple(settings.items()))
        self.say(
            text, user, Act((Candidate(Wish("start", "run"), (device,), (told,)),), (told,), "All right.")
        )

    def usual(self, user: str, device: str) -> list[Command]:
        asked = Utterance("q", "the usual", self.at, "hall_speaker", user)
        return [told for told, _ in self.memory.usual(Wish("start", "run", usual=True), (device,), asked)]

    def live(self) -> None:
        """Let two people live here for three weeks, with habits, lessons and words of their own."""
        device = Device(LAMP, "moon lamp", (Feature("glow", "switch", "power", settable=True),))
        for _ in range(21):
            self.at += timedelta(days=1) - timedelta(seconds=160)
            for user, failing, drink in (
                ("zebulon", "gimme brew", "oolong"),
                ("Jürgen", "hot stuff", "mocha"),
            ):
                self.say(failing, user, NEVER)
                self.tell(f"boil {drink} please", user, KETTLE, brew=drink)
                self.tell("light the moon lamp", user, LAMP, glow=True)
            self.memory.noticed(device, Report(LAMP, "glow", value=False), self.at)
        said = Utterance("t", "when I say xanadu ...", self.at, "hall_speaker", "zebulon")
        self.memory.learn((Lesson("phrase", "xanadu", "dim everything", "", ""),), said)
        self.memory.learn((Lesson("favourite", "team", "warriors", "Jürgen"),), said)

    def traces(self, *words: str) -> list[tuple[str, str]]:
        """Return in which files which of these words are found, in any spelling."""
        found = []
        for file in self.path.parent.rglob("*"):
            held = file.read_bytes().lower() if file.is_file() else b""
            for word in words:
                spelled = {word.lower(), json.dumps(word)[1:-1].lower(), word.lower().replace(" ", "_")}
                found += [(file.name, word) for one in spelled if one.encode() in held]
        return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "journal.sqlite3")
    home.live()
    yield home
    home.journal.close()


def test_a_person_is_forgotten_with_all_that_was_learned_from_them(home: Home) -> None:
    assert home.usual("zebulon", KETTLE) == [Command(KETTLE, (("brew", "oolong"),))]
    assert len(home.traces("zebulon", "oolong", "gimme brew", "xanadu")) >= 4
    gone = forget(home.journal, Which(("zebulon",)))
    home.memory.read()
    assert gone["exchanges"] == 63
    for _ in range(2):
        assert home.traces("zebulon", "oolong", "gimme brew", "xanadu") == []
        assert home.usual("zebulon", KETTLE) == []
        # what another did and taught stays
        assert home.usual("Jürgen", KETTLE) == [Command(KETTLE, (("brew", "mocha"),))]
        home.say("what else", "Jürgen", NEVER)
        home.journal.close()
        home.open()


def test_a_name_is_found_however_its_letters_are_spelled(home: Home) -> None:
    assert home.traces("Jürgen")
    forget(home.journal, Which(("jürgen",)))
    assert home.traces("Jürgen", "mocha", "hot stuff", "warriors") == []
    assert home.traces("zebulon")


def test_a_device_is_forgotten_with_every_sentence_about_it(home: Home) -> None:
    assert home.traces("moon lamp")
    forget(home.journal, Which((LAMP, "moon_lamp", "moon lamp")))
    home.memory.read()
    assert home.traces("moon lamp", "glow") == []
    assert home.usual("zebulon", LAMP) == []
    assert home.usual("zebulon", KETTLE)


def test_a_time_is_forgotten_and_what_was_before_it_stays(home: Home) -> None:
    middle = FIRST + timedelta(days=10)
    forget(home.journal, Which(since=middle))
    for table in ("exchanges", "occasions", "evidence", "events", "lessons", "causes"):
        ((latest,),) = home.journal.rows(f"SELECT MAX(at_s) FROM {table}")
        assert (latest or 0) < middle.timestamp()
    ((left,),) = home.journal.rows("SELECT COUNT(*) FROM exchanges")
    assert 40 < left < 80


def test_everything_is_forgotten(home: Home) -> None:
    Retention(5, 5).tidy(home.journal, home.at - timedelta(days=1))
    Retention(5, 5).tidy(home.journal, home.at)
    forget(home.journal, Which())
    home.memory.read()
    assert count(home.journal, Which()) == {}
    words = (
        "zebulon",
        "Jürgen",
        "oolong",
        "mocha",
        "moon lamp",
        "steam_kettle",
        "xanadu",
        "hall_speaker",
        "team",
    )
    assert home.traces(*words) == []


def test_a_name_within_another_word_or_id_is_none(home: Home) -> None:
    home.tell("light the moon lamps", "zeb", "z/moon_lamp_2", glow=True)
    forget(home.journal, Which((LAMP, "moon lamp")))
    assert home.journal.find(f"u{home.count}") is not None
    forget(home.journal, Which(("zebu", "ebulon")))
    assert home.traces("zebulon")


def test_every_table_can_be_forgotten_by_time(home: Home) -> None:
    # whoever adds a table says when each row came about
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'marks'"
    for (table,) in home.journal.rows(query):
        columns = {name for (name,) in home.journal.rows(f"SELECT name FROM pragma_table_info('{table}')")}
        assert columns & {"at_s", "day"}, table


def test_copies_of_damaged_and_older_journals_go_with_it(home: Home) -> None:
    for name in ("damaged-1", "damaged-1-wal", "schema-1"):
        home.path.with_name(f"journal.sqlite3.{name}").write_bytes(b"zebulon said")
    forget(home.journal, Which(("zebulon",)))
    assert home.traces("zebulon") == []


def test_somebody_who_reads_delays_wiping_out_until_the_next_start(home: Home) -> None:
    other = sqlite3.connect(home.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT COUNT(*) FROM exchanges").fetchone()
    home.journal.rows("PRAGMA busy_timeout = 50")
    with pytest.raises(StorageError, match="somebody else who reads"):
        forget(home.journal, Which(("zebulon",)))
    assert count(home.journal, Which(("zebulon",))) == {}
    home.journal.close()
    # a hub starts all the same
    home.open()
    assert home.traces("zebulon")
    other.close()
    home.journal.close()
    home.open()
    assert home.traces("zebulon", "oolong") == []


# ----------------------------------------------------------------------------------- undoing


def test_what_was_learned_is_listed_in_words_and_undone_for_good(home: Home) -> None:
    listed = {one.words: one for one in learned(home.journal.rows)}
    (habit,) = [one for words, one in listed.items() if "zebulon has z/steam_kettle" in words]
    assert habit.times == 21
    assert "brew oolong" in habit.words
    (reworded,) = [one for words, one in listed.items() if '"gimme brew"' in words]
    undo(home.journal, [habit.id, reworded.id], "")
    home.memory.read()
    for _ in range(2):
        assert not {habit.id, reworded.id} & {one.id for one in learned(home.journal.rows)}
        assert home.usual("zebulon", KETTLE) == []
        assert home.memory.rewording(Utterance("q", "gimme brew", home.at, "hall_speaker", "zebulon")) is None
        assert home.usual("Jürgen", KETTLE)
        # once is no evidence
        home.tell("boil oolong please", "zebulon", KETTLE, brew="oolong")
        home.journal.close()
        home.open()
        undo(home.journal, [], home.at.date().isoformat())
        home.memory.read()


def test_a_day_of_learning_is_undone(home: Home) -> None:
    day = (FIRST + timedelta(days=5)).date().isoformat()
    before = {one.id: one.times for one in learned(home.journal.rows)}
    assert undo(home.journal, [], day)
    after = {one.id: one.times for one in learned(home.journal.rows)}
    assert set(before.values()) == {21}
    assert set(after.values()) == {20}


# ----------------------------------------------------------------------------------- bad days


def killed_at(number: int, path: Path, work: Callable[[Home], object]) -> bool:
    """Let another process work, kill it at its statement of this number; return False if it came through."""
    child = os.fork()
    if child == 0:
        try:
            home = Home(path)
            left = [number]

            def stop(_: str) -> None:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), 9)

            home.journal._database.set_trace_callback(stop)
            work(home)
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == 9


def test_killed_at_any_statement_of_forgetting_all_or_nothing_is_gone(home: Home, tmp_path: Path) -> None:
    home.journal.settle()
    whole, number = home.path.read_bytes(), 0
    there = count(home.journal, Which(("zebulon",)))
    while True:
        number += 1
        again = tmp_path / f"try-{number}" / "journal.sqlite3"
        again.parent.mkdir()
        again.write_bytes(whole)
        killed = killed_at(number, again, lambda home: forget(home.journal, Which(("zebulon",))))
        found = Home(again)
        left = count(found.journal, Which(("zebulon",)))
        assert left in (there, {}), number
        if not left:
            found.journal.close()
            assert found.traces("zebulon", "oolong") == [], number
        if not killed:
            break
    assert number > 20
    assert not left


def test_killed_at_any_statement_of_a_turn_nothing_is_half_written(tmp_path: Path) -> None:
    number = 0
    while True:
        number += 1
        path = tmp_path / f"try-{number}" / "journal.sqlite3"
        killed = killed_at(number, path, lambda home: home.live())
        journal = SqliteJournal(path)
        assert journal.damaged == []
        for id, whole, outcome, decision in journal.rows(
            "SELECT id, whole, outcome, decision FROM exchanges"
        ):
            assert whole
            assert decision == "ask" or outcome or id in [one.utterance.id for one in journal.unfinished()]
        # what is learned from an exchange stands in the journal only with it
        made_of = "SELECT utterance FROM occasions WHERE utterance NOT IN ('', (SELECT id FROM exchanges))"
        assert all(journal.find(name) for (name,) in journal.rows(made_of))
        HomeMemory(journal)
        journal.close()
        if not killed or number >= 60:
            break
    assert number == 60


def test_on_a_full_disk_nothing_acknowledged_is_lost_and_nothing_is_dropped(tmp_path: Path) -> None:
    path, (reads, writes) = tmp_path / "journal.sqlite3", os.pipe()
    child = os.fork()
    if child == 0:
        try:
            home = Home(path)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (2_000_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            )
            for _ in range(300):
                try:
                    home.tell(f"boil tea {home.count} " + "please " * 200, "zebulon", KETTLE, brew="tea")
                    os.write(writes, f"u{home.count} ".encode())
                except StorageError:
                    os.write(writes, b"full ")
        finally:
            os._exit(0)
    os.close(writes)
    os.waitpid(child, 0)
    with os.fdopen(reads) as heard:
        said = heard.read().split()
    acknowledged = [word for word in said if word != "full"]
    assert "full" in said
    assert len(acknowledged) > 20
    journal = SqliteJournal(path)
    assert journal.damaged == []
    found = {one.utterance.id for one in journal.last(1000)}
    assert set(acknowledged) <= found
    assert journal.write(
        Exchange(Utterance("after", "hi", FIRST), Understanding("hi", (), 1.0, (), ()), NEVER)
    )
    journal.close()


def test_a_journal_at_its_largest_size_drops_the_oldest(tmp_path: Path) -> None:
    home = Home(tmp_path / "journal.sqlite3")
    home.journal.close()
    home.journal = SqliteJournal(home.path, largest_mb=1)
    home.memory = HomeMemory(home.journal)
    for number in range(400):
        home.tell(f"boil {number} " + "tea " * 1000, "zebulon", KETTLE, brew="tea")
    assert home.path.stat().st_size <= 1 << 20
    found = home.journal.last(10_000)
    assert 30 < len(found) < 400
    # the latest are all there, in order
    assert [one.utterance.id for one in found] == [f"u{n}" for n in range(401 - len(found), 401)]
    fit(home.journal, 1 << 19)
    assert home.path.stat().st_size <= 1 << 19
    assert home.journal.last(1)[0].utterance.id == "u400"


def test_an_hour_in_the_year_2099_costs_nothing(home: Home) -> None:
    keep, wrong = Retention(30, 7), datetime(2099, 1, 1, tzinfo=UTC)
    assert not keep.tidy(home.journal, home.at)
    for at in (wrong, wrong + timedelta(minutes=1), wrong + timedelta(hours=1), home.at, home.at):
        assert not keep.tidy(home.journal, at)
    assert len(home.journal.last(1000)) == 126
    # and a day later all goes its way
    assert keep.tidy(home.journal, home.at + timedelta(days=1))
    assert len(home.journal.last(1000)) == 126


def said_by_a_wrong_clock(home: Home, year: int) -> datetime:
    """Say something while the clock has another year, and something else when it is right; return when."""
    home.at, now = datetime(year, 1, 1, tzinfo=UTC), home.at
    home.say("what was that", "zebulon", NEVER)
    home.at = now
    home.say("and that", "zebulon", NEVER)
    return now


def test_what_was_said_while_the_clock_stood_still_goes_with_what_was_said_around_it(home: Home) -> None:
    keep, now = Retention(30, 7), said_by_a_wrong_clock(home, 1970)
    keep.tidy(home.journal, now)
    assert keep.tidy(home.journal, now + timedelta(days=1))
    assert [one.utterance.text for one in home.journal.last(2)] == ["what was that", "and that"]
    for days in range(2, 40):
        keep.tidy(home.journal, now + timedelta(days=days))
    assert home.journal.last(1000) == ()
    assert home.traces("what was that", "and that") == []


def test_what_was_said_while_the_clock_was_ahead_keeps_nothing_else_from_going(home: Home) -> None:
    keep, now = Retention(30, 7), said_by_a_wrong_clock(home, 2099)
    for days in range(40):
        keep.tidy(home.journal, now + timedelta(days=days))
    assert home.journal.last(1000) == ()
    assert home.traces("what was that", "and that") == []
    assert home.journal.rows("SELECT * FROM events") == []


def test_what_devices_told_becomes_daily_counts(home: Home) -> None:
    keep = Retention(365, 7)
    ((single,),) = home.journal.rows("SELECT COUNT(*) FROM events")
    keep.tidy(home.journal, home.at - timedelta(days=1))
    keep.tidy(home.journal, home.at)
    ((left,),) = home.journal.rows("SELECT COUNT(*) FROM events")
    ((days, counted),) = home.journal.rows("SELECT COUNT(*), SUM(times) FROM event_days")
    assert (single, left, days, counted) == (21, 8, 13, 13)


RULE = (
    "INSERT INTO rules VALUES ('r1', ?, 'whole', 'kill the kettle', 'turn off the steam kettle', '', '',"
    " 'home', 'trial', 0, 0, 0, 0, 'zebulon')"
)


def test_a_rule_goes_with_its_evidence(home: Home) -> None:
    forget(home.journal, Which())
    home.journal.keep([(RULE, (home.at.timestamp(),)), (SEEN, (home.at.timestamp(),))])
    Retention(30, 7).let_go(home.journal, home.at + timedelta(days=300))
    assert home.journal.rows("SELECT rule FROM evidence") == [("r1",)]
    assert count(home.journal, Which(("zebulon",)))["rules"] == 1
    forget(home.journal, Which(("zebulon",)))
    assert home.journal.rows("SELECT * FROM rules") == home.journal.rows("SELECT * FROM evidence") == []
    home.journal.keep([(RULE, (home.at.timestamp(),)), (SEEN, (home.at.timestamp(),))])
    Retention(30, 7).let_go(home.journal, home.at + timedelta(days=400))
    assert home.journal.rows("SELECT * FROM rules") == home.journal.rows("SELECT * FROM evidence") == []


SEEN = "INSERT INTO evidence VALUES (1, 'r1', ?, 1, '', 'hall', 'ana', 'u1')"


def test_what_was_judged_of_an_exchange_goes_with_it(home: Home) -> None:
    judged = "goal = 1, reached = 0.1, rephrased = 'u2', failure = 'heard wrong', failure_sure = 0.9"
    home.journal.keep([(f"UPDATE exchanges SET {judged} WHERE id = 'u1'", ())])
    columns = "SELECT goal, reached, rephrased, failure, failure_sure FROM exchanges"
    assert home.journal.rows(f"{columns} WHERE id = 'u1'") == [(1, 0.1, "u2", "heard wrong", 0.9)]
    Retention(30, 7).let_go(home.journal, home.at + timedelta(days=40))
    assert set(home.journal.rows(columns)) == {(None,) * 5}


@pytest.mark.parametrize("older", [1, 2, 3])
def test_an_older_journal_is_copied_and_brought_up_to_date(tmp_path: Path, older: int) -> None:
    path = tmp_path / "journal.sqlite3"
    schema = Path(__file__).parents[2] / "edge_nlu" / "storage" / "schema"
    database = sqlite3.connect(path)
    for number in range(1, older + 1):
        database.executescript((schema / f"{number:03}.sql").read_text())
    database.executescript(f"PRAGMA user_version = {older};")
    late = ", at_s, said_by" if older == 3 else ""
    database.execute(
        f"INSERT INTO lessons (at, kind, phrase, meaning, user, device{late})"
        " VALUES ('2026-03-02T07:00:00+01:00', 'phrase', 'xanadu', 'dim it', 'zebulon', ''"
        + (", 1772431200, 'zebulon')" if late else ")")
    )
    database.commit()
    database.close()
    for _ in range(2):
        home = Home(path)
        assert [lesson.phrase for lesson in home.memory.lessons("zebulon")] == ["xanadu"]
        assert home.journal.rows("SELECT at_s, said_by FROM lessons") == [(1772431200.0, "zebulon")]
        home.journal.close()
    kept = sqlite3.connect(tmp_path / f"journal.sqlite3.schema-{older}")
    assert kept.execute("PRAGMA user_version").fetchone() == (older,)
    assert kept.execute("SELECT phrase FROM lessons").fetchone() == ("xanadu",)
    kept.close()
