"""Ask SuperNodes so that the server is told nothing but the sum of what they learned (SecAgg+).

Each masks its change with numbers that it agreed on with the others, and in the sum the masks are gone; that
takes four exchanges instead of one. Flower has this by its older interface alone, which is hidden here: a
strategy is given the mean as the answer of each, from which it makes the same mean again. What one home
answered nobody can look at, so a home is trusted to keep its change within the bound, and all count alike.
That each says in time what its exchange asks for, in numbers of the right kind and shape, is looked at: who
does not counts as one that died. What only the sum shows to be wrong costs the round, and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, RecordDict
from flwr.common import (
    Code,
    FitIns,
    FitRes,
    Parameters,
    Status,
    ndarrays_to_parameters,
    parameters_to_ndarrays,
)
from flwr.common.secure_aggregation.secaggplus_constants import RECORD_KEY_CONFIGS, Stage
from flwr.common.secure_aggregation.secaggplus_constants import Key as Said
from flwr.compat.common.recorddict_compat import (
    fitres_to_recorddict,
    recorddict_to_fitins,
    recorddict_to_fitres,
)
from flwr.server import LegacyContext
from flwr.server.strategy import FedAvg
from flwr.server.workflow import SecAggPlusWorkflow
from flwr.server.workflow.constant import MAIN_CONFIGS_RECORD, MAIN_PARAMS_RECORD, Key
from flwr.serverapp import Grid

from edge_nlu.errors import EdgeNluError, RoundRefusedError
from edge_nlu.fleet.big import BigGrid, Check
from edge_nlu.fleet.messages import OwnGrid, numbers_in, reply_of, task_of
from edge_nlu.learning.fitting import Arrays, change
from edge_nlu.wire.rounds import Task, Update

FEWEST: Final = 3
"""Of two homes, each could tell the other's change from the sum."""

TASK: Final = "task"
WEIGHT: Final = 1
_SHARE: Final = 2 / 3
"""So many of the homes that began have to be there in the end, or a round is worth nothing."""

_EXCHANGES: Final = 4
_MODULUS: Final = 1 << 32
"""Masked numbers are below it."""

log = logging.getLogger("edge_nlu.fleet")


