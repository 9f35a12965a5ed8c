"""Pair a wish with each device that it may be about, with what that would be told and what speaks for it.

Where something was left open, what is usual fills it in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from edge_nlu.steps.evidence import clues_of, evidence_of
from edge_nlu.steps.meant import (
    ALL,
    ASKING,
    HERE,
    MANY,
    MINE,
    SILENCE,
    WHOLE,
    all_meant,
    in_scope,
    left_out,
    meant_by_name,
    named,
    named_with_place,
    rooms_of,
    unnamed,
)
from edge_nlu.steps.scene import Scene
from edge_nlu.steps.ways import ways
from edge_nlu.values import Candidate, Cannot, Command, Device, DeviceId, Target, Wish, frozen

# a habit fills in what was left open where it holds at least so often
HABIT = 0.45


@frozen
class Pair:
    """A wish aimed at one device, what it would be told, and the evidence as numbers by name."""

    candidate: Candidate
    evidence: tuple[tuple[str, float], ...]


@frozen
class Pairing:
    """What one target of a wish may be: devices that can, devices that cannot, or nothing by that name.

    `together` says that not one of them is meant but all.
    """

    target: Target
    pairs: tuple[Pair, ...] = ()
    unable: tuple[Cannot, ...] = ()
    together: bool = False
    no_room: str = ""
    no_thing: str = ""


def pair(wish: Wish, target: Target, scene: Scene, only: Sequence[DeviceId] = ()) -> Pairing:
    """Return which devices a target of a wish may be; `only` holds them where that is settled."""
    rooms = rooms_of(target.place, scene)
    if target.place and not rooms and not only:
        # "the attic shutter", where no room but a shutter is called so
        thing = f"{target.place} {target.thing}".strip()
        of_somebody = target.place.lower() in HERE or MINE.match(target.place)
        fits = {} if of_somebody else named(thing, (), scene)
        if max(fits.values(), default=0.0) < WHOLE:
            return Pairing(target, no_room=target.place)
        target = Target(thing)
    if wish.usual and not target.thing and not only and (pairs := _usual_here(wish, rooms, scene)):
        return Pairing(target, pairs)
    if only:
        found = dict.fromkeys(only, 1.0)
    elif target.thing and target.thing.lower() not in ALL:
        found = meant_by_name(wish, named(target.thing, rooms, scene), rooms, scene)
        found = found | named_with_place(target, scene)
        if not found:
            return Pairing(target, no_thing=target.thing)
    else:
        found = dict.fromkeys(unnamed(wish, rooms, scene), 0.0)
    together = not only and all_meant(wish, target, rooms, scene)
    if together:
        found = in_scope(wish, target, found, rooms, scene)
    excluded = left_out(wish, scene, found)
    return _aimed(wish, target, [d for d in found if d not in excluded], found, rooms, together, scene)


def _aimed(
    wish: Wish,
    target: Target,
    devices: Sequence[DeviceId],
    fits: dict[DeviceId, float],
    rooms: Collection[str],
    together: bool,  # noqa: FBT001
    scene: Scene,
) -> Pairing:
    """Return the devices with what they would be told, apart from those that cannot do it."""
    home = scene.home
    pairs: list[Pair] = []
    unable: list[Cannot] = []
    likings = _likings(wish, devices, scene)
    clues = clues_of(wish, target, rooms, scene)
    for device in devices:
        known = home.device(device)
        if known is None:
            continue
        told: tuple[Command, ...] = ()
        if wish.want not in ASKING or (wish.want == "find" and _findable(known)):
            way = ways(_for_ringing(wish, known, scene), known, home)
            liked = likings.get(device)
            if liked is not None and liked[1] >= HABIT and _is_open(wish, way):
                told = (liked[0],)
            elif isinstance(way, Cannot):
                unable.append(way)
                continue
            elif wish.usual:
                unable.append(Cannot(device, "nothing is usual yet", near=1))
                continue
            else:
                told = (Command(device, way),) if way else ()
        candidate = Candidate(wish, (device,), told)
        evidence = evidence_of(wish, known, fits.get(device, 0.0), told, clues, scene)
        if device in likings:
            evidence.append(("usual", likings[device][1]))
        pairs.append(Pair(candidate, tuple(evidence)))
    if len(pairs) == 1:
        pairs = [replace(pairs[0], evidence=(*pairs[0].evidence, ("only", 1.0)))]
    return Pairing(target, tuple(pairs), tuple(unable), together)


def _for_ringing(wish: Wish, device: Device, scene: Scene) -> Wish:
    """Return the wish as an alarm that rings takes it: whatever says stop, stops it."""
    if wish.want not in SILENCE or wish.targets or device.id not in scene.home.active():
        return wish
    if not any(feature.property == "alarm" for feature in device.features):
        return wish
    return replace(wish, want="stop", property="alarm")


def _usual_here(wish: Wish, rooms: Collection[str], scene: Scene) -> tuple[Pair, ...]:
    """Return what is usual at such a time and place, whatever the device: "the usual, please"."""
    home = scene.home
    found: list[Pair] = []
    for command, sure in scene.memory.usual(wish, (), scene.utterance):
        device = home.device(command.device)
        if device is not None and (not rooms or device.room in rooms):
            candidate = Candidate(wish, (command.device,), (command,))
            found.append(Pair(candidate, (("usual", sure),)))
    return tuple(found)


def _is_open(wish: Wish, way: object) -> bool:
    """Return whether a habit may fill in what was left open."""
    if wish.usual or isinstance(way, Cannot):
        return wish.usual or (isinstance(way, Cannot) and way.near == 1)
    return wish.want == "play" and not wish.title


def _findable(device: Device) -> bool:
    return any(f.property == "place" and f.settable for f in device.features)


def _likings(wish: Wish, devices: Sequence[DeviceId], scene: Scene) -> dict[DeviceId, tuple[Command, float]]:
    """Return what each device is usually told in such a case, and how sure that is."""
    if wish.want in ("ask", "find", "leave") or not devices or len(devices) > MANY:
        return {}
    found: dict[DeviceId, tuple[Command, float]] = {}
    for command, sure in scene.memory.usual(wish, devices, scene.utterance):
        if command.device not in found or sure > found[command.device][1]:
            found[command.device] = (command, sure)
    return found
