"""A run of rounds goes on where it was cut off, keeps no round that loses, and counts what it promised."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from socket import socket
from ssl import PEM_cert_to_DER_cert
from typing import Any

import numpy as np
import pytest
from flwr.app import Message

from edge_nlu.commands.fleet_server import STUDY
from edge_nlu.commands.fleet_server import _study as planned_study
from edge_nlu.commands.fleet_server import run as serve
from edge_nlu.commands.fleet_settings import FleetSettings
from edge_nlu.errors import EdgeNluError, SettingsError
from edge_nlu.fleet import certificates
from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.giving import give, made
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.messages import refusal_of, reply_of, task_of
from edge_nlu.fleet.repacked import repacked
from edge_nlu.fleet.repo import Repo, releases_in
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.server import CHECKPOINT, Progress, Study, main, published, share_right, spent
from edge_nlu.fleet.strategy import strategy_for
from edge_nlu.fleet.thin import ThinGrid
from edge_nlu.learning.fitting import bounded
from edge_nlu.learning.head import SCALE
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.heads import arrays_of, head_of, names_of
from edge_nlu.models.pack import Pack
from edge_nlu.wire.releases import Spent
from edge_nlu.wire.rounds import Task, Update
from edge_nlu_bench.updates.together import PACK, Together, lessons, task, together_in

HOMES = range(8)
GOLDEN = lessons(99, 400)
Change = Callable[[int, Task, Update], Update]


def honest(_home: int, _task: Task, update: Update) -> Update:
    return update


def homes(answers: Change = honest) -> LocalGrid:
    """Return homes that are asked as any other, and answer so."""

    def answer(message: Message) -> Message:
        asked, home = task_of(message, 60.0), message.metadata.dst_node_id
        return reply_of(answers(home, asked, asked.answered(lessons(home, 40))), message)

    return LocalGrid(HOMES, answer)


def run(
    folder: Path, rounds: int, *, grid: Any = None, strategy: str = "fedadam", **options: Any
) -> Progress:
    made = strategy_for(strategy, Selection(len(HOMES), 1.0), **options)
    return main(grid or homes(), made, Study(task(), rounds, 10.0), GOLDEN, folder)


def test_a_run_that_was_cut_off_comes_to_the_same_as_one_that_was_not(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", 6)
    for rounds in (2, 5, 6):
        parts = run(tmp_path / "parts", rounds)
    assert whole.right > 0.9 > 1 / 4
    assert [one.round for one in parts.passed] == [1, 2, 3, 4, 5, 6]
    for one, other in zip(whole.arrays, parts.arrays, strict=True):
        assert np.array_equal(one, other)


def test_a_round_that_was_cut_off_counts_and_is_not_done_again(tmp_path: Path) -> None:
    def cut(_home: int, _asked: Task, _update: Update) -> Update:
        # not an error of a home: all ends here
        raise KeyboardInterrupt

    run(tmp_path, 1)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, 3, grid=homes(cut))
    after = run(tmp_path, 3)
    assert (after.begun, [one.round for one in after.passed]) == (3, [1, 3])


def test_a_round_that_loses_is_not_kept_nor_what_the_algorithm_remembers_of_it(tmp_path: Path) -> None:
    def poisoned(_home: int, asked: Task, update: Update) -> Update:
        return replace(update, arrays=[-9 * one for one in update.arrays]) if asked.round == 3 else update

    how: dict[str, Any] = {"strategy": "fedavgm", "server_momentum": 0.3}
    found = run(tmp_path / "found", 4, grid=homes(poisoned), **how)
    assert [one.kept for one in found.passed] == [True, True, False, True]
    assert found.passed[2].right < found.passed[1].right
    # but for its number, all is as if the third round had not been
    clean = run(tmp_path / "clean", 3, **how)
    assert all(map(np.array_equal, clean.arrays, found.arrays))


def test_the_mean_of_the_last_heads_is_given_away(tmp_path: Path) -> None:
    study = Study(task(), 4, 10.0, last=3)
    for rounds in (3, 4):
        made = strategy_for("fedavg", Selection(len(HOMES), 1.0))
        progress = main(homes(), made, replace(study, rounds=rounds), GOLDEN, tmp_path)
    assert len(progress.recent) == 3
    found = published(progress, study, GOLDEN)
    assert found is not None
    arrays, right = found
    assert np.allclose(arrays[0], np.mean([one[0] for one in progress.recent], axis=0))
    assert right == share_right(arrays, GOLDEN)
    # but not where it would have lost
    spoilt = replace(progress, recent=(*progress.recent, [-9 * one for one in progress.arrays]))
    assert published(spoilt, study, GOLDEN) == (progress.arrays, progress.right)


def test_however_little_each_round_may_lose_nothing_worse_than_the_start_is_given(tmp_path: Path) -> None:
    start = run(tmp_path / "start", 6).arrays
    wrong = [np.roll(one, 1, axis=0) for one in start]

    def astray(_home: int, asked: Task, update: Update) -> Update:
        steps = zip(asked.arrays, wrong, start, strict=True)
        return replace(update, arrays=[now + 0.055 * (to - since) for now, to, since in steps])

    study = Study(replace(task(), arrays=start), 8, 10.0, loss=0.05, last=3)
    strategy = strategy_for("fedavg", Selection(len(HOMES), 1.0))
    progress = main(homes(astray), strategy, study, GOLDEN, tmp_path / "run")
    assert progress.kept
    assert progress.right < share_right(start, GOLDEN) == 1.0
    assert published(progress, study, GOLDEN) is None
    # nor where nothing was kept
    assert published(Progress(start, 1.0), study, GOLDEN) is None


@pytest.mark.parametrize(
    ("strategy", "liars", "holds"),
    [
        *(("fedavg", 1, False), ("fedavg", 2, False)),
        *(("fedtrimmed", 1, True), ("fedtrimmed", 2, False)),
        *(("fedmedian", 3, True), ("fedmedian", 4, False)),
    ],
)
def test_a_median_outlives_those_that_lie_within_the_bound(
    tmp_path: Path, strategy: str, liars: int, *, holds: bool
) -> None:
    def lying(home: int, asked: Task, update: Update) -> Update:
        if home >= liars:
            return update
        lie = replace(update, arrays=bounded([-50 * one for one in update.arrays], asked.bound))
        asked.check(lie)
        return lie

    made = strategy_for(strategy, Selection(len(HOMES), 1.0))
    (passed,) = main(homes(lying), made, Study(task(bound=4.0), 1, 10.0), GOLDEN, tmp_path).passed
    assert (passed.right > 0.9) == holds


def test_homes_that_fail_do_not_spoil_a_round(tmp_path: Path) -> None:
    def some(message: Message) -> Message:
        asked, home = task_of(message, 60.0), message.metadata.dst_node_id
        if home % 2:
            return refusal_of("no lessons", message)
        return reply_of(asked.answered(lessons(home, 40)), message)

    (passed,) = run(tmp_path, 1, grid=LocalGrid(HOMES, some)).passed
    assert (passed.asked, passed.answered, passed.kept) == (8, 4, True)


def test_each_round_that_was_begun_is_counted_and_told(tmp_path: Path) -> None:
    told: list[float] = []

    def listens(_home: int, asked: Task, update: Update) -> Update:
        told.append(asked.epsilon)
        return update

    promise = Privacy(epsilon=8.0, delta=1e-4, clip=1.0, noise=2.5, q=1.0, rounds=3)
    study = Study(task(), 3, 10.0, promise)
    made = strategy_for("fedavg", Selection(len(HOMES), 1.0), promise)
    main(homes(listens), made, study, GOLDEN, tmp_path)
    costs = [spent(study, rounds) for rounds in (1, 2, 3)]
    assert sorted(set(told)) == costs
    assert costs[0] < costs[1] < costs[2] <= 8.0


def test_a_checkpoint_of_another_run_is_not_taken_for_this_one(tmp_path: Path) -> None:
    run(tmp_path, 1)
    other = Study(task(run="run-2"), 2, 10.0)
    with pytest.raises(EdgeNluError, match="name another folder"):
        main(homes(), strategy_for("fedavg", Selection(8, 1.0)), other, GOLDEN, tmp_path)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Together]:
    with together_in(tmp_path / "fleet") as fleet:
        fleet.open()
        yield fleet


def test_rounds_reach_homes_that_only_ask_now_and_then(fleet: Together, tmp_path: Path) -> None:
    for number in range(3):
        member = fleet.member(f"hub-{number}")
        member.learns(lessons(number, 40))
    fleet.gather()
    assert fleet.door is not None
    grid = ThinGrid(fleet.tasks, fleet.door.known, head="intent", pack=PACK, within_s=60.0, round_s=30.0)
    study = Study(task(), 3, 30.0, fewest=3)
    made = strategy_for("fedavg", Selection(3, 1.0), activity=grid.activity)
    progress = main(grid, made, study, GOLDEN, tmp_path / "run")
    assert [(one.asked, one.answered, one.kept) for one in progress.passed] == [(3, 3, True)] * 3
    assert progress.right > 0.9
    # as roughly as it was told: 40 lessons are 32 and more
    assert set(grid.activity().values()) == {32.0}


def test_a_new_head_is_given_away_with_what_it_cost(tmp_path: Path) -> None:
    pack = Pack.open(Pack.default_path())
    reader = Encoder(pack)
    names, width = names_of("intent", reader), pack.labels.embedding
    asked = task(names, width, pack=pack.id)
    repo = Repo(tmp_path / "repo", tmp_path / "keys")
    repo.init()
    first = made(pack, asked, asked.arrays, tmp_path / "first")
    with pytest.raises(EdgeNluError, match="add it first"):
        give(tmp_path / "repo", tmp_path / "keys", pack, first, Spent(0.0, 0.0, 1, unpromised=1), 5)
    repo.add(pack.folder)
    cost = Spent(1.5, 1e-5, 20)
    release = give(tmp_path / "repo", tmp_path / "keys", pack, first, cost, 5)
    assert (release.role, release.base, release.percent) == ("heads", pack.id, 5)
    # the next head goes with the same pack, and the first keeps its cost when more hubs get it
    second = made(first, asked, [one + 1 for one in asked.arrays], tmp_path / "second")
    give(tmp_path / "repo", tmp_path / "keys", first, second, Spent(0.5, 1e-5, 10), 5)
    # and one of another kind, for which nothing was promised, with both
    named: dict[str, Any] = {"names": names_of("evidence", reader), "arrays": arrays_of("evidence", reader)}
    other = replace(asked, head="evidence", pack=second.id, **named)
    third = made(second, other, [one + 1 for one in other.arrays], tmp_path / "third")
    unpromised = Spent(0.0, 0.0, 7, unpromised=7)
    for _ in range(2):
        # cut off and given once more, it is not paid for twice
        give(tmp_path / "repo", tmp_path / "keys", second, third, unpromised, 5)
    repo.add(first.folder, base=pack.id)
    # a pack with such a head goes on with its cost, whoever adds what else is in it
    asking = repacked(third.folder, tmp_path / "asking", {"pairs.json": b"{}"})
    repo.add(asking.folder, base=pack.id)
    foreign = made(pack, asked, [one - 1 for one in asked.arrays], tmp_path / "foreign")
    repo.add(foreign.folder, base=pack.id)
    found = {one.pack: (one.base, one.percent, one.privacy) for one in releases_in(tmp_path / "repo")}
    assert found[asking.id][2] == found[third.id][2]
    assert found[foreign.id][2] is None
    assert found[first.id] == (pack.id, 100, cost)
    assert found[second.id] == (pack.id, 5, Spent(2.0, 2e-5, 30))
    assert found[third.id] == (pack.id, 5, Spent(2.0, 2e-5, 37, unpromised=7))
    head = head_of(Encoder(second))
    assert head is not None
    assert np.array_equal(head.weights, SCALE * (asked.arrays[0] + 1))


@pytest.mark.parametrize("body", [b"", b"{", b'{"run": 3}', b'{"run": "a", "settings": {}, "privacy": 3}'])
def test_a_damaged_promise_is_named_and_no_new_one_made(tmp_path: Path, body: bytes) -> None:
    (tmp_path / STUDY).write_bytes(body)
    with pytest.raises(EdgeNluError, match=r"study\.json: found a damaged file.*name another folder"):
        planned_study(FleetSettings(), tmp_path, Encoder(Pack.open(Pack.default_path())), hubs=2)
    assert (tmp_path / STUDY).read_bytes() == body


@pytest.mark.parametrize("body", [b"", b"PK", b"no numbers", b"\x93NUMPY"])
def test_a_damaged_checkpoint_is_named_and_the_run_not_begun_again(tmp_path: Path, body: bytes) -> None:
    (tmp_path / CHECKPOINT).write_bytes(body)
    with pytest.raises(EdgeNluError, match=r"checkpoint\.npz: found a damaged file.*name another folder"):
        run(tmp_path, 1)
    assert (tmp_path / CHECKPOINT).read_bytes() == body


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    certificates.init(tmp_path / "certificates", ["127.0.0.1"])
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        folder, kept = str(tmp_path / "run"), str(tmp_path / "certificates")
        settings = FleetSettings(folder, kept, host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match=r"host and port.*in use.*a free port"):
            serve(settings)


def test_half_a_certificate_lets_nobody_in_and_keeps_nobody_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificates.init(tmp_path, ["127.0.0.1"])
    certificates.hub(tmp_path, "annas-hub", tmp_path / "carried")
    whole = (tmp_path / "hubs" / "annas-hub.pem").read_bytes()
    half = tmp_path / "hubs" / "bens-hub.pem"
    half.write_bytes(b"")
    known = certificates.Known(tmp_path)
    assert known.names() == known.names() == ["annas-hub"]
    assert caplog.text.count("bens-hub.pem: found no certificate in it") == 1
    # written on in its place, of which the folder knows nothing
    half.write_bytes(whole)
    assert len(known.names()) == 1
    assert known.name_of(PEM_cert_to_DER_cert(whole.decode()))


def test_a_promise_takes_homes_enough_or_a_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # how much noise that takes is another matter
    monkeypatch.setattr("edge_nlu.fleet.accounting.noise_for", lambda *_: 1.0)
    settings, reader = FleetSettings(epsilon=8.0), Encoder(Pack.open(Pack.default_path()))
    with pytest.raises(SettingsError, match=r"a promise to 12 hubs.*534 hubs with certificates, or delta"):
        planned_study(settings, tmp_path, reader, hubs=12)
    # nothing is settled by that
    chosen = planned_study(replace(settings, delta=1e-3), tmp_path / "few", reader, hubs=12).privacy
    many = planned_study(settings, tmp_path / "many", reader, hubs=534).privacy
    assert chosen is not None
    assert many is not None
    assert (chosen.delta, many.delta) == (1e-3, 534**-1.1)


def test_a_run_goes_on_as_it_began_also_where_there_are_settings_since(tmp_path: Path) -> None:
    settings, reader = FleetSettings(rounds=3), Encoder(Pack.open(Pack.default_path()))
    begun = planned_study(settings, tmp_path, reader, hubs=2)
    file = tmp_path / STUDY
    told = json.loads(file.read_text())
    del told["settings"]["secagg"]
    file.write_text(json.dumps(told))
    assert planned_study(settings, tmp_path, reader, hubs=2).task.run == begun.task.run
    for other in (replace(settings, rounds=4), replace(settings, secagg=True)):
        with pytest.raises(SettingsError, match="as when the run in"):
            planned_study(other, tmp_path, reader, hubs=2)
