"""The ways of what plays: which kind of it a player takes, and how it is paused and skipped."""

from __future__ import annotations

import json
import re

from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.choices import listed, match
from edge_nlu.steps.power import switched
from edge_nlu.values import Feature

SEEN = ("movie", "series", "video", "photo", "recipe")
HEARD = ("music", "audiobook", "radio", "podcast")
INSTEAD = {
    "movie": ("video", "series"),
    "series": ("video", "movie"),
    "video": ("movie", "series"),
    "news": ("radio", "podcast", "video"),
    "photo": ("video",),
    "watch": ("movie", "series", "video"),
    "listen": ("music", "audiobook", "radio", "podcast"),
}
"""What a player may take in place of a kind that it does not know."""

PLAYER = {
    "play": ("play", "start", "resume", "playing", "on"),
    "resume": ("resume", "play", "unpause", "start"),
    "pause": ("pause", "playpause", "paused"),
    "stop": ("stop", "stopped", "off", "pause"),
    "next": ("next", "skip", "forward", "nexttrack", "skipforward", "next_track"),
    "previous": ("previous", "prev", "back", "previoustrack", "skipback", "rewind", "prevtrack"),
}
_MUSIC = re.compile(
    r"\b(?:jazz|rock|pop|blues|soul|funk|disco|techno|house|hip hop|rap|reggae|metal|punk|folk|country"
    r"|classical|opera|lullab(?:y|ies)|carols|chill\w*|ambient|lo-?fi|acoustic|piano|songs?|music|hits|charts|playlist"
    r"|symphony|sonata|concerto|bach|mozart|beethoven|chopin)\b"
)
_RADIO = re.compile(r"\b(?:radio|fm|station)\b")


def play(aim: Aim) -> Told:
    """Return how something is played: by its title, of its kind, or what was there before."""
    wish = aim.wish
    title = wish.title or " ".join(wish.people if wish.property == "media" else ())
    if not title and wish.media in ("", "watch", "listen"):
        told = playback(aim, "play")
        return told if isinstance(told, tuple) else _play_by_source(aim, told)
    if title and (chosen := _station(aim, title)) is not None:
        return (chosen,)
    feature = next(aim.having("media", "media"), None)
    if feature is None:
        return _play_otherwise(aim, title)
    kind = kind_for(aim, feature, title)
    if not kind:
        allowed = listed([_plural(one) for one in feature.choices])
        return aim.cannot(f"{aim.name} plays {allowed}, no {_plural(_asked(wish.media))}", near=2)
    content = {"kind": kind, "title": title or ("news" if wish.media == "news" else "")}
    told_as = {name: value for name, value in content.items() if value}
    return ((feature.key, json.dumps(told_as, sort_keys=True, ensure_ascii=False)),)


def kind_for(aim: Aim, feature: Feature, title: str) -> str:
    """Return the kind of media that this player would take it for, or "" if it takes none such."""
    said = aim.wish.media
    allowed = [choice.lower() for choice in feature.choices]
    if said:
        if said == "listen" and "radio" in allowed and _RADIO.search(title.lower()):
            return "radio"
        if said in ("watch", "listen"):
            wanted: tuple[str, ...] = INSTEAD[said]
        else:
            wanted = (said, *INSTEAD.get(said, ()))
        if not allowed:
            return "movie" if said == "watch" else "music" if said == "listen" else said
        return next((kind for kind in wanted if kind in allowed), "")
    lowered = title.lower()
    if _RADIO.search(lowered) and "radio" in allowed:
        return "radio"
    first = HEARD if _MUSIC.search(lowered) or not _has_screen(aim, allowed) else SEEN
    order = (*first, *(SEEN if first is HEARD else HEARD))
    return next((kind for kind in order if not allowed or kind in allowed), allowed[0] if allowed else "")


def _has_screen(aim: Aim, allowed: list[str]) -> bool:
    if allowed:
        return any(kind in allowed for kind in SEEN)
    sort = f"{aim.device.kind} {' '.join(aim.device.types)}"
    return any(word in sort for word in ("tv", "television", "display", "screen", "projector"))


def _plural(kind: str) -> str:
    return kind + "s" if kind in ("movie", "video", "photo", "recipe", "podcast", "audiobook") else kind


def _asked(media: str) -> str:
    return {"watch": "video", "listen": "music"}.get(media, media)


def _station(aim: Aim, title: str) -> Setting | None:
    """Return the source or channel that has this name: a station among a radio's presets."""
    for prop in ("channel", "source", "program", "mode"):
        for feature in aim.having(prop, "choice"):
            if (choice := match(title, feature.choices)) is not None:
                return feature.key, choice
    return None


def _play_otherwise(aim: Aim, title: str) -> Told:
    """Return how a player without titles plays: by plain words, or just on."""
    for feature in aim.having("media", "text"):
        if not feature.choices:
            return ((feature.key, title or aim.wish.media),)
    if not title and isinstance(told := playback(aim, "play"), tuple):
        return told
    if not title and aim.wish.media in ("music", "radio"):
        sort = f"{aim.device.kind} {' '.join(aim.device.types)} {aim.device.name.lower()}"
        if any(word in sort for word in ("radio", "speaker", "stereo", "receiver", "record")):
            settings = switched(aim, on=True)
            if settings:
                return settings
    return aim.cannot(f"{aim.name} cannot play {title or aim.wish.media}")


def _play_by_source(aim: Aim, why: Told) -> Told:
    settings = switched(aim, on=True)
    return settings if settings and next(aim.having("media"), None) is not None else why


def stop_playing(aim: Aim) -> Told:
    """Return how what plays is ended."""
    return playback(aim, "stop")


def playback(aim: Aim, want: str) -> Told:
    """Return how a player is told to play, pause, stop, resume or skip."""
    words = PLAYER[want]
    if told := aim.choosing("media", words):
        return told
    for feature in aim.having("media", "trigger", "switch"):
        if feature.kind == "trigger" and not feature.choices and _called(feature, words):
            return ((feature.key, True),)
        if feature.kind == "switch" and want not in ("next", "previous"):
            return ((feature.key, want in ("play", "resume")),)
    doing = {"next": "skip", "previous": "go back", "resume": "go on"}.get(want, want)
    return aim.cannot(f"{aim.name} cannot {doing}")


def _called(feature: Feature, words: tuple[str, ...]) -> bool:
    name = f"{feature.name} {feature.key.rsplit('/', 1)[-1]}".lower()
    return any(word in name for word in words)
