"""Measure what rewording does to sentences that resemble a habit, and what it costs an ordinary one.

Whoever turned to the same words again and again is not to have them put into all that sounds alike: "we don't
talk anymore" is not "we don't talk about Bruno". The list of sentences was written by hand and fixed before
the ranker was trained. And however many rewordings a home knows, an ordinary sentence pays next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, groupby
from pathlib import Path
from statistics import median
from time import perf_counter
from tracemalloc import get_traced_memory, start, stop
from typing import Any

from edge_nlu.hub.pretend import payload_of
from edge_nlu.learning.nearest import KEPT, Nearest
from edge_nlu.learning.rewording import Turned
from edge_nlu.learning.rules import Kind, Rule, spared
from edge_nlu.learning.sharing import Shared
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.rules import RULES_KEPT
from edge_nlu.storage.wordings import Wordings
from edge_nlu.values import Act, Exchange, Understanding, Utterance
from edge_nlu_bench.household.hub import ASK, RESULT
from edge_nlu_bench.household.serving import Serving
from edge_nlu_bench.report import Figures
from edge_nlu_bench.sources import frozen

HERE = Path(__file__).parent / "overpersonal"
SATELLITE = "living_room_tv"
FIRST_DAY = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
ANEW_AFTER = timedelta(seconds=8)
EVIDENCE = 5
"""From as many times on, a person's own wording has to win."""


History = Sequence[tuple[str, str, int, str]]
"""What failed, what worked, how often that was so, and who said it."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a household turned to, and a sentence after that.

    `as_` is what the sentence may be taken for, "" where it may be taken for nothing; `needed` means that it
    must.
    """

    id: str
    history: History
    say: str
    user: str
    as_: str
    needed: bool


def cases() -> list[Case]:
    """Return the cases of the list."""
    rows = [json.loads(line) for line in frozen("cases.jsonl", HERE).read_text(encoding="utf-8").splitlines()]
    return [
        Case(
            row["id"],
            [tuple(one) for one in row["history"]],
            row["say"],
            row["user"],
            row["as"],
            row["needed"],
        )
        for row in rows
    ]


def overpersonal(pack: Path, *, every: int = 1) -> Figures:
    """Return how many sentences of the list are taken for what they are not, and how many rightly.

    With `every` only those after every second or third history are said.
    """
    home = json.loads(frozen("home.json", HERE).read_text(encoding="utf-8"))
    serving = Serving(pack)
    lived = [list(those) for _, those in groupby(cases(), key=lambda case: case.history)][::every]
    listed = [case for those in lived for case in those]
    over, needed, right = [], 0, 0
    for those in lived:
        history = those[0].history
        for case, taken, well in _lived(history, those, home, serving):
            if taken and not well:
                over.append(case.id)
            if case.needed and sum(one[2] for one in history if one[3] == case.user) >= EVIDENCE:
                needed += 1
                right += well
    return {
        "n": len(listed),
        "over": len(over),
        "share": round(len(over) / len(listed), 4),
        "needed": needed,
        "right_override": round(right / needed, 4),
        "which": ", ".join(over[:10]),
    }


def _lived(
    history: History, those: Sequence[Case], home: Mapping[str, Any], serving: Serving
) -> Iterator[tuple[Case, bool, bool]]:
    """Yield for each sentence whether it was taken for another, and whether what was done is as it should be.

    One household says them all, a day apart.
    """
    first = [(said["topic"], payload_of(said["payload"]).decode()) for said in home["retained"]]
    described = {name: told for name, told in home.items() if name != "retained"}
    messages = [{"topic": topic, "payload": payload, "retain": True} for topic, payload in first]
    told = {"home": described, "wordings": "both", "messages": messages}
    serving.answer({"at": FIRST_DAY.isoformat(), **told})
    unspared = (id_ for id_ in map(str, count()) if not spared(id_))
    at = FIRST_DAY
    for failing, working, times, user in history:
        for _ in range(times):
            at += timedelta(days=1)
            _without_learning(serving, at, working, user)
            _ask(serving, at, next(unspared), failing, user)
            _ask(serving, at + ANEW_AFTER, next(unspared), working, user)
    for case in those:
        at += timedelta(days=1)
        wanted = _without_learning(serving, at, case.as_ or case.say, case.user)
        done, result = _ask(serving, at, next(unspared), case.say, case.user)
        yield case, "taken_as" in result, bool(case.as_) and done == wanted


def _without_learning(serving: Serving, at: datetime, text: str, user: str) -> list[Any]:
    """Return what devices would be told by a hub that has learned nothing, and see that it is not so yet."""
    witness = {"text": text, "satellite": SATELLITE, "user": user}
    told: Any = serving.answer({"at": at.isoformat(), "witness": witness})
    reports = [report for one in told["publishes"] if (report := _not_so(one["topic"], one["payload"]))]
    serving.answer({"at": at.isoformat(), "messages": reports})
    return list(told["publishes"])


