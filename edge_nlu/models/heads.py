"""The small heads of a pack that homes train together: what is meant, which device, which sentence instead.

A pack without them is read as it was made. What is in one is believed only where it fits: the classes are
wishes of the pack, the width is that of its embeddings, and all numbers are finite and not many. The server
of a fleet begins with the numbers that are returned here, and writes what it reached as files of a pack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_nlu.errors import PackForeignError
from edge_nlu.interfaces import Understander
from edge_nlu.learning.arrays import packed, unpacked
from edge_nlu.learning.fitting import Array, Arrays
from edge_nlu.learning.head import SCALE, Head, classes_of
from edge_nlu.learning.ranker import NEEDED
from edge_nlu.models.pack import Pack
from edge_nlu.models.ranker import RANKER, ranker_of

HEAD: Final = "head.npz"
WEIGHTS: Final = "weights.json"
FILES: Final = {"intent": HEAD, "evidence": WEIGHTS, "ranker": RANKER}
"""The file of each head that homes train together."""

LARGEST_BYTES: Final = 512_000
_LARGEST_WEIGHT: Final = 1e4


def default_weights() -> dict[str, float]:
    """Return the weights of the evidence that come with edge-nlu."""
    text = Path(__file__).parent.with_name("default_weights.json").read_text(encoding="utf-8")
    return {name: float(weight) for name, weight in json.loads(text).items()}


def weights_of(understander: Understander) -> dict[str, float]:
    """Return the weights of the evidence: those that come with edge-nlu, or as the pack has them."""
    weights = default_weights()
    pack = _pack_of(understander)
    if pack is None or (body := _file(pack, WEIGHTS)) is None:
        return weights
    try:
        own = {str(name): float(weight) for name, weight in json.loads(body).items()}
        if unknown := set(own) - set(weights):
            raise ValueError(f"{sorted(unknown)[0][:40]!r} is no evidence")
        _check(own.values())
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _foreign(pack, WEIGHTS, error, "a weight for each piece of evidence by name") from error
    return weights | own


def head_of(understander: Understander) -> Head | None:
    """Return the head of a pack that tells what is meant instead of what was read, if it has one."""
    pack = _pack_of(understander)
    if pack is None or (body := _file(pack, HEAD)) is None:
        return None
    classes, width = classes_of(pack.labels.wishes), pack.labels.embedding
    try:
        stored = unpacked(body, LARGEST_BYTES)
        weights, bias = (np.ascontiguousarray(stored[name], np.float32) for name in ("weights", "bias"))
        if tuple(stored["meant"].tolist()) != classes:
            raise ValueError(f"{stored['meant'].size} classes, which are not the {len(classes)} of the pack")
        if (weights.shape, bias.shape) != ((len(classes), width), (len(classes),)):
            raise ValueError(f"weights of {weights.shape}, where {(len(classes), width)} were expected")
        _check(float(np.abs(array).max()) for array in (weights, bias))
    except (ValueError, KeyError, TypeError) as error:
        raise _foreign(pack, HEAD, error, "a layer from its embeddings to its wishes") from error
    return Head(classes, weights, bias)


def check_heads(understander: Understander) -> None:
    """Raise a `PackForeignError` where a head of a pack cannot be used."""
    head_of(understander)
    weights_of(understander)
    ranker_of(understander)


def _pack_of(understander: Understander) -> Pack | None:
    pack = getattr(understander, "pack", None)
    return pack if isinstance(pack, Pack) else None


def _file(pack: Pack, name: str) -> bytes | None:
    """Return what is in a file of a pack, or None where it has none."""
    if name not in pack.files:
        return None
    try:
        with (pack.folder / name).open("rb") as file:
            body = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise _foreign(pack, name, error, "a file") from error
    if len(body) > LARGEST_BYTES:
        raise _foreign(pack, name, ValueError("too large"), f"{LARGEST_BYTES} bytes at most")
    return body


def _check(numbers: Iterable[float]) -> None:
    if not all(isfinite(one) and abs(one) <= _LARGEST_WEIGHT for one in numbers):
        raise ValueError(f"weights that are none, or beyond {_LARGEST_WEIGHT:g}")


def _foreign(pack: Pack, name: str, error: Exception, expected: str) -> PackForeignError:
    return PackForeignError(pack.folder, f"{name} that cannot be used ({error})"[:200], expected)


# ------------------------------------------------------------------------------- for a fleet's server


def names_of(head: str, reader: Understander) -> tuple[str, ...]:
    """Return what the rows of a head's layer, or its weights, stand for with a pack."""
    if head == "intent":
        pack = _pack_of(reader)
        return classes_of(pack.labels.wishes) if pack is not None else ()
    return tuple(_weights(head, reader))


def arrays_of(head: str, reader: Understander) -> Arrays:
    """Return the numbers of a head as a pack has them; where it has none, those that change nothing."""
    if head != "intent":
        return [np.array(list(_weights(head, reader).values()), np.float32)]
    pack, own = _pack_of(reader), head_of(reader)
    if own is not None:
        return [own.weights / np.float32(SCALE), own.bias]
    classes, width = len(names_of(head, reader)), pack.labels.embedding if pack is not None else 0
    return [np.zeros((classes, width), np.float32), np.zeros(classes, np.float32)]


def file_of(head: str, names: Sequence[str], arrays: Sequence[Array]) -> tuple[str, bytes]:
    """Return what the file of a pack is called that holds these numbers of a head, and what is in it."""
    if head == "intent":
        weights, bias = (np.asarray(array, "<f4") for array in arrays)
        return HEAD, packed({"meant": np.array(names), "weights": weights * np.float32(SCALE), "bias": bias})
    held: dict[str, Any] = {name: round(float(one), 4) for name, one in zip(names, arrays[0], strict=True)}
    if head == "ranker":
        needed = held.pop(NEEDED)
        held = {"weights": held, "needed": needed}
    return FILES[head], (json.dumps(held, indent=1) + "\n").encode()


def _weights(head: str, reader: Understander) -> dict[str, float]:
    """Return the weights of a choice, in the order in which they are trained."""
    if head == "evidence":
        return dict(sorted(weights_of(reader).items()))
    ranker = ranker_of(reader)
    return {**dict(sorted(ranker.weights.items())), NEEDED: ranker.needed} if ranker is not None else {}
