"""Read what little words make plain, whatever a model takes a sentence for.

"turn on ..." is never off, an awning that is brought in is closed, and "a little longer" is for the alarm
that rings.
"""

from __future__ import annotations

import re
from dataclasses import replace

from edge_nlu.interfaces import Home
from edge_nlu.steps.names import WORD
from edge_nlu.values import Wish

# what is done the wrong way round is worse than a question
SURER = 0.75
_TURN_ON = re.compile(r"\b(?:turn|switch|put|flick|pop)(?:ing)? on\b", re.I)
# "turn of the lamp" is what is heard of "turn off the lamp"
_OFF = re.compile(r"\b(?:off|out)\b|\b(?:turn|switch) of\b", re.I)
_BRING_IN = re.compile(
    r"\b(?:bring|wind|roll|reel|crank|pull|get|take)\b.*\bin(?: (?:now|please|again|for me))*\W*$", re.I
)
# too much light keeps from seeing as well, but then it is said
_CANNOT_SEE = re.compile(
    r"^(?!.*\b(?:light|sun|glare|bright|screen|tv)).*"
    r"\b(?:can(?:no|')t|can not|can (?:barely|hardly)|hard to|struggling to)\b.*\bsee\b",
    re.I,
)
# said to an alarm that rings
LONGER = frozenset(["longer", "snooze", "sleep", "later"])


def says_so(wish: Wish) -> bool:
    """Return whether the little word says what is wanted: on, off."""
    words = set(wish.text.lower().split())
    return (wish.want == "on" and "on" in words) or (wish.want == "off" and bool(_OFF.search(wish.text)))


def turned(wish: Wish, home: Home) -> Wish:
    """Return a wish as its little word has it, which no model may overrule: "turn on ..." is never off."""
    words = set(WORD.findall(wish.text.lower()))
    if wish.want == "open" and wish.property == "position" and _BRING_IN.search(wish.text):
        return replace(wish, want="close", confidence=SURER)
    if wish.want == "lower" and wish.property == "brightness" and _CANNOT_SEE.search(wish.text):
        return replace(wish, want="raise")
    if not wish.targets and words & LONGER and _rings(home):
        wish = replace(wish, title="", media="", options=(), confidence=SURER)
        return replace(wish, want="raise", property="alarm")
    if wish.want not in ("on", "off") or {"on", "off"} <= words or "out" in words:
        return wish
    sure = bool(_TURN_ON.search(wish.text))
    if wish.want == "off" and "on" in words and (sure or wish.confidence < SURER):
        return replace(wish, want="on")
    return replace(wish, want="off") if wish.want == "on" and "off" in words else wish


def _rings(home: Home) -> bool:
    ringing = home.with_property("alarm", settable=True)
    return any(device in ringing for device in home.active())
