"""A real Zigbee2MQTT: its devices are found, told, heard, renamed and taken away."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.judges

CEILING, LAMPS = "zigbee2mqtt/kitchen/ceiling", "zigbee2mqtt/living room/lamps"


def test_what_is_there_is_shown_once_and_does_as_it_is_told(home: Any, zigbee2mqtt: Any) -> None:
    home.run_hub()
    shown = home.shown()
    assert {name.removeprefix("zigbee2mqtt/") for name in shown} == {
        *("kitchen/ceiling", "living room/floor lamp", "living room/reading lamp", "living room/lamps"),
        *("coffee plug", "bedroom/blind", "bedroom/climate", "front door lock"),
    }
    assert shown[CEILING]["room"] == "kitchen"

    answer = home.ask("turn on the kitchen ceiling light")
    assert (answer["decision"], answer["targets"]) == ("act", ["kitchen/ceiling"])
    home.until(lambda: (home.last(CEILING) or {}).get("state") == "ON")
    assert [one["command"] for one in zigbee2mqtt.heard("kitchen/ceiling")][-1:] == ["on"]

    home.ask("close the bedroom blind half way")
    home.until(lambda: "goToLiftPercentage" in [one["command"] for one in zigbee2mqtt.heard("bedroom/blind")])
    home.ask("lock the front door")
    home.until(lambda: "lockDoor" in [one["command"] for one in zigbee2mqtt.heard("front door lock")])
    assert home.ask("unlock the front door")["decision"] == "ask"

    home.ask("dim the living room lamps to 20 percent")
    for name in ("floor lamp", "reading lamp"):
        home.until(lambda: (home.last(f"zigbee2mqtt/living room/{name}") or {}).get("brightness") == 51)  # noqa: B023
    assert not [one for one in home.results() if one["decision"] == "failed"]


def test_what_is_renamed_or_taken_away_is_so_at_once(home: Any, zigbee2mqtt: Any) -> None:
    home.run_hub()
    home.until(lambda: home.ask("turn on the coffee plug")["decision"] == "act")
    zigbee2mqtt.request("device/rename", **{"from": "coffee plug", "to": "study/desk lamp plug"})
    home.until(lambda: home.ask("turn on the desk lamp plug")["targets"] == ["study/desk lamp plug"])
    home.until(lambda: [one["command"] for one in zigbee2mqtt.heard("coffee plug")][-2:] == ["on", "on"])

    zigbee2mqtt.request("device/remove", id="living room/reading lamp", force=True)
    home.until(lambda: home.ask("turn on the reading lamp")["decision"] != "act")
    shown = home.shown()
    assert "zigbee2mqtt/study/desk lamp plug" in shown
    assert not shown.keys() & {"zigbee2mqtt/coffee plug", "zigbee2mqtt/living room/reading lamp"}


def test_what_devices_tell_is_known_and_a_dead_one_is_told_of(home: Any, zigbee2mqtt: Any) -> None:
    home.run_hub()
    home.until(lambda: home.ask("what is the temperature in the bedroom")["targets"])
    zigbee2mqtt.tell("bedroom/climate", "msTemperatureMeasurement", measuredValue=1840)
    home.until(lambda: "18.4" in home.ask("what is the temperature in the bedroom")["say"])

    zigbee2mqtt.take_power("kitchen/ceiling")
    assert home.ask("turn on the kitchen ceiling light")["decision"] == "act"
    late = home.late()
    assert (late["decision"], late["targets"]) == ("failed", ["kitchen/ceiling"])


def test_a_hub_that_comes_later_asks_for_what_it_missed(home: Any, zigbee2mqtt: Any) -> None:
    home.publish("zigbee2mqtt/living room/floor lamp/set", {"state": "ON"})
    home.until(lambda: zigbee2mqtt.heard("living room/floor lamp"))
    home.run_hub()
    home.until(lambda: "floor lamp" in home.ask("which lights are on")["say"])
