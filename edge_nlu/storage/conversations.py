"""Read whole conversations from the journal, as the nights have judged them.

Only what stands by itself is a wording to go by: not what was said in answer to something, and not what a
rule had changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, TypeAlias

from edge_nlu.learning.judge import acted
from edge_nlu.learning.markov import Said, Session
from edge_nlu.learning.rewording import leans, wording
from edge_nlu.learning.verdicts import COMPLAINTS
from edge_nlu.storage.codec import from_json
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.values import Exchange, Utterance

# only whoever said more than one sentence turned from one to another: only those are read as a whole
_GOALS: Final = (
    "SELECT goal, id, text, reached, rephrased, why FROM exchanges"
    " WHERE goal IS NOT NULL AND whole != '' AND NOT instr(whole, ?) ORDER BY number"
)
_TAKEN: Final = '"is":"Taken"'
_WHOLE: Final = "SELECT whole FROM exchanges WHERE id = ?"

_Row: TypeAlias = tuple[str, str, float, str | None, str | None]
"""Of one sentence: its id, its text, how likely it did what was wanted, what says it anew, the verdict."""


def conversations(journal: SqliteJournal, place: Callable[[Utterance], str]) -> Iterator[Session]:
    """Yield what was said about each wish, in the order said."""
    goals: dict[int, list[_Row]] = defaultdict(list)
    for goal, own, text, reached, *told in journal.each_row(_GOALS, (_TAKEN,)):
        goals[goal].append((own, text, reached or 0.0, *told))
    for turns in goals.values():
        if len(turns) == 1:
            ((own, text, reached, *_),) = turns
            yield [Said(own, wording(text), reached=reached)]
        elif session := list(_session(journal, turns, place)):
            yield session


def _session(journal: SqliteJournal, turns: list[_Row], place: Callable[[Utterance], str]) -> Iterator[Said]:
    anew = {rephrased: own for own, _, _, rephrased, _ in turns if rephrased}
    at: dict[str, int] = {}
    before, numbers = -1, count()
    for own, text, reached, _, why in turns:
        ((whole,),) = journal.rows(_WHOLE, (own,))
        try:
            exchange = from_json(whole, Exchange)
        except ValueError:
            # of a version whose values are not known here
            continue
        if leans(exchange) or not wording(text):
            continue
        said = exchange.utterance
        rephrases = at.get(anew.get(own, ""), before)
        yield Said(own, wording(text), said.user, place(said), said.at.timestamp(), reached, rephrases)
        before = at[own] = next(numbers)
        if acted(exchange) and why not in COMPLAINTS:
            # what was done, and nobody complained of, is not what somebody then says anew
            before = at[own] = -1
