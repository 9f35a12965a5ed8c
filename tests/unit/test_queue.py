"""What waits to leave is kept until it has left, once, and within bounds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from edge_nlu.errors import StorageError, UnreachableError
from edge_nlu.storage.packs import IN_USE, RETURNED, Packs, Slot
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.queue import QUEUE, Queue, deliver, queued, take_in
from edge_nlu.sync.reports import leave
from edge_nlu.wire.outgoing import KINDS, OF_THE_HOME, Item, hand_out, handed_out, share, taken, withdraw
from edge_nlu_bench.restarts import queue_figures

INBOX = "https://inbox.example"


class Inbox:
    """Has what it was sent; while `away` nobody reaches it, and `forgetful` it has it and does not say so."""

    def __init__(self) -> None:
        self.has: list[str] = []
        self.away = self.forgetful = False

    def send(self, item: Item) -> None:
        if not self.away:
            self.has.append(item.key)
        if self.away or self.forgetful:
            raise UnreachableError(INBOX, "away")


def test_what_is_handed_out_leaves_once(tmp_path: Path) -> None:
    queue, inbox, outgoing = Queue(tmp_path / QUEUE), Inbox(), tmp_path / "outgoing"
    keys = [hand_out(outgoing, "update", bytes([number])) for number in range(3)]
    assert take_in(queue, outgoing, 0.0) == 3
    assert list(handed_out(outgoing)) == []
    assert deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: 0.0) == 3
    assert sorted(inbox.has) == sorted(keys)
    assert queue.waiting() == {}


def test_a_file_that_comes_back_from_the_dead_is_not_sent_anew(tmp_path: Path) -> None:
    queue, inbox, outgoing = Queue(tmp_path / QUEUE), Inbox(), tmp_path / "outgoing"
    key = hand_out(outgoing, "update", b"x")
    (item,) = handed_out(outgoing)
    take_in(queue, outgoing, 0.0)
    deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: 0.0)
    (outgoing / "queue" / f"{key}.update").write_bytes(item.body)
    take_in(queue, outgoing, 1.0)
    assert deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: 1.0) == 0
    assert inbox.has == [key]


def test_an_item_whose_receipt_was_lost_goes_out_again_under_its_key(tmp_path: Path) -> None:
    queue, inbox = Queue(tmp_path / QUEUE), Inbox()
    queue.put(Item("a" * 32, "consent", b"yes"), 0.0)
    inbox.forgetful = True
    deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: 0.0)
    inbox.forgetful = False
    assert deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: 60.0) == 1
    assert inbox.has == ["a" * 32] * 2


def test_who_cannot_be_reached_is_not_asked_all_the_time(tmp_path: Path) -> None:
    queue, inbox = Queue(tmp_path / QUEUE), Inbox()
    queue.put(Item("a" * 32, "report", b"x"), 0.0)
    inbox.away = True
    latest, at = [], 0.0
    for _ in range(12):
        assert deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda at=at: at) == 0
        latest.append(next(second for second in range(10**6) if queue.due(at + second)))
        at += latest[-1]
    assert max(latest) > 60
    assert max(latest) <= 21_600
    inbox.away = False
    assert deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: at) == 1


def test_what_was_made_before_the_home_forgot_leaves_neither_the_house_nor_anything_in_the_file(
    tmp_path: Path,
) -> None:
    queue, inbox, outgoing = Queue(tmp_path / QUEUE), Inbox(), tmp_path / "outgoing"
    inbox.away = True
    keys = {kind: hand_out(outgoing, kind, b"reading lamp" * (kind in OF_THE_HOME)) for kind in KINDS}
    take_in(queue, outgoing, 0.0)
    deliver(queue, outgoing, inbox.send, INBOX, lambda: 0.0)
    hand_out(outgoing, "wordings", b"not yet taken over")
    withdraw(outgoing)
    assert list(handed_out(outgoing)) == []
    gone: list[str] = []
    deliver(queue, outgoing, inbox.send, INBOX, lambda: 1e6, lambda key, _: gone.append(key))
    assert sorted(gone) == sorted(keys[kind] for kind in OF_THE_HOME)
    assert set(queue.waiting()) == {"report", "consent"}
    for file in tmp_path.glob(f"{QUEUE}*"):
        assert b"reading lamp" not in file.read_bytes(), file


def test_what_is_handed_out_after_the_home_forgot_leaves(tmp_path: Path) -> None:
    outgoing, inbox = tmp_path / "outgoing", Inbox()
    with_closed = Queue(tmp_path / QUEUE)
    hand_out(outgoing, "wordings", b"before")
    take_in(with_closed, outgoing, 0.0)
    with_closed.close()
    withdraw(outgoing)
    # sync did not run, and it is night meanwhile
    key = hand_out(outgoing, "wordings", b"after")
    queue = Queue(tmp_path / QUEUE)
    assert take_in(queue, outgoing, 1.0) == 1
    assert deliver(queue, outgoing, inbox.send, INBOX, lambda: 1.0) == 1
    assert inbox.has == [key]


def test_a_home_that_forgets_while_something_leaves_sends_nothing_after_it(tmp_path: Path) -> None:
    queue, outgoing, has = Queue(tmp_path / QUEUE), tmp_path / "outgoing", list[Item]()
    for number in range(3):
        queue.put(Item(f"{number}" * 32, "update", b"x"), 0.0)

    def send(item: Item) -> None:
        has.append(item)
        withdraw(outgoing)

    assert deliver(queue, outgoing, send, INBOX, lambda: 0.0) == 1
    assert len(has) == 1
    assert queue.waiting() == {}


def test_without_room_the_oldest_of_the_least_worth_goes_and_that_is_told(tmp_path: Path) -> None:
    queue = Queue(tmp_path / QUEUE, most_items=3)
    for number, kind in enumerate(["count", "consent", "count", "update", "count", "consent"]):
        queue.put(Item(f"{number}" * 32, kind, b"xx"), float(number))
    assert queue.waiting() == {"consent": (2, 4), "update": (1, 2)}
    assert queue.dropped() == {"count": (3, 6)}
    small = Queue(tmp_path / "small.sqlite3", most_bytes=100)
    for number in range(5):
        small.put(Item(f"{number}" * 32, "update", bytes(40)), 0.0)
    assert small.waiting() == {"update": (2, 80)}


def test_the_most_valuable_goes_first(tmp_path: Path) -> None:
    queue, inbox = Queue(tmp_path / QUEUE), Inbox()
    for number, kind in enumerate(["count", "consent", "example"]):
        queue.put(Item(f"{number}" * 32, kind, b""), 0.0)
    deliver(queue, tmp_path / "outgoing", inbox.send, INBOX, lambda: 0.0)
    assert [key[0] for key in inbox.has] == ["1", "2", "0"]


def test_what_is_no_item_is_left_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "outgoing" / "queue"
    folder.mkdir(parents=True)
    for name in ("notes.txt", f".{'a' * 32}", f"{'a' * 32}.virus", "../a.count".replace("/", "_")):
        (folder / name).write_bytes(b"x")
    assert list(handed_out(tmp_path / "outgoing")) == []
    taken(tmp_path / "outgoing", Item("b" * 32, "count", b""))
    with pytest.raises(ValueError, match="kind 'virus'"):
        hand_out(tmp_path / "outgoing", "virus", b"x")


def test_what_is_handed_out_is_for_nobody_else_here(tmp_path: Path) -> None:
    outgoing = tmp_path / "outgoing"
    share(outgoing, tmp_path)
    hand_out(outgoing, "count", b"x")
    Queue(tmp_path / QUEUE).close()
    for place in (outgoing, outgoing / "queue"):
        assert place.stat().st_mode & 0o077 == 0
    for file in (*(outgoing / "queue").iterdir(), tmp_path / QUEUE):
        assert file.stat().st_mode & 0o137 == 0


OTHERS = """
import os, sys
from pathlib import Path
from edge_nlu.wire.outgoing import hand_out, handed_out, share, taken

