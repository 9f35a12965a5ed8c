"""A server that is told nothing but a sum comes to the same head, also where a home dies in between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flwr.app import Context, Message, RecordDict
from flwr.client.mod import secaggplus_mod
from flwr.clientapp import ClientApp
from flwr.common.secure_aggregation.secaggplus_constants import RECORD_KEY_CONFIGS, Stage
from flwr.common.secure_aggregation.secaggplus_constants import Key as Said

from edge_nlu.commands.fleet_apps import client, masked_client
from edge_nlu.commands.fleet_settings import read_fleet_settings
from edge_nlu.errors import EdgeNluError, SettingsError
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.masked import MaskedGrid, masked_reply, masked_task
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
KEY, SHORT_KEY = (
    generate_private_key(curve).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for curve in (SECP384R1(), SECP256R1())
)


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
    asked = task(run=folder.name, bound=BOUND, pack=Pack.open(Pack.default_path()).id)
    strategy = strategy_for("fedavg", Selection(len(HOMES), 1.0))
    return main(grid, strategy, Study(asked, 2, 40.0, fewest=3), lessons(99, 400), folder)


class Linked(LocalGrid):
    """Homes that each get a message of their own, and answer all at once, as with a SuperLink."""

    def push_messages(self, messages: Any) -> Any:
        return super().push_messages([deepcopy(message) for message in messages])


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
    assert [part.outcome for part in parts] == ["sent"] * 4


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
def test_a_server_that_lost_what_it_reached_is_told_so_and_answered_no_round_twice(
    nodes: dict[int, Node], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(nodes, client, tmp_path / "run", masked=False)
    assert "answered it before" not in caplog.text
    progress = run(nodes, client, tmp_path / "older" / "run", masked=False)
    assert [(one.asked, one.answered, one.kept) for one in progress.passed] == [(4, 0, False)] * 2
    assert "round 2: 4 homes have answered it before" in caplog.text
    for node in nodes.values():
        assert [part.outcome for part in last_parts(node.folder / "sync", 9)[0]] == ["sent", "sent"]


@pytest.mark.slow
def test_a_home_that_allows_no_such_run_is_missed(nodes: dict[int, Node], tmp_path: Path) -> None:
    nodes[5] = Node(tmp_path / "careful", 5, most_epsilon=1.0)
    progress = run(nodes, masked_client, tmp_path / "run", masked=True)
    assert [one.answered for one in progress.passed] == [3, 3]
    (part, _), spent = last_parts(nodes[5].folder / "sync", 9)
    assert part.outcome.startswith("declined: its run promises no privacy")
    assert (part.bytes, spent.epsilon) == (0, 0.0)


def spoiled(folder: Path, stage: str, change: dict[str, Any], *, rounds: int) -> Progress:
    """Play rounds in the first of which one home says something else in an exchange."""
    app = ClientApp(mods=[secaggplus_mod])

    @app.train()  # type: ignore[untyped-decorator]
    def train(message: Message, context: Context) -> Message:
        asked = masked_task(message, 60.0)
        return masked_reply(asked.answered(lessons(context.node_id, 40)), asked, message)

    contexts = {home: Context(1, home, {}, RecordDict(), {}) for home in HOMES}
    left = [change]

    def answer(message: Message) -> Message:
        home = message.metadata.dst_node_id
        now = message.content[RECORD_KEY_CONFIGS][Said.STAGE]
        reply = app(message, contexts[home])
        if home == HOMES[0] and now == stage and left:
            reply.content[RECORD_KEY_CONFIGS].update(left.pop())
        return reply

    local: Any = Linked(HOMES, answer)
    strategy = strategy_for("fedavg", Selection(len(HOMES), 1.0))
    study = Study(task(bound=BOUND), rounds, 40.0, fewest=3)
    return main(MaskedGrid(local, round_s=40.0), strategy, study, lessons(99, 400), folder)


def npy(array: Any) -> bytes:
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


def masked(*, weights: Any = (4, 16), value: int = 0, kind: str = "i8") -> dict[str, Any]:
    shapes = ((1,), weights, (4,))
    return {Said.MASKED_PARAMETERS: [npy(np.full(shape, value, kind)) for shape in shapes]}


@pytest.mark.parametrize(
    ("stage", "change"),
    [
        pytest.param(Stage.SETUP, {Said.PUBLIC_KEY_1: b"none"}, id="no key"),
        pytest.param(Stage.SETUP, {Said.PUBLIC_KEY_2: [1, 2]}, id="numbers as a key"),
        pytest.param(Stage.SETUP, dict.fromkeys((Said.PUBLIC_KEY_1, Said.PUBLIC_KEY_2), KEY), id="one key"),
        pytest.param(Stage.SETUP, {Said.PUBLIC_KEY_1: SHORT_KEY}, id="a key on another curve"),
        pytest.param(Stage.SHARE_KEYS, {Said.CIPHERTEXT_LIST: [b""]}, id="too few shares"),
        pytest.param(Stage.SHARE_KEYS, {Said.DESTINATION_LIST: [3, 5, 7]}, id="shares for itself"),
        pytest.param(Stage.COLLECT_MASKED_VECTORS, {Said.MASKED_PARAMETERS: [b"", b"", b""]}, id="nothing"),
        pytest.param(Stage.COLLECT_MASKED_VECTORS, {Said.MASKED_PARAMETERS: 5}, id="a number alone"),
        pytest.param(Stage.COLLECT_MASKED_VECTORS, masked(weights=(5, 16)), id="another shape"),
        pytest.param(Stage.COLLECT_MASKED_VECTORS, masked(kind="f8"), id="another kind"),
        pytest.param(Stage.COLLECT_MASKED_VECTORS, masked(value=-1), id="below nothing"),
        pytest.param(Stage.UNMASK, {Said.NODE_ID_LIST: [3, 3, 5, 5]}, id="a share twice"),
        pytest.param(Stage.UNMASK, {Said.NODE_ID_LIST: [1, 2, 3, 4]}, id="of homes that are not there"),
        pytest.param(Stage.UNMASK, {Said.SHARE_LIST: [1, 2, 3, 4]}, id="no shares"),
    ],
)
def test_who_answers_nonsense_in_an_exchange_counts_as_one_that_died(
    tmp_path: Path, stage: str, change: dict[str, Any]
) -> None:
    (passed,) = spoiled(tmp_path / "run", stage, change, rounds=1).passed
    # what a home masked before is in the sum
    assert (passed.answered, passed.kept) == (4 if stage == Stage.UNMASK else 3, True)
    assert passed.right > 0.9


@pytest.mark.parametrize(
    ("stage", "change"),
    [
        pytest.param(Stage.UNMASK, {Said.SHARE_LIST: [b"\x00" * 36] * 4}, id="false shares"),
        pytest.param(Stage.UNMASK, {Said.SHARE_LIST: [b""] * 4}, id="empty shares"),
        pytest.param(Stage.COLLECT_MASKED_VECTORS, masked(value=7), id="false numbers"),
    ],
)
def test_what_only_the_sum_shows_costs_the_round_and_no_more(
    tmp_path: Path, stage: str, change: dict[str, Any]
) -> None:
    lost, passed = spoiled(tmp_path / "run", stage, change, rounds=2).passed
    assert (lost.answered, lost.kept) == (0, False)
    assert (passed.answered, passed.kept) == (4, True)


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
