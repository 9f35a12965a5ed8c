"""A wish is aimed at the devices that it may be about, with the evidence for each."""

import json
from collections.abc import Callable
from typing import Protocol

import pytest

from edge_nlu.steps.meant import MANY
from edge_nlu.steps.pair import Pairing, pair
from edge_nlu.steps.scene import Scene
from edge_nlu.values import Target, Wish

KITCHEN_LIGHTS = {"kitchen_spots", "kitchen_island_light"}
BEDSIDE = {"left_bedside_lamp", "right_bedside_lamp"}
LIVING_ROOM_LIGHTS = {"living_room_floor_lamp", "living_room_ceiling_light"}
ALL_LIGHTS = KITCHEN_LIGHTS | BEDSIDE | LIVING_ROOM_LIGHTS | {"hallway_light"}


class Evening(Protocol):
    """What a fixture lends: an evening in the demo home."""

    def happens(self, line: str) -> None: ...

    def aimed(self, line: str) -> tuple[Wish, Scene]: ...


AnEvening = Callable[..., Evening]


def paired(evening: Evening, line: str) -> Pairing:
    """Return what the first thing that a sentence names may be."""
    wish, scene = evening.aimed(line)
    return pair(wish, next(iter(wish.targets), Target()), scene)


def own(device: str) -> str:
    return device.rpartition("/")[2]


def devices(pairing: Pairing) -> set[str]:
    return {own(device) for p in pairing.pairs for device in p.candidate.devices}


def evidence(pairing: Pairing, device: str) -> dict[str, float]:
    return next(dict(p.evidence) for p in pairing.pairs if own(p.candidate.devices[0]) == device)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param("on.power: the [floor lamp](device)", {"living_room_floor_lamp"}, id="a name"),
        pytest.param("on.power: the [bedside lamp](device)", BEDSIDE, id="a name that two share"),
        pytest.param("on.power: the [kitchen](room) [lights](device)", KITCHEN_LIGHTS, id="a kind in a room"),
        pytest.param("on.power: the [lights](device)", KITCHEN_LIGHTS, id="a kind, in the speaker's room"),
        pytest.param(
            "living_room_tv> on.power: the [lights](device)",
            LIVING_ROOM_LIGHTS,
            id="in another speaker's room",
        ),
        pytest.param("on.power: [all](quantity) the [lights](device)", ALL_LIGHTS, id="all of a kind"),
        pytest.param(
            "on.power: [all](quantity) the [lights](device) but the [bedside](!device) ones",
            ALL_LIGHTS - BEDSIDE,
            id="all but some",
        ),
        pytest.param("on.power: the [telly](device)", {"living_room_tv"}, id="another word for it"),
        pytest.param("on.power: the [floor lamb](device)", {"living_room_floor_lamp"}, id="misheard"),
        pytest.param(
            "set.temperature: to [twenty](value) degrees",
            {"living_room_thermostat"},
            id="what can be as warm as that",
        ),
    ],
)
def test_what_may_be_meant(an_evening: AnEvening, said: str, found: set[str]) -> None:
    assert devices(paired(an_evening(), said)) == found


@pytest.mark.parametrize(
    ("said", "attribute", "value"),
    [
        ("on.power: the [lights](device) in the [attic](room)", "no_room", "attic"),
        ("on.power: the [spaceship](device)", "no_thing", "spaceship"),
        ("on.power: the [oven](device) in the [bedroom](room)", "no_thing", "oven"),
        ("on.power: the [lights](device)", "together", True),
        ("on.power: the [light](device)", "together", False),
        ("on.power: [both](quantity) [bedside lamps](device)", "together", True),
    ],
)
def test_what_is_said_of_it(an_evening: AnEvening, said: str, attribute: str, value: object) -> None:
    assert getattr(paired(an_evening(), said), attribute) == value


def test_what_cannot_do_it_stands_apart_with_the_reason(an_evening: AnEvening) -> None:
    pairing = paired(an_evening(), "set.color: make the [towel rail](device) [red](color)")
    assert pairing.pairs == ()
    assert [(own(cannot.device), bool(cannot.reason)) for cannot in pairing.unable] == [("towel_rail", True)]


def test_each_would_be_told_its_own_settings(an_evening: AnEvening) -> None:
    pairing = paired(an_evening(), "set.brightness: the [kitchen](room) [lights](device) to [half](value)")
    told = {own(c.device): c.settings for p in pairing.pairs for c in p.candidate.commands}
    assert told == dict.fromkeys(KITCHEN_LIGHTS, (("brightness", 127),))


