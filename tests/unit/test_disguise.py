"""A disguised home is the same to live in; and cases are judged as they are meant to be."""

import importlib.util
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.hub.replay import replay
from edge_nlu.hub.stage import Stage
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu_bench.cases import read_cases
from edge_nlu_bench.conventions.things import DisguiseError
from edge_nlu_bench.disguise import Disguise, disguised
from edge_nlu_bench.judge import faults, judge, matches
from edge_nlu_bench.othernames import NOUNS, PEOPLE, PLACES, ROOMS
from edge_nlu_bench.renaming import Called, Names, renamed

CASES = Path(__file__).parents[3] / "shared" / "cases" / "dev.jsonl"
SEEDS = range(12)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

Json = dict[str, Any]


def numeric(name: str, access: int, low: int = 0, high: int = 100) -> Json:
    return {
        "type": "numeric",
        "name": name,
        "property": name,
        "access": access,
        "value_min": low,
        "value_max": high,
    }


def binary(name: str, on: Any, off: Any, access: int = 7) -> Json:
    return {
        "type": "binary",
        "name": name,
        "property": name,
        "access": access,
        "value_on": on,
        "value_off": off,
    }


def zigbee(name: str, sort: str, *features: Json, beside: Sequence[Json] = ()) -> Json:
    own = [{"type": sort, "features": list(features)}] if sort else []
    return {
        "ieee_address": "0x01",
        "friendly_name": name,
        "definition": {"model": "m", "vendor": "v", "exposes": [*own, *beside]},
    }


SWITCH = binary("state", "ON", "OFF")
MOVES = {
    "type": "enum",
    "name": "state",
    "property": "state",
    "access": 3,
    "values": ["OPEN", "CLOSE", "STOP"],
}
LAMP = (SWITCH, numeric("brightness", 7, 0, 254))
OVEN = {
    "homie": "5.0",
    "version": 1,
    "name": "Oven",
    "nodes": {
        "oven": {
            "type": "oven",
            "properties": {
                "power": {"name": "Power", "datatype": "boolean", "settable": True},
                "target": {
                    "name": "Target",
                    "datatype": "integer",
                    "unit": "°C",
                    "format": "30:280",
                    "settable": True,
                },
            },
        }
    },
}
THERMOSTAT = {
    "name": "Thermostat",
    "~": "climate/thermostat",
    "temperature_state_topic": "~/target",
    "temperature_command_topic": "~/target/set",
    "current_temperature_topic": "~/current",
    "mode_state_topic": "~/mode",
    "mode_command_topic": "~/mode/set",
    "modes": ["off", "heat"],
    "availability_topic": "~/available",
}
FAN = {
    "dn": "Den fan",
    "fn": ["Den fan"],
    "t": "den_fan",
    "ft": "%prefix%/%topic%/",
    "tp": ["cmnd", "stat", "tele"],
    "rl": [1, 0],
    "mac": "00AA",
    "state": ["OFF", "ON", "TOGGLE", "HOLD"],
}
LISTED = [
    zigbee("left_bedside_lamp", "light", *LAMP),
    zigbee("right_bedside_lamp", "light", *LAMP),
    zigbee("floor_lamp", "light", *LAMP, numeric("color_temp", 7, 150, 500)),
    zigbee("reading_lamp", "light", *LAMP),
    zigbee("den_blinds", "cover", MOVES, numeric("position", 7)),
    zigbee("front_door", "lock", binary("state", "LOCK", "UNLOCK"), beside=[numeric("battery", 1)]),
    zigbee("den_window", "", beside=[binary("contact", False, True, 1), numeric("temperature", 1, -20, 60)]),
    zigbee("towel_rail", "switch", SWITCH),
]
HOME: Json = {
    "rooms": {
        "den": ["floor_lamp", "reading_lamp", "den_blinds", "den_window", "thermostat", "den_fan"],
        "bedroom": ["left_bedside_lamp", "right_bedside_lamp"],
        "bathroom": ["towel_rail"],
        "hallway": ["front_door"],
        "kitchen": ["oven"],
    },
    "people": {"ana": {"room": "bedroom"}},
    "satellites": {"anas_phone": {"room": None, "screen": True}, "den_panel": {"room": "den"}},
    "retained": [
        {"topic": "zigbee2mqtt/bridge/state", "payload": {"state": "online"}},
        {"topic": "zigbee2mqtt/bridge/devices", "payload": LISTED},
        {"topic": "zigbee2mqtt/floor_lamp", "payload": {"state": "ON", "brightness": 127, "color_temp": 300}},
        {"topic": "zigbee2mqtt/den_window", "payload": {"contact": False, "temperature": 19.5}},
        {"topic": "zigbee2mqtt/front_door", "payload": {"state": "LOCK", "battery": 80}},
        {"topic": "zigbee2mqtt/den_blinds", "payload": {"position": 100, "state": "OPEN"}},
        {"topic": "homie/5/oven/$description", "payload": OVEN},
        {"topic": "homie/5/oven/$state", "payload": "ready"},
        {"topic": "homie/5/oven/oven/power", "payload": "false"},
        {"topic": "homie/5/oven/oven/target", "payload": "180"},
        {"topic": "homeassistant/climate/thermostat/config", "payload": THERMOSTAT},
        {"topic": "climate/thermostat/current", "payload": "20.5"},
        {"topic": "climate/thermostat/target", "payload": "20"},
        {"topic": "tasmota/discovery/00AA/config", "payload": FAN},
        {"topic": "stat/den_fan/POWER", "payload": "OFF"},
    ],
}
TEXTS = ["dim the floor lamp", "there are crumbs on the hallway floor", "the light in the loo"]