def _not_so(topic: str, payload: str) -> dict[str, Any] | None:
    """Return the report of a device that is not as it is told to be, where it is told on or off."""
    other = {"ON": "OFF", "OFF": "ON", "true": "false", "false": "true"}
    if topic.startswith("cmnd/") and payload in other:
        return {"topic": topic.replace("cmnd/", "stat/", 1), "payload": other[payload]}
    if not topic.endswith("/set"):
        return None
    told = json.loads(payload) if payload.startswith("{") else {}
    if told.get("state") in other:
        return {"topic": topic.removesuffix("/set"), "payload": json.dumps({"state": other[told["state"]]})}
    return {"topic": topic.removesuffix("/set"), "payload": other[payload]} if payload in other else None


def _ask(serving: Serving, at: datetime, id_: str, text: str, user: str) -> tuple[list[Any], dict[str, Any]]:
    """Say something; return what devices were told, and the result."""
    asked = json.dumps({"text": text, "satellite": SATELLITE, "user": user, "id": id_})
    told: Any = serving.answer({"at": at.isoformat(), "messages": [{"topic": ASK, "payload": asked}]})
    results = [json.loads(one["payload"]) for one in told if one["topic"] == RESULT]
    found: dict[str, Any] = next(one for one in results if one["id"] == id_)
    return [one for one in told if not one["topic"].startswith("edge-nlu/")], found


REWORDINGS = 10_000
"""So many rewordings a hub knows: those of its home as many as it keeps, all others from other homes."""

VERBS = ("kill", "douse", "wake", "fire up", "calm", "push", "hush", "draw")
NICKNAMES = ("reader", "sconce", "dots", "big boy", "blower", "top light", "drapes", "rosie")
ROOMS = ("kitchen", "living room", "bedroom", "study", "nursery", "garage")
ORDINARY = ("turn on the {room} ceiling light", "set the {room} lamp to thirty percent", "{room} lights off")
SENTENCES = 3000
EMBEDDING = 128


def added(count_: int = REWORDINGS) -> Figures:
    """Return what so many rewordings add to an ordinary sentence and to one that fails, and to memory."""
    journal = SqliteJournal(None)
    _known_at_home(journal, min(count_, RULES_KEPT))
    elsewhere = count_ - min(count_, RULES_KEPT)
    start()
    before, _ = get_traced_memory()
    wordings, nearest = Wordings(journal, lambda _: "kitchen", _known_elsewhere(elsewhere)), Nearest()
    wordings.read()
    for number in range(KEPT):
        nearest.works(Understanding(f"{number} lights off", (), 1.0, (), (), bytes(4 * EMBEDDING)))
    after, _ = get_traced_memory()
    stop()
    ordinary = [
        ORDINARY[number % len(ORDINARY)].format(room=ROOMS[number % len(ROOMS)])
        for number in range(SENTENCES)
    ]
    failing = [_odd(number, NICKNAMES) for number in range(SENTENCES)]
    return {
        "rewordings": count_,
        "of_other_homes": elsewhere,
        "megabytes": round((after - before) / 1e6, 3),
        "added_ms_p50": _p50_ms(lambda said: wordings.taken(said), ordinary),
        "added_to_failing_ms_p50": _p50_ms(lambda said: _looked_up(wordings, said), failing),
    }


def _known_at_home(journal: SqliteJournal, many: int) -> None:
    wordings = Wordings(journal, lambda _: "kitchen")
    wordings.read()
    for number in range(many):
        at = FIRST_DAY + timedelta(minutes=number)
        failing = _exchange(f"home {number}", _odd(number, NICKNAMES), at)
        working = _exchange(f"home {number} anew", f"turn off the {ROOMS[number % len(ROOMS)]} lamp", at)
        rule = Rule("whole", failing.utterance.text, working.utterance.text)
        wordings.support(rule, Turned(failing, working, 0.9))
    journal.keep([])


def _known_elsewhere(many: int) -> Iterator[Shared]:
    for number in range(many):
        yield Shared("whole", _odd(RULES_KEPT + number, NICKNAMES), "turn off the reading lamp", 3)


def _odd(number: int, names: Sequence[str]) -> str:
    """Return one of as many odd sentences as one likes, each another."""
    verb, name, room = (of[number // every % len(of)] for of, every in ((VERBS, 1), (names, 8), (ROOMS, 64)))
    return f"{verb} the {room} {name} {number}"


def _exchange(id_: str, text: str, at: datetime) -> Exchange:
    understanding = Understanding(text, (), 1.0, (), ())
    return Exchange(Utterance(id_, text, at, SATELLITE, "ana"), understanding, Act((), (), ""))


def _looked_up(wordings: Wordings, said: Utterance) -> None:
    """Look up all that is looked up for a sentence that comes to nothing."""
    wordings.taken(said)
    asked: Sequence[tuple[Kind, str]] = (("pattern", "kill {device}"), ("name", "reader"))
    for kind, failing in asked:
        wordings.likeliest(kind, failing, said)


def _p50_ms(look_up: Callable[[Utterance], object], texts: Sequence[str]) -> float:
    times = []
    for number, text in enumerate(texts):
        said = Utterance(str(number), text, FIRST_DAY, SATELLITE, "ana")
        begun = perf_counter()
        look_up(said)
        times.append(perf_counter() - begun)
    return round(1000 * median(times), 4)
