"""A home's part in a fleet's rounds: what leaves, what it costs, and how lines and servers fail."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("cryptography", reason="needs the [sync] extra")

from edge_nlu.cli import cli
from edge_nlu.commands.sync import choices_of
from edge_nlu.errors import SettingsError
from edge_nlu.fleet import certificates
from edge_nlu.hub.settings import check_federated, read_settings
from edge_nlu.learning.fitting import Lessons
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.federated import TakingPart
from edge_nlu.sync.rounds import Round
from edge_nlu.sync.state import NOT_SENT, TRIED, WITHDRAWN, Part, State, last_parts
from edge_nlu.wire.lessons import forget_lessons
from edge_nlu.wire.outgoing import withdraw
from edge_nlu.wire.rounds import ANSWERED, Task, Update
from edge_nlu_bench.updates.together import PACK, Member, Together, lessons, task, together_in

DAY_S = 86_400.0


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Together]:
    with together_in(tmp_path / "fleet") as fleet:
        fleet.open()
        yield fleet


@pytest.fixture
def home(fleet: Together) -> Member:
    member = fleet.member("hub-1")
    member.learns(lessons(1, 40))
    return member


def look(home: Member, *, now: Callable[[], float] = time.time, **other: Any) -> Round:
    with closing(State(home.choices.folder)) as state:
        return TakingPart(home.choices, replace(home.federated, **other), state, now=now).look()


def parts(home: Member) -> list[Part]:
    return last_parts(home.choices.folder, 10)[0]


def spent(home: Member) -> float:
    return last_parts(home.choices.folder, 10)[1].epsilon


def test_a_home_trains_what_it_is_asked_and_sends_only_the_head(fleet: Together, home: Member) -> None:
    assert look(home).outcome == "nothing to do"
    asked = task(bound=0.5)
    key = fleet.tasks.put(home.name, asked)
    assert look(home).outcome == "took part"
    update = fleet.reply_to(key).update
    assert update is not None
    asked.check(update)
    assert [one.shape for one in update.arrays] == [one.shape for one in asked.arrays]
    (part,) = parts(home)
    assert (part.head, part.run, part.round, part.outcome) == ("intent", "run-1", 1, "sent")
    assert part.bytes == len(update.to_bytes())
    assert look(home).outcome == "nothing to do"


def test_what_was_trained_waits_for_a_server_that_died(fleet: Together, home: Member) -> None:
    key = fleet.tasks.put(home.name, task(left_s=600.0))
    assert fleet.door is not None
    answer = fleet.tasks.answer
    # it dies when it has given the task away
    fleet.tasks.answer = _dies  # type: ignore[method-assign]
    came = look(home)
    assert (came.outcome, parts(home)[0].outcome) == ("took part", "waiting")
    fleet.door.close()
    assert [look(home).outcome for _ in range(5)] == ["waiting"] * 5
    fleet.tasks.answer = answer  # type: ignore[method-assign]
    fleet.open()
    # however often it was tried in vain, the first look at a server that is back brings it there
    look(home)
    assert parts(home)[0].outcome == "sent"
    assert fleet.reply_to(key).update is not None


def _dies(*_: object) -> str:
    raise ConnectionResetError


@pytest.mark.parametrize("step", ["edge_nlu.sync.state.State.answer", "edge_nlu.sync.queue.Queue.put"])
def test_who_died_between_training_and_having_it_on_the_disk_trains_again(
    fleet: Together, home: Member, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    key = fleet.tasks.put(home.name, task(left_s=600.0))
    with monkeypatch.context() as dying:
        dying.setattr(step, _dies)
        with pytest.raises(ConnectionResetError):
            look(home)
    time.sleep(0.6)
    assert look(home).outcome == "took part"
    assert fleet.reply_to(key).update is not None
    assert [part.outcome for part in parts(home)] == ["sent"]


def test_what_comes_too_late_is_thrown_away(fleet: Together, home: Member) -> None:
    fleet.tasks.put(home.name, task(left_s=100.0))
    fleet.tasks.answer = _dies  # type: ignore[method-assign]
    look(home)
    assert parts(home)[0].outcome == "waiting"
    fleet.tasks.forget()
    assert look(home, now=lambda: time.time() + 200).outcome == "nothing to do"
    assert parts(home)[0].outcome == NOT_SENT
    assert not parts(home)[0].left


def forget(home: Member) -> None:
    """Forget something, as the hub does."""
    forget_lessons(home.outgoing)
    withdraw(home.outgoing)


def test_what_was_trained_before_the_home_forgot_does_not_leave_whoever_is_killed(
    fleet: Together, home: Member
) -> None:
    asked = task(left_s=600.0)
    key = fleet.tasks.put(home.name, asked)
    tried = Event()

    def dies(*_: object) -> str:
        tried.set()
        raise ConnectionResetError

    fleet.tasks.answer = dies  # type: ignore[method-assign]
    home.start()
    until(tried.is_set)
    home.kill()
    assert parts(home)[0].outcome == "waiting"
    assert fleet.door is not None
    fleet.door.close()
    forget(home)
    del fleet.tasks.answer
    fleet.open()
    home.start()
    until(lambda: parts(home)[0].outcome == TRIED)
    assert fleet.tasks.replies([key]) == {}
    # from the next round on it learns from what is left
    left = lessons(2, 10)
    home.learns(left)
    assert fleet.reply_to(key).why == ANSWERED
    update = fleet.reply_to(fleet.tasks.put(home.name, replace(asked, round=2))).update
    assert update is not None
    for one, other in zip(update.arrays, asked.answered(left).arrays, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_what_was_never_tried_counts_as_not_sent(fleet: Together, home: Member) -> None:
    fleet.tasks.put(home.name, task(left_s=600.0, epsilon=1.0, delta=1e-5))
    with closing(State(home.choices.folder)) as state:
        part = TakingPart(home.choices, home.federated, state)
        part._deliver = lambda _: None  # type: ignore[method-assign]
        part.look()
    assert parts(home)[0].outcome == "waiting"
    forget(home)
    assert look(home).outcome == "nothing to do"
    assert (parts(home)[0].outcome, parts(home)[0].left) == (WITHDRAWN, False)
    # what was to be told is not, and what it would have cost stays counted
    assert spent(home) == 1.0


def test_a_home_that_forgets_while_it_trains_declines(
    fleet: Together, home: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = fleet.tasks.put(home.name, task())
    answered = Task.answered

    def slowly(self: Task, own: Lessons) -> Update:
        forget(home)
        return answered(self, own)

    monkeypatch.setattr(Task, "answered", slowly)
    assert look(home).outcome == "declined"
    assert fleet.reply_to(key).why == "declined"


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30.0
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_home_spends_no_more_of_its_privacy_than_its_owner_allows(fleet: Together, home: Member) -> None:
    for number, (run, epsilon, outcome) in enumerate(
        [
            ("run-1", 0.0, "declined"),
            ("run-1", 1.0, "took part"),
            ("run-1", 1.5, "took part"),
            ("run-2", 1.0, "declined"),
            ("run-2", 0.5, "took part"),
        ],
        1,
    ):
        key = fleet.tasks.put(home.name, task(run=run, round=number, epsilon=epsilon, delta=1e-5))
        assert look(home, most_epsilon=2.0).outcome == outcome, (run, epsilon)
        assert (fleet.reply_to(key).update is None) == (outcome == "declined")
    # each run costs what it had cost at last, and runs add up
    assert spent(home) == 2.0


def test_promises_that_may_fail_are_none(fleet: Together, home: Member) -> None:
    for number, (run, delta, outcome) in enumerate(
        [
            ("run-1", 0.4, "declined"),
            ("run-1", 6e-4, "took part"),
            ("run-2", 6e-4, "declined"),
            ("run-3", 4e-4, "took part"),
        ],
        1,
    ):
        key = fleet.tasks.put(home.name, task(run=run, round=number, epsilon=0.5, delta=delta))
        assert look(home, most_epsilon=2.0).outcome == outcome, (run, delta)
        assert (fleet.reply_to(key).update is None) == (outcome == "declined")
    assert last_parts(home.choices.folder, 10)[1] == (1.0, 1e-3)


def test_no_round_is_answered_twice_also_where_a_server_came_back_from_an_older_state(
    fleet: Together, home: Member
) -> None:
    for number in (1, 2):
        fleet.tasks.put(home.name, task(round=number))
        assert look(home).outcome == "took part"
    before = parts(home)
    fleet.tasks.forget()
    for number in (1, 2, 2):
        key = fleet.tasks.put(home.name, task(round=number))
        came = look(home)
        assert (came.outcome, ANSWERED in came.found) == ("declined", True)
        assert (fleet.reply_to(key).update, fleet.reply_to(key).why) == (None, ANSWERED)
        fleet.tasks.forget()
    # it stays written down what left
    assert parts(home) == before
    for other in (task(round=3), task(run="run-2", round=1)):
        fleet.tasks.put(home.name, other)
        assert look(home).outcome == "took part"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"pack": "another-1"}, id="another pack"),
        pytest.param({"names": ("", "on.power", "off.power", "set.color")}, id="other names"),
        pytest.param({"arrays": [np.zeros((4, 9), np.float32), np.zeros(4, np.float32)]}, id="another width"),
        pytest.param(
            {"head": "ranker", "names": ("a", "b"), "arrays": [np.zeros(2, np.float32)]}, id="another head"
        ),
    ],
)
def test_a_task_that_does_not_fit_is_declined(fleet: Together, home: Member, other: dict[str, Any]) -> None:
    key = fleet.tasks.put(home.name, replace(task(), **other))
    assert look(home).outcome == "declined"
    assert fleet.reply_to(key).why == "declined"
    assert spent(home) == 0.0


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param(b"x" * (2 << 20), "at most", id="without end"),
        pytest.param(b"no task at all", "a line of JSON", id="nonsense"),
        pytest.param(task(epsilon=1.0, delta=1.0).to_bytes(), "below 1", id="no promise"),
        pytest.param(
            replace(task(), arrays=[one + np.nan for one in task().arrays]).to_bytes(), "finite", id="none"
        ),
    ],
)
def test_what_a_server_sends_is_read_with_suspicion(
    fleet: Together, home: Member, sent: bytes, said: str
) -> None:
    fleet.tasks.next_for = lambda *_: ("a" * 32, SimpleNamespace(to_bytes=lambda: sent))  # type: ignore
    came = look(home)
    assert (came.outcome, said in came.found) == ("refused", True), came.found
    assert parts(home) == []


def test_only_heads_that_the_owner_allows_are_offered(fleet: Together, home: Member) -> None:
    fleet.tasks.put(home.name, task())
    assert look(home, heads=("ranker",)).outcome == "nothing to do"
    assert fleet.tasks.awake("intent", PACK, 60.0) == {}
    look(home)
    assert fleet.tasks.awake("intent", PACK, 60.0) == {"hub-1": 32.0}


def test_neither_strangers_are_asked_nor_is_a_home_let_in_that_was_revoked(
    fleet: Together, home: Member, tmp_path: Path
) -> None:
    certificates.init(tmp_path / "other", ["127.0.0.1"])
    stranger = tmp_path / "other" / certificates.CA
    came = look(home, ca=stranger)
    assert (came.outcome, "CERTIFICATE_VERIFY_FAILED" in came.found) == ("unreachable", True)
    certificates.revoke(fleet.certificates, home.name)
    came = look(home)
    assert (came.outcome, "no longer" in came.found) == ("refused", True)


def test_what_is_too_old_is_not_learned_from_and_deleted(fleet: Together, home: Member) -> None:
    key = fleet.tasks.put(home.name, task())
    file = next(home.outgoing.glob("examples-*.npz"))
    old = time.time() - 31 * DAY_S
    os.utime(file, (old, old))
    assert look(home).outcome == "nothing to do"
    assert not file.exists()
    assert fleet.tasks.replies([key]) == {}


def told(*arguments: object, code: int = 0) -> str:
    """Return what a command says."""
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    assert (done.exit_code, isinstance(done.exception, SystemExit | None)) == (code, True), done.exception
    return done.output


def settings_of(home: Member, more: str = "") -> Path:
    file = home.folder / "edge-nlu.toml"
    own = home.federated
    file.write_text(
        f"""