def hidden(seed: int = 0) -> Disguise:
    return Disguise(HOME, TEXTS, Random(seed))


def names(seed: int = 0, *texts: str) -> Names:
    devices = [
        Called("floor_lamp", "floor lamp", gives_light=True),
        Called("kitchen_island", "kitchen island", gives_light=True),
        Called("left_bedside_lamp", "left bedside lamp", gives_light=True),
        Called("right_bedside_lamp", "right bedside lamp", gives_light=True),
        Called("reading_lamp", "reading lamp", gives_light=True),
        Called("kids_tv", "Kids TV"),
        Called("study_speaker", "Study speaker"),
        Called("vacuum", "Robot vacuum"),
    ]
    rooms = ("kitchen", "kids_room", "study", "master_bedroom", "bathroom", "outside")
    return renamed(rooms, devices, ("ana", "ben"), texts, Random(seed))


# ------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("lists", [ROOMS, NOUNS, PLACES])
def test_every_name_has_at_least_eight_others_of_its_sort(lists: dict[str, tuple[str, ...]]) -> None:
    short = {name: others for name, others in lists.items() if len({*others} - {name}) < 8}
    assert not short
    assert len(PEOPLE) >= 8


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_named_is_called_the_same_in_ids_names_and_speech(seed: int) -> None:
    new = names(seed)
    lamp = new.named("floor lamp")
    assert lamp != "floor lamp"
    assert lamp.endswith(" lamp")
    assert new.named("floor_lamp") == lamp.replace(" ", "_")
    assert new.spoken("dim the floor lamp to half") == f"dim the {lamp} to half"
    assert new.spoken("all floor lamps off") == f"all {lamp}s off"
    room = new.named("kids room")
    assert new.spoken("louder in the kids' room").startswith(f"louder in the {room}")
    assert new.named("Kids TV").lower() == new.named("kids_tv").replace("_", " ")


@pytest.mark.parametrize("seed", SEEDS)
def test_two_that_shared_a_noun_still_do(seed: int) -> None:
    new = names(seed)
    left, right = new.named("left bedside lamp"), new.named("right bedside lamp")
    assert left.removeprefix("left ") == right.removeprefix("right ")
    assert left != "left bedside lamp"


