"""Home Assistant discovery: what an announcement says, and how what it names is read and told."""

import gzip
import json
from pathlib import Path

import pytest

from edge_nlu.values import Command, Device, Event, Feature, Found, Gone, Held, Message, Presence, Report
from edge_nlu_bridge.homeassistant import HomeAssistant

SHARED = Path(__file__).parents[3] / "shared"
DEVICE = {"ids": ["abc"], "name": "Thing"}


def say(bridge: HomeAssistant, topic: str, payload: object) -> list[Event]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return list(bridge.read(Message(topic, text.encode())))


def announce(component: str, config: dict[str, object], **more: object) -> tuple[HomeAssistant, Device]:
    """Return a bridge that was told of one entity with no device of its own."""
    bridge = HomeAssistant()
    found = say(bridge, f"homeassistant/{component}/thing/config", {"name": "Thing", **config, **more})[0]
    assert isinstance(found, Found)
    return bridge, found.device


def held(events: list[Event]) -> dict[str, Held | None]:
    return {event.key: event.value for event in events if isinstance(event, Report)}


def told(bridge: HomeAssistant, *settings: tuple[str, Held]) -> list[tuple[str, str]]:
    sent = bridge.write(Command("homeassistant/thing", settings))
    return [(one.topic, one.payload.decode()) for one in sent]


def features(device: Device) -> list[str]:
    return [" ".join(filter(None, (one.key, one.property, one.part))) for one in device.features]


def feature(device: Device, key: str) -> Feature:
    found = device.feature(key)
    assert found is not None, key
    return found


# ------------------------------------------------------------------------------- announcements


def test_a_thermostat_as_in_the_cases() -> None:
    home = json.loads((SHARED / "cases/homes/flat.json").read_text()) if SHARED.is_dir() else None
    if home is None:
        pytest.skip("no cases here")
    bridge = HomeAssistant()
    events = [event for one in home["retained"] for event in say(bridge, one["topic"], one["payload"])]
    assert held(events) == {
        "climate/current_temperature": 20.5,
        "climate/temperature": 20,
        "climate/mode": "heat",
    }
    assert Presence("homeassistant/living_room_thermostat", online=True) in events
    sent = bridge.write(Command("homeassistant/living_room_thermostat", (("climate/temperature", 21.5),)))
    assert [(one.topic, one.payload) for one in sent] == [
        ("climate/living_room_thermostat/target/set", b"21.5")
    ]


def test_entities_of_one_device_are_one_device() -> None:
    bridge = HomeAssistant()
    dev = {**DEVICE, "sa": "Study"}
    say(
        bridge,
        "homeassistant/light/abc/main/config",
        {"name": "Lamp", "cmd_t": "a/set", "dev": dev, "uniq_id": "abc_l"},
    )
    events = say(
        bridge,
        "homeassistant/sensor/abc/t/config",
        {"name": "Thing Temperature", "stat_t": "a/t", "dev_cla": "temperature", "dev": {"ids": "abc"}},
    )
    found = events[0]
    assert isinstance(found, Found)
    assert found.device.id == "homeassistant/abc"
    assert (found.device.name, found.device.room) == ("Thing", "Study")
    assert features(found.device) == ["light/main/power power", "sensor/t temperature"]
    assert found.device.types == ("light", "temperature")
    assert found.device.ids == ("homeassistant/abc", "abc", "abc_l")


def test_several_alike_are_told_apart_by_their_names() -> None:
    bridge = HomeAssistant()
    for name in ("Left", "Right"):
        events = say(
            bridge,
            f"homeassistant/switch/abc/{name.lower()}/config",
            {"name": f"Thing {name}", "cmd_t": f"a/{name}/set", "dev": DEVICE},
        )
    found = events[0]
    assert isinstance(found, Found)
    assert features(found.device) == ["switch/left Left", "switch/right Right"]


def test_a_lamp_in_a_fan_is_a_part_of_it() -> None:
    bridge = HomeAssistant()
    say(bridge, "homeassistant/light/abc/l/config", {"name": None, "cmd_t": "a/l", "dev": DEVICE})
    events = say(bridge, "homeassistant/fan/abc/f/config", {"name": None, "cmd_t": "a/f", "dev": DEVICE})
    found = events[0]
    assert isinstance(found, Found)
    assert features(found.device) == ["fan/f/power power", "light/l/power power light"]


