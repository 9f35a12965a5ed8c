"""What left the house is told in plain words."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.learning.pairs import Pair
from edge_nlu.storage.forgetting import Which, forget
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.packs import Slot
from edge_nlu.storage.retention import Retention
from edge_nlu.sync.queue import QUEUE, Queue
from edge_nlu.sync.state import State
from edge_nlu.values import AskCloud, Exchange, Understanding, Utterance
from edge_nlu.wire.outgoing import Item
from edge_nlu.wire.pairs import ASKED, Asked, Worded

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "edge-nlu.toml").write_text(
        f'state_dir = "{tmp_path}/state"\n[cloud]\nbackend = "openai"\nurl = "https://me:pw@models.example/v1"\n'
    )
    return tmp_path


def told(place: Path, *more: str) -> str:
    done = CliRunner().invoke(cli, ["privacy", "--config", str(place / "edge-nlu.toml"), *more])
    assert done.exit_code == 0, done.output
    return done.output


def sent(place: Path, text: str, days_ago: float = 0.0) -> SqliteJournal:
    journal = SqliteJournal(place / "state" / "journal.sqlite3")
    row = (time.time() - days_ago * 86_400, "u", "models.example", "question", text, 9_000, 2)
    columns = "at_s, utterance, receiver, kind, text, bytes, times"
    journal.keep([(f"INSERT INTO sent ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)])
    return journal


def test_before_anything_left_that_is_told(place: Path) -> None:
    said = told(place)
    assert "Nothing has left." in said
    assert "sentences that the hub cannot answer or understand, to models.example, without names" in said
    assert "What never leaves:" in said
    assert "pw" not in said


def test_what_left_is_told_with_when_to_whom_and_how_much(place: Path) -> None:
    sent(place, "who won in <NUMBER_1>").close()
    said = told(place)
    assert "to models.example: question, 2 times, 9.0 kB" in said
    assert 'to models.example: "who won in <NUMBER_1>"' in said
    (one,) = json.loads(told(place, "--json"))["left"]
    assert one == {"at": one["at"], "to": "models.example", "kind": "question", "bytes": 9000, "times": 2,
                   "text": "who won in <NUMBER_1>"}  # fmt: skip


def test_what_waits_and_what_made_room_is_told(place: Path) -> None:
    queue = Queue(place / "state" / QUEUE, most_items=1)
    for number, kind in enumerate(["count", "consent"]):
        queue.put(Item(f"{number}" * 32, kind, bytes(1500)), 0.0)
    item = Item("9" * 32, "update", bytes(2000))
    queue.done(item, "https://inbox.example/x", 1_770_000_000.0)
    queue.close()
    said = told(place)
    assert "1 of kind consent waits to leave: 1.5 kB" in said
    assert "1 of kind count made room, and never left: 1.5 kB" in said
    assert "to inbox.example: update, 1 times, 2.0 kB" in said


def test_the_words_go_with_what_was_said_and_the_rest_after_a_year(place: Path) -> None:
    sent(place, "old", 400).close()
    sent(place, "some weeks ago", 40).close()
    journal = sent(place, "now")
    Retention(30, 7).let_go(journal, datetime.now().astimezone())
    journal.close()
    assert [one["text"] for one in json.loads(told(place, "--json"))["left"]] == ["now", ""]


def test_who_is_forgotten_is_forgotten_here_too(place: Path) -> None:
    journal = sent(place, "who is <PERSON_1>")
    said = Utterance("u", "who is ana", datetime.now().astimezone(), "hall", "ana")
    read = Understanding(said.text, (), 0.0, (), ())
    assert journal.write(Exchange(said, read, AskCloud("I only know this home.")))
    forget(journal, Which(("ana",)))
    journal.close()
    assert "Nothing has left." in told(place)


def test_every_field_is_documented() -> None:
    page = (DOCS / "privacy.md").read_text(encoding="utf-8")
    for field in ("may", "left", "waiting", "dropped", "never", "at", "to", "kind", "bytes", "times", "text"):
        assert f"`{field}`" in page


def test_words_that_left_for_a_table_are_told_word_for_word(place: Path) -> None:
    settings = (place / "edge-nlu.toml").read_text()
    more = '[sync]\ninbox = "https://inbox.example/x"\nwordings = true\n'
    (place / "edge-nlu.toml").write_text(settings + more)
    body = Worded(3, (Pair("name", "reader", "reading lamp"),)).to_bytes()
    queue = Queue(place / "state" / QUEUE)
    queue.done(Item("9" * 32, "wordings", body), "https://inbox.example/x", 1_770_000_000.0)
    queue.close()
    said = told(place)
    assert "words once many homes say so, to inbox.example; the pack in use asks for none" in said
    assert 'to inbox.example: "reader is reading lamp"' in said
    pack = place / "state" / "packs" / "asking"
    pack.mkdir(parents=True)
    (pack / ASKED).write_text(Asked(3, bytes(16), 40, 319, 1.0, 1e-8).to_json())
    (place / "state" / "packs" / "current").write_text(json.dumps(asdict(Slot("asking"))))
    assert "40 at most in epoch 3, at an epsilon of 1 and a delta of 1e-08, and words where" in told(place)


def test_what_wordings_and_weeks_cost_stands_in_the_account(place: Path) -> None:
    state = State(place / "state")
    state.spend("run-1", "fleet.example", 0.5, 1e-4)
    for run, epsilon in (("wordings 3 inbox.example", 1.0), ("weeks 2900 inbox.example", 0.25)):
        state.spend(run, "inbox.example", epsilon, 1e-8)
    state.close()
    together = json.loads(told(place, "--json"))["together"]
    assert (together["epsilon"], together["wordings"], together["weeks"]) == (1.75, 1.0, 0.25)
    expected = "together with wordings (1.00) and weeks (0.25) they cost an epsilon of 1.75 of 2 at most"
    assert expected in told(place)
