"""Tell what shall be played: its title, and what kind of media it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edge_nlu.values import Clause, Slot

MEDIA = {
    "music": "music song songs tune tunes track tracks album albums playlist playlists records soundtrack"
    " record piece band beats melody",
    "radio": "radio station stations wireless",
    "audiobook": "audiobook audiobooks book books chapter chapters story stories novel",
    "podcast": "podcast podcasts",
    "movie": "movie movies film films documentary documentaries flick cinema",
    "series": "series show shows episode episodes cartoon cartoons sitcom season soap",
    "video": "video videos clip clips youtube",
    "photo": "photo photos picture pictures pics slideshow images image",
    "recipe": "recipe recipes",
    "news": "news headlines bulletin",
}
_MEDIA_OF = {word: kind for kind, words in reversed(MEDIA.items()) for word in words.split()}
_MEDIA_PHRASES = {
    "radio play": "audiobook",
    "audio book": "audiobook",
    "talking book": "audiobook",
    "photo album": "photo",
}
_WATCH = re.compile(r"\b(?:watch|watching|see|show me|look at)\b")
_READ = re.compile(
    r"\bread(?:ing)? (?:to |out )?"
    r"(?:us|me|him|her|them|everyone|the (?:kids|children|little ones?|boys|girls))\b"
)
_PLAYED = re.compile(
    r"^(?:.*\b(?:let's|lets|let us|want to|like to|wanna|can we|could we|feel like|shall we)\s+)?"
    r"(?:watch(?:ing)?|listen(?:ing)? to)\s+(?:the |a |an |some )?(?P<title>.+)$"
)
_NO_TITLE = re.compile(
    r"^(?:it|that|this|them|something|anything|some|tv|telly|television|one|more|here|what|whatever|stuff)\b"
)
_MANNERS = re.compile(
    r"[\s,.!?]*(?:\b(?:please|now|then|tonight|today|together|shall we|thanks|thank you|again))?[\s,.!?]*$"
)
_CURLY = "\u2019"
_LISTEN = re.compile(r"\b(?:listen|listening|hear|hearing)\b")


def title_in(clause: Clause, slots: Sequence[Slot], text: str) -> str:
    """Return the title that slots tell, else what follows "watch" or "listen to"."""
    return _tagged(slots, text) or _untagged(clause, slots, text)


def media_in(clause: Clause, slots: Sequence[Slot], said: str) -> str:
    """Return the kind of media said; else "watch" or "listen" where the words hint at eyes or ears."""
    for slot in slots:
        if slot.type == "media_kind" and (kind := media_kind(slot.value)):
            return kind
    if clause.want not in ("play", "correct"):
        return ""
    if _READ.search(said):
        return "audiobook"
    return "watch" if _WATCH.search(said) else "listen" if _LISTEN.search(said) else ""


def media_kind(words: str) -> str:
    """Return the kind of media that some words name, or ""."""
    text = words.lower()
    for phrase, kind in _MEDIA_PHRASES.items():
        if phrase in text:
            return kind
    kinds = [_MEDIA_OF[word] for word in re.findall(r"[a-z]+", text) if word in _MEDIA_OF]
    return kinds[0] if kinds else ""


def _tagged(slots: Sequence[Slot], text: str) -> str:
    """Return the title; "bohemian rhapsody by queen" is one though tagged as two."""
    titles = [slot for slot in slots if slot.type == "title"]
    if not titles:
        return ""
    first, last = titles[0], titles[0]
    for following in titles[1:]:
        if text[last.end : following.start].strip().lower() not in ("by", "from", "of", "and", "by the"):
            break
        last = following
    return text[first.start : last.end]


def _untagged(clause: Clause, slots: Sequence[Slot], text: str) -> str:
    """Return what follows "watch" or "listen to" where no slot tells what it is."""
    if clause.want != "play" or any(slot.type in ("media_kind", "device", "reference") for slot in slots):
        return ""
    said = text[clause.start : clause.end]
    match = _PLAYED.match(said.lower().replace(_CURLY, "'")) if said.isascii() or _CURLY in said else None
    if match is None or _NO_TITLE.match(match["title"]) or media_kind(match["title"]):
        return ""
    if any(slot.end > clause.start + match.start("title") for slot in slots):
        return ""
    return _MANNERS.sub("", said[match.start("title") :])