def test_outside_and_inside_are_parts() -> None:
    bridge = HomeAssistant()
    for name in ("Outdoor temperature", "Indoor temperature"):
        events = say(
            bridge,
            f"homeassistant/sensor/abc/{name[:3].lower()}/config",
            {"name": name, "stat_t": f"a/{name}", "dev_cla": "temperature", "dev": DEVICE},
        )
    found = events[0]
    assert isinstance(found, Found)
    assert [one.part for one in found.device.features] == ["Indoor", "Outdoor"]


def test_a_whole_device_at_once_and_one_part_of_it_gone() -> None:
    bridge = HomeAssistant()
    config: dict[str, object] = {
        "device": DEVICE,
        "origin": {"name": "maker"},
        "availability_topic": "thing/alive",
        "state_topic": "thing/state",
        "components": {
            "t": {
                "platform": "sensor",
                "device_class": "temperature",
                "value_template": "{{ value_json.t }}",
            },
            "h": {"platform": "sensor", "device_class": "humidity", "value_template": "{{ value_json.h }}"},
        },
    }
    say(bridge, "homeassistant/device/thing/config", config)
    assert held(say(bridge, "thing/state", {"t": 20.5, "h": 40})) == {"sensor/t": 20.5, "sensor/h": 40}
    config["components"] = {**config["components"], "h": {"platform": "sensor"}}  # type: ignore[dict-item]
    events = say(bridge, "homeassistant/device/thing/config", config)
    assert isinstance(events[0], Found)
    assert features(events[0].device) == ["sensor/t temperature"]
    assert held(say(bridge, "thing/state", {"t": 20.5, "h": 40})) == {"sensor/t": 20.5}
    assert say(bridge, "thing/alive", "offline") == [Presence("homeassistant/abc", online=False)]
    assert say(bridge, "homeassistant/device/thing/config", "") == [Gone("homeassistant/abc")]
    assert bridge.subscriptions() == HomeAssistant().subscriptions()


def test_moving_to_one_announcement_keeps_the_device() -> None:
    bridge = HomeAssistant()
    single = {"name": "T", "stat_t": "a", "dev_cla": "temperature", "dev": DEVICE, "uniq_id": "t"}
    whole = {"dev": DEVICE, "o": {"name": "m"}, "cmps": {"t": {"p": "sensor", **single}}}
    say(bridge, "homeassistant/sensor/abc/t/config", single)
    assert say(bridge, "homeassistant/sensor/abc/t/config", {"migrate_discovery": True}) == []
    say(bridge, "homeassistant/device/abc/config", whole)
    events = say(bridge, "homeassistant/sensor/abc/t/config", "")
    assert not [event for event in events if isinstance(event, Gone)]
    assert held(say(bridge, "a", "20")) == {"sensor/t": 20}


@pytest.mark.parametrize(
    "more",
    [
        {"entity_category": "diagnostic"},
        {"ent_cat": "config"},
        {"en": False},
        {"dev_cla": "connectivity"},
        {"o": {"name": "edge-nlu"}},
        {"stat_t": "zigbee2mqtt/lamp"},
        {"stat_t": "shellyplus1-a8032ab12345/status/switch:0"},
        {"val_tpl": "{{ states('sensor.x') }}"},
    ],
)
def test_what_nobody_speaks_of_is_left_out(more: dict[str, object]) -> None:
    bridge = HomeAssistant()
    assert say(bridge, "homeassistant/sensor/x/config", {"name": "X", "stat_t": "x", **more}) == []


def test_a_battery_is_spoken_of() -> None:
    _, device = announce("sensor", {"stat_t": "x", "dev_cla": "battery", "ent_cat": "diagnostic"})
    assert features(device) == ["sensor battery"]


def test_what_others_announce_over_zigbee_is_read_where_nothing_is_skipped() -> None:
    path = SHARED / "data/devices/z2m_home.jsonl.gz"
    if not path.is_file():
        pytest.skip("no recorded home here")
    bridge, devices = HomeAssistant(skip=()), {}
    skipping = HomeAssistant()
    with gzip.open(path, "rt") as lines:
        for line in lines:
            one = json.loads(line)
            message = Message(one["topic"], one["payload"].encode())
            for event in bridge.read(message):
                if isinstance(event, Found):
                    devices[event.device.name] = event.device
            assert not [event for event in skipping.read(message) if isinstance(event, Found)]
    assert features(devices["Living room/lamp"]) == [
        "light/power power",
        "light/brightness brightness",
        "light/color_temp color",
        "light/color color",
        "light/effect mode",
    ]
    assert "cover/position position" in features(devices["Bedroom/blind"])
    sent = bridge.write(Command(devices["Bedroom/blind"].id, (("cover/position", 30),)))
    assert [(one.topic, one.payload) for one in sent] == [
        ("zigbee2mqtt/Bedroom/blind/set", b'{ "position": 30 }')
    ]


