"""A server that is told nothing but a sum comes to the same head, also where a home dies in between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Context, Message, RecordDict

from edge_nlu.commands.fleet_apps import client, masked_client
from edge_nlu.commands.fleet_settings import read_fleet_settings
from edge_nlu.errors import EdgeNluError, SettingsError
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.masked import MaskedGrid
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.server import Progress, Study, main
from edge_nlu.fleet.strategy import strategy_for
from edge_nlu.models.pack import Pack
from edge_nlu.sync.state import last_parts
from edge_nlu.wire.lessons import Taught, put_lessons
from edge_nlu_bench.updates.together import NAMES, lessons, task

HOMES = (3, 5, 7, 9)
BOUND = 4.0
App = Callable[[Message, Context], Message]


class Node:
    """A SuperNode in this process, with a settings file and lessons of its own."""

    def __init__(
        self, folder: Path, number: int, *, most_epsilon: float = 0.0, supernode: bool = True
    ) -> None:
        self.folder, pack = folder, Pack.open(Pack.default_path()).id
        folder.mkdir()
        (folder / "root.json").write_text("{}")
        settings = folder / "edge-nlu.toml"
        settings.write_text(
            f'state_dir = "{folder}/state"\n'
            f'[sync]\nurl = "http://127.0.0.1:9/"\nroot = "{folder}/root.json"\nfolder = "{folder}/sync"\n'
            f'[sync.federated]\nserver = "https://fleet.example:9443"\nsupernode = {str(supernode).lower()}\n'
            f"most_epsilon = {most_epsilon}\n"
        )
        own = Taught(NAMES, lessons(number, 40), np.full(40, time.time()))
        put_lessons(folder / "state" / "outgoing", pack, {"intent": own})
        self.context = Context(1, number, {"settings": str(settings)}, RecordDict(), {})


@pytest.fixture
def nodes(tmp_path: Path) -> dict[int, Node]:
    return {number: Node(tmp_path / str(number), number) for number in HOMES}


def run(nodes: dict[int, Node], app: App, folder: Path, *, masked: bool, lives: int = 10**9) -> Progress:
    """Play two rounds; the first home dies after so many messages."""
    seen: list[RecordDict] = []

    def answer(message: Message) -> Message:
        home = message.metadata.dst_node_id
        if home == HOMES[0]:
            seen.append(message.content)
            if len(seen) > lives:
                raise ConnectionError("gone")
        return app(message, nodes[home].context)

    local: Any = Linked(HOMES, answer)
    grid = MaskedGrid(local, round_s=40.0) if masked else local
    asked = task(bound=BOUND, pack=Pack.open(Pack.default_path()).id)
    strategy = strategy_for("fedavg", Selection(len(HOMES), 1.0))
    return main(grid, strategy, Study(asked, 2, 40.0, fewest=3), lessons(99, 400), folder)


class Linked(LocalGrid):
    """Homes that each get a message of their own, and answer all at once, as with a SuperLink."""

    def send_and_receive(self, messages: Any, *, timeout: float | None = None) -> Any:  # noqa: ARG002
        return [self._answered(deepcopy(message)) for message in messages]


@pytest.mark.slow
def test_a_masked_sum_is_the_sum(nodes: dict[int, Node], tmp_path: Path) -> None:
    plain = run(nodes, client, tmp_path / "plain", masked=False)
    masked = run(nodes, masked_client, tmp_path / "masked", masked=True)
    assert [one.answered for one in masked.passed] == [4, 4]
    assert masked.right > 0.9
    for one, other in zip(plain.arrays, masked.arrays, strict=True):
        assert np.allclose(one, other, atol=1e-4)
        assert float(np.abs(one).max()) > 0.05
    parts, _ = last_parts(nodes[3].folder / "sync", 9)
    assert [part.outcome for part in parts] == ["sent", "sent"]


@pytest.mark.slow
def test_a_home_that_dies_among_the_exchanges_is_missed_and_no_more(
    nodes: dict[int, Node], tmp_path: Path
) -> None:
    # in the first round it has shared its keys, and others have masked their changes with them
    progress = run(nodes, masked_client, tmp_path / "run", masked=True, lives=2)
    assert [one.answered for one in progress.passed] == [3, 3]
    assert progress.right > 0.9


@pytest.mark.slow
def test_a_home_takes_part_only_if_its_settings_say_so(nodes: dict[int, Node], tmp_path: Path) -> None:
    nodes[7] = Node(tmp_path / "apart", 7, supernode=False)
    progress = run(nodes, client, tmp_path / "run", masked=False)
    assert [(one.asked, one.answered) for one in progress.passed] == [(4, 3), (4, 3)]
    assert not (nodes[7].folder / "sync").exists()


@pytest.mark.slow
def test_a_home_that_allows_no_such_run_is_missed(nodes: dict[int, Node], tmp_path: Path) -> None:
    nodes[5] = Node(tmp_path / "careful", 5, most_epsilon=1.0)
    progress = run(nodes, masked_client, tmp_path / "run", masked=True)
    assert [one.answered for one in progress.passed] == [3, 3]
    (part, _), spent = last_parts(nodes[5].folder / "sync", 9)
    assert part.outcome.startswith("declined: its run promises no privacy")
    assert (part.bytes, spent) == (0, 0.0)


def test_no_single_answers_are_to_be_had() -> None:
    grid = MaskedGrid(LocalGrid(HOMES, lambda message: message), round_s=1.0)
    for ask in (grid.push_messages, grid.pull_messages):
        with pytest.raises(EdgeNluError, match="masked homes"):
            ask([])


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ('strategy = "fedmedian"', "secagg"),
        ("fewest = 2", "secagg"),
        ("epsilon = 4.0\ncut = 0.2\nbound = 1.0", "cut"),
    ],
)
def test_settings_that_need_single_answers_are_refused(tmp_path: Path, more: str, named: str) -> None:
    (tmp_path / "ca.pem").touch()
    file = tmp_path / "fleet.toml"
    told = json.dumps(str(tmp_path))
    file.write_text(f"folder = {told}\ncertificates = {told}\nsecagg = true\n{more}\n")
    with pytest.raises(SettingsError, match=named):
        read_fleet_settings(file)