@pytest.mark.parametrize("seed", SEEDS)
def test_words_that_a_wish_leans_on_stay(seed: int) -> None:
    new = names(seed)
    assert new.named("reading lamp") == "reading lamp"
    assert new.spoken("how cold is it outside") == "how cold is it outside"
    assert new.spoken("the light in the loo") == "the light in the loo"
    assert new.named("master bedroom").endswith(" bedroom")
    assert new.spoken("close the shutters in the bedroom") == "close the shutters in the bedroom"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_word_for_a_place_is_only_taken_for_a_device_before_its_noun(seed: int) -> None:
    assert names(seed).spoken("there are crumbs on the floor") == "there are crumbs on the floor"
    island = names(seed).named("kitchen island").removeprefix(names(seed).named("kitchen") + " ")
    assert names(seed).spoken("island light off") == f"{island} light off"
    assert names(seed).told("island") == island


@pytest.mark.parametrize("seed", SEEDS)
def test_no_new_word_is_one_that_is_said_there(seed: int) -> None:
    said = ["turn on the light in the corner", "office hours", "is it a nice washroom"]
    new = names(seed, *said)
    for text in said:
        assert new.spoken(text) == text
    words = " ".join(" ".join(entry.new) for entry in new.entries.values())
    assert not {"corner", "office", "washroom"} & set(words.split())


def test_people_are_renamed_wherever_they_are_named() -> None:
    new = names()
    ana = new.named("ana")
    assert ana in PEOPLE
    assert ana != new.named("ben")
    assert new.named("anas_phone") == f"{ana}s_phone"
    assert new.spoken("is Ana's light on") == f"is {ana.capitalize()}'s light on"


def test_an_article_fits_its_new_word() -> None:
    new = names()
    told = new.spoken("is there a study here")
    room = new.named("study")
    assert told == f"is there {'an' if room[0] in 'aeio' else 'a'} {room} here"


# ------------------------------------------------------------------------------------ conventions


@pytest.mark.parametrize("seed", SEEDS)
def test_every_device_is_found_in_its_room_with_its_state(seed: int, toy_pack: Path) -> None:
    home = hidden(seed).home
    stage = Stage(home, NOON, Encoder(Pack.open(toy_pack)))
    now = stage.context.snapshot(NOON)
    found = [now.device(device) for device in now.all_devices()]
    assert sorted(filter(None, (device.room for device in found if device))) == sorted(
        room for room, ids in home["rooms"].items() for _ in ids
    )
    values = {
        (device.room, feature.property): reading.value
        for device in found
        if device
        for feature in device.features
        if (reading := now.reading(device.id, feature.key)) is not None
    }
    den = next(room for room, ids in home["rooms"].items() if len(ids) == 6)
    kitchen = list(home["rooms"])[4]
    assert values[kitchen, "power"] is False
    shares = [value for (room, prop), value in values.items() if room == den and prop == "brightness"]
    assert shares
    assert shares[0] in (50, 127, 128)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_keeps_its_id_and_hardly_anything_its_convention(seed: int) -> None:
    home = hidden(seed).home
    old = {own for ids in HOME["rooms"].values() for own in ids}
    new = {own for ids in home["rooms"].values() for own in ids}
    assert len(new) == len(old)
    assert not old & new
    assert not set(home["rooms"]) & set(HOME["rooms"])
    topics = {said["topic"] for said in home["retained"]}
    assert not any(topic.startswith("climate/") for topic in topics)
    listed = [said["payload"] for said in home["retained"] if said["topic"].endswith("bridge/devices")]
    assert all(one["definition"]["exposes"][0]["type"] in ("switch", "climate") for one in listed[0])


def expected(seed: int, *entries: Json) -> tuple[list[Json], list[Json]]:
    """Return the entries that must be and may be matched in disguise."""
    step = {"ask": "x", "satellite": "den_panel", "expect": {"decision": "act", "publish": list(entries)}}
    made = hidden(seed).case({"id": "1", "steps": [step]})["steps"][0]["expect"]
    return made["publish"], made.get("also", [])