@pytest.mark.parametrize(
    ("lines", "device", "name"),
    [
        pytest.param(
            ("off.power: [floor lamp](device) off",), "living_room_floor_lamp", "exact", id="its name"
        ),
        pytest.param(
            ("off.power: [floor lamp](device) off",), "living_room_floor_lamp", "needed", id="it is on"
        ),
        pytest.param(
            ("on.power: [floor lamp](device) on",), "living_room_floor_lamp", "done", id="it is on already"
        ),
        pytest.param(("on.power: [light](device) on",), "kitchen_spots", "here", id="in the speaker's room"),
        pytest.param(("on.power: [light](device) on",), "hallway_light", "elsewhere", id="in another room"),
        pytest.param(
            ("on.power: [light](device) on in the [kitchen](room)",),
            "kitchen_spots",
            "there",
            id="in the room said",
        ),
        pytest.param(
            (
                "on.power: [hallway light](device) on",
                'zigbee2mqtt/hallway_light is now {"state": "ON"}',
                "lower.brightness: dim [it](reference)",
            ),
            "hallway_light",
            "spoken_of",
            id="it was spoken of",
        ),
        pytest.param(
            ('zigbee2mqtt/kitchen_spots is now {"state": "ON"}', "off.unsaid: [it](reference) off"),
            "kitchen_spots",
            "changed",
            id="it changed a moment ago",
        ),
        pytest.param(
            ("homie/5/kitchen_speaker/player/playback is now play", "pause.unsaid: pause"),
            "kitchen_speaker",
            "at_it",
            id="it plays",
        ),
        pytest.param(
            ("tele/bedroom_fan/LWT is now Offline", "on.power: the [fan](device) on"),
            "bedroom_fan",
            "offline",
            id="it cannot be reached",
        ),
        pytest.param(("on.power: [oven](device) on",), "oven", "only", id="there is no other"),
        pytest.param(
            ("bedroom_speaker> ana says on.power: [light](device) on",),
            "left_bedside_lamp",
            "here",
            id="by the bed",
        ),
        pytest.param(
            ("phone> ana says on.power: [light](device) on",),
            "left_bedside_lamp",
            "own",
            id="the room of hers",
        ),
        pytest.param(
            ("living_room_tv> play.media: I want to [watch](reference) [frozen](title)",),
            "living_room_tv",
            "suits",
            id="a film is seen",
        ),
    ],
)
def test_what_speaks_for_it_or_against(
    an_evening: AnEvening, lines: tuple[str, ...], device: str, name: str
) -> None:
    evening = an_evening()
    for line in lines[:-1]:
        evening.happens(line)
    assert name in evidence(paired(evening, lines[-1]), device)


def test_devices_that_are_settled_are_not_looked_for(an_evening: AnEvening) -> None:
    wish, scene = an_evening().aimed("on.power: turn it on")
    pairing = pair(wish, Target(), scene, ("zigbee2mqtt/hallway_light",))
    assert devices(pairing) == {"hallway_light"}


def large(rooms: int) -> dict[str, object]:
    """Return a home with ten lamps in each room."""
    lamps = [[f"lamp_{room}_{number}" for number in range(10)] for room in range(rooms)]
    switch = {"type": "binary", "name": "state", "property": "state", "access": 7}
    switch |= {"value_on": "ON", "value_off": "OFF"}
    described = [
        {
            "ieee_address": f"0x{number:016x}",
            "friendly_name": name,
            "supported": True,
            "definition": {"exposes": [{"type": "light", "features": [switch]}]},
        }
        for number, name in enumerate(lamp for room in lamps for lamp in room)
    ]
    return {
        "rooms": {f"room_{number}": names for number, names in enumerate(lamps)},
        "satellites": {"wall": {"room": "room_7"}},
        "retained": [{"topic": "zigbee2mqtt/bridge/devices", "payload": json.dumps(described)}],
    }


@pytest.mark.parametrize("said", ["on.power: the [lamp](device) on", "on.power: switch something on"])
def test_in_a_large_home_only_what_is_near_is_looked_at(an_evening: AnEvening, said: str) -> None:
    pairing = paired(an_evening(**large(30)), f"wall> {said}")
    assert devices(pairing) == {f"lamp_7_{number}" for number in range(10)}


def test_in_a_large_home_a_name_is_found_wherever_it_is(an_evening: AnEvening) -> None:
    pairing = paired(an_evening(**large(30)), "wall> on.power: the [lamp](device) in [room 3](room)")
    assert devices(pairing) == {f"lamp_3_{number}" for number in range(10)}


def test_all_of_a_large_home_are_all(an_evening: AnEvening) -> None:
    evening = an_evening(**large(6))
    pairing = paired(evening, "wall> on.power: [all](quantity) the [lamps](device) [everywhere](room)")
    assert len(devices(pairing)) == 60 > MANY
