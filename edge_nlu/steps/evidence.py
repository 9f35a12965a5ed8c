"""Count up what speaks for a device: how well the words fit, where it stands, what it is doing.

Which evidence weighs how much is not decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from edge_nlu.interfaces import Home
from edge_nlu.steps.meant import APT, MINE, content_of
from edge_nlu.steps.names import is_called, is_named, name_words
from edge_nlu.steps.scene import Scene
from edge_nlu.values import Command, Device, DeviceId, Target, Wish, frozen

# a wish for something that goes on: whoever is at it is meant
GOING_ON = frozenset(
    ["pause", "stop", "resume", "next", "previous", "lower", "raise", "set", "mute", "unmute", "dock", "ask"]
)
# nobody asks this of a thing that rests
AT_IT = frozenset(
    (want, prop)
    for want in ("pause", "stop", "next", "previous", "mute")
    for prop in ("unsaid", "media", "run", "volume")
) | {("ask", "time_left"), ("ask", "media")}
SEEN = frozenset(["movie", "series", "video", "photo", "recipe"])


@frozen
class Clues:
    """What speaks for a device, as far as it is the same for all that a wish may be about."""

    content: frozenset[str]
    rooms: Collection[str]
    here: str
    own_room: str
    active: Collection[DeviceId]
    going: str
    apt: Collection[str]
    served: str
    tasked: tuple[Collection[DeviceId], ...]


def clues_of(wish: Wish, target: Target, rooms: Collection[str], scene: Scene) -> Clues:
    """Return what speaks for devices, as far as it is the same for all of them."""
    home, person = scene.home, scene.person
    content = frozenset() if target.thing else frozenset(content_of(wish))
    tasked = [devices for word in content if (devices := home.tasked(word))]
    own = person is not None and (not scene.here or MINE.search(wish.text) is not None)
    going = "at_it" if (wish.want, wish.property) in AT_IT else "going_on"
    return Clues(
        content,
        rooms,
        "" if rooms else scene.here,
        person.room if own and person else "",
        home.active(),
        going if wish.want in GOING_ON and wish.want != "resume" else "",
        APT.get(wish.property, ()),
        f"{wish.want}.{wish.property}",
        tuple(tasked),
    )


def evidence_of(
    wish: Wish, device: Device, how: float, told: Sequence[Command], clues: Clues, scene: Scene
) -> list[tuple[str, float]]:
    """Return what speaks for a device or against it, and how much of it."""
    home = scene.home
    found = [("named", how)] if how else []
    if how and any(
        is_named(f"{target.place} {target.thing}", device, home) for target in wish.targets if target.thing
    ):
        found.append(("exact", 1.0))
    if device.room in clues.rooms:
        found.append(("there", 1.0))
    elif clues.here and device.room:
        found.append(("here" if device.room == clues.here else "elsewhere", 1.0))
    if device.id in scene.spoken_of:
        found.append(("spoken_of", 1.0 if wish.reference or not how else 0.5))
    if not how and device.id in scene.recent:
        found.append(("changed", 1.0))
    if device.kind in clues.apt:
        found.append(("apt", 1.0))
    if clues.going and device.id in clues.active and not (wish.want == "ask" and _is_always_on(device, home)):
        found.append((clues.going, 1.0))
    if wish.want == "resume" and _is_paused(device, home):
        found.append(("at_it", 1.0))
    # to be told a value once more is no reason to go elsewhere
    if wish.want != "set" and (needed := _needed(told, scene)):
        found.append(("needed" if needed > 0 else "done", 1.0))
    if clues.content:
        if not clues.content.isdisjoint(name_words(device)):
            found.append(("mentioned", 1.0))
        if is_called(clues.content, device, home):
            found.append(("named", 1.0))
    if any(device.id in devices for devices in clues.tasked):
        found.append(("hinted", 1.0))
    if clues.own_room and device.room == clues.own_room:
        found.append(("own", 1.0))
    if suits := _suits(wish, device, scene):
        found.append(("suits", suits))
    if any(wanted == clues.served for wanted, _ in _serves(device, home)):
        found.append(("served", 1.0))
    if not home.online(device.id):
        found.append(("offline", 1.0))
    return found


def _is_always_on(device: Device, home: Home) -> bool:
    kind = home.appliance(device.kind)
    return kind is not None and kind.always


def _serves(device: Device, home: Home) -> tuple[tuple[str, str], ...]:
    kind = home.appliance(device.kind)
    return kind.serves if kind else ()


def _is_paused(device: Device, home: Home) -> bool:
    readings = (home.reading(device.id, f.key) for f in device.features if f.property in ("media", "run"))
    return any(reading is not None and reading.value in ("pause", "paused") for reading in readings)


def _needed(told: Sequence[Command], scene: Scene) -> float:
    """Return 1 when the commands would change something, -1 when all is as wished, 0 when nobody knows."""
    same = other = 0
    for command in told:
        device = scene.home.device(command.device)
        for key, value in command.settings:
            feature = device.feature(key) if device else None
            reading = scene.home.reading(command.device, key)
            if feature is None or feature.kind in ("trigger", "media"):
                continue
            if reading is None or reading.value is None:
                continue
            if reading.value == value:
                same += 1
            else:
                other += 1
    if other:
        return 1.0
    return -1.0 if same else 0.0


def _suits(wish: Wish, device: Device, scene: Scene) -> float:
    """Return how well a player suits what shall be played, and where that was said."""
    if wish.want != "play":
        return 0.0
    kinds = {choice for f in device.features if f.kind == "media" for choice in f.choices}
    if not kinds:
        return 0.0
    shows = bool(kinds & SEEN)
    itself = float(bool(scene.utterance.satellite) and scene.utterance.satellite in device.ids)
    if wish.media == "watch":
        return itself * 0.5 + (1.0 if shows else -1.0)
    if wish.media == "listen":
        return itself * 0.5 + (-1.0 if shows else 1.0)
    return itself
