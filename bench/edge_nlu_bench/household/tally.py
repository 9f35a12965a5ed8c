"""Count what came of the wishes of a fleet, with intervals over homes.

What people say in one home is alike, so homes are drawn anew, not sentences. A ratio of right to wrong says
little where few were wrong: half a wrong one is counted where there is none, and the lower end is the worse
of that over homes and of Wilson's over sentences.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import sqrt

import numpy as np

from edge_nlu.models.score import RESAMPLES
from edge_nlu_bench.household.causes import CAUSES, NO_HUB
from edge_nlu_bench.household.living import ASIDE, OVERHEARD, Turn
from edge_nlu_bench.report import Floats

Homes = Sequence[Sequence[Turn]]
SIMULATED = "the structure of rephrasing is simulated"
RECURS = 3
Z = 1.96


def tallied(homes: Homes) -> dict[str, dict[str, float | int | str | bool]]:
    """Return the figures of a fleet's turns, home by home."""
    counts = np.array([_counts(turns) for turns in homes], np.float64)
    of = dict(zip(_COUNTED, counts.T, strict=True))
    total = {name: int(column.sum()) for name, column in of.items()}
    drawn = np.random.default_rng(0).multinomial(len(homes), [1 / len(homes)] * len(homes), RESAMPLES)
    resampled = {name: drawn @ column for name, column in of.items()}

    def share(name: str, part: str, whole: str) -> dict[str, float]:
        ends = np.percentile(resampled[part] / np.maximum(resampled[whole], 1), (2.5, 97.5))
        named = {name: total[part] / max(total[whole], 1), f"{name}_low": ends[0], f"{name}_high": ends[1]}
        return {key: round(float(value), 4) for key, value in named.items()}

    def ratio(name: str, right: str, wrong: Sequence[str]) -> dict[str, float]:
        against = sum(total[one] for one in wrong)
        over_homes = _odds(resampled[right], sum(resampled[one] for one in wrong))
        low = min(float(np.percentile(over_homes, 2.5)), _wilson(total[right], against))
        point = float(_odds(np.array(total[right]), np.array(against)))
        return {name: round(point, 3), f"{name}_low": round(low, 3)}

    failures = sum((Counter(turn.cause for turn in turns) for turns in homes), Counter[str]())
    harmed = sum(
        column_lost > column_won for column_lost, column_won in zip(of["lost"], of["won"], strict=True)
    )
    return {
        "turns": {
            "n": total["turns"],
            "a_home": round(total["turns"] / len(homes), 1),
            **share("written_by_people", "human", "turns"),
            "note": SIMULATED,
        },
        "wishes": {
            "n": total["wishes"],
            **share("reached", "reached", "wishes"),
            **share("at_once", "at_once", "wishes"),
            "note": SIMULATED,
        },
        "failures": {
            "n": sum(failures[cause] for cause in CAUSES if cause != NO_HUB),
            **share("of_turns", "failed", "turns"),
            **{cause.replace(" ", "_"): failures[cause] for cause in CAUSES},
            "note": SIMULATED,
        },
        "recurring": {"n": total["recurring"], **share("found", "found", "recurring"), "note": SIMULATED},
        "rewrites": {
            "n": total["rewritten"],
            **share("coverage", "rewritten", "turns"),
            **ratio("correct_to_incorrect", "won", ("lost", "in_vain")),
            **ratio("wins_to_losses", "won", ("lost",)),
            **{name: total[name] for name in ("won", "lost", "in_vain", "harmless")},
            "note": SIMULATED,
        },
        "defects": {
            **share("removed", "gained", "would_fail"),
            "homes_harmed": round(harmed / len(homes), 4),
            "note": SIMULATED,
        },
    }


_COUNTED = (
    "turns", "human", "wishes", "reached", "at_once", "failed", "rewritten", "won", "lost", "in_vain",
    "harmless", "gained", "would_fail", "recurring", "found",
)  # fmt: skip


def _counts(turns: Sequence[Turn]) -> list[float]:
    """Return what is counted of one home, in the order of `_COUNTED`."""
    judged = [turn for turn in turns if turn.wish != ASIDE]
    wishes = _wishes(turns)
    fired = Counter((turn.base, turn.reached) for turn in turns if turn.taken_as)
    won, lost = fired[False, True], fired[True, False]
    recurring, found = _recurring(turns)
    return [
        len(turns),
        sum(turn.human for turn in turns),
        len(wishes),
        sum(any(turn.reached for turn in wish) for wish in wishes),
        sum(wish[0].reached for wish in wishes),
        sum(turn.cause in CAUSES and turn.cause != NO_HUB for turn in turns),
        fired.total(), won, lost, fired[False, False], fired[True, True],
        won - lost,
        sum(not turn.base and turn.cause != NO_HUB for turn in judged),
        recurring,
        found,
    ]  # fmt: skip


def _wishes(turns: Sequence[Turn]) -> list[list[Turn]]:
    """Return the turns of each wish that a hub of a home can fulfil."""
    found: list[list[Turn]] = []
    for turn in turns:
        if turn.wish in (ASIDE, OVERHEARD):
            continue
        if turn.tries == 0 or not found:
            found.append([])
        found[-1].append(turn)
    return [wish for wish in found if all(turn.cause != NO_HUB for turn in wish)]


def _recurring(turns: Sequence[Turn]) -> tuple[int, int]:
    """Return how many wordings failed again and again though plain words would not, and how many were found.

    Found is one that at its last turn was rewritten, and worked.
    """
    failing: dict[tuple[str, str], list[Turn]] = defaultdict(list)
    for turn in turns:
        if not turn.base and (turn.fixable or turn.taken_as) and turn.cause != NO_HUB:
            failing[turn.heard, turn.wish].append(turn)
    again = [those for those in failing.values() if len(those) >= RECURS]
    return len(again), sum(bool(those[-1].taken_as) and those[-1].reached for those in again)


def _odds(right: Floats, wrong: Floats) -> Floats:
    return right / np.where(wrong == 0, 0.5, wrong)


def _wilson(right: int, wrong: int) -> float:
    """Return the lower end of the odds of being right."""
    n = right + wrong
    if not n:
        return 0.0
    p = right / n
    low = (p + Z * Z / (2 * n) - Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))) / (1 + Z * Z / n)
    return low / (1 - low) if low < 1 else float(n)
