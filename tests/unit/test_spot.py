"""A name of this home is that name, whatever a model took its words for."""

from collections.abc import Callable

import pytest

ComesOf = Callable[..., str]

HOME = {
    "rooms": {
        "bureau": ["towel_rail", "kitchen_spots"],
        "music_room": ["kitchen_island_light", "kitchen_speaker"],
        "kitchen": ["living_room_floor_lamp"],
    },
    "names": {"zigbee2mqtt/kitchen_spots": "anglepoise", "homie/vacuum": "Rosie"},
    "satellites": {"hall_mic": {"room": "hallway"}},
}


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "hall_mic> on.power: turn on the [heater](device) in the [bureau](title)",
            "act towel_rail state=True",
            id="a room taken for a title",
        ),
        pytest.param(
            "hall_mic> on.power: [light](device) on in the [music](title) [room](room)",
            "act kitchen_island_light state=True",
            id="a room taken for two things",
        ),
        pytest.param(
            "hall_mic> on.power: heat up the [bureau](device) with the [towel rail](device)",
            "act towel_rail state=True",
            id="a room taken for a device",
        ),
        pytest.param(
            "hall_mic> on.power: [light](device) on in the music room please",
            "act kitchen_island_light state=True",
            id="a room that was not heard",
        ),
        pytest.param(
            "hall_mic> on.power: could you put the anglepoise on",
            "act kitchen_spots state=True",
            id="a device that was not heard",
        ),
        pytest.param(
            "hall_mic> on.power: switch [anglepoise](mode) on",
            "act kitchen_spots state=True",
            id="a device taken for a mode",
        ),
        pytest.param(
            "kitchen_speaker> play.media: play [Bureau](title)",
            'act kitchen_speaker media={"kind": "music", "title": "Bureau"}',
            id="a title that is called like a room",
        ),
        pytest.param(
            "hall_mic> dock.run: go back to your place Rosie", "act vacuum dock=True", id="a name of its own"
        ),
    ],
)
def test_names_of_the_home(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said, **HOME) == comes