state_dir = "{home.folder / "state"}"
[sync]
url = "https://packs.example/"
folder = "{home.choices.folder}"
[sync.federated]
server = "{own.server}"
ca = "{own.ca}"
certificate = "{own.certificate}"
key = "{own.key}"
{more}
"""
    )
    return file


def test_people_are_told_what_left_and_what_it_cost(fleet: Together, home: Member) -> None:
    config = ("--config", settings_of(home, "most_epsilon = 4.0"))
    assert "learning: numbers of heads trained here" in told("privacy", *config)
    fleet.tasks.put(home.name, task(epsilon=1.25, delta=1e-5))
    look(home, most_epsilon=4.0)
    said = told("privacy", *config)
    cost = "an epsilon of 1.25 of 4 at most, with a delta of 1.0e-05"
    assert f"Rounds of training with others: 1; together they cost {cost}" in said
    account = json.loads(told("privacy", "--json", *config))
    spent = {"epsilon": 1.25, "most_epsilon": 4.0, "delta": 1e-5, "most_delta": 1e-3}
    assert account["together"] == {"rounds": 1, "waiting": 0, "wordings": 0.0, "weeks": 0.0, **spent}
    by = {one["kind"]: one for one in account["left"]}
    assert by["numbers of a head that was trained here"]["bytes"] == parts(home)[0].bytes
    offer = by["which pack is in use, and about how many lessons there are"]
    assert (len(by), offer["times"], offer["bytes"] > 0) == (2, 1, True)
    status = json.loads(told("sync", "status", "--json", *config))["federated"]
    assert (status["epsilon"], status["parts"][0]["outcome"]) == (1.25, "sent")
    assert "intent, round 1: sent" in told("sync", "status", *config)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ('server = "http://fleet.example"', "server"),
        ('server = "https://fleet.example/somewhere"', "server"),
        ('certificate = "/nowhere.pem"', "certificate"),
        ('key = ""', "key"),
        ('heads = ["intent", "rankers"]', "heads"),
    ],
)
def test_settings_that_lead_nowhere_are_named(home: Member, more: str, named: str) -> None:
    file = settings_of(home)
    check_federated(read_settings(file))
    name = more.partition(" ")[0]
    kept = [line for line in file.read_text().splitlines() if not line.startswith(f"{name} ")]
    file.write_text("\n".join([*kept, more]))
    with pytest.raises(SettingsError, match=f"sync.federated.{named}"):
        check_federated(read_settings(file))


def test_where_a_supernode_takes_part_sync_does_not_and_needs_no_certificate(home: Member) -> None:
    home.choices.root.write_text("{}")
    file = settings_of(home)
    named = f'[sync]\nroot = "{home.choices.root}"'
    file.write_text(file.read_text().replace("[sync]", named))
    assert choices_of(read_settings(file)).federated is not None
    kept = [line for line in file.read_text().splitlines() if not line.startswith(("certificate ", "key "))]
    file.write_text("\n".join([*kept, "supernode = true"]))
    assert choices_of(read_settings(file)).federated is None


def test_choices_reach_the_process_as_they_were(home: Member) -> None:
    assert Choices.from_json(home.choices.to_json()) == home.choices