def test_two_entities_of_one_id_without_a_device() -> None:
    bridge = HomeAssistant()
    say(bridge, "homeassistant/light/hall/config", {"name": "Hall lamp", "cmd_t": "a"})
    events = say(bridge, "homeassistant/sensor/hall/config", {"name": "Hall air", "stat_t": "b"})
    assert isinstance(events[0], Found)
    assert events[0].device.id == "homeassistant/sensor/hall"
    assert "hall" in events[0].device.ids


def test_the_same_announcement_is_no_news_and_a_changed_one_is() -> None:
    bridge = HomeAssistant()
    config = {"name": "Lamp", "cmd_t": "a/set", "stat_t": "a"}
    say(bridge, "homeassistant/light/lamp/config", config)
    assert say(bridge, "a", "ON")
    assert say(bridge, "homeassistant/light/lamp/config", config) == []
    events = say(bridge, "homeassistant/light/lamp/config", {**config, "name": "Spot"})
    assert isinstance(events[0], Found)
    assert events[0].device.name == "Spot"
    assert held(events) == {"light/power": True}


def test_topics_with_wildcards() -> None:
    bridge, _ = announce(
        "sensor", {"stat_t": "+/+/BT/AA", "dev_cla": "temperature", "val_tpl": "{{ value_json.t }}"}
    )
    say(bridge, "homeassistant/sensor/other/config", {"name": "Other", "stat_t": "home/gate/BT/AA"})
    assert bridge.subscriptions()[2:] == ("+/+/BT/AA",)
    events = say(bridge, "home/gate/BT/AA", {"t": 4})
    assert Report("homeassistant/thing", "sensor", 4) in events


# ----------------------------------------------------------------------------------- presence


@pytest.mark.parametrize(
    ("mode", "said", "online"),
    [
        ("all", ["online", "offline"], False),
        ("all", ["online", "online"], True),
        ("any", ["online", "offline"], True),
        ("any", ["offline", "offline"], False),
        ("latest", ["online", "offline"], False),
        ("latest", ["offline", "online"], True),
    ],
)
def test_signs_of_life(mode: str, said: list[str], *, online: bool) -> None:
    bridge, device = announce(
        "switch",
        {"cmd_t": "x", "avty": [{"t": "one"}, {"topic": "two"}], "avty_mode": mode},
    )
    events = [
        event for topic, word in zip(("one", "two"), said, strict=True) for event in say(bridge, topic, word)
    ]
    assert events[-1] == Presence(device.id, online)


def test_signs_of_life_in_other_words() -> None:
    bridge, device = announce(
        "switch", {"cmd_t": "x", "avty_t": "lwt", "pl_avail": "Online", "pl_not_avail": "Offline"}
    )
    assert say(bridge, "lwt", "offline") == []
    assert say(bridge, "lwt", "Offline") == [Presence(device.id, online=False)]
    assert say(bridge, "lwt", "Offline") == []


# ------------------------------------------------------------------------------------- lights

LIGHT = {
    "cmd_t": "l/set",
    "stat_t": "l",
    "bri_cmd_t": "l/bri/set",
    "bri_stat_t": "l/bri",
    "clr_temp_cmd_t": "l/ct/set",
    "rgb_cmd_t": "l/rgb/set",
    "rgb_stat_t": "l/rgb",
}


def test_a_light_with_topics_of_its_own() -> None:
    bridge, device = announce("light", LIGHT, max_mirs=454, min_mirs=250)
    assert features(device) == [
        "light/power power",
        "light/brightness brightness",
        "light/color_temp color",
        "light/color color",
    ]
    assert feature(device, "light/brightness").high == 255
    assert (feature(device, "light/color_temp").low, feature(device, "light/color_temp").unit) == (
        250,
        "mired",
    )
    assert not feature(device, "light/color_temp").readable
    assert held(say(bridge, "l/rgb", "0,128,0")) == {"light/color": "#00ff00"}
    assert told(bridge, ("light/power", True)) == [("l/set", "ON")]
    assert told(bridge, ("light/color", "#ff0000")) == [("l/rgb/set", "255,0,0"), ("l/set", "ON")]


