"""Read what was said in a day as dialogues: which wish, was it reached, what was said anew, what went wrong.

A small model that looks at sentences of one place together, each with those around it. It is a file of the
pack that is opened when a day is read, and let go after that; a pack without it reads no days. Its weights
are bytes, its sums a few matrices, so NumPy runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from edge_nlu.errors import PackDamagedError, PackForeignError
from edge_nlu.learning.dialogue import Moved, Place, Run, Turn, Vector, feature_names, runs_of
from edge_nlu.learning.goals import CORRECT, STAGES
from edge_nlu.models.pack import Pack

DIALOGUE: Final = "dialogue.npz"
FAILURES: Final = (CORRECT, *STAGES)
HEADS: Final = 4
LAYERS: Final = 2
# nobody comes back to a wish after so many others
REACH: Final = 6
_TINY: Final = 1e-5
_SCALE: Final = " scale"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is thought of one sentence; sentences are told by their numbers in what was read.

    `goal` is the sentence with which its wish began, `reached` how likely the wish was fulfilled in the end
    and `worked` how likely this very sentence did it. `rephrased` is the later one that says it anew, if any.
    """

    goal: int
    reached: float
    worked: float
    rephrased: int | None
    rephrased_sure: float
    failure: str
    failure_sure: float


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model makes of a run: odds of each sentence, as logarithms but for `points`.

    `points` are probabilities that a sentence is said anew in another; the last column is that it is not.
    """

    starts: Vector
    reached: Vector
    worked: Vector
    failure: Vector
    points: Vector


class DialogueModel:
    """The model of dialogues that a pack brings along."""

    def __init__(self, weights: Mapping[str, Vector]) -> None:
        self._w = weights

    @classmethod
    def open(cls, pack: Pack) -> DialogueModel | None:
        """Return the model of a pack, or None where it has none."""
        if DIALOGUE not in pack.files:
            return None
        try:
            with np.load(pack.folder / DIALOGUE, allow_pickle=False) as file:
                stored: dict[str, Any] = dict(file)
        except (OSError, ValueError) as error:
            raise PackDamagedError(pack.folder, DIALOGUE, "a file of arrays", str(error)) from error
        names = tuple(tuple(stored.pop(f"names.{kind}", np.array([])).tolist()) for kind in ("each", "pair"))
        if names != feature_names():
            odd = {*names[0], *names[1]} ^ {name for kind in feature_names() for name in kind}
            raise PackForeignError(
                pack.folder,
                f"{DIALOGUE} with other features ({', '.join(sorted(odd)[:3]) or 'in another order'})",
                "a model of dialogues of this version",
            )
        return cls(unpacked(stored))

    def read(self, turns: Sequence[Turn], moved: Sequence[Moved], place: Place) -> list[Opinion]:
        """Return what is thought of each sentence of a home, in the order in which they were said."""
        opinions: dict[int, Opinion] = {}
        for run in runs_of(turns, moved, place):
            opinions.update(zip(run.turns, self.opinions(run), strict=True))
        return [opinions[number] for number in range(len(turns))]

    def opinions(self, run: Run) -> list[Opinion]:
        """Return what is thought of each sentence of a run."""
        scores = self.scores(run)
        reached, worked = _sigmoid(scores.reached), _sigmoid(scores.worked)
        failure = _softmax(scores.failure)
        goals: list[int] = []
        for at in range(len(run.turns)):
            goals.append(goals[-1] if at and scores.starts[at] <= 0 else at)
        found = []
        for at, goal in enumerate(goals):
            to = int(scores.points[at].argmax())
            kind = int(failure[at].argmax())
            found.append(
                Opinion(
                    run.turns[goal],
                    round(float(reached[at]), 4),
                    round(float(worked[at]), 4),
                    run.turns[to] if to < len(goals) else None,
                    round(float(scores.points[at, to]), 4),
                    FAILURES[kind],
                    round(float(failure[at, kind]), 4),
                )
            )
        return found

    def scores(self, run: Run) -> Scores:
        """Return what the model makes of a run of sentences."""
        w = self._w
        each = np.clip((run.each - w["each.mean"]) / w["each.scale"], -4, 4)
        pair = np.clip((run.pairs - w["pair.mean"]) / w["pair.scale"], -4, 4)
        h = _relu(each @ w["in.w"] + w["in.b"])
        later = _relu(pair @ w["pairs.w"] + w["pairs.b"])
        # what stands between two sentences is the same seen from the later one, but is said apart
        seen = np.concatenate([later, later.transpose(1, 0, 2)], -1)
        order = np.sign(np.arange(len(h))[None, :] - np.arange(len(h))[:, None])
        near = np.abs(np.arange(len(h))[None, :] - np.arange(len(h))[:, None]) <= REACH
        width = later.shape[-1]
        seen[order <= 0, :width] = 0.0
        seen[order >= 0, width:] = 0.0
        for layer in range(LAYERS):
            h = self._layer(f"{layer}.", h, seen, near)
        starts, reached, worked, failure = (
            h @ w[f"{head}.w"] + w[f"{head}.b"] for head in ("starts", "reached", "worked", "failure")
        )
        points = self._points(h, seen, near & (order > 0))
        return Scores(starts[:, 0], reached[:, 0], worked[:, 0], failure, points)

    def _layer(self, name: str, h: Vector, seen: Vector, near: Any) -> Vector:
        w, count = self._w, len(h)
        q, k, v = ((h @ w[f"{name}{one}.w"] + w[f"{name}{one}.b"]).reshape(count, HEADS, -1) for one in "qkv")
        odds = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(q.shape[-1])
        odds += (seen @ w[f"{name}bias.w"] + w[f"{name}bias.b"]).transpose(2, 0, 1)
        looks = _softmax(np.where(near, odds, -1e4))
        told = (seen @ w[f"{name}tell.w"] + w[f"{name}tell.b"]).reshape(count, count, HEADS, -1)
        heard = np.einsum("hij,jhd->ihd", looks, v) + np.einsum("hij,ijhd->ihd", looks, told)
        h = self._norm(f"{name}norm1", h + heard.reshape(count, -1) @ w[f"{name}o.w"] + w[f"{name}o.b"])
        thought = _relu(h @ w[f"{name}up.w"] + w[f"{name}up.b"]) @ w[f"{name}down.w"] + w[f"{name}down.b"]
        return self._norm(f"{name}norm2", h + thought)

    def _norm(self, name: str, h: Vector) -> Vector:
        even = h - h.mean(-1, keepdims=True)
        even = even / np.sqrt((even * even).mean(-1, keepdims=True) + _TINY)
        return np.asarray(even * self._w[f"{name}.w"] + self._w[f"{name}.b"], np.float32)

    def _points(self, h: Vector, seen: Vector, may: Any) -> Vector:
        w = self._w
        both = (h @ w["from.w"] + w["from.b"])[:, None, :] + (h @ w["to.w"] + w["to.b"])[None, :, :]
        both = _relu(both + seen @ w["between.w"] + w["between.b"])
        odds = np.where(may, (both @ w["point.w"] + w["point.b"])[..., 0], -1e4)
        none = h @ w["none.w"] + w["none.b"]
        return _softmax(np.concatenate([odds, none], -1))


def packed(weights: Mapping[str, Vector]) -> dict[str, Any]:
    """Return weights as they are stored: matrices as bytes, each column with a scale of its own."""
    stored: dict[str, Any] = {}
    for name, value in weights.items():
        if value.ndim == 2:
            scale = np.maximum(np.abs(value).max(0), 1e-8) / 127
            stored[name] = np.round(value / scale).astype(np.int8)
            stored[f"{name}{_SCALE}"] = scale.astype(np.float32)
        else:
            stored[name] = value.astype(np.float32)
    return stored


def unpacked(stored: Mapping[str, Any]) -> dict[str, Vector]:
    """Return stored weights as they are computed with."""
    return {
        name: value * stored[f"{name}{_SCALE}"] if f"{name}{_SCALE}" in stored else value
        for name, value in stored.items()
        if not name.endswith(_SCALE)
    }


def _relu(values: Vector) -> Vector:
    return np.maximum(values, 0)


def _sigmoid(values: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def _softmax(values: Vector) -> Vector:
    powers = np.exp(values - values.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)