def ways(entry: Json) -> list[list[Json]]:
    found = entry.get("any", [entry])
    return [way if isinstance(way, list) else [way] for way in found]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_share_stays_a_share_and_so_does_what_it_may_be_off_by(seed: int) -> None:
    (entry,), also = expected(
        seed, {"topic": "zigbee2mqtt/floor_lamp/set", "json": {"brightness": 127}, "near": 25.4}
    )
    value = float(entry["json"]["brightness"] if "json" in entry else entry["text"])
    full = next(top for top in (100, 254, 255) if abs(value - top / 2) < 1.1)
    assert entry["near"] == pytest.approx(full / 10, abs=1)
    # where the lamp is switched apart, it may be switched on
    assert bool(also) == ("json" not in entry)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_closes_may_also_be_told_how_far(seed: int) -> None:
    (entry,), _ = expected(seed, {"topic": "zigbee2mqtt/den_blinds/set", "json": {"state": "CLOSE"}})
    assert sorted(way[0]["text"] for way in ways(entry)) in (["0", "CLOSE"], ["0", "close"])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lock_is_told_to_lock(seed: int) -> None:
    (entry,), _ = expected(seed, {"topic": "zigbee2mqtt/front_door/set", "json": {"state": "UNLOCK"}})
    assert entry["text"] in ("UNLOCK", "false")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_that_only_zigbee_has_is_no_way_elsewhere(seed: int) -> None:
    entries, _ = expected(
        seed,
        {
            "topic": "zigbee2mqtt/floor_lamp/set",
            "json": [{"brightness": 127}, {"brightness_step": 30}],
            "near": 3,
        },
    )
    assert "step" not in json.dumps(entries)