@pytest.mark.parametrize(
    ("more", "state", "sent"),
    [
        ({}, "ON", ["l/bri/set 80"]),
        ({}, "OFF", ["l/bri/set 80", "l/set ON"]),
        ({"on_cmd_type": "first"}, "OFF", ["l/set ON", "l/bri/set 80"]),
        ({"on_cmd_type": "brightness"}, "OFF", ["l/bri/set 80"]),
        ({"bri_cmd_tpl": '{"bri":{{ value }}}'}, "ON", ['l/bri/set {"bri":80}']),
    ],
)
def test_brighter_is_also_on(more: dict[str, object], state: str, sent: list[str]) -> None:
    bridge, _ = announce("light", LIGHT, **more)
    say(bridge, "l", state)
    assert [" ".join(one) for one in told(bridge, ("light/brightness", 80.0))] == sent


def test_on_by_brightness() -> None:
    bridge, _ = announce("light", LIGHT, on_cmd_type="brightness", bri_scl=100)
    assert told(bridge, ("light/power", True)) == [("l/bri/set", "100")]
    assert told(bridge, ("light/power", False)) == [("l/set", "OFF")]


JSON_LIGHT = {
    "schema": "json",
    "stat_t": "l",
    "cmd_t": "l/set",
    "brightness": True,
    "bri_scl": 254,
    "sup_clrm": ["xy", "color_temp"],
    "fx": True,
    "effect": True,
    "fx_list": ["rainbow"],
}


def test_a_light_in_json() -> None:
    bridge, device = announce("light", JSON_LIGHT)
    assert feature(device, "light/brightness").high == 254
    events = say(
        bridge,
        "l",
        {
            "state": "ON",
            "brightness": 128,
            "color_mode": "xy",
            "color": {"x": 0.7, "y": 0.3},
            "color_temp": None,
        },
    )
    assert held(events)["light/power"] is True
    assert held(events)["light/color_temp"] is None
    assert str(held(events)["light/color"]).startswith("#ff")
    white = say(
        bridge,
        "l",
        {"state": "ON", "color_mode": "color_temp", "color_temp": 300, "color": {"x": 0.4, "y": 0.4}},
    )
    assert held(white) == {"light/power": True, "light/color_temp": 300, "light/color": None}
    assert told(bridge, ("light/brightness", 100.0), ("light/color_temp", 300)) == [
        ("l/set", '{"state": "ON", "brightness": 100, "color_temp": 300}')
    ]
    assert told(bridge, ("light/effect", "rainbow")) == [("l/set", '{"state": "ON", "effect": "rainbow"}')]
    assert told(bridge, ("light/brightness", 10), ("light/power", False)) == [
        ("l/set", '{"state": "OFF", "brightness": 10}')
    ]


def test_white_in_kelvin() -> None:
    _, device = announce("light", {**JSON_LIGHT, "color_temp_kelvin": True, "min_k": 2200, "max_k": 4000})
    white = feature(device, "light/color_temp")
    assert (white.unit, white.low, white.high) == ("K", 2200, 4000)


@pytest.mark.parametrize(
    ("mode", "color", "read"),
    [
        ("hs", {"h": 120, "s": 100}, "#00ff00"),
        ("rgb", {"r": 0, "g": 64, "b": 0}, "#00ff00"),
        ("rgbw", {"r": 0, "g": 255, "b": 0, "w": 0}, "#00ff00"),
    ],
)
def test_ways_to_write_a_color(mode: str, color: dict[str, object], read: str) -> None:
    bridge, _ = announce("light", {**JSON_LIGHT, "sup_clrm": [mode]})
    assert held(say(bridge, "l", {"state": "ON", "color": color}))["light/color"] == read
    sent = json.loads(told(bridge, ("light/color", read))[0][1])
    assert sent["color"].keys() == color.keys()
    assert held(say(bridge, "l", sent))["light/color"] == read


# ---------------------------------------------------------------------------- doors and covers


