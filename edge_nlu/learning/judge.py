"""Tell from what happened next whether an exchange went well.

Somebody who says "no", "undo that" or "I meant the other one" right after an act takes it back: nothing
is learned from it. "no" to a question of the hub takes nothing back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from edge_nlu.values import Act, Answer, Ask, AskCloud, Exchange, Utterance

TAKEN_BACK_WITHIN: Final = timedelta(seconds=90)
_TAKING_BACK: Final = frozenset(["deny", "undo", "correct"])
# wants that an answer is enough for; an answer to any other that is about nothing says why it was not done
_ANSWERED: Final = frozenset(
    ["ask", "find", "none", "leave", "confirm", "deny", "cancel", "undo", "teach", "forget"]
)


def acted(exchange: Exchange) -> bool:
    """Return whether devices were told something, and at least one could be."""
    if not isinstance(exchange.decision, Act):
        return False
    failed = {device for device, _ in exchange.outcome.failed}
    return any(command.device not in failed for command in exchange.decision.commands)


def failed(exchange: Exchange) -> bool:
    """Return whether a wish came to nothing: not understood, handed on, or answered with why not."""
    match exchange.decision:
        case Ask(why="unsure") | AskCloud():
            return True
        case Answer(candidates=()):
            wants = [clause.want for clause in exchange.understanding.clauses]
            return bool(wants) and not any(want in _ANSWERED for want in wants)
    return False


def took_back(later: Exchange, earlier: Exchange) -> bool:
    """Return whether the later exchange takes back what was done in the earlier one."""
    if not isinstance(earlier.decision, Act) or not later.understanding.clauses:
        return False
    gone = later.utterance.at - earlier.utterance.at
    if not timedelta(0) <= gone <= TAKEN_BACK_WITHIN:
        return False
    return later.understanding.clauses[0].want in _TAKING_BACK


def of_one_person(one: Utterance, other: Utterance) -> bool:
    """Return whether one person may have said both."""
    return not one.user or not other.user or one.user == other.user
