"""See the moment at which the hub may ask to be taught, and read what it is taught then.

Three moments only: somebody asks for it ("learn my preferences"), the same request fails again, or somebody
is plainly displeased with a hub that did not understand. The hub then says what it did not get and asks what
that shall do; the next sentence that does something is what it stands for, from that very turn on. What
somebody says goes through the line like any sentence, so nothing taught gets around a question or a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from edge_nlu.interfaces import Home
from edge_nlu.learning.judge import failed
from edge_nlu.learning.rewording import leans, points, wording
from edge_nlu.learning.teach import PLAIN, known, problem
from edge_nlu.values import Act, Answer, Ask, Decision, Exchange, Lesson, Utterance, Wish

# the same failing so long ago is another matter
SOON: Final = timedelta(minutes=5)
# more words than these are no name for anything
LONGEST: Final = 8
ASKED: Final = "teach"
_PREFERENCES: Final = re.compile(
    r"^(?:please |can you |could you |i want you to |i'd like you to )*"
    r"(?:learn|get to know|ask me (?:about|for)|remember) (?:about )?(?:my|our) "
    r"(?:preferences?|likes|taste|tastes|favou?rites?)(?: please)?$"
)
_DISPLEASED: Final = re.compile(
    r"\byou (?:never|don't|do not|didn't|did not|still don't) (?:get|understand)\b|\buseless\b"
    r"|\bthat(?:'s| is| was) not what i (?:said|meant|wanted|asked)\b|\bwhy don't you (?:get|understand)\b"
)
_LIST: Final = re.compile(
    r"^(?:please |can you |could you )*(?:(?:tell me|list|say|show me) )?(?:what|everything|all)"
    r"(?: have| did| that)? (?:i|we|you|i've|you've)(?: have)?"
    r" (?:taught|teach|told|learned|learnt|learn|know about me)(?: you| to you| from me| about me| so far)*$"
    r"|^what do you know about me$|^what do i like$"
)
_DROPPED: Final = frozenset(["deny", "cancel", "leave"])
_DOING: Final = frozenset(["on", "off", "open", "close", "lock", "unlock", "raise", "lower", "ask", "teach"])
# read so surely it is no answer but something to do
SURE: Final = 0.9
# what people have favourites of, and the kind of device that must be there for it
_LIKED: Final = (("coffee", "coffee_maker"), ("music", "speaker"), ("team", ""))
_LEADING: Final = re.compile(
    r"^(?:(?:it's|it is|that's|that would be|probably|i think|a|an|the|my|i like|i love|i prefer|i'm a fan of"
    r"|mostly|some|favou?rite|coffee|music|team|is|are)\s+)+"
)
_NOTHING: Final = frozenset(
    ["none", "nothing", "skip", "i don't know", "no idea", "don't know", "", "no", "next"]
)
# as many lessons are told at a time
SAID: Final = 5


def asked_about(
    said: Utterance, wishes: Sequence[Wish], home: Home, taught: Sequence[Lesson]
) -> Decision | None:
    """Return what is said to somebody who asks what is known, or lets the hub ask about preferences."""
    text = wording(said.text)
    if _LIST.match(text):
        return Answer(_told(taught))
    if _PREFERENCES.match(text):
        return _question("", home) or Answer("There is nothing here that I could know your taste for.")
    asked = _asked(home, said)
    if (
        asked is None
        or asked.phrase
        or any(wish.want in _DOING and wish.confidence > SURE for wish in wishes)
    ):
        return None
    if any(wish.want in _DROPPED for wish in wishes):
        return Answer("All right, no more questions.")
    liked = _liked(text)
    thanks = f"{liked.capitalize()}, I will remember that. " if liked else ""
    question = _question(asked.property, home)
    if question is None:
        return Answer(f"{thanks}That is all I wanted to know.")
    return replace(question, say=f"{thanks}{question.say}")


def offered(exchange: Exchange, home: Home) -> Ask | None:
    """Return the hub's offer to be taught what just failed again, where this is the moment for it."""
    said = exchange.utterance
    displeased = _DISPLEASED.search(said.text.lower().replace("\u2019", "'"))
    if not displeased and not _failed(exchange, said, home):
        return None
    turns = home.turns(said.satellite, said.user)
    before = [wording(turn.utterance.text) for turn in turns if _failed(turn, said, home)]
    phrase = ""
    if displeased:
        phrase = before[-1] if before else ""
    elif wording(said.text) in before:
        phrase = wording(said.text)
    if not 0 < len(phrase.split()) <= LONGEST or problem(Lesson("phrase", phrase, "light"), home):
        return None
    if any(isinstance(turn.decision, Ask) and turn.decision.why == ASKED for turn in turns):
        return None  # once is enough
    say = f"I still don't know {phrase}. Tell me what it should do, and I will remember it."
    return Ask(say, ASKED, (), Wish("teach", "name", phrase=phrase))