class MaskedGrid(OwnGrid):
    """The homes of Flower's own grid, none of whose answers is ever seen alone."""

    def __init__(self, big: Grid, *, round_s: float) -> None:
        super().__init__()
        self._big, self._round_s = big, round_s

    def activity(self) -> Mapping[int, float]:
        """Return that all homes have as much to tell: how much is not known here."""
        return dict.fromkeys(self.get_node_ids(), 1.0)

    def get_node_ids(self) -> Iterable[int]:
        """Return the homes that can be asked."""
        homes: Iterable[int] = self._big.get_node_ids()
        return homes

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:  # noqa: ARG002
        """Refuse: who asks without waiting would be answered by each alone."""
        raise EdgeNluError("masked homes: found single messages, expected those of a round, all at once")

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:  # noqa: ARG002
        """Refuse: there are no single answers."""
        raise EdgeNluError(
            "masked homes: found a look for single answers, expected none: there is a sum alone"
        )

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Return the mean of what homes answer as the answer of each that is in it."""
        asked = {message.metadata.dst_node_id: message for message in messages}
        if len(asked) < FEWEST:
            return []
        left_s = min(timeout or self._round_s, self._round_s)
        task = task_of(next(iter(asked.values())), left_s)
        total = _Total(task, list(asked))
        context = LegacyContext(
            Context(self.run.run_id, self.run.run_id, {}, RecordDict(), {}), strategy=total
        )
        context.state[MAIN_CONFIGS_RECORD] = ConfigRecord({Key.CURRENT_ROUND: task.round})
        context.state[MAIN_PARAMS_RECORD] = ArrayRecord()
        workflow = _Exchanges(
            1.0,
            _SHARE,
            max_weight=float(WEIGHT),
            clipping_range=float(task.bound),
            modulus_range=_MODULUS,
            timeout=left_s / _EXCHANGES,
        )
        try:
            workflow(BigGrid(self._big, _checker(task)), context)
            if not total.answered:
                return []
            arrays = [one + by for one, by in zip(task.arrays, total.moved, strict=True)]
            update = Update(task.run, task.round, task.head, arrays, WEIGHT)
            task.check(update)
        except Exception as error:  # noqa: BLE001 - what homes have hidden is opened there, and breaks it anyhow
            # where it is the line that broke, and no answer, this breaks as well
            self._big.get_node_ids()
            log.warning("round %d is lost: %s: %s", task.round, type(error).__name__, error)
            return []
        return [reply_of(update, asked[home]) for home in total.answered]


def _checker(task: Task) -> Check:
    """Return what looks at each answer in the exchanges over a task."""
    likes = [np.zeros(shape, np.int64) for shape in ((1,), *(one.shape for one in task.arrays))]

    def checked(asked: Message, reply: Message) -> Message:
        told, said = (one.content.config_records[RECORD_KEY_CONFIGS] for one in (asked, reply))
        match told[Said.STAGE]:
            case Stage.SETUP:
                keys = {said[name] for name in (Said.PUBLIC_KEY_1, Said.PUBLIC_KEY_2)}
                if len(keys) < 2 or not all(map(_is_key, keys)):
                    raise RoundRefusedError("public keys", f"{keys}"[:80], f"two on {SECP384R1.name}")
            case Stage.SHARE_KEYS:
                others = {int(name) for name in told if name != Said.STAGE} - {asked.metadata.dst_node_id}
                _check_parts(said[Said.DESTINATION_LIST], said[Said.CIPHERTEXT_LIST], others)
            case Stage.COLLECT_MASKED_VECTORS:
                masked = zip(said[Said.MASKED_PARAMETERS], likes, strict=True)
                if any(((one < 0) | (one >= _MODULUS)).any() for one in (numbers_in(*two) for two in masked)):
                    raise RoundRefusedError("masked numbers", "one beyond", f"0 or more, below {_MODULUS}")
                recorddict_to_fitres(reply.content, keep_input=True)
            case Stage.UNMASK:
                all_homes = {*told[Said.ACTIVE_NODE_ID_LIST], *told[Said.DEAD_NODE_ID_LIST]}
                _check_parts(said[Said.NODE_ID_LIST], said[Said.SHARE_LIST], all_homes)
        return reply

    return checked


def _is_key(written: bytes) -> bool:
    key = load_pem_public_key(written)
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP384R1)


def _check_parts(homes: list[int], parts: list[bytes], expected: set[int]) -> None:
    """Raise where there is not one part for each of these homes."""
    if sorted(homes) != sorted(expected) or [type(one) for one in parts] != [bytes] * len(expected):
        raise RoundRefusedError(
            "shares", f"{len(parts)} for {len(homes)} homes", f"{len(expected)}, one each"
        )


class _Exchanges(SecAggPlusWorkflow):  # type: ignore[misc]
    """Flower's own, where a home that has masked nothing yet must not count as one that has, and died."""

    def setup_stage(self, grid: Grid, context: LegacyContext, state: Any) -> bool:
        """Go on with the homes that have begun."""
        return super().setup_stage(grid, context, state) and _with_those_there(state)

    def share_keys_stage(self, grid: Grid, context: LegacyContext, state: Any) -> bool:
        """Go on with the homes that have shared their keys; nobody masks anything with another's."""
        return super().share_keys_stage(grid, context, state) and _with_those_there(state)


def _with_those_there(state: Any) -> bool:
    """Forget the homes that are missing."""
    there = set(state.active_node_ids)
    state.sampled_node_ids = there
    state.nid_to_neighbours = {home: state.nid_to_neighbours[home] & there for home in there}
    return True


class _Home(NamedTuple):
    """A home, as the older interface calls it."""

    node_id: int


class _Total(FedAvg):  # type: ignore[misc]
    """Asks these homes, and keeps the mean of what they changed."""

    def __init__(self, task: Task, homes: Sequence[int]) -> None:
        super().__init__()
        self._task, self._homes = task, homes
        self.answered: list[int] = []
        self.moved: Arrays = []

    def configure_fit(self, *_: Any) -> list[tuple[_Home, FitIns]]:
        """Return the homes with the task that each is given."""
        told = FitIns(Parameters([], ""), {TASK: self._task.to_bytes()})
        return [(_Home(home), told) for home in self._homes]

    def aggregate_fit(
        self,
        server_round: int,  # noqa: ARG002
        results: Sequence[tuple[_Home, FitRes]],
        failures: Sequence[Any],  # noqa: ARG002
    ) -> tuple[None, dict[str, Any]]:
        """Keep the mean, which is in each of the results."""
        self.answered = [home.node_id for home, _ in results]
        if results:
            self.moved = [one.astype("f4") for one in parameters_to_ndarrays(results[0][1].parameters)]
        return None, {}


def masked_task(message: Message, left_s: float) -> Task:
    """Return the task in a message by the older interface; refused as one that comes by the door."""
    told = recorddict_to_fitins(message.content, keep_input=True).config[TASK]
    return replace(Task.from_bytes(told), left_s=left_s)


def masked_reply(update: Update, task: Task, message: Message) -> Message:
    """Return what a task changed, for Flower to mask."""
    moved = ndarrays_to_parameters(change(update.arrays, task.arrays))
    result = FitRes(Status(Code.OK, ""), moved, WEIGHT, {})
    return Message(fitres_to_recorddict(result, keep_input=False), reply_to=message)
