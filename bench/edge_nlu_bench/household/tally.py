"""Count what came of the wishes of a fleet, with intervals over homes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from edge_nlu_bench.household.causes import CAUSES, CORRECT, NO_HUB
from edge_nlu_bench.household.over_homes import OverHomes
from edge_nlu_bench.household.turns import ASIDE, OVERHEARD, Turn
from edge_nlu_bench.report import Figures

Homes = Sequence[Sequence[Turn]]
SIMULATED = "the structure of rephrasing is simulated"
RECURS = 3
WEEK = 7


def tallied(homes: Homes) -> dict[str, Figures]:
    """Return the figures of a fleet's turns, home by home."""
    of = OverHomes(_columns([_counts(turns) for turns in homes]))
    causes = sum((Counter(turn.cause for turn in turns) for turns in homes), Counter[str]())
    return {
        "turns": {
            "n": of.total["turns"],
            "a_home": round(of.total["turns"] / len(homes), 1),
            **of.share("written_by_people", "human", "turns"),
            "note": SIMULATED,
        },
        "wishes": {
            "n": of.total["wishes"],
            **of.share("reached", "reached", "wishes"),
            **of.share("at_once", "at_once", "wishes"),
            "note": SIMULATED,
        },
        "failures": {
            "n": of.total["failed"],
            **of.share("of_turns", "failed", "turns"),
            **{cause.replace(" ", "_"): causes[cause] for cause in CAUSES},
            "note": SIMULATED,
        },
        "recurring": {
            "n": of.total["recurring"],
            **of.share("found", "found", "recurring"),
            "note": SIMULATED,
        },
        "rewrites": {
            "n": of.total["rewritten"],
            **of.share("coverage", "rewritten", "turns"),
            **of.ratio("correct_to_incorrect", "won", ("lost", "in_vain")),
            **of.ratio("wins_to_losses", "won", ("lost",)),
            **{name: of.total[name] for name in ("won", "lost", "in_vain", "harmless")},
            "note": SIMULATED,
        },
    }


def layered(layers: Mapping[str, Homes]) -> dict[str, Figures]:
    """Return what each layer takes away of the failures of the same homes.

    `layers` are the homes without rewordings (off), with shared ones, and with both those and their own.
    Of what fails with the shared layer nothing is taken as the whole but what fails without any, so that both
    shares are parts of one.
    """
    counts = {
        f"{name} {week}": [_failures(turns, week) for turns in homes]
        for name, homes in layers.items()
        for week in _weeks(layers)
    }
    counts |= {name: [_failures(turns) for turns in homes] for name, homes in layers.items()}
    of = OverHomes(counts)
    harm = [_gained(turns) for turns in layers["both"]]
    worse = sum(own > without for own, without in zip(counts["both"], counts["off"], strict=True))
    return {
        "defects": {
            "without": of.total["off"],
            "with_shared": of.total["shared"],
            "with_both": of.total["both"],
            **of.share("removed", "off", "off", less="both"),
            **of.share("removed_by_shared", "off", "off", less="shared"),
            **of.share("removed_further_by_personal", "shared", "off", less="both"),
            "homes_harmed": round(sum(one < 0 for one in harm) / len(harm), 4),
            "homes_with_more": round(worse / len(harm), 4),
            "note": SIMULATED,
        },
        **{
            f"week_{week}": {
                key: value for name in layers for key, value in of.mean(name, f"{name} {week}").items()
            }
            for week in _weeks(layers)
        },
    }


def by_home(layers: Mapping[str, Homes]) -> list[dict[str, int]]:
    """Return of each home what failed with each layer, and what rewordings put right and made wrong."""
    return [
        {
            **{name: _failures(layers[name][at]) for name in layers},
            "won": sum(not turn.base and turn.reached for turn in turns if turn.taken_as),
            "lost": sum(turn.base and not turn.reached for turn in turns if turn.taken_as),
        }
        for at, turns in enumerate(layers["both"])
    ]


def by_person(layers: Mapping[str, Homes]) -> list[dict[str, str | int]]:
    """Return of everybody what they said that a hub could have done, and what of it failed, by layer."""
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for name, homes in layers.items():
        for turn in (turn for turns in homes for turn in turns if turn.person and turn.cause != NO_HUB):
            counts[turn.home, turn.person][f"said_{name}"] += 1
            counts[turn.home, turn.person][f"failed_{name}"] += turn.cause != CORRECT
    keys = [f"{what}_{name}" for name in layers for what in ("said", "failed")]
    return [
        {"home": home, "person": person, **{key: found[key] for key in keys}}
        for (home, person), found in counts.items()
    ]


def _weeks(layers: Mapping[str, Homes]) -> range:
    days = max(turn.day for homes in layers.values() for turns in homes for turn in turns) + 1
    return range(1, max(days // WEEK, 1) + 1)


def _failures(turns: Sequence[Turn], week: int = 0) -> int:
    """Return how many sentences failed though a hub could have done it, in one week or in all."""
    failing = [turn for turn in turns if turn.cause not in (CORRECT, NO_HUB)]
    return sum(not week or turn.day // WEEK == week - 1 for turn in failing)


def _gained(turns: Sequence[Turn]) -> int:
    return sum(turn.reached - turn.base for turn in turns if turn.taken_as)


def _columns(counts: Sequence[Mapping[str, int]]) -> dict[str, list[float]]:
    return {name: [float(one[name]) for one in counts] for name in counts[0]}


def _counts(turns: Sequence[Turn]) -> dict[str, int]:
    """Return what is counted of one home."""
    wishes = _wishes(turns)
    fired = Counter((turn.base, turn.reached) for turn in turns if turn.taken_as)
    recurring, found = _recurring(turns)
    return {
        "turns": len(turns),
        "human": sum(turn.human for turn in turns),
        "wishes": len(wishes),
        "reached": sum(any(turn.reached for turn in wish) for wish in wishes),
        "at_once": sum(wish[0].reached for wish in wishes),
        "failed": _failures(turns),
        "rewritten": fired.total(),
        "won": fired[False, True],
        "lost": fired[True, False],
        "in_vain": fired[False, False],
        "harmless": fired[True, True],
        "recurring": recurring,
        "found": found,
    }


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
