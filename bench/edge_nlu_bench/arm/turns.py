"""Say sentences to a hub in the reference home, and mark where each part of its work begins.

Run as a module, with what to say as JSON on standard input; prints each result as a line of JSON. It runs
alike under emulation, where marks are counted, and without, where nobody looks at them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from edge_nlu.hub.stage import Stage
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.values import Exchange, Understanding, Utterance
from edge_nlu_bench.arm.marks import Part, mark
from edge_nlu_bench.arm.sentences import BEGIN, Turn
from edge_nlu_bench.reference import SIZE, reference_home

Mark = Callable[[Part], None]


class Turns:
    """A hub in the reference home that marks the parts of its work."""

    def __init__(self, pack: Path, mark: Mark, devices: int = SIZE, journal: Path | None = None) -> None:
        self._mark = mark
        encoder = _Reader(Pack.open(pack), mark)
        self._stage = Stage(reference_home(devices), BEGIN, encoder, journal=journal)
        self._line = replace(self._stage._line, journal=_Journal(self._stage.journal, mark))

    def say(self, number: int, turn: Turn) -> dict[str, Any]:
        """Say something, and return what came of it."""
        said = Utterance(
            f"turn-{number}",
            turn["text"],
            datetime.fromisoformat(turn["at"]),
            turn["satellite"],
            turn["user"],
        )
        self._stage.at = said.at
        self._stage.hands.sent = []
        self._mark(Part.DECIDING)
        exchange = self._line.handle(said)
        self._mark(Part.LEARNING)
        assert exchange is not None
        self._line.conclude(exchange)
        self._mark(Part.NOTHING)
        return self._stage.result(exchange)


class _Reader(Encoder):
    """An encoder that marks when it reads and when its network runs."""

    def __init__(self, pack: Pack, mark: Mark) -> None:
        super().__init__(pack)
        self._mark = mark
        self._session = _Network(self._session, mark)

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean."""
        self._mark(Part.READING)
        understanding = super().understand(text)
        self._mark(Part.DECIDING)
        return understanding


class _Network:
    """The network of an encoder."""

    def __init__(self, session: Any, mark: Mark) -> None:
        self._session = session
        self._mark = mark

    def run(self, answers: Sequence[str], asked: Any) -> Any:
        """Run the network."""
        self._mark(Part.NETWORK)
        outputs = self._session.run(answers, asked)
        self._mark(Part.READING)
        return outputs


class _Journal:
    """A journal that marks when a decision is written down."""

    def __init__(self, journal: SqliteJournal, mark: Mark) -> None:
        self._journal = journal
        self._mark = mark

    def write(self, exchange: Exchange) -> bool:
        """Write down what is about to be done."""
        self._mark(Part.WRITING)
        written = self._journal.write(exchange)
        self._mark(Part.ACTING)
        return written

    def __getattr__(self, name: str) -> Any:
        """Return everything else as the journal has it."""
        return getattr(self._journal, name)


def main() -> None:
    """Say what standard input has, and print what comes of it."""
    asked = json.load(sys.stdin)
    turns = Turns(Path(asked["pack"]), mark, asked["devices"])
    for number, turn in enumerate(asked["turns"]):
        print(json.dumps(turns.say(number, turn)))


if __name__ == "__main__":
    main()
