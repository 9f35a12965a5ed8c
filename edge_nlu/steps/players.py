"""Tell what a player does and what plays on it, from however many features it tells that in."""

from __future__ import annotations

import json

from edge_nlu.interfaces import Home
from edge_nlu.steps.english import readable, set_of
from edge_nlu.steps.readings import about, held, key_of
from edge_nlu.values import Device, Feature, frozen

_PLAYING = set_of("play playing on buffering")
_STOPPED = set_of("stop stopped idle off standby ended")
_KINDS = set_of(
    "music radio audiobook podcast movie series video recipe photo news tvshow episode channel playlist"
)


@frozen
class Playing:
    """What a player does, and what plays."""

    word: str = ""
    title: str = ""
    kind: str = ""


def played(device: Device, home: Home) -> Playing | None:
    """Return what a player plays; None for what is no player."""
    features = about(device, "media")
    if not features:
        return None
    word = title = kind = ""
    for feature in features:
        value = held(device, feature, home)
        if not isinstance(value, str) or not value.strip():
            word = word or ({True: "playing", False: "stopped"}[value] if isinstance(value, bool) else "")
            continue
        key = key_of(value)
        if feature.kind == "media" or value.lstrip().startswith("{"):
            title, kind = _media(value, title, kind)
        elif key in ("pause", "paused"):
            word = "paused"
        elif key in _PLAYING or key in _STOPPED:
            word = "playing" if key in _PLAYING else "stopped"
        elif key in _KINDS:
            kind = kind or readable(value).lower()
        elif feature.kind == "text":
            title = _titled(feature, value, title)
    if any(held(device, feature, home) in (False, "off", "OFF") for feature in about(device, "power")):
        word = "stopped"
    if not word and (title or kind):
        word = "playing"
    return Playing(word, title, kind)


def _media(value: str, title: str, kind: str) -> tuple[str, str]:
    try:
        parts = json.loads(value)
    except ValueError:
        return title or value, kind
    if not isinstance(parts, dict):
        return title, kind
    return str(parts.get("title") or title), str(parts.get("kind") or kind)


def _titled(feature: Feature, value: str, title: str) -> str:
    """Return a title with its artist: one may come before or after the other."""
    if "artist" in key_of(feature.name or feature.key):
        return f"{title} by {value}" if title else value
    if not title:
        return value
    return title if "album" in key_of(feature.name or feature.key) else f"{value} by {title}"