@pytest.mark.parametrize("seed", SEEDS)
def test_warmth_and_mode_may_come_in_one_message(seed: int) -> None:
    entries, _ = expected(
        seed,
        {"topic": "climate/thermostat/target/set", "text": "21", "near": 0.5},
        {"topic": "climate/thermostat/mode/set", "text": "heat"},
    )
    if any("json" in one for entry in entries for way in ways(entry) for one in way):
        whole, apart = ways(entries[0])
        assert len(entries) == 1
        assert len(whole) == 1
        assert len(apart) == 2
        assert whole[0]["json"] == {"occupied_heating_setpoint": 21, "system_mode": "heat"}
    else:
        assert [entry["text"] for entry in entries] == ["21", "heat"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_happens_at_home_happens_in_disguise(seed: int) -> None:
    steps = [
        {"mqtt": "zigbee2mqtt/den_window", "payload": {"contact": True}},
        {"mqtt": "stat/den_fan/POWER", "payload": "ON"},
        {"mqtt": "homie/5/oven/$state", "payload": "lost"},
        {"at": "2026-03-02T18:20:00"},
    ]
    made = hidden(seed).case({"id": "1", "steps": steps})["steps"]
    said = json.dumps(made)
    assert made[-1] == steps[-1]
    assert any(word in said for word in ('"lost"', '"offline"'))
    assert '"state": "ON"' in said  # a plug of Zigbee2MQTT now
    assert not any(old in said for old in ("den_fan", "den_window", "oven/oven"))


def test_what_nobody_can_read_is_refused() -> None:
    step = {"mqtt": "shellies/plug/relay/0", "payload": "on"}
    with pytest.raises(DisguiseError, match="shellies/plug/relay/0"):
        hidden().case({"id": "1", "steps": [step]})
    odd = {"topic": "homeassistant/siren/horn/config", "payload": {"name": "Horn"}}
    with pytest.raises(DisguiseError, match="siren"):
        Disguise({**HOME, "retained": [*HOME["retained"], odd]}, [], Random(0))
    with pytest.raises(DisguiseError, match="effect"):
        expected(0, {"topic": "zigbee2mqtt/floor_lamp/set", "json": {"effect": "blink"}})


# ------------------------------------------------------------------------------------------- judge


def sent(*payloads: str) -> Json:
    return {"decision": "act", "say": "", "publishes": [{"topic": "t", "payload": one} for one in payloads]}


def test_messages_are_matched_the_kindest_way() -> None:
    near = {"topic": "t", "text": "10", "near": 5}
    just = {"topic": "t", "text": "12"}
    assert not faults({"publish": [near, just]}, sent("12", "14"))
    assert len(faults({"publish": [near, just]}, sent("13", "14"))) == 2
    assert not faults({"publish": [], "also": [just]}, sent("12"))
    assert faults({"decision": "answer"}, sent("12"))
    assert not faults({"publish": [{"any": [just, [near, near]]}]}, sent("9", "11"))


@pytest.mark.parametrize(
    ("entry", "payload", "expected_match"),
    [
        pytest.param({"json": {"state": "ON"}}, '{"state": "ON", "x": 1}', True, id="other keys are free"),
        pytest.param({"json": {"color": {}}}, '{"color": {"x": 1}}', True, id="any object"),
        pytest.param({"json": [{"a": 1}, {"b": [2, 3]}]}, '{"b": 3}', True, id="one of several"),
        pytest.param({"text": "true"}, "True", True, id="case aside"),
        pytest.param({"text": "20"}, "20.0", True, id="a number however written"),
        pytest.param({"text": "20"}, "21", False, id="another number"),
        pytest.param({}, "anything", True, id="any payload"),
    ],
)
def test_a_payload_matches(entry: Json, payload: str, expected_match: bool) -> None:  # noqa: FBT001
    assert matches({"topic": ["s", "t"], **entry}, {"topic": "t", "payload": payload}) is expected_match


def test_a_wrong_action_is_told_from_a_needless_question() -> None:
    case = {"id": "1", "about": ["room"], "steps": [{"ask": "x", "expect": {"decision": "answer"}}]}
    acted = judge(case, {0: sent("1")})
    asked = judge(case, {0: {"decision": "ask", "publishes": []}})
    assert (acted.acted, acted.asked, acted.holds) == (True, False, False)
    assert (asked.acted, asked.asked, asked.holds) == (False, True, False)
    assert judge(case, {0: {"decision": "answer"}}).holds
    assert judge(case, {}).faults == ("'x': no result",)


def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check", CASES.parent / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.data
@pytest.mark.slow
def test_the_judge_agrees_with_the_checker_case_by_case() -> None:
    check = checker()
    pack = Pack.open(Pack.default_path())
    results: dict[str, dict[int, Json]] = defaultdict(dict)
    for result in replay(CASES, Encoder(pack)):
        results[result["id"]][result["step"]] = result
    everything = [result for of_case in results.values() for result in of_case.values()]
    rng = Random(0)
    judged = 0
    for case in read_cases(CASES):
        for index, step in enumerate(case["steps"]):
            if "expect" not in step:
                continue
            own = results[case["id"]].get(index)
            # what was meant for other sentences makes for every kind of fault
            tried: list[Json | None] = [own, None, *rng.sample(everything, 40)]
            for one in tried:
                assert len(faults(step["expect"], one)) == len(check.faults(step["expect"], one))
                judged += 1
    assert judged > 10_000


@pytest.mark.data
@pytest.mark.parametrize("seed", range(5))
def test_all_written_cases_can_be_disguised(seed: int, tmp_path: Path) -> None:
    made = disguised(CASES, tmp_path, seed)
    for old, new in zip(read_cases(CASES), read_cases(made), strict=True):
        assert old["id"] == new["id"]
        assert [step.get("at") for step in old["steps"] if "at" in step] == [
            step["at"] for step in new["steps"] if "at" in step
        ]
        assert sum("expect" in step for step in old["steps"]) == sum(
            "expect" in step for step in new["steps"]
        )


# ----------------------------------------------------------------------------------------- command


def test_the_command_counts_by_kind_and_tells_what_a_disguise_costs(tmp_path: Path, toy_pack: Path) -> None:
    (tmp_path / "homes").mkdir()
    (tmp_path / "homes" / "small.json").write_text(json.dumps(HOME))
    said = {"ask": "who won the cup", "satellite": "den_panel", "expect": {"decision": ["cloud", "ask"]}}
    cases = [
        {"id": "a", "home": "small", "about": ["out-of-scope"], "now": "2026-03-02T18:05:00", "steps": [said]}
    ]
    path = tmp_path / "few.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases))
    ended = CliRunner().invoke(
        cli, ["bench", "cases", str(path), "--pack", str(toy_pack), "--disguise", "--seed", "3", "--json"]
    )
    assert ended.exception is None, ended.exception
    figures = json.loads(ended.output)
    assert figures["bench"] == "cases"
    assert figures["all"]["n"] == figures["out-of-scope"]["n"] == 1
    assert {"held", "share", "wrong_actions", "needless_questions"} <= figures["disguised all"].keys()
    assert "points_lost" in figures["points"]
