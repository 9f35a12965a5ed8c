"""sentence-transformers' MiniLM with logistic regression, as `bench latency` has it beside a pack.

It runs in the environment of `pip install 'edge-nlu[bench]'`, and imports of edge-nlu only what a
sentence with its label is.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path

from edge_nlu.values import Example
from edge_nlu_bench.peer import Peer
from edge_nlu_bench.peers.told import Read, Row, main


def learn(rows: Sequence[Row], model: Path) -> None:
    """Learn the intents of rows."""
    model.write_bytes(
        pickle.dumps(
            Peer([Example(id="", locale="en", text=row["text"], intent=row["intent"]) for row in rows])
        )
    )


def opened(model: Path) -> Read:
    """Return the model, ready to read."""
    import torch

    torch.set_num_threads(1)
    peer: Peer = pickle.loads(model.read_bytes())
    return lambda text: (peer.intent(text), ())


if __name__ == "__main__":
    main(learn, opened)
