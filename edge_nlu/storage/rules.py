"""The rules of wordings in the journal's file, and what each was learned from."""

from __future__ import annotations

from dataclasses import fields
from sys import intern
from typing import Any, Final

from edge_nlu.learning.rules import Rule
from edge_nlu.storage.journal import SqliteJournal, Statement

RULES_KEPT: Final = 1500


def rules_in(journal: SqliteJournal) -> list[Rule]:
    """Return the rules that a journal holds, the latest of too many."""
    journal.keep([_FEWER_RULES])
    stored = [(own, Rule(*map(_once, row))) for own, *row in journal.rows(_RULES)]
    journal.keep(statement for own, rule in stored if own != rule.id for statement in _renamed(own, rule.id))
    return [rule for _, rule in stored]


def keeping(rule: Rule) -> Statement:
    """Return what writes a rule down as it stands."""
    row = tuple(getattr(rule, name) for name in _COLUMNS)
    return (
        f"INSERT INTO rules (id, {', '.join(_COLUMNS)}) VALUES ({', '.join('?' * (len(row) + 1))})"
        f" ON CONFLICT DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _CHANGING)}",
        (rule.id, *row),
    )


def _once(value: Any) -> Any:
    """Return a value of a row, such that a single word, which may stand in many rows, is kept once."""
    return intern(value) if isinstance(value, str) and " " not in value else value


def _renamed(stored: str, own: str) -> list[Statement]:
    """Return what gives a rule the id by which it is called, where an older version counted them."""
    return [
        ("UPDATE OR IGNORE rules SET id = ? WHERE id = ?", (own, stored)),
        ("UPDATE OR IGNORE evidence SET rule = ? WHERE rule = ?", (own, stored)),
    ]


_COLUMNS: Final = tuple(one.name for one in fields(Rule))
_CHANGING: Final = ("at_s", "source", "state", "won", "lost", "plain_won", "plain_lost", "said_by")
_RULES: Final = f"SELECT id, {', '.join(_COLUMNS)} FROM rules"
_FEWER_RULES: Final[Statement] = (
    "DELETE FROM rules WHERE id NOT IN (SELECT id FROM rules ORDER BY at_s DESC LIMIT ?)",
    (RULES_KEPT,),
)
EVIDENCE: Final = "SELECT rule, user, place, weight FROM evidence"
SEEN: Final = (
    "INSERT OR IGNORE INTO evidence (rule, at_s, weight, user, place, said_by, utterance)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
