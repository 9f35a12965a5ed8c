"""Where and when something is said, by whom, and what was said just before."""

from __future__ import annotations

from collections.abc import Sequence

from edge_nlu.interfaces import Home, Memory
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    Candidate,
    DeviceId,
    Exchange,
    Person,
    Satellite,
    Utterance,
    frozen,
)


@frozen
class Scene:
    """Where and when something is said, by whom, and what was said just before."""

    utterance: Utterance
    home: Home
    memory: Memory
    satellite: Satellite | None
    person: Person | None
    turns: Sequence[Exchange]
    spoken_of: tuple[DeviceId, ...]
    recent: Sequence[DeviceId]
    embedding: bytes = b""

    @property
    def last(self) -> Exchange | None:
        """Return the exchange just before."""
        return self.turns[-1] if self.turns else None

    @property
    def here(self) -> str:
        """Return the room of the speaker, or "" where nobody knows."""
        return self.satellite.room if self.satellite else ""

    @property
    def away(self) -> bool:
        """Return whether the speaker may be out: what they speak through is carried about."""
        return self.satellite is not None and not self.satellite.room


def scene_of(utterance: Utterance, home: Home, memory: Memory, embedding: bytes = b"") -> Scene:
    """Return the scene in which something is said; `embedding` is what it means, where that is one wish."""
    turns = tuple(
        turn
        for turn in home.turns(utterance.satellite, utterance.user)
        # what was made of a sentence at first is no turn before it
        if turn.utterance.id != utterance.id
    )
    return Scene(
        utterance,
        home,
        memory,
        home.satellite(utterance.satellite),
        home.person(utterance.user),
        turns,
        next((found for turn in reversed(turns) if (found := spoken_of(turn))), ()),
        home.recent(),
        embedding,
    )


def spoken_of(exchange: Exchange) -> tuple[DeviceId, ...]:
    """Return the devices that an exchange was about."""
    return tuple(dict.fromkeys(d for candidate in candidates_of(exchange) for d in candidate.devices))


def candidates_of(exchange: Exchange) -> tuple[Candidate, ...]:
    """Return what an exchange settled on; nothing where it asked back."""
    match exchange.decision:
        case Act(candidates=found) | Answer(candidates=found):
            return found
        case Ask(options=(only,)):
            return only.candidates
    return ()