def become(user, *groups):
    os.setgroups(groups); os.setgid(user); os.setuid(user)

state, kept, who = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if who == "hub":
    become(3001, 3002)
    share(state / "outgoing", kept)
    hand_out(state / "outgoing", "count", b"x")
elif who == "sync":
    become(3002)
    (item,) = handed_out(state / "outgoing")
    taken(state / "outgoing", item)
    assert not list(handed_out(state / "outgoing"))
elif who == "outsider":
    become(3001)
    share(state / "outgoing", kept)
else:
    become(3003)
    os.listdir(state / "outgoing")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to become another user")
def test_sync_takes_and_deletes_under_a_user_of_its_own() -> None:
    def done(who: str) -> str:
        command = [sys.executable, "-c", OTHERS, f"{place}/state", f"{place}/kept", who]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    # where pytest keeps its folders, another user is not let in
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o711)
        for name, owner, mode in (("state", 3001, 0o711), ("kept", 3002, 0o750)):
            (place / name).mkdir()
            os.chown(place / name, owner, owner)
            (place / name).chmod(mode)
        assert "not in group 3002" in done("outsider")
        assert done("hub") == ""
        assert done("sync") == ""
        assert "PermissionError" in done("somebody")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="expected a file that can be written"):
        Queue(tmp_path / "file" / QUEUE)


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / QUEUE).write_bytes(b"no database at all, but quite a lot of bytes" * 100)
    queue = Queue(tmp_path / QUEUE)
    assert queue.put(Item("a" * 32, "count", b"x"), 0.0)
    assert (tmp_path / f"{QUEUE}.damaged").exists()


def test_it_can_be_looked_into_while_somebody_writes_and_while_nobody_does(tmp_path: Path) -> None:
    assert queued(tmp_path).waiting == {}
    queue = Queue(tmp_path / QUEUE)
    queue.put(Item("a" * 32, "count", b"xyz"), 0.0)
    assert queued(tmp_path).waiting == {"count": (1, 3)}
    queue.close()
    assert not (tmp_path / f"{QUEUE}-wal").exists()
    assert queued(tmp_path).waiting == {"count": (1, 3)}


@pytest.mark.slow
def test_killed_again_and_again_nothing_is_lost_and_nothing_comes_twice() -> None:
    found = queue_figures(40)["queue"]
    assert found["items"] >= 40
    assert (found["lost"], found["twice"], found["unknown"]) == (0, 0, 0)


def test_how_packs_fared_is_reported_once_and_only_where_there_is_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = Packs(tmp_path / "packs")
    for event in (IN_USE, RETURNED):
        packs.note(event, Slot("one-2", 2, "abc"), "3 of 20 turns failed")
    choices = Choices("https://packs.example", tmp_path, tmp_path, packs.folder, tmp_path)
    sent: list[Item] = []
    monkeypatch.setattr("edge_nlu.sync.inbox.Inbox.send", lambda _, item: sent.append(item))
    assert leave(choices) == 0
    choices = replace(choices, inbox=INBOX)
    assert [leave(choices), leave(choices)] == [1, 0]
    (report,) = sent
    assert json.loads(report.body) == {"event": RETURNED, "id": "one-2", "release": 2, "manifest": "abc"}
    # what does not say what it costs stays
    hand_out(tmp_path / "outgoing", "count", b"3")
    handed = hand_out(tmp_path / "outgoing", "consent", b"yes")
    assert leave(choices) == 1
    assert sent[-1].key == handed
