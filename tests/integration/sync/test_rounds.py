"""A look for packs: what is fetched, what is not, how often, and over which lines."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

pytest.importorskip("tuf", reason="needs the [sync] extra")

from edge_nlu.commands.privacy import NEVER, account_of, lines
from edge_nlu.errors import SettingsError, StorageError
from edge_nlu.hub.settings import Settings
from edge_nlu.storage.packs import REFUSED, Packs, Slot, handed_in
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.rounds import Rounds
from edge_nlu.sync.state import Part, State, last_rounds
from edge_nlu.wire.releases import Spent, share_of
from edge_nlu_bench.updates.packs import ENCODER, fewer_promises, make
from edge_nlu_bench.updates.world import World

LARGE = 6_000_000


def large(folder: Path) -> None:
    (folder / ENCODER).write_bytes(random.Random(0).randbytes(LARGE))


def parts(world: World) -> list[Path]:
    return sorted((world.choices.folder / "parts").glob("*.part"))


def test_over_a_line_that_breaks_again_and_again_a_pack_costs_no_more_than_its_size(world: World) -> None:
    world.give("large-1", large)
    world.server.breaks_after = 1_500_000
    assert world.look().outcome == "handed in"
    assert world.waiting() == "large-1"
    assert LARGE < world.server.sent <= 1.1 * LARGE
    ranges = [asked for path, asked in world.server.asked if path.endswith(ENCODER)]
    assert ranges == ["", "bytes=1500000-", "bytes=3000000-", "bytes=4500000-"]
    assert parts(world) == []


def test_what_was_fetched_when_the_line_went_for_good_is_there_the_next_time(world: World) -> None:
    world.give("large-1", large)
    world.server.breaks_after = 1_500_000
    state = State(world.choices.folder)

    def line_goes(_: float) -> None:
        world.server.breaks_after = 0

    assert Rounds(world.choices, state, sleep=line_goes).look().outcome == "unreachable"
    state.close()
    assert [part.stat().st_size for part in parts(world)] == [1_500_000]
    assert world.waiting() == ""
    world.server.breaks_after = None
    assert world.look().outcome == "handed in"
    assert world.server.sent <= 1.1 * LARGE


def test_a_wrong_part_of_a_file_is_thrown_away(world: World) -> None:
    world.give("large-1", large)
    (path,) = (world.folder / "repo" / "targets" / "models" / "large-1").glob(f"*.{ENCODER}")
    world.server.breaks_after = 0
    world.look()
    url = f"{world.server.url}/targets/models/large-1/{path.name}"
    part = world.choices.folder / "parts" / f"{sha256(url.encode()).hexdigest()}.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(bytes(1_000_000))
    world.server.breaks_after = None
    assert world.look().outcome == "refused"
    assert not part.exists()
    assert world.look().outcome == "handed in"


def test_a_server_that_knows_no_ranges_is_asked_for_the_whole_again(world: World) -> None:
    world.give("large-1", large)
    world.server.ranges = False
    world.server.breaks_after = 1_500_000
    assert world.look().outcome == "unreachable"
    world.server.breaks_after = None
    assert world.look().outcome == "handed in"


def test_what_is_at_hand_is_not_fetched_so_a_head_costs_no_more_than_itself(world: World) -> None:
    world.give("first-1")
    world.look()
    world.server.sent = 0
    head = make(world.folder / "made" / "head-2", fewer_promises, world.folder / "made" / "first-1")
    release, size = world.repo.add(head, base="first-1")
    world.repo.publish()
    assert release.role == "heads"
    assert world.look().outcome == "handed in"
    assert world.waiting() == "head-2"
    fetched = [path for path, _ in world.server.asked if "/targets/heads/" in path]
    assert [path.partition(".")[2] for path in fetched] == ["manifest.json", "golden.jsonl"]
    assert world.server.sent < size + 10_000 < 30_000


def test_a_pack_is_given_to_some_hubs_first(world: World) -> None:
    state = State(world.choices.folder)
    share = share_of(state.hub(), "first-1")
    state.close()
    world.give("first-1", percent=share)
    assert world.look().outcome == "nothing new"
    # somebody may ask for it all the same, and it may be given to more
    assert world.look(wanted="first-1", fetch=False).outcome == "new"
    world.repo.add(world.folder / "made" / "first-1", percent=share + 1)
    world.repo.publish()
    came = world.look()
    assert came.outcome == "handed in"
    assert [release.number for release in came.releases] == [1]


def test_what_is_for_another_board_is_left(world: World) -> None:
    world.give("first-1", boards=["pi-5"])
    assert world.look().outcome == "nothing new"
    world.choose(board="pi-5")
    assert world.look().outcome == "handed in"


def test_what_the_hub_refused_is_not_fetched_again(world: World) -> None:
    world.give("first-1")
    world.look()
    slot = handed_in(world.choices.incoming)
    assert slot is not None
    packs = Packs(world.choices.packs)
    packs.remember_bad(slot.manifest)
    packs.note(REFUSED, slot, "it broke a promise")
    sent = world.server.sent
    assert world.look().outcome == "nothing new"
    assert not (world.choices.incoming / "first-1").exists()
    assert handed_in(world.choices.incoming) is None
    assert world.look(wanted="first-1").outcome == "refused"
    assert world.server.sent - sent < 5_000


def test_what_is_in_use_or_comes_along_is_no_news(world: World) -> None:
    release = world.give("first-1")
    (signed,) = world.look().releases
    Packs(world.choices.packs).switch(Slot("first-1", release.number, signed.manifest), None)
    (world.choices.incoming / "request").unlink()
    assert world.look().outcome == "nothing new"
    world.choose(comes_along=world.pack("second-2"))
    world.repo.add(world.folder / "made" / "second-2")
    world.repo.publish()
    assert world.look().outcome == "nothing new"


def test_people_are_shown_what_is_signed_about_the_pack_in_use(world: World) -> None:
    release = world.give("private-1", privacy=Spent(2.0, 5e-4, 20, unpromised=3))
    world.look()
    settings = Settings(state_dir=str(world.choices.folder))
    assert account_of(settings).signed is None
    Packs(world.choices.packs).switch(Slot("private-1", release.number, "0" * 64), None)
    signed = "an epsilon of 2.00 and a delta of 5.0e-04 for each home that took part, over 20 rounds"
    line = f"The heads of the pack in use, private-1, are signed with {signed}, 3 of which promised nothing."
    assert list(lines(account_of(settings), 0))[-len(NEVER) - 3] == line
    with closing(State(world.choices.folder)) as state:
        state.note_part(Part("1", 9.0, "", "run-1", 1, "intent", 5, 1.25, 1e-5, 99.0, "sent"))
        for epsilon, said in ((1.25, "paid less: it was not"), (2.0, ""), (2.5, "paid more: in rounds")):
            state.spend("run-1", "", epsilon, 1e-5)
            # also where it is given away no longer
            Rounds(world.choices, state)._remember_costs(())
            told = "\n".join(lines(account_of(settings), 0))
            assert line in told
            assert said in told
            assert ("This home has paid" in told) == bool(said)


def test_a_pack_that_is_too_large_is_not_fetched(world: World) -> None:
    world.give("large-1", large)
    world.choose(largest_bytes=LARGE)
    came = world.look()
    assert came.outcome == "refused"
    assert "sync.largest_mb" in came.found
    assert not any(ENCODER in path for path, _ in world.server.asked)


def test_after_failures_the_next_look_comes_later_by_lot(world: World) -> None:
    world.server.instead = {".json": 500}
    state = State(world.choices.folder)
    rounds = Rounds(world.choices, state, sleep=lambda _: None)
    assert 0.9 * 21_600 <= rounds.next_in_s() <= 1.1 * 21_600
    waits = []
    for _ in range(12):
        rounds.look()
        waits.append([rounds.next_in_s() for _ in range(400)])
    assert [max(found) for found in waits[:3]] == pytest.approx([60, 120, 240], rel=0.05)
    assert mean(waits[2]) == pytest.approx(120, rel=0.15)
    assert max(waits[-1]) <= 21_600
    assert rounds.first_in_s() <= 21_600
    world.server.instead = {}
    rounds.look()
    assert state.failures == 0
    state.close()


def test_each_look_is_written_down(world: World) -> None:
    world.give("first-1")
    world.look()
    world.look()
    latest, first = last_rounds(world.choices.folder, 5)
    assert (first["outcome"], latest["outcome"]) == ("handed in", "handed in")
    assert first["url"] == world.server.url
    assert first["received_bytes"] > 70_000 > 5_000 > latest["received_bytes"]


def test_a_damaged_memory_of_sync_is_put_aside(world: World) -> None:
    world.choices.folder.mkdir()
    (world.choices.folder / "sync.sqlite3").write_bytes(b"nothing that SQLite knows" * 100)
    world.give("first-1")
    assert world.look().outcome == "handed in"
    assert (world.choices.folder / "sync.sqlite3.damaged").exists()


def test_a_memory_of_sync_that_cannot_be_written_now_stays_where_it_is(world: World) -> None:
    world.give("first-1")
    world.look(fetch=False)
    path = world.choices.folder / "sync.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match=r"sync\.sqlite3: found database is locked, expected a file"):
            State(world.choices.folder, patience_s=0.1)
    assert [one["outcome"] for one in last_rounds(world.choices.folder, 5)] == ["new"]
    assert not path.with_name("sync.sqlite3.damaged").exists()


def test_a_folder_that_cannot_be_written_is_named(world: World) -> None:
    (world.choices.folder / "sync.lock").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"sync\.lock: found .*, expected a file that can be written"):
        world.look()


@pytest.mark.parametrize("role", ["nothing", "1.targets.json", ""])
def test_a_root_of_trust_that_is_none_is_named_and_not_the_server_blamed(world: World, role: str) -> None:
    world.choices.root.write_bytes((world.metadata / role).read_bytes() if "." in role else role.encode())
    came = world.look()
    assert came.outcome == "refused"
    assert came.found.startswith(f"setting sync.root: {world.choices.root}: found ")


def test_choices_survive_a_command_line(world: World) -> None:
    assert Choices.from_json(world.choices.to_json()) == world.choices
    assert json.loads(world.choices.to_json())["url"] == world.server.url


@pytest.mark.parametrize(
    ("choice", "setting"),
    [
        ({"url": ""}, "sync.url"),
        ({"url": "http://"}, "sync.url"),
        ({"url": "https://me:pw@packs.example"}, "sync.url: found a user or password"),
        ({"inbox": "packs.example"}, "sync.inbox"),
        ({"root": Path("/none")}, "sync.root"),
    ],
)
def test_nobody_is_asked_without_an_address_and_a_root_of_trust(
    world: World, choice: dict[str, Any], setting: str
) -> None:
    world.choose(**choice)
    with pytest.raises(SettingsError, match=setting):
        world.choices.check()
