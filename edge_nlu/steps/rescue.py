"""Find what is for this home in a sentence that a model takes for a matter of the cloud.

A recipe is for the cloud, unless it was asked of a screen in a room with a player that shows recipes.
"The light, like always at this time" wishes for nothing by its words, but the home knows what is usual.
"Tell Dusty to go home" is gossip, unless the vacuum is called Dusty. The model knows neither the screen nor
the habit nor the name, nor whether anything here measures what is asked about; so they are looked at
here, and nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from edge_nlu.interfaces import Home
from edge_nlu.steps.english import set_of
from edge_nlu.steps.names import EMPTY, WORD, is_called, stem, words_in
from edge_nlu.steps.scene import Scene
from edge_nlu.values import Target, Understanding, Wish

CERTAIN = 0.9
# from here on, a sentence may be for a home as well as for somebody who knows the weather
TORN = 0.25
# of many that tell how full they are, so many are looked at
MOST = 48
MEASURED = frozenset(["temperature", "humidity", "air", "brightness"])
# what a bare question asks about; "how warm is it" names no more than that
_SENSED = {
    **dict.fromkeys(
        set_of("warm cold hot cool chilly freezing toasty boiling warmer colder temperature"), "temperature"
    ),
    **dict.fromkeys(set_of("humid damp muggy clammy dry humidity"), "humidity"),
    **dict.fromkeys(set_of("bright dark gloomy brightness"), "brightness"),
    **dict.fromkeys(set_of("stuffy air quality"), "air"),
}
_ASKS = set_of("how is isn't what what's")
_SAYS_NO_MORE = set_of(
    """
    it the a bit like getting too very really rather quite so and well hey in here out there over up down
    at on my our your this now right moment currently just please tell me do you know inside indoors room
    level be will
    """
)
_SHOW = re.compile(
    r"\b(?:show|display|pull up|bring up|let (?:me|us) see|can (?:i|we) see)\b(?: me| us)?(.*)", re.I
)


def rescued(wishes: Sequence[Wish], understanding: Understanding, scene: Scene) -> tuple[Wish, ...]:
    """Return the wishes of a sentence that are for this home after all; none where it is not."""
    usual = tuple(replace(wish, want="set") for wish in wishes if wish.usual and wish.targets)
    measured = _measured(wishes, scene) if understanding.home >= TORN else ()
    return (
        usual
        or measured
        or _bare(understanding.text, scene)
        or _tasked(understanding.text, scene)
        or _plain(wishes, scene)
        or _shown(understanding.text, scene)
    )


def _measured(wishes: Sequence[Wish], scene: Scene) -> tuple[Wish, ...]:
    """Return the questions of a sentence where something here measures just that, now."""
    for wish in wishes:
        if wish.want != "ask" or wish.moment or wish.unread or wish.options:
            return ()
        if wish.title:
            if wish.property != "level" or not _fills(wish.title, scene.home):
                return ()
        elif wish.property not in MEASURED or not scene.home.with_property(wish.property, settable=False):
            return ()
    return tuple(wishes)


def _fills(title: str, home: Home) -> bool:
    """Return whether something here tells how much there is of what sounds like a title: "cat food"."""
    said = set(words_in(title))
    devices = islice(home.with_property("level", settable=False), MOST)
    return any(
        feature.property == "level" and said.intersection(words_in(feature.name))
        for device in devices
        if (known := home.device(device)) is not None
        for feature in known.features
    )


def _bare(text: str, scene: Scene) -> tuple[Wish, ...]:
    """Return a question that names nothing but what a sensor here measures, and maybe a place here."""
    words = [word.replace("\u2019", "'") for word in WORD.findall(text.lower())]
    props = {_SENSED[word] for word in words if word in _SENSED}
    if len(props) != 1 or not _ASKS.intersection(words[:3]):
        return ()
    (prop,) = props
    place = " ".join(word for word in words if word not in _ASKS | _SAYS_NO_MORE and word not in _SENSED)
    home = scene.home
    telling = home.with_property(prop, settable=False)
    if place:
        telling = [
            device for room in home.rooms_called(place) for device in home.in_room(room) if device in telling
        ]
    return (Wish("ask", prop, targets=(Target(place=place),) if place else (), text=text),) if telling else ()


def _tasked(text: str, scene: Scene) -> tuple[Wish, ...]:
    """Return the wish to do what only one thing here is for, where just that was said: "feed the dog"."""
    tasked = scene.home.tasked(text) if len(WORD.findall(text)) > 1 else ()
    (device,) = tasked if len(tasked) == 1 else ("",)
    known = scene.home.device(device)
    return (Wish("start", "run", targets=(Target(known.name),), text=text),) if known is not None else ()


def _plain(wishes: Sequence[Wish], scene: Scene) -> tuple[Wish, ...]:
    """Return wishes that were read without a doubt and call a device here by its whole name."""
    home = scene.home
    for wish in wishes:
        if wish.want == "none" or wish.confidence < CERTAIN:
            continue
        said = set(words_in(wish.text))
        called = {device for word in said for device in home.known_as(word)}
        if any((known := home.device(d)) and is_called(said, known, home) for d in called):
            return tuple(wishes)
    return ()


def _shown(text: str, scene: Scene) -> tuple[Wish, ...]:
    """Return the wish to see something, where the screen spoken to stands beside a player that shows such."""
    found = _SHOW.search(text)
    if found is None or scene.satellite is None or not scene.satellite.screen:
        return ()
    said = {stem(word): word for word in WORD.findall(found.group(1).lower()) if word not in EMPTY}
    for device in scene.home.in_room(scene.here):
        known = scene.home.device(device)
        for feature in known.features if known else ():
            for kind in feature.choices if feature.kind == "media" else ():
                if kind in said:
                    title = " ".join(word for stemmed, word in said.items() if stemmed != kind)
                    return (Wish("play", "media", title=title, media=kind, text=text),)
    return ()