def test_a_cover_that_only_opens_and_closes() -> None:
    bridge, device = announce("cover", {"cmd_t": "c/set", "stat_t": "c", "dev_cla": "garage"})
    assert features(device) == ["cover/state position", "cover/move position"]
    assert device.types == ("garage-door", "cover")
    assert [held(say(bridge, "c", word)) for word in ("open", "closed", "opening", "closing", "None")] == [
        {"cover/state": True},
        {"cover/state": False},
        {"cover/state": True},
        {},
        {"cover/state": None},
    ]
    assert told(bridge, ("cover/state", True)) == [("c/set", "OPEN")]
    assert told(bridge, ("cover/move", "stop")) == [("c/set", "STOP")]


def test_a_cover_that_cannot_stop() -> None:
    _, device = announce("cover", {"cmd_t": "c/set", "stat_t": "c", "pl_stop": None})
    assert features(device) == ["cover/state position"]


def test_a_cover_that_counts_the_other_way() -> None:
    bridge, device = announce(
        "cover",
        {"cmd_t": "c/set", "pos_t": "c/pos", "set_pos_t": "c/pos/set", "position_open": 0, "pos_clsd": 100},
    )
    assert (feature(device, "cover/position").low, feature(device, "cover/position").high) == (0, 100)
    assert held(say(bridge, "c/pos", "30")) == {"cover/position": 70}
    assert told(bridge, ("cover/position", 70.0)) == [("c/pos/set", "30")]


def test_a_valve() -> None:
    bridge, _ = announce("valve", {"cmd_t": "v/set", "stat_t": "v"})
    assert held(say(bridge, "v", "open")) == {"valve/state": True}
    bridge, _ = announce("valve", {"cmd_t": "v/set", "stat_t": "v", "reports_position": True})
    assert held(say(bridge, "v", "40")) == {"valve/position": 40}
    assert held(say(bridge, "v", {"position": 50, "state": "opening"})) == {"valve/position": 50}
    assert told(bridge, ("valve/position", 10)) == [("v/set", "10")]


def test_a_lock() -> None:
    bridge, device = announce("lock", {"cmd_t": "k/set", "stat_t": "k", "pl_open": "OPEN"})
    assert [held(say(bridge, "k", word)) for word in ("LOCKED", "UNLOCKED", "JAMMED", "LOCKING")] == [
        {"lock/lock": True},
        {"lock/lock": False},
        {"lock/lock": None},
        {},
    ]
    assert told(bridge, ("lock/lock", True)) == [("k/set", "LOCK")]
    assert feature(device, "lock/latch").kind == "trigger"
    assert told(bridge, ("lock/latch", "open")) == [("k/set", "OPEN")]


@pytest.mark.parametrize(
    ("sort", "prop", "on"),
    [
        ("door", "position", True),
        ("window", "position", True),
        ("garage_door", "position", True),
        ("opening", "position", True),
        ("lock", "lock", False),
        ("moisture", "leak", True),
        ("motion", "presence", True),
        ("occupancy", "presence", True),
        ("smoke", "smoke", True),
        ("gas", "smoke", True),
        ("battery", "battery", True),
        ("vibration", "", True),
    ],
)
def test_yes_and_no(sort: str, prop: str, *, on: bool) -> None:
    bridge, device = announce("binary_sensor", {"stat_t": "b", "dev_cla": sort})
    assert feature(device, "binary_sensor").property == prop
    assert held(say(bridge, "b", "ON")) == {"binary_sensor": on}
    assert held(say(bridge, "b", "OFF")) == {"binary_sensor": not on}
    assert held(say(bridge, "b", "unavailable")) == {"binary_sensor": None}
    assert held(say(bridge, "b", "maybe")) == {}


def test_one_that_never_says_that_it_is_over_says_nothing() -> None:
    bridge = HomeAssistant()
    config = {"name": "Motion", "stat_t": "m", "dev_cla": "motion", "off_dly": 30}
    assert say(bridge, "homeassistant/binary_sensor/m/config", config) == []


# ------------------------------------------------------------------------------ warmth and air


