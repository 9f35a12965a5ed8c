"""Count whole frames: a command with one word of its frame wrong moves the wrong thing.

Sentences with several wishes, exceptions or things to be left alone are counted by themselves as
well, and there only what keeps them apart has to be right: where each wish begins, what it wants of
which property, and what it does not hold for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge_nlu.errors import PackForeignError
from edge_nlu.interfaces import Understander
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import Score, Verdict, judge
from edge_nlu.values import Clause, Example, Understanding
from edge_nlu_bench.report import Figures, separation
from edge_nlu_bench.sources import frozen

SEEN = ("home-seen.txt", "home-clauses.txt")
UNSEEN = ("home-unseen.txt",)
ELSEWHERE = ("not-home.txt",)
FIGURES = ("intent_accuracy", "slot_f1", "exact_match")


@dataclass(frozen=True)
class OnlyExcluded:
    """Understands as another does, but tells of no slot except what a wish does not hold for."""

    whole: Understander

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean, with the excluded slots alone."""
        understood = self.whole.understand(text)
        return replace(understood, clauses=only_excluded(understood.clauses))


def measure(
    understander: Understander, pack: Pack, listed: int = 0
) -> tuple[dict[str, Figures], list[dict[str, str]]]:
    """Return the figures of every set, and the first `listed` errors of each."""
    if not pack.labels.wants:
        raise PackForeignError(pack.folder, "no labels for home control", "a pack that knows wishes")
    sets = {
        "seen": read_set(SEEN),
        "unseen": read_set(UNSEEN),
        "not_home": read_set(ELSEWHERE),
    }
    verdicts = {name: tuple(judge(examples, understander)) for name, examples in sets.items()}
    intricate = [replace_slots(e) for e in (*sets["seen"], *sets["unseen"]) if is_intricate(e)]
    figures: dict[str, Figures] = {
        "seen": _figures(verdicts["seen"], FIGURES),
        "unseen": _figures(verdicts["unseen"], FIGURES),
        "clauses": _figures(judge(intricate, OnlyExcluded(understander)), ("exact_match",)),
        "not_home": _figures(verdicts["not_home"], ("exact_match",)),
        "scope": _scope((*verdicts["seen"], *verdicts["unseen"]), verdicts["not_home"]),
    }
    return figures, list(_errors(verdicts, listed))


def is_intricate(example: Example) -> bool:
    """Tell whether a sentence has several wishes, an exception, or something to be left alone."""
    clauses = example.clauses or ()
    kept = any(clause.want == "leave" or any(s.excluded for s in clause.slots) for clause in clauses)
    return len(clauses) > 1 or kept


def replace_slots(example: Example) -> Example:
    """Return the example with the excluded slots alone."""
    return replace(example, clauses=only_excluded(example.clauses or ()))


def only_excluded(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return the clauses without the slots that their wishes hold for."""
    return tuple(
        replace(clause, slots=tuple(slot for slot in clause.slots if slot.excluded)) for clause in clauses
    )


def marked(text: str, clauses: Sequence[Clause]) -> str:
    """Return a frame as people write it down, with clauses headed and slots in brackets."""
    written = []
    for clause in clauses:
        at, said = clause.start, f"{clause.want}.{clause.property}: "
        for slot in clause.slots:
            said += text[at : slot.start] + f"[{slot.value}]({'!' * slot.excluded}{slot.type})"
            at = slot.end
        written.append((said + text[at : clause.end]).strip())
    return " | ".join(written)


def read_set(names: Iterable[str]) -> list[Example]:
    """Return the sentences of frozen sets."""
    return [example for name in names for example in read_examples(frozen(name))]


def _figures(verdicts: Iterable[Verdict], names: Sequence[str]) -> Figures:
    """Return the figures of these names, each with its interval, as `edge-nlu eval nlu` counts them."""
    counted = Score(tuple(verdicts)).as_dict()
    wanted = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    return {"n": counted["n"], **{name: counted[name] for name in wanted}}


def _scope(home: Iterable[Verdict], elsewhere: Iterable[Verdict]) -> Figures:
    # the few sentences among the home sets that wish for nothing belong to neither side
    yes = np.array([v.understood.home for v in home if v.example.home], np.float64)
    no = np.array([v.understood.home for v in elsewhere], np.float64)
    return {"home": len(yes), "not_home": len(no), **separation("auroc", yes, no)}


def _errors(verdicts: dict[str, tuple[Verdict, ...]], listed: int) -> Iterator[dict[str, str]]:
    for name, of in verdicts.items():
        for verdict in [v for v in of if not v.exact][:listed]:
            text, understood = verdict.example.text, verdict.understood
            yield {
                "set": name,
                "text": text,
                "expected": marked(text, verdict.example.clauses or ()),
                "understood": marked(text, understood.clauses),
                "home": f"{understood.home:.2f}",
            }
