"""fastText, taught intents: pieces of words and pairs of words, averaged, and one linear layer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_nlu_bench.peers.told import Read, Row, main

LABEL = "__label__"


def learn(rows: Sequence[Row], model: Path) -> None:
    """Learn the intents of rows."""
    import fasttext  # type: ignore[import-not-found]

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"{LABEL}{row['intent']} {row['text'].lower()}\n" for row in rows)
        file.flush()
        learned: Any = fasttext.train_supervised(
            file.name,
            lr=0.5,
            epoch=25,
            wordNgrams=2,
            minn=2,
            maxn=5,
            dim=50,
            bucket=200_000,
            thread=1,
            verbose=0,
        )
    learned.save_model(str(model))


def opened(model: Path) -> Read:
    """Return the model, ready to read."""
    import fasttext

    learned: Any = fasttext.load_model(str(model))

    def read(text: str) -> tuple[str, tuple[()]]:
        labels, _ = learned.predict(text.lower())
        return labels[0].removeprefix(LABEL), ()

    return read


if __name__ == "__main__":
    main(learn, opened)
