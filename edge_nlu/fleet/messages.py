"""Turn tasks and updates into messages of Flower and back, so that every kind of home is asked the same.

What a task says beside its numbers stands in the message's config under the task's own names; the round and
how near to stay stand where Flower's strategies put them.
"""

from __future__ import annotations

from hashlib import blake2s
from io import BytesIO
from typing import Any, Final

import numpy.typing as npt
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.supercore.run import Run
from flwr.supercore.task_identity import TaskIdentity
from numpy.lib import format as npy

from edge_nlu.errors import RoundRefusedError
from edge_nlu.learning.fitting import Arrays, Plan
from edge_nlu.wire.rounds import Task, Update

ARRAYS, CONFIG, METRICS = "arrays", "config", "metrics"
ROUND: Final = "server-round"
PULL: Final = "proximal-mu"
"""Under these names Flower's strategies tell homes the round, and how near to stay."""

EXAMPLES: Final = "num-examples"
"""Under this name homes tell them how many lessons they had."""

_NPY: Final = npy.magic(1, 0)
_SERVER: Final = 1
_ERROR: Final = 1


class OwnGrid(Grid):  # type: ignore[misc]
    """What is alike in all grids of our own: how a message is made."""

    def __init__(self) -> None:
        # a message cannot be made without them; where Flower's own processes talk, those set them
        try:
            TaskIdentity.task_id  # noqa: B018 - asking is how one learns that nobody has
        except RuntimeError:
            TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = _SERVER, _SERVER, _SERVER
        self._run = Run.create_empty(_SERVER)

    def set_run(self, run: Run) -> None:
        """Take the run that messages belong to."""
        self._run = run

    @property
    def run(self) -> Run:
        """Return the run that messages belong to."""
        return self._run

    def create_message(
        self,
        content: RecordDict,
        message_type: str,
        dst_node_id: int,
        group_id: str,
        ttl: float | None = None,
    ) -> Message:
        """Return a task for a home."""
        return Message(
            content, dst_node_id=dst_node_id, message_type=message_type, group_id=group_id, ttl=ttl
        )


def number_of(hub: str) -> int:
    """Return the number by which Flower knows a home."""
    return int.from_bytes(blake2s(hub.encode(), digest_size=8).digest(), "big") >> 1


def config_of(task: Task) -> ConfigRecord:
    """Return what a task says beside its numbers; a strategy adds the round."""
    told = {"run": task.run, "head": task.head, "pack": task.pack, "names": list(task.names)}
    spent = {"bound": task.bound, "epsilon": task.epsilon, "delta": task.delta}
    return ConfigRecord({**told, **task.plan._asdict(), **spent})


def task_of(message: Message, left_s: float) -> Task:
    """Return the task that a message is."""
    config, arrays = message.content[CONFIG], message.content[ARRAYS]
    plan = Plan(**{name: config[name] for name in Plan._fields})
    return Task(
        run=str(config["run"]),
        round=int(config[ROUND]),
        head=str(config["head"]),
        pack=str(config["pack"]),
        names=tuple(config["names"]),
        arrays=[one.numpy() for one in arrays.values()],
        plan=plan._replace(pull=float(config.get(PULL, plan.pull))),
        bound=float(config["bound"]),
        epsilon=float(config["epsilon"]),
        delta=float(config["delta"]),
        left_s=left_s,
    )


def reply_of(update: Update, message: Message) -> Message:
    """Return a home's update as the reply to the message that asked for it."""
    return trained(update.arrays, update.examples, message)


def trained(arrays: Arrays, examples: int, message: Message) -> Message:
    """Return what the numbers of a message became with so many lessons, as the reply to it."""
    sent = message.content[ARRAYS]
    record = ArrayRecord({name: Array(one) for name, one in zip(sent, arrays, strict=True)})
    told = {ARRAYS: record, METRICS: MetricRecord({EXAMPLES: examples})}
    return Message(RecordDict(told), reply_to=message)


def update_of(reply: Message, message: Message, left_s: float) -> Update:
    """Return the update that a home's own reply to a message is; anything is raised where it is none."""
    task, sent = task_of(message, left_s), message.content[ARRAYS]
    record, examples = reply.content[ARRAYS], reply.content[METRICS][EXAMPLES]
    if set(record) != set(sent):
        raise RoundRefusedError("reply", f"{len(record)} arrays", f"those named {', '.join(sent)}")
    if type(examples) is not int:
        raise RoundRefusedError("reply, examples", repr(examples)[:40], "a whole number")
    arrays = [numbers_in(record[name].data, one) for name, one in zip(sent, task.arrays, strict=True)]
    update = Update.from_bytes(Update(task.run, task.round, task.head, arrays, examples).to_bytes())
    task.check(update)
    return update


def numbers_in(written: bytes, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the numbers that numpy wrote; no memory is taken for others than of this kind and shape."""
    file = BytesIO(written)
    if written[: len(_NPY)] != _NPY:
        raise RoundRefusedError("numbers", repr(written[:10]), "an array as numpy writes it")
    file.seek(len(_NPY))
    shape, _, kind = npy.read_array_header_1_0(file)
    left = len(written) - file.tell()
    if (shape, kind, left) != (like.shape, like.dtype, like.nbytes):
        expected = f"{like.nbytes} bytes of {like.dtype}, {like.shape}"
        raise RoundRefusedError("numbers", f"{left} bytes of {kind}, {shape}"[:80], expected)
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)


def refusal_of(why: str, message: Message) -> Message:
    """Return why there is no update, as the reply to the message that asked for it."""
    return Message(Error(_ERROR, why), reply_to=message)


def record_of(arrays: Arrays) -> ArrayRecord:
    """Return numbers as Flower's strategies take them."""
    return ArrayRecord({str(place): Array(one) for place, one in enumerate(arrays)})


def arrays_of(record: ArrayRecord) -> Arrays:
    """Return the numbers in a record."""
    return [one.numpy() for one in record.values()]