def test_a_climate_with_everything() -> None:
    bridge, device = announce(
        "climate",
        {
            "~": "c",
            "temp_hi_cmd_t": "~/hi/set",
            "temp_lo_cmd_t": "~/lo/set",
            "temp_lo_stat_t": "~/lo",
            "fan_mode_cmd_t": "~/fan/set",
            "swing_mode_cmd_t": "~/swing/set",
            "pr_mode_cmd_t": "~/preset/set",
            "pr_mode_stat_t": "~/preset",
            "pr_modes": ["eco", "boost"],
            "act_t": "~/action",
            "hum_cmd_t": "~/hum/set",
            "curr_hum_t": "~/hum",
            "pow_cmd_t": "~/power/set",
            "temp_unit": "F",
        },
    )
    assert features(device) == [
        "climate/temperature_low temperature heating",
        "climate/temperature_high temperature cooling",
        "climate/target_humidity humidity",
        "climate/current_humidity humidity",
        "climate/fan_mode speed",
        "climate/swing_mode swing",
        "climate/preset_mode mode",
        "climate/power power",
        "climate/action status",
    ]
    low = feature(device, "climate/temperature_low")
    assert (low.unit, low.low, low.high) == ("°F", 45, 95)
    assert feature(device, "climate/preset_mode").choices == ("eco", "boost", "none")
    assert held(say(bridge, "c/preset", "none")) == {"climate/preset_mode": "none"}
    assert held(say(bridge, "c/action", "heating")) == {"climate/action": "heating"}
    assert told(bridge, ("climate/power", False)) == [("c/power/set", "OFF")]


def test_a_water_heater() -> None:
    _, device = announce(
        "water_heater", {"temp_cmd_t": "w/set", "mode_cmd_t": "w/mode", "modes": ["off", "eco"]}
    )
    assert features(device) == ["water_heater/temperature temperature", "water_heater/mode mode"]
    assert device.types == ("water-heater",)


def test_a_dehumidifier() -> None:
    bridge, device = announce(
        "humidifier",
        {"cmd_t": "h/set", "hum_cmd_t": "h/hum", "dev_cla": "dehumidifier", "min_hum": 30, "max_hum": 80},
    )
    assert device.types[0] == "dehumidifier"
    assert feature(device, "humidifier/target_humidity").low == 30
    assert told(bridge, ("humidifier/target_humidity", 45.0)) == [("h/hum", "45")]


def test_a_fan() -> None:
    bridge, device = announce(
        "fan",
        {
            "cmd_t": "f/set",
            "stat_t": "f",
            "pct_cmd_t": "f/p/set",
            "pct_stat_t": "f/p",
            "spd_rng_max": 4,
            "osc_cmd_t": "f/o/set",
            "pr_mode_cmd_t": "f/m",
            "pr_modes": ["auto", "low", "high"],
        },
    )
    speed = feature(device, "fan/speed")
    assert (speed.low, speed.high, speed.step) == (0, 4, 1)
    assert feature(device, "fan/preset_mode").property == "mode"
    assert held(say(bridge, "f/p", "3")) == {"fan/speed": 3}
    assert told(bridge, ("fan/speed", 4.0), ("fan/swing", True)) == [
        ("f/p/set", "4"),
        ("f/o/set", "oscillate_on"),
    ]


def test_a_fan_with_named_speeds() -> None:
    _, device = announce("fan", {"cmd_t": "f/set", "pr_mode_cmd_t": "f/m", "pr_modes": ["low", "high"]})
    assert feature(device, "fan/preset_mode").property == "speed"


# ---------------------------------------------------------------------------- machines and more


def test_a_vacuum() -> None:
    bridge, device = announce(
        "vacuum",
        {
            "cmd_t": "v/set",
            "stat_t": "v",
            "sup_feat": [
                "start",
                "stop",
                "pause",
                "return_home",
                "locate",
                "clean_spot",
                "battery",
                "fan_speed",
            ],
            "set_fan_spd_t": "v/fan",
            "fanspd_lst": ["low", "max"],
        },
    )
    assert features(device) == [
        "vacuum/run run",
        "vacuum/dock run",
        "vacuum/locate place",
        "vacuum/clean_spot run",
        "vacuum/status status",
        "vacuum/battery battery",
        "vacuum/fan_speed speed",
    ]
    assert feature(device, "vacuum/run").choices == ("start", "pause", "stop")
    assert told(bridge, ("vacuum/dock", True)) == [("v/set", "return_to_base")]
    assert told(bridge, ("vacuum/run", "pause")) == [("v/set", "pause")]
    assert held(say(bridge, "v", {"state": "cleaning", "battery_level": 55, "fan_speed": "max"})) == {
        "vacuum/status": "cleaning",
        "vacuum/battery": 55,
        "vacuum/fan_speed": "max",
    }


