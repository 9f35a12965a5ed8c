"""The journal keeps exchanges whole, once, and as long as it should; damage is moved out of the way."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.errors import StorageError
from edge_nlu.storage.codec import from_json, to_json
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.retention import Retention
from edge_nlu.values import (
    Act,
    Amount,
    Answer,
    Ask,
    AskCloud,
    Candidate,
    Clause,
    Command,
    Decision,
    Exchange,
    Learn,
    Lesson,
    Option,
    Outcome,
    Reason,
    Scored,
    Slot,
    Target,
    Understanding,
    Utterance,
    Wish,
)

SIX = datetime(2026, 3, 2, 18, 5, tzinfo=timezone(timedelta(hours=1)))
WISH = Wish(
    *("set", "brightness"),
    amount=Amount(share=0.3),
    targets=(Target("floor lamp", "lounge"),),
    moment=SIX,
    options=("eco",),
)
TOLD = Command("z/lamp", (("state", True), ("brightness", 76.0), ("effect", "none")))
CANDIDATE = Candidate(WISH, ("z/lamp",), (TOLD,), 0.9, (Reason("here", "is in this room", 0.5),))
DECISIONS: list[Decision] = [
    Act((CANDIDATE,), (TOLD,), "All right."),
    Answer("It is on.", (CANDIDATE,)),
    Ask("Which one?", "which", (Option("the left one", (CANDIDATE,)), Option("the right one", ())), WISH),
    AskCloud("That is not for me."),
    Learn((Lesson("phrase", "movie time", "close the blinds", "ana"),), "I will remember."),
]


def exchange(
    name: str, decision: Decision = DECISIONS[0], at: datetime = SIX, text: str = "dim it"
) -> Exchange:
    read = Understanding(
        text,
        (Scored("iot_hue_lightdim", 0.9),),
        1.0,
        (Slot("device_type", 0, 3, "dim"),),
        (Clause(0, 3, "set", "brightness", (Slot("device", 0, 3, "dim", excluded=True),)),),
    )
    said = Utterance(name, text, at, "lounge_speaker", "ana")
    before = (Command("z/lamp", (("state", False),)),)
    return Exchange(said, read, decision, before=before, ranked=(CANDIDATE,), milliseconds=1.25)


def a_day_later(journal: SqliteJournal, retention: Retention, at: datetime) -> None:
    """Let the journal be tidied twice, a day apart, as it is by a hub that runs."""
    assert not retention.tidy(journal, at - timedelta(days=1))
    assert retention.tidy(journal, at)


# ------------------------------------------------------------------------------------------ round trips


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: type(decision).__name__)
def test_an_exchange_read_back_is_equal(decision: Decision) -> None:
    journal, told = SqliteJournal(None), Outcome(("z/lamp",), (("z/spots", "does not answer"),))
    written = exchange("u1", decision)
    assert journal.write(written)
    begun = journal.find("u1")
    assert begun is not None
    assert (begun.utterance, begun.decision.say) == (written.utterance, written.decision.say)
    written = replace(written, outcome=told)
    journal.finish(written)
    assert journal.find("u1") == written


def test_what_stands_in_many_places_is_spelled_out_once_and_read_back_as_one() -> None:
    whole, once = to_json(exchange("u1"), shared=False), to_json(exchange("u1"))
    assert len(once) < 0.8 * len(whole)
    assert from_json(once, Exchange) == from_json(whole, Exchange) == exchange("u1")
    for broken in (once.replace('"n":0', '"n":7', 1), once.replace('"n":0', '"m":0', 1)):
        with pytest.raises(ValueError, match="same"):
            from_json(broken, Exchange)


def test_an_embedding_is_left_out() -> None:
    read = Understanding("dim it", (), 1.0, (), (), embedding=b"\x00" * 256)
    assert from_json(to_json(read), Understanding) == Understanding("dim it", (), 1.0, (), ())


def test_a_switch_is_no_number_and_a_number_no_switch() -> None:
    told = Command("z/lamp", (("a", True), ("b", 1.0), ("c", 0.0), ("d", False)))
    found = from_json(to_json(told), Command)
    assert [type(value) for _, value in found.settings] == [bool, float, float, bool]


held = st.one_of(st.booleans(), st.floats(allow_nan=False), st.text())
commands = st.builds(Command, st.text(), st.lists(st.tuples(st.text(), held)).map(tuple))


@given(commands, st.text(), st.floats(0, 1), st.datetimes(timezones=st.just(UTC)))
def test_any_value_read_back_is_equal(command: Command, words: str, sure: float, at: datetime) -> None:
    wish = Wish("on", "power", text=words, moment=at, confidence=sure)
    candidate = Candidate(wish, (command.device,), (command,), sure)
    assert from_json(to_json(candidate), Candidate) == candidate


def test_a_field_of_another_version_is_passed_over_or_at_its_default() -> None:
    at = '{"is": "moment", "at": "2026-03-02T18:05:00+01:00"}'
    text = f'{{"is": "Utterance", "id": "u", "text": "hi", "at": {at}, "mood": 3}}'
    assert from_json(text, Utterance) == Utterance("u", "hi", SIX)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"is": "Nothing"}', '{"is": "Utterance"}', '{"a": 1}', "3"])
def test_what_is_no_value_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_json(text, Utterance)


def test_broken_characters_are_kept_as_well_as_can_be() -> None:
    journal = SqliteJournal(None)
    assert journal.write(exchange("u\ud800", text="turn \ud83d on \x00"))
    assert not journal.write(exchange("u\ud800"))
    found = journal.find("u\ud800")
    assert found is not None
    assert found.utterance.text == "turn \ud83d on \x00"


# --------------------------------------------------------------------------------- once, and in order


def test_the_same_utterance_is_written_once() -> None:
    journal = SqliteJournal(None)
    assert journal.write(exchange("u1"))
    assert not journal.write(exchange("u1", DECISIONS[1]))
    assert len(journal.last(9)) == 1


def test_the_last_exchanges_come_in_order() -> None:
    journal = SqliteJournal(None)
    for number in range(5):
        # a clock that was set back changes nothing about what came last
        journal.write(exchange(f"u{number}", at=SIX - timedelta(days=number)))
    assert [found.utterance.id for found in journal.last(2)] == ["u3", "u4"]


def test_what_was_begun_and_not_finished_is_known() -> None:
    journal = SqliteJournal(None)
    for number, decision in enumerate(DECISIONS):
        journal.write(exchange(f"u{number}", decision))
    (begun,) = journal.unfinished()
    assert begun.utterance.id == "u0"
    assert begun.decision == Act((), (TOLD,), "All right.")
    journal.finish(exchange("u0"))
    assert journal.unfinished() == ()


def test_what_was_said_is_dropped_in_time_and_the_utterance_still_acts_once(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.sqlite3")
    journal.write(exchange("old", text="play tubular bells", at=SIX - timedelta(days=40)))
    journal.write(exchange("new"))
    a_day_later(journal, Retention(30, 7), SIX)
    assert [found.utterance.id for found in journal.last(9)] == ["new"]
    assert journal.find("old") is None
    assert not journal.write(exchange("old"))
    assert journal.unfinished() == (journal.find("new"),)
    journal.close()
    assert not any(b"tubular" in file.read_bytes() for file in tmp_path.iterdir())


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.sqlite3"
    journal = SqliteJournal(path)
    journal.write(exchange("u1"))
    journal.finish(exchange("u1"))
    journal.put_off([("INSERT INTO worked (at_s, wording) VALUES (?, ?)", (1.0, "lights on"))])
    journal.close()
    again = SqliteJournal(path)
    assert again.find("u1") == exchange("u1")
    assert again.rows("SELECT wording FROM worked") == [("lights on",)]
    assert again.damaged == []


# ----------------------------------------------------------------------------------------- bad days


@pytest.mark.parametrize(
    "bad", [b"this is no database" * 500, b"SQLite format 3\x00" + b"\xff" * 9000, b"\x00" * 4096]
)
def test_a_damaged_file_is_moved_aside_and_told(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(bad)
    journal = SqliteJournal(path)
    assert journal.damaged == [tmp_path / "journal.sqlite3.damaged-1"]
    assert journal.damaged[0].read_bytes() == bad
    assert journal.write(exchange("u1"))


def test_pages_that_contradict_each_other_are_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = SqliteJournal(path)
    for number in range(50):
        journal.write(exchange(f"u{number}"))
    journal.close()
    whole = bytearray(path.read_bytes())
    whole[4096 * 3 : 4096 * 12] = b"\xa5" * (4096 * 9)
    path.write_bytes(whole)
    again = SqliteJournal(path)
    assert len(again.damaged) == 1
    assert again.write(exchange("u1"))


def test_a_file_that_is_damaged_while_it_is_in_use_costs_no_exchange(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = SqliteJournal(path)
    for number in range(50):
        journal.write(exchange(f"u{number}"))
    journal.close()
    journal = SqliteJournal(path)
    journal.rows("PRAGMA shrink_memory")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    assert journal.write(exchange("new"))
    assert len(journal.damaged) == 1
    assert [found.utterance.id for found in journal.last(9)] == ["new"]


def test_a_second_damaged_file_does_not_hide_the_first(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    for number in (1, 2):
        path.write_bytes(b"no database" * 100)
        journal = SqliteJournal(path)
        assert journal.damaged == [tmp_path / f"journal.sqlite3.damaged-{number}"]
        journal.close()


def test_a_full_disk_is_an_error_of_ours_and_leaves_no_half_row(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = SqliteJournal(path)
    journal.write(exchange("u1"))
    (pages,) = journal.rows("PRAGMA page_count")[0]
    journal.rows(f"PRAGMA max_page_count = {pages}")

    def write_many() -> None:
        for number in range(99):
            journal.write(exchange(f"more-{number}", text="words " * 900))

    with pytest.raises(StorageError, match="full"):
        write_many()
    kept = [found.utterance.id for found in journal.last(200)]
    journal.rows("PRAGMA max_page_count = 1000000")
    assert journal.write(exchange("after"))
    assert [found.utterance.id for found in journal.last(200)] == [*kept, "after"]
    journal.close()
    assert [found.utterance.id for found in SqliteJournal(path).last(200)] == [*kept, "after"]


def test_what_waits_does_not_grow_on_a_full_disk(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.sqlite3")
    (pages,) = journal.rows("PRAGMA page_count")[0]
    journal.rows(f"PRAGMA max_page_count = {pages}")
    for number in range(3000):
        row = (float(number), "w" * 200 + str(number))
        journal.put_off([("INSERT INTO worked (at_s, wording) VALUES (?, ?)", row)])
    assert len(journal._waiting) <= 256


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="file"):
        SqliteJournal(tmp_path / "file" / "journal.sqlite3")


def test_a_journal_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 999")
    database.execute("CREATE TABLE ours (x)")
    database.commit()
    database.close()
    with pytest.raises(StorageError, match="newer"):
        SqliteJournal(path)
    assert [file.name for file in tmp_path.iterdir()] == ["journal.sqlite3"]


def test_only_the_thread_that_opened_it_uses_it() -> None:
    journal = SqliteJournal(None)
    with ThreadPoolExecutor(1) as other, pytest.raises(sqlite3.ProgrammingError, match="thread"):
        other.submit(journal.write, exchange("u1")).result()
