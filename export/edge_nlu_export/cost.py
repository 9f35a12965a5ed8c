"""Count what a network asks of a processor for one sentence.

Multiplications dominate, and how many there are depends on the shapes alone, so one run of the
network says it, whatever the machine.
"""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from edge_nlu.models.words import GRAMS, PIECES, word_windows
from edge_nlu.storage.profiles import Cost

TEN_WORDS = 10
PRODUCTS = ("MatMul", "Gemm", "MatMulInteger")


def cost(network: Path, words: int = TEN_WORDS) -> Cost:
    """Return the multiply-accumulates for a sentence of so many words, and the weights read, a byte each.

    The table of features is left out: a sentence reads only a few rows of it.
    """
    import onnx

    graph = onnx.load(network).graph
    products = [
        (node.input[0], node.input[1], node.output[0]) for node in graph.node if node.op_type in PRODUCTS
    ]
    weights = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    shapes = weights | _shapes(network, {name for left, _, out in products for name in (left, out)}, words)
    macs = sum(shapes[left][-1] * prod(shapes[out]) for left, _, out in products)
    return Cost(macs, sum(prod(weights.get(right, (0,))) for _, right, _ in products))


def _shapes(network: Path, names: set[str], words: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes that values within the network have while it reads a sentence."""
    import onnx
    import onnxruntime

    model = onnx.load(network)
    given = {value.name for value in [*model.graph.output, *model.graph.initializer]}
    asked = sorted(names - {tensor.name for tensor in model.graph.initializer})
    if not asked:
        return {}
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names - given)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    features = np.zeros((1, words, PIECES + GRAMS), np.int32)
    values = session.run(asked, {"features": features, "windows": word_windows(words)})
    return {name: value.shape for name, value in zip(asked, values, strict=True)}