def test_a_mower() -> None:
    bridge, _ = announce(
        "lawn_mower",
        {
            "strt_mw_cmd_t": "m/start",
            "pause_cmd_t": "m/pause",
            "dock_cmd_t": "m/dock",
            "activity_state_topic": "m",
        },
    )
    assert told(bridge, ("lawn_mower/run", "start")) == [("m/start", "start_mowing")]
    assert told(bridge, ("lawn_mower/run", "pause")) == [("m/pause", "pause")]
    assert told(bridge, ("lawn_mower/dock", True)) == [("m/dock", "dock")]
    assert held(say(bridge, "m", "mowing")) == {"lawn_mower/status": "mowing"}


def test_a_siren() -> None:
    bridge, _ = announce("siren", {"cmd_t": "s/set", "stat_t": "s", "av_tones": ["fire"]})
    assert told(bridge, ("siren/power", True)) == [("s/set", '{"state": "ON"}')]
    assert told(bridge, ("siren/tone", "fire")) == [("s/set", '{"state": "ON", "tone": "fire"}')]
    assert held(say(bridge, "s", {"state": "ON"})) == {"siren/power": True}
    assert held(say(bridge, "s", "OFF")) == {"siren/power": False}


def test_a_switch_is_what_its_name_says() -> None:
    bridge, device = announce("switch", {"cmd_t": "s/set", "stat_t": "s", "pl_on": "1", "pl_off": "0"})
    assert features(device) == ["switch/state"]
    assert held(say(bridge, "s", "1")) == {"switch/state": True}
    assert told(bridge, ("switch/state", False)) == [("s/set", "0")]


def test_numbers_choices_and_buttons() -> None:
    bridge, device = announce("number", {"cmd_t": "n/set", "min": 10, "max": 90, "unit_of_meas": "min"})
    number = feature(device, "number")
    assert (number.low, number.high, number.unit, number.property) == (10, 90, "min", "")
    assert told(bridge, ("number", 12.0)) == [("n/set", "12")]
    bridge, device = announce(
        "select", {"cmd_t": "n/set", "stat_t": "n", "ops": ["a", "B"], "cmd_tpl": "mode {{ value }}"}
    )
    assert held(say(bridge, "n", "b")) == {"select": "B"}
    assert told(bridge, ("select", "b")) == [("n/set", "mode B")]
    bridge, device = announce("button", {"cmd_t": "n/set"})
    assert told(bridge, ("button", True)) == [("n/set", "PRESS")]
    bridge, device = announce("scene", {"cmd_t": "n/set", "pl_on": "go"})
    assert device.types == ("scene",)
    assert told(bridge, ("scene", True)) == [("n/set", "go")]


@pytest.mark.parametrize(
    ("sort", "unit", "prop"),
    [
        ("temperature", "°C", "temperature"),
        ("humidity", "%", "humidity"),
        ("battery", "%", "battery"),
        ("illuminance", "lx", "brightness"),
        ("power", "W", "energy"),
        ("energy", "kWh", "energy"),
        ("carbon_dioxide", "ppm", "air"),
        ("pm25", "µg/m³", "air"),
        ("duration", "min", ""),
    ],
)
def test_sensors(sort: str, unit: str, prop: str) -> None:
    bridge, device = announce("sensor", {"stat_t": "s", "dev_cla": sort, "unit_of_meas": unit})
    sensor = feature(device, "sensor")
    assert (sensor.property, sensor.unit, sensor.settable) == (prop, unit, False)
    assert held(say(bridge, "s", "12.5")) == {"sensor": 12.5}
    assert held(say(bridge, "s", "unknown")) == {"sensor": None}
    assert held(say(bridge, "s", "12,5 of them")) == {}


def test_a_sensor_of_words() -> None:
    bridge, device = announce("sensor", {"stat_t": "s", "val_tpl": "{{ value_json.phase }}"})
    assert feature(device, "sensor").kind == "text"
    assert held(say(bridge, "s", {"phase": "rinsing"})) == {"sensor": "rinsing"}
    assert held(say(bridge, "s", {"other": 1})) == {}


def test_nothing_is_sent_to_a_topic_with_wildcards() -> None:
    bridge = HomeAssistant()
    assert say(bridge, "homeassistant/switch/x/config", {"name": "X", "cmd_t": "all/+/set"}) == []
