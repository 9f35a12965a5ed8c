"""Write a student as the one network that a hub runs, and make it small.

The network takes the features of one sentence, word by word, and gives the two rows of answers.
Weights become signed bytes with seven of their eight bits in use, each output column with its own
scale: the one variant that answers the same on every processor a hub may have.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor, nn

from edge_nlu.models.words import GRAMS, PIECES, word_windows
from edge_nlu_export.student import Student


class OneSentence(nn.Module):
    """A student as a network with plain inputs and outputs, for one sentence without padding."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(self, features: Tensor, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sentence row and the word rows."""
        answers = self.student(features, windows=windows)
        return answers.sentence, answers.words


def write_onnx(student: Student, path: Path) -> None:
    """Write the student in full precision."""
    example = torch.randint(1, student.table.num_embeddings, (1, 7, PIECES + GRAMS), dtype=torch.int32)
    torch.onnx.export(
        OneSentence(student.cpu()).eval(),
        (example, torch.from_numpy(word_windows(7))),
        str(path),
        input_names=["features", "windows"],
        output_names=["sentence", "words"],
        dynamic_axes={"features": {1: "words"}, "windows": {0: "words"}, "words": {1: "words"}},
        opset_version=17,
        dynamo=False,
    )
    _note(path, rows=str(student.table.num_embeddings))


def quantize(full: Path, small: Path) -> None:
    """Write the network with bytes for weights and for the table.

    Products of two values that both come from the sentence stay as they are: for so few words it takes
    longer to make bytes of them than to multiply them.
    """
    from onnxruntime.quantization import QuantFormat, QuantizationMode, QuantType
    from optimum.onnxruntime import ORTQuantizer
    from optimum.onnxruntime.configuration import QuantizationConfig

    how = QuantizationConfig(
        is_static=False,
        format=QuantFormat.QOperator,
        mode=QuantizationMode.IntegerOps,
        activations_dtype=QuantType.QUInt8,
        activations_symmetric=False,
        weights_dtype=QuantType.QInt8,
        weights_symmetric=True,
        per_channel=True,
        reduce_range=True,
        operators_to_quantize=["MatMul", "Gemm", "Gather"],
        nodes_to_exclude=_between_values(full),
    )
    with TemporaryDirectory(dir=small.parent) as folder:
        ORTQuantizer(full).quantize(save_dir=folder, quantization_config=how, file_suffix="small")
        next(Path(folder).glob("*.onnx")).replace(small)


def _between_values(path: Path) -> list[str]:
    """Return the names of the products in a network that no weight takes part in."""
    import onnx

    graph = onnx.load(path).graph
    weights = {weight.name for weight in graph.initializer}
    weights |= {name for node in graph.node if node.op_type == "Constant" for name in node.output}
    return [node.name for node in graph.node if node.op_type == "MatMul" and not weights & set(node.input)]


def _note(path: Path, **notes: str) -> None:
    """Write notes into the network's own metadata, where the hub checks them."""
    import onnx

    model = onnx.load(path)
    for key, value in notes.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, path)


def run(path: Path, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a written network answers."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    sentence, words = session.run(
        None, {"features": features.astype(np.int32)[None], "windows": word_windows(len(features))}
    )
    return sentence[0], words[0]
