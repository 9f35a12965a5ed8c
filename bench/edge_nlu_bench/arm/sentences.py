"""What is said in the reference home to count and time a sentence of ten words.

Things named with their room and without it, several wishes in one, questions, things left open, what goes
back to the sentence before, and what is no matter of the home; by four people, at six satellites, on
several days. Every sentence has ten words.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from edge_nlu_bench.reference import PEOPLE, SATELLITES

Turn: TypeAlias = dict[str, str]
"""What is said, when, at which satellite and by whom."""

SENTENCES = (
    "could you please turn on the kitchen ceiling light now",
    "would you switch off the floor lamp in the bedroom",
    "set the living room thermostat to twenty one degrees please",
    "please close the blinds in the study for me now",
    "turn off the fan and the heater in the bathroom",
    "it is much too dark in here to read anything",
    "turn it down a little bit again would you please",
    "what is the temperature in the living room right now",
    "is the window in the bedroom still open right now",
    "dim the study floor lamp to thirty percent for me",
    "turn on all the lights in the living room please",
    "open the kitchen blinds and turn off the ceiling light",
    "could you make it a little bit warmer in here",
    "play some music in the kitchen but not too loud",
    "switch everything off in the bathroom except for the heater",
    "set the humidifier in the bedroom to fifty percent please",
    "is there any light on in the living room now",
    "turn the speaker in the study up a bit please",
    "no i meant the one in the bathroom of course",
    "how is the air in the bedroom at the moment",
    "start the fan in the kitchen it smells of fish",
    "make the ceiling light in the study warm white please",
    "close all the blinds before we go to bed tonight",
    "who won the football world cup in nineteen ninety eight",
)
ROUNDS, QUICK_ROUNDS = 8, 2
"""How often each is said, where instructions are counted and where a board is timed."""
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
WARM_UP = ("turn on the fan in the kitchen", "how warm is it in here", "lights off please")


def conversation(rounds: int) -> list[Turn]:
    """Return who says what, where and when: every sentence once a round, in an order drawn by lot.

    Before them come a few others, with which everything is loaded.
    """
    rng = random.Random(1)
    talk = [_turn(text, BEGIN, rng) for text in WARM_UP]
    for number in range(rounds):
        at = BEGIN + timedelta(days=number // 2, hours=18 if number % 2 else 7)
        for text in rng.sample(SENTENCES, len(SENTENCES)):
            # it belongs to the conversation before, or not
            at += timedelta(seconds=rng.choice((20, 400, 2000)))
            talk.append(_turn(text, at, rng))
    return talk


def one_by_one(texts: Sequence[str]) -> list[Turn]:
    """Return sentences that have nothing to do with each other: an hour lies between two."""
    rng = random.Random(2)
    return [_turn(text, BEGIN + timedelta(hours=hour), rng) for hour, text in enumerate(texts)]


def _turn(text: str, at: datetime, rng: random.Random) -> Turn:
    satellite, user = rng.choice(list(SATELLITES)), rng.choice(list(PEOPLE))
    return {"text": text, "at": at.isoformat(), "satellite": satellite, "user": user}