def taught_by(exchange: Exchange, home: Home) -> tuple[Lesson, ...]:
    """Return what the hub is taught by the answer to its question, beside what that does."""
    said = exchange.utterance
    asked = _asked(home, said)
    if asked is None:
        return ()
    if asked.phrase and isinstance(exchange.decision, Act) and not leans(exchange):
        return (Lesson("phrase", asked.phrase, exchange.understanding.text, said.user),)
    answered = isinstance(exchange.decision, Ask | Answer) and asked.property and exchange.decision.say
    liked = _liked(wording(said.text))
    if answered and liked and answered.startswith(f"{liked.capitalize()}, "):
        return (Lesson("favourite", asked.property, liked, said.user),)
    return ()


def remembered(decision: Decision, lessons: Sequence[Lesson]) -> Decision:
    """Return an act that says what else it is from now on."""
    if not isinstance(decision, Act) or not lessons:
        return decision
    return replace(decision, say=f"{decision.say} From now on {lessons[0].phrase} means that.")


def _asked(home: Home, said: Utterance) -> Wish | None:
    """Return what the hub's last question wanted to be taught, where it was one of those."""
    turns = home.turns(said.satellite, said.user)
    question = turns[-1].decision if turns else None
    return question.wish if isinstance(question, Ask) and question.why == ASKED else None


def _failed(turn: Exchange, said: Utterance, home: Home) -> bool:
    """Return whether a request came to nothing and names nothing here, so lately that this is about it."""
    if not isinstance(turn.decision, Ask | Answer) or turn.utterance.user != said.user or points(turn):
        return False
    if not timedelta(0) <= said.at - turn.utterance.at <= SOON:
        return False
    new = [not known(word, home) for word in wording(turn.utterance.text).split() if word not in PLAIN]
    match turn.decision:
        case Ask(why="unsure"):
            return any(new)
        case Answer():
            # what a thing here cannot do is no matter of words
            return failed(turn) and all(new)
    return False


def _question(after: str, home: Home) -> Ask | None:
    """Return the next question about preferences, of which the home has something to do with."""
    names = [name for name, kind in _LIKED if not kind or home.of_kind(kind)]
    left = names[names.index(after) + 1 :] if after in names else names if not after else []
    if not left:
        return None
    return Ask(f"What {left[0]} do you like best?", ASKED, (), Wish("teach", left[0]))


def _liked(text: str) -> str:
    """Return what an answer names; nothing where it names nothing."""
    named = _LEADING.sub("", text)
    return "" if named in _NOTHING or len(named.split()) > LONGEST else named


def _told(taught: Sequence[Lesson]) -> str:
    found = [_in_words(lesson) for lesson in taught[:SAID]]
    if not found:
        return "Nobody has taught me anything yet."
    more = f" And {len(taught) - SAID} more." if len(taught) > SAID else ""
    return f"{' '.join(found)}{more}"


def _in_words(lesson: Lesson) -> str:
    match lesson.kind:
        case "favourite" if lesson.phrase:
            return f"Your favourite {lesson.phrase} is {lesson.meaning}."
        case "favourite":
            return f"You like {lesson.meaning}."
        case "name":
            return f"{lesson.phrase.capitalize()} is {lesson.meaning}."
    return f"{lesson.phrase.capitalize()} means: {lesson.meaning}."
