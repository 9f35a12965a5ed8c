"""Find the devices that a wish may mean.

What is named is looked up by its words; what is not named is looked for among the devices that could
do it: those in the speaker's room, those doing something, those spoken of a moment ago. However large a home
is, few are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import islice

from edge_nlu.interfaces import Home
from edge_nlu.steps.names import (
    WORD,
    fit,
    fitting,
    is_plural,
    is_whole_name,
    name_words,
    names_kind_only,
    stem,
    words_in,
)
from edge_nlu.steps.scene import Scene
from edge_nlu.values import Device, DeviceId, Target, Wish

# more devices than these are narrowed down by where the speaker is before they are looked at
MANY = 48
# less of a fit than this names another thing
FITS = 0.55
# every word of what was said fits
WHOLE = 0.99
NEARLY = 0.8
ALL = frozenset(["all", "every", "everything", "both", "each", "anything", "any", "which", "everyone"])
APT = {
    "brightness": ("light",),
    "color": ("light",),
    "temperature": ("thermostat", "climate_sensor", "heater", "air_conditioner"),
    "humidity": ("climate_sensor", "humidifier"),
    "volume": ("speaker", "tv"),
    "media": ("speaker", "tv"),
    "position": ("cover", "window", "door", "garage_door", "contact_sensor"),
    "lock": ("lock",),
    "run": ("washing_machine", "tumble_dryer", "dishwasher", "robot_vacuum", "coffee_maker"),
    "timer": ("timer", "oven"),
    "alarm": ("alarm_clock",),
    "presence": ("motion_sensor",),
    "leak": ("leak_sensor",),
    "smoke": ("smoke_sensor",),
    "speed": ("fan",),
    "swing": ("fan",),
    "air": ("fan", "air_purifier", "window"),
}
# whoever is cold is not in the room of these, unless they say so
OF_ONE_ROOM = frozenset(["heater", "electric_blanket", "fan"])
# these want to be told something, not to have something done
ASKING = ("ask", "find")
SEVERAL = ("them", "those", "these", "they")
HERE = frozenset(["here", "this room", "there"])
MINE = re.compile(r"\bm(?:y|ine)\b", re.I)
# said to whatever makes a noise
SILENCE = frozenset(["stop", "off", "mute", "pause", "cancel"])
# more time is asked of whichever is ringing
CLOCKS = ("timer", "alarm")


def rooms_of(place: str, scene: Scene) -> tuple[str, ...]:
    """Return the rooms that words for a place mean."""
    if not place:
        return ()
    words = place.lower()
    if words in HERE:
        return (scene.here,) if scene.here else ()
    if words.startswith("my "):
        return (scene.person.room,) if scene.person and scene.person.room else ()
    return tuple(scene.home.rooms_called(place))


def named(thing: str, rooms: Collection[str], scene: Scene) -> dict[DeviceId, float]:
    """Return the devices that these words may name, with how well they fit."""
    home = scene.home
    inside = _inside(rooms, home) if rooms else None
    fits = fitting(thing, home)
    found: dict[DeviceId, float] = {}
    for device in _pool(thing, inside, scene):
        known = home.device(device)
        if known is not None and (how := fits(known)) >= FITS:
            found[device] = how
    if not found:
        return {}
    best = max(found.values())
    # where one is called so, what shares a word with it is not meant
    least = max(best - 0.3, NEARLY if best > NEARLY else 0.0)
    return {device: how for device, how in found.items() if how >= least}


def named_with_place(target: Target, scene: Scene) -> dict[DeviceId, float]:
    """Return the devices that have a place in their own name: the upstairs heating, wherever it hangs."""
    if not target.place:
        return {}
    said = f"{target.place} {target.thing}"
    home = scene.home
    # whoever is called so has every word of it in its name
    fewest = min((home.known_as(word) for word in words_in(said)), key=len, default=())
    return {
        device: 1.0
        for device in _of_many(fewest, _near(scene))
        if (known := home.device(device)) is not None and is_whole_name(said, known)
    }


def _inside(rooms: Collection[str], home: Home) -> Collection[DeviceId]:
    """Return the devices in rooms, in the order of the rooms."""
    if len(rooms) == 1:
        return home.in_room(next(iter(rooms)))
    return dict.fromkeys(device for room in rooms for device in home.in_room(room))


def _of_many(devices: Collection[DeviceId], near: Collection[DeviceId]) -> Collection[DeviceId]:
    """Return the devices; of many only those that are near."""
    return devices if len(devices) <= MANY else [device for device in near if device in devices]


def _pool(thing: str, inside: Collection[DeviceId] | None, scene: Scene) -> Iterable[DeviceId]:
    """Return the devices worth a closer look, few even in a large home."""
    home = scene.home
    said = words_in(thing)
    lists: list[Collection[DeviceId]] = []
    for length in (3, 2, 1):
        for start in range(len(said) - length + 1):
            phrase = " ".join(said[start : start + length])
            lists.extend(home.of_kind(kind) for kind in home.kinds_called(phrase))
    for word in said:
        known = home.known_as(word)
        lists.append(known)
        if not known:
            lists.extend(home.known_as(like) for like in home.words_like(word)[:3])
    pool: dict[DeviceId, None] = {}
    near = _near(scene)
    for devices in sorted(lists, key=len):
        few = _of_many(devices, near if inside is None else inside)
        if inside is not None:
            few = [device for device in few if device in inside]
        elif not few and not pool:
            few = list(islice(devices, MANY))
        pool.update(dict.fromkeys(few))
    return pool


def _near(scene: Scene) -> list[DeviceId]:
    """Return the devices that a speaker means first: spoken of, in the room, changed lately."""
    home = scene.home
    here = home.in_room(scene.here) if scene.here else ()
    return list(dict.fromkeys([*scene.spoken_of, *here, *scene.recent]))


def meant_by_name(
    wish: Wish, found: dict[DeviceId, float], rooms: Collection[str], scene: Scene
) -> dict[DeviceId, float]:
    """Return what is left when a place was said: things in it, and things that nobody knows the place of."""
    if not rooms:
        return found
    home = scene.home
    left = {
        device: how
        for device, how in found.items()
        if (known := home.device(device)) is not None and (known.room in rooms or not known.room)
    }
    if left or wish.want != "start":
        return left
    return found


def unnamed(wish: Wish, rooms: Collection[str], scene: Scene) -> Iterable[DeviceId]:
    """Return the devices that could be meant by a wish that names none."""
    home = scene.home
    asked = wish.want in ASKING
    able: list[Collection[DeviceId]] = [home.serving(f"{wish.want}.{wish.property}")]
    if wish.property == "status":
        able += [
            home.with_property(p, settable=False) for p in ("leak", "smoke", "lock", "position", "battery")
        ]
    elif wish.property != "unsaid":
        for prop in CLOCKS if wish.property in CLOCKS else (wish.property,):
            able.append(home.with_property(prop, settable=True))
            if asked:
                able.append(home.with_property(prop, settable=False))
    if wish.property == "unsaid" or not any(able):
        able += [home.active(), scene.spoken_of]
    if wish.want == "resume":
        able += [home.with_property(prop, settable=True) for prop in ("media", "run")]
    if wish.want in SILENCE:
        ringing = home.with_property("alarm", settable=True)
        able.append([device for device in home.active() if device in ringing])
    if wish.quantity in ALL and wish.property in ("power", "run", "unsaid"):
        able.append(home.all_devices() if not rooms else ())
    whole = _inside(rooms, home) if rooms else None
    near = _near(scene) if whole is None or wish.want == "start" else whole
    hinted = hinted_at(wish, Target(), scene, near)
    pool: dict[DeviceId, None] = {}
    for devices in able:
        if whole is not None:
            pool.update((device, None) for device in whole if device in devices)
        elif len(devices) <= MANY or (asked and wish.quantity in ALL) or wish.property == "status":
            pool.update(dict.fromkeys(devices))
        else:
            pool.update((device, None) for device in near if device in devices)
    if whole is not None and wish.quantity in ALL:
        pool.update(dict.fromkeys(whole))
    # a robot is told about a room that it need not stand in
    if whole is None or wish.want == "start":
        pool.update(dict.fromkeys(hinted))
    else:
        pool.update((device, None) for device in hinted if device in whole)
    if wish.reference and not wish.quantity:
        pool.update(dict.fromkeys(scene.spoken_of))
    if wish.property == "temperature" and not wish.reference:
        return _of_rooms(wish, pool, scene) or pool
    return pool


def _of_rooms(wish: Wish, devices: Iterable[DeviceId], scene: Scene) -> dict[DeviceId, None]:
    """Return what may be meant by warm and cold alone: what warms rooms, and an oven only while it is on."""
    home = scene.home
    serving = home.serving(f"{wish.want}.{wish.property}")
    said = set(content_of(wish))
    meant = (
        device
        for device in devices
        if (known := home.device(device)) is not None
        and (
            device in home.active()
            or device in scene.spoken_of
            or device in serving
            or known.kind in APT["temperature"]
        )
        and not (known.kind in OF_ONE_ROOM and _is_elsewhere(known, scene) and not said & name_words(known))
    )
    return dict.fromkeys(meant)


def _is_elsewhere(device: Device, scene: Scene) -> bool:
    return bool(device.room and scene.here) and device.room != scene.here


def hinted_at(
    wish: Wish, target: Target, scene: Scene, near: Collection[DeviceId] = ()
) -> tuple[DeviceId, ...]:
    """Return the devices that words of a sentence hint at, beside those of a thing that is not here."""
    near = near or _near(scene)
    said = words_in(target.thing)
    found: dict[DeviceId, None] = {}
    for word in content_of(wish):
        if word not in said:
            found.update(dict.fromkeys(_of_many(scene.home.tasked(word), near)))
            found.update(dict.fromkeys(_hint(word, scene)))
    return tuple(found)


def content_of(wish: Wish) -> list[str]:
    """Return the words of a wish that may hint at a device; a place only says where."""
    places = {word for target in wish.targets for word in words_in(target.place)}
    return [word for word in _longer_words(wish.text) if word not in places]


@lru_cache(maxsize=64)
def _longer_words(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(text.lower()) if len(word) > 2)


def _hint(word: str, scene: Scene) -> Collection[DeviceId]:
    known = scene.home.known_as(word)
    return known if len(known) <= MANY // 4 else ()


def all_meant(wish: Wish, target: Target, rooms: Collection[str], scene: Scene) -> bool:
    """Return whether all that fit are meant: "all", "the lights", "everywhere", and what is asked of all."""
    if wish.quantity in ALL or (target.thing and len(rooms) > 1 and len(rooms) == len(scene.home.rooms())):
        return True
    if wish.want in ASKING and not target.thing:
        return wish.property in ("status", "leak", "smoke") or bool(wish.quantity)
    if wish.reference in SEVERAL:
        return len(scene.spoken_of) > 1
    return bool(target.thing) and is_plural(target.thing)


def in_scope(
    wish: Wish, target: Target, found: dict[DeviceId, float], rooms: Collection[str], scene: Scene
) -> dict[DeviceId, float]:
    """Return those of a group that are in the place meant: the one said, here, or everywhere."""
    home = scene.home
    if target.thing and not names_kind_only(target.thing, home):
        said = set(words_in(target.thing))
        called = {d: how for d, how in found.items() if (k := home.device(d)) and said <= name_words(k)}
        found = called or found
    if wish.reference in SEVERAL and not target.thing:
        return {device: found.get(device, 0.0) for device in scene.spoken_of}
    if not rooms and scene.here and wish.quantity in ("", "both", "each") and wish.want not in ASKING:
        here = {device: how for device, how in found.items() if device in home.in_room(scene.here)}
        if len(here) > (wish.quantity == "both"):
            return here
    if not target.thing and wish.want in ("on", "off", "stop"):
        return {device: how for device, how in found.items() if _is_everything(device, home)}
    return found


def _is_everything(device: DeviceId, home: Home) -> bool:
    known = home.device(device)
    kind = home.appliance(known.kind) if known else None
    return kind is not None and kind.everything


def left_out(wish: Wish, scene: Scene, found: Collection[DeviceId]) -> set[DeviceId]:
    """Return the devices that the wish expressly does not hold for."""
    out: set[DeviceId] = set()
    home = scene.home
    for but in wish.but:
        rooms = rooms_of(but.place, scene)
        inside = _inside(rooms, home)
        if but.thing:
            fits = {
                device: fit(but.thing, known, home)
                for device in found
                if (known := home.device(device)) is not None and (not rooms or device in inside)
            }
            best = max(fits.values(), default=0.0)
            out.update(d for d, how in fits.items() if how >= max(FITS, best - 0.04))
        else:
            out.update(inside)
    return out
