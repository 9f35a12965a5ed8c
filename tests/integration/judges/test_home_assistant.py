"""A real Home Assistant: we are its agent, and read what it and its devices announce."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.judges

STATESTREAM = "[bridges]\nstatestream = 'ha'\n"
PUMP = {
    "device": {"identifiers": ["well-1"], "name": "Garden pump", "suggested_area": "Garden"},
    "origin": {"name": "well"},
    "components": {
        "pump": {
            "platform": "switch",
            "unique_id": "well-1-pump",
            "name": None,
            "state_topic": "well/pump",
            "command_topic": "well/pump/set",
        },
        "level": {
            "platform": "sensor",
            "unique_id": "well-1-temperature",
            "device_class": "temperature",
            "unit_of_measurement": "°C",
            "state_topic": "well/water",
            "value_template": "{{ value_json.temperature }}",
        },
    },
}


def test_a_sentence_typed_there_switches_a_zigbee_lamp(
    home: Any, zigbee2mqtt: Any, home_assistant: Any
) -> None:
    home.run_hub(STATESTREAM)
    home_assistant.add("wyoming", {"host": "127.0.0.1", "port": home.wyoming})
    home.until(lambda: home_assistant.state("conversation.edge_nlu"))

    done = ("action_done", "The kitchen ceiling light is on.")
    home.until(lambda: home_assistant.type("turn on the kitchen ceiling light") == done)
    assert zigbee2mqtt.heard("kitchen/ceiling")[-1]["command"] == "on"
    home_assistant.becomes("light.kitchen_ceiling", "on")

    assert home_assistant.type("unlock the front door")[1].endswith("?")
    assert zigbee2mqtt.heard("front door lock") == []
    assert home_assistant.type("yes")[0] == "action_done"
    home.until(lambda: [one["command"] for one in zigbee2mqtt.heard("front door lock")] == ["unlockDoor"])
    home_assistant.becomes("lock.front_door_lock", "unlocked")

    kind, shown = home_assistant.type("who won the world cup in 1998")
    assert kind == "error"
    assert shown


@pytest.mark.usefixtures("zigbee2mqtt")
def test_a_lamp_that_is_announced_three_ways_is_one_lamp(home: Any, home_assistant: Any) -> None:
    home.until(lambda: home_assistant.state("light.kitchen_ceiling"))
    home.run_hub(STATESTREAM)
    home.until(lambda: home.ask("turn on the kitchen ceiling light")["decision"] == "act")
    home_assistant.becomes("light.kitchen_ceiling", "on")
    home.until(lambda: home.last("ha/light/kitchen_ceiling/state") == "on")
    assert home.ask("which lights are on")["say"].count("ceiling") == 1
    assert home.ask("turn off the kitchen ceiling light")["targets"] == ["kitchen/ceiling"]


def test_what_announces_itself_there_is_ours_to_switch_too(home: Any, home_assistant: Any) -> None:
    home.publish("homeassistant/device/well/config", PUMP, retain=True)
    home.publish("well/pump", "OFF", retain=True)
    home_assistant.becomes("switch.garden_pump", "off")
    home.run_hub()
    (pump,) = home.shown().values()
    assert (pump["name"], pump["room"]) == ("Garden pump", "garden")
    home.until(lambda: home.ask("turn on the garden pump")["decision"] == "act")
    assert home.said("well/pump/set") == ["ON"]
    home.publish("well/pump", "ON", retain=True)
    home_assistant.becomes("switch.garden_pump", "on")
    home.publish("well/water", {"temperature": 11.5}, retain=True)
    home.until(lambda: "11.5" in home.ask("what is the temperature of the garden pump")["say"])


def test_what_only_it_knows_can_be_asked_of_us(home: Any, home_assistant: Any) -> None:
    home.run_hub(STATESTREAM)
    entity = {"entity_id": "input_boolean.fountain"}
    home_assistant.call("POST", "/api/services/input_boolean/turn_on", entity)
    home.until(lambda: home.last("ha/input_boolean/fountain/state") == "on")
    home.until(lambda: "fountain is on" in home.ask("is the fountain on")["say"].lower())
    assert home.ask("turn off the fountain")["decision"] != "act"


def test_it_is_asked_what_our_hub_cannot_answer(home: Any, home_assistant: Any) -> None:
    home.run_hub(home_assistant.as_a_cloud())
    told = home.until(lambda: (said := home.ask("what time is it"))["decision"] == "answer" and said)
    assert told["asked"] == "homeassistant"
    assert any(letter.isdigit() for letter in told["say"])
    assert home.ask("who won the world cup in 1998")["decision"] == "cloud"
