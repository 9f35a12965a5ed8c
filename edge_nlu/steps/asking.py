"""Tell which state is asked about, and whether a device is in it.

People ask whether the door is shut, the washing finished, the lamp lit. Their words become the same plain
words as what devices say.
"""

from __future__ import annotations

import re
from functools import lru_cache

from edge_nlu.steps.states import State

WORDS = r"[a-z0-9]+(?:'[a-z]+)?"
ASKED = {
    "power": {
        "on": "on lit running glowing burning going working active switched_on turned_on left_on alight",
        "off": "off out dark switched_off turned_off",
    },
    "position": {
        "open": "open opened ajar up raised wide_open unshut",
        "closed": "closed shut close down drawn lowered",
    },
    "lock": {
        "locked": "locked bolted secured secure lockd lock locked_up latched",
        "unlocked": "unlocked open unlatched unbolted unlock opened",
    },
    "run": {
        "running": "running on going busy working moving in_use active at_it at_work cleaning washing drying"
        " brewing cooking heating mowing printing baking charging playing spinning cooling",
        "done": "done finished ready complete completed over through clean dry washed watered fed cooked"
        " baked brewed dried cleaned emptied finish",
        "idle": "off stopped stop idle free empty available",
        "paused": "paused on_hold halted",
        "fault": "stuck jammed blocked broken",
    },
    "media": {
        "playing": "playing on running going",
        "paused": "paused on_hold",
        "stopped": "off stopped over finished",
    },
    "swing": {
        "on": "on oscillating swinging turning rotating moving",
        "off": "off still standing",
    },
}
"""What people ask for, by property: each plain state with the words for it."""

ALARMING = frozenset(("on", "open", "unlocked", "running", "paused", "playing", "fault"))
"""States that one of several things is enough for: "did I leave a window open"."""

_CONTRARY = {
    "on": "off",
    "off": "on",
    "open": "closed",
    "closed": "open",
    "locked": "unlocked",
    "unlocked": "locked",
}


# words that tell a state wherever they stand; "out", "over" and "still" do so only where tagged as one
_SURE = frozenset(
    (
        *("on", "off", "lit", "open", "closed", "shut", "drawn", "ajar", "locked", "unlocked", "bolted"),
        *("running", "done", "finished", "paused", "stopped", "ready", "stuck", "playing", "swinging"),
        *("oscillating",),
    )
)


@lru_cache(maxsize=512)
def asked_state(prop: str, words: str, text: str) -> str:
    """Return the plain state that somebody asks about: in words tagged as one, else anywhere in the text."""
    tagged = _found(prop, words, sure=False)
    if tagged:
        return max(tagged)[2]
    # the state asked about stands late: "did I switch it on, and is it off"
    return max(_found(prop, text, sure=True), key=lambda one: one[1], default=(0, 0, ""))[2]


def _found(prop: str, words: str, *, sure: bool) -> list[tuple[int, int, str]]:
    """Return the states that words name, with how long and how late their words are."""
    said = f" {' '.join(re.findall(WORDS, words.lower()))} "
    return [
        (len(word), said.rindex(f" {word} "), name)
        for name, synonyms in ASKED.get(prop, {}).items()
        for word in (one.replace("_", " ") for one in synonyms.split())
        if f" {word} " in said and (not sure or word in _SURE)
    ]


def fits(asked: str, words: str, now: State) -> bool:
    """Return whether a device is in the state asked about."""
    said = words.lower().strip()
    if said and now.raw and said == now.raw:
        return True
    if asked == "idle":
        return now.word in ("idle", "done", "off")
    if asked == "done":
        return now.word in ("done", "idle")
    if asked == "stopped":
        return now.word != "playing"
    return asked == now.word


def contrary(word: str) -> str:
    """Return the other of two states, or ""."""
    return _CONTRARY.get(word, "")
