"""Hold what a text says of figures against the files that they come from, or put them into it.

`claims.toml` beside this file has the words, with the place of each figure between them: what stands there in
the text has to be what the file says, rounded as the claim is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import NamedTuple

from edge_nlu_bench.compare import Run

CLAIMS = Path(__file__).with_name("claims.toml")
FIGURE = re.compile(r"\{(\w+)\.(\w+)\.(\w+)(?:\*([\d.e+-]+))?:([^}]+)\}")
NUMBER = r"(\d[\d,]*(?:\.\d+)?)"


class Place(NamedTuple):
    """Where a figure is found, and how it is written."""

    suite: str
    group: str
    figure: str
    factor: str
    form: str

    @property
    def name(self) -> str:
        """Return it as it is told."""
        return f"{self.suite}.{self.group}.{self.figure}"

    def said(self, run: Run) -> str | None:
        """Return the figure as a run has it, or None."""
        value = run[self.suite].get(self.group, {}).get(self.figure)
        if not isinstance(value, int | float):
            return None
        with localcontext(rounding=ROUND_HALF_UP):
            return format(Decimal(str(value)) * Decimal(self.factor or 1), self.form)


class Claim(NamedTuple):
    """Words with figures between them."""

    text: str

    @property
    def places(self) -> list[Place]:
        """Return where its figures are found."""
        return [Place(*found) for found in FIGURE.findall(self.text)]

    @property
    def suites(self) -> set[str]:
        """Return which suites it is about."""
        return {place.suite for place in self.places}

    def found(self, text: str) -> list[re.Match[str]]:
        """Return where a text says it, with whatever figures; lines may break anywhere."""
        words = FIGURE.sub("\0", self.text).split("\0")
        escaped = (r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in words)
        return list(re.finditer(NUMBER.join(escaped), text))


def claims(file: Path = CLAIMS) -> list[Claim]:
    """Return all that is claimed."""
    return [Claim(text) for text in tomllib.loads(file.read_text(encoding="utf-8"))["claims"]]


def wrong(text: str, run: Run) -> Iterator[str]:
    """Yield what a text says otherwise than a run, of the suites that the run has."""
    for claim in claims():
        found = claim.found(text)
        if len(found) != 1:
            yield f"{len(found)} times instead of once: {claim.text}"
        elif claim.suites <= set(run):
            for place, said in zip(claim.places, found[0].groups(), strict=True):
                if said != place.said(run):
                    yield f"{place.name} is {place.said(run)}, and {said} in: {found[0].group()}"
    for suite in sorted({suite for claim in claims() for suite in claim.suites}):
        if run.get(suite, {}).get("quick"):
            yield f"{suite} is a quick run"


def filled(text: str, run: Run) -> str:
    """Return a text with the figures of a run, of the suites that the run has."""
    for claim in [claim for claim in claims() if claim.suites <= set(run)]:
        # from the end, so that what was found further on in the text stays where it is
        for found in reversed(claim.found(text)):
            for at, place in reversed(list(enumerate(claim.places, 1))):
                text = text[: found.start(at)] + (place.said(run) or found[at]) + text[found.end(at) :]
    return text


def unclaimed(text: str) -> list[str]:
    """Return the figures with a decimal point in a text that no claim is about."""
    for claim in claims():
        for found in claim.found(text):
            text = text.replace(found.group(), "")
    return re.findall(r"\d+\.\d+", text)
