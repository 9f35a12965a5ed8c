"""See whether a hub serves some people worse than others, and whether that grows with what it learns.

Everybody's defects are the share of what they said, that a hub could have done, and that failed. People are
grouped by the names they have, by how they speak and are heard, and by how much is said in their home. Of
many small groups some differ by chance, so beside the largest difference stands how large it would be if
people were dealt into groups of the same sizes at random.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.errors import SettingsError
from edge_nlu.fleet.audit import Figures
from edge_nlu.fleet.audit.wordings import ORIGINS
from edge_nlu.fleet.study.homes import Fleet
from edge_nlu.fleet.study.sentences import Corpus
from edge_nlu.learning.fitting import Arrays, hits

Row: TypeAlias = Mapping[str, Any]
Floats: TypeAlias = npt.NDArray[np.float64]

BEFORE, AFTER = "off", "both"
_NEEDED: Final = {
    "home",
    "person",
    *(f"{what}_{when}" for when in (BEFORE, AFTER) for what in ("said", "failed")),
}
_SAID: Final = (f"said_{BEFORE}", f"said_{AFTER}")
_RESAMPLES: Final = 2000
_DEALT: Final = 500
_HOME_OF: Final = {name: origin for origin, names in ORIGINS.items() for name in names}


def read_people(file: Path) -> list[Row]:
    """Return what `edge-nlu bench learning --json` wrote of everybody."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))["each_person"]
        if not rows or not all(row.keys() >= _NEEDED for row in rows):
            raise KeyError(*(_NEEDED - set(rows[0])) if rows else "each_person")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            "--households", f"{file} ({error!r})", "the JSON of `edge-nlu bench learning`, with each_person"
        ) from error
    found: list[Row] = rows
    return found


def gaps(people: Sequence[Row]) -> dict[str, Figures]:
    """Return for each way to group people how far the groups lie apart, before and after learning."""
    busy = _busy(people)
    ways: dict[str, Sequence[str]] = {
        "names": [_HOME_OF.get(str(one["person"]), "") for one in people],
        "quiet_and_busy_homes": _halves([busy[one["home"]] for one in people]),
    }
    ways |= {
        name: _halves([float(one[name]) for one in people])
        for name in ("odd_wordings", "own_names", "polite", "heard_wrong")
        if all(name in one for one in people)
    }
    return {f"gap_{name}": gap(people, groups) for name, groups in ways.items()}


def gap(people: Sequence[Row], groups: Sequence[str]) -> Figures:
    """Return how far these groups lie apart, with intervals over homes; the group "" is left out."""
    known = sorted(set(groups) - {""})
    member = np.array([[group == one for one in known] for group in groups], np.float64)
    homes = np.unique([one["home"] for one in people], return_inverse=True)[1]
    counts = np.array(
        [
            [one[f"{what}_{when}"] for when in (BEFORE, AFTER) for what in ("failed", "said")]
            for one in people
        ],
        np.float64,
    )
    by_home = np.zeros((homes.max() + 1, len(known), 4))
    np.add.at(by_home, homes, member[:, :, None] * counts[:, None, :])
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(len(by_home), np.full(len(by_home), 1 / len(by_home)), _RESAMPLES)
    before, after = _widest(np.einsum("rh,hgc->rgc", drawn, by_home))
    (was,), (now,) = _widest(by_home.sum(0)[None])
    dealt = [_widest((rng.permutation(member).T @ counts)[None]) for _ in range(_DEALT)]
    by_chance = np.percentile([two[1][0] for two in dealt], 95)
    shares = by_home.sum(0)[:, 2] / np.maximum(by_home.sum(0)[:, 3], 1)
    return {
        "groups": len(known),
        "people": int(member.sum()),
        **_ranged("before", was, before),
        **_ranged("after", now, after),
        **_ranged("wider", now - was, after - before),
        "by_chance": round(float(by_chance), 4),
        "worst": known[int(shares.argmax())],
        "best": known[int(shares.argmin())],
    }


def of_homes(corpus: Corpus, homes: Fleet, before: Arrays, after: Arrays) -> Figures:
    """Return how far quiet and busy homes lie apart with a fleet's head.

    Sentences that nobody learned from judge it; what is wrong in a home counts by what is said there.
    """
    judged = corpus.test.lessons
    says = homes.likings[:, judged.wanted]
    shares = [(says @ (1.0 - hits(head, judged))) / says.sum(1) for head in (before, after)]
    at_home = [
        _row(number, float(was), float(now)) for number, (was, now) in enumerate(zip(*shares, strict=True))
    ]
    return gap(at_home, _halves(homes.sizes.astype(float).tolist()))


def _row(home: int, before: float, after: float) -> Row:
    return {"home": home, f"failed_{BEFORE}": before, f"failed_{AFTER}": after} | dict.fromkeys(_SAID, 1)


def _widest(counts: Floats) -> tuple[Floats, Floats]:
    """Return the largest difference between the defects of two groups, before and after."""
    failed, said = counts[..., ::2], counts[..., 1::2]
    # a group of which nobody was drawn has no share
    shares = np.where(said > 0, failed / np.maximum(said, 1), np.nan)
    apart = np.nanmax(shares, 1) - np.nanmin(shares, 1)
    return apart[:, 0], apart[:, 1]


def _ranged(name: str, point: float, drawn: Floats) -> Figures:
    low, high = np.percentile(drawn, (2.5, 97.5))
    return {
        end: round(float(value), 4)
        for end, value in ((name, point), (f"{name}_low", low), (f"{name}_high", high))
    }


def _busy(people: Sequence[Row]) -> dict[Any, float]:
    said: dict[Any, float] = {}
    for one in people:
        said[one["home"]] = said.get(one["home"], 0.0) + one[f"said_{BEFORE}"]
    return said


def _halves(values: Sequence[float]) -> list[str]:
    """Return of everybody whether they are in the lower half or the upper."""
    middle = float(np.median(values))
    return ["more" if value > middle else "less" for value in values]
