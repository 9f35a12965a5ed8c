"""Every shipped profile can be used, and a wrong line of an owner's is told by file and key."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

import edge_nlu_profiles
from edge_nlu.errors import SettingsError
from edge_nlu.steps.kinds import Profiles, phrase_key
from edge_nlu.storage.appliances import (
    appliance_profiles,
    property_words,
    read_appliances,
    read_rooms,
    room_words,
)
from edge_nlu.values import Appliance

FOLDER = Path(edge_nlu_profiles.__file__).parent
FILES = sorted((FOLDER / "appliances").glob("*.toml"))
PROFILES = appliance_profiles()
KINDS = sorted(PROFILES.appliances)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_describes_kinds(path: Path) -> None:
    assert read_appliances(path)


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_is_found_by_its_own_words(self, kind: str) -> None:
        for word in PROFILES.appliances[kind].words:
            assert kind in PROFILES.kinds_called(word)

    def test_is_the_only_one_to_claim_its_first_type(self, kind: str) -> None:
        first = PROFILES.appliances[kind].types[0]
        assert [other for other, found in PROFILES.appliances.items() if found.types[0] == first] == [kind]

    def test_says_each_thing_once(self, kind: str) -> None:
        appliance = PROFILES.appliances[kind]
        for said in ((*appliance.words, *appliance.forms), appliance.types, appliance.parts, appliance.tasks):
            assert [word for word, times in Counter(map(phrase_key, said)).items() if times > 1] == []

    def test_never_asks_back_before_a_harmless_wish(self, kind: str) -> None:
        risky = dict(PROFILES.appliances[kind].risky)
        assert not {"lock.lock", "close.position", "lower.temperature"} & set(risky)
        always = PROFILES.appliances[kind].always
        assert "off.power" not in risky or always


def test_a_type_has_one_likeliest_kind() -> None:
    ranks: dict[str, list[int]] = {}
    for appliance in PROFILES.appliances.values():
        for rank, name in enumerate(appliance.types):
            ranks.setdefault(name, []).append(rank)
    assert [name for name, found in ranks.items() if found.count(min(found)) > 1] == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("telly", "tv"),
        ("spots", "light"),
        ("heatings", "thermostat"),
        ("hoover", "robot_vacuum"),
        ("washer", "washing_machine"),
        ("washing", "washing_machine"),
        ("Air Con", "air_conditioner"),
        ("curtains", "cover"),
        ("front door", None),
        ("towel rail", None),
    ],
)
def test_words_mean_any_device_of_a_kind(words: str, kind: str | None) -> None:
    assert (kind in PROFILES.kinds_called(words)) if kind else not PROFILES.kinds_called(words)


@pytest.mark.parametrize(
    ("kind", "wish", "level"),
    [
        ("lock", "unlock.lock", "confirm"),
        ("garage_door", "open.position", "confirm"),
        ("gate", "open.position", "confirm"),
        ("oven", "on.power", "guarded"),
        ("heater", "on.power", "guarded"),
        ("kettle", "on.power", "guarded"),
        ("iron", "on.power", "guarded"),
        ("hob", "on.power", "guarded"),
    ],
)
def test_risky_wishes_are_known(kind: str, wish: str, level: str) -> None:
    assert dict(PROFILES.appliances[kind].risky)[wish] == level


@pytest.mark.parametrize("kind", ["fridge", "freezer", "router", "alarm_clock", "thermostat", "lock"])
def test_everything_off_leaves_alone(kind: str) -> None:
    assert not PROFILES.appliances[kind].everything


def test_an_owner_describes_a_kind_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[fan]\nwords = ["windmill"]\n[kiln]\nwords = ["kiln"]\nsteps = { temperature = 50 }\n'
    )
    profiles = appliance_profiles(tmp_path)
    assert profiles.kinds_called("windmills") == ("fan",)
    assert profiles.kinds_called("ventilator") == ()
    assert profiles.appliance("kiln") == Appliance("kiln", words=("kiln",), steps=(("temperature", 50.0),))
    assert profiles.appliance("light") == PROFILES.appliance("light")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ('[fan]\nwrods = ["fan"]', "fan.wrods", "words"),
        ('[fan]\nwords = "fan"', "fan.words", "a list of words"),
        ('[fan]\nwords = [""]', "fan.words", "a list of words"),
        ("fan = 3", "fan", "a table"),
        ("[fan]\neverything = true", "fan.words", "what people call it"),
        ('[fan]\nwords = ["fan"]\neverything = 1', "fan.everything", "true or false"),
        ('[fan]\nwords = ["fan"]\nproperties = { spin = "sped" }', "fan.properties.spin", "speed"),
        ('[fan]\nwords = ["fan"]\nneeds = ["pwer"]', "fan.needs", "power"),
        ('[fan]\nwords = ["fan"]\nsteps = { speed = 0 }', "fan.steps.speed", "a number above 0"),
        ('[fan]\nwords = ["fan"]\nsteps = { speed = true }', "fan.steps.speed", "a number above 0"),
        ('[fan]\nwords = ["fan"]\nrisky = { "on.power" = "very" }', "fan.risky.on.power", "one of confirm"),
        ('[fan]\nwords = ["fan"]\nrisky = { "onn.power" = "confirm" }', "fan.risky.onn.power", "on"),
        ('[fan]\nwords = ["fan"]\nserves = { "raise.air" = "on" }', "fan.serves.raise.air", "one of power"),
        ("[fan", "", "appliance profiles in TOML"),
    ],
)
def test_a_wrong_line_is_told_by_file_and_key(tmp_path: Path, text: str, place: str, expected: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_appliances(path)
    assert caught.value.setting == (f"{path}: {place}" if place else str(path))
    assert caught.value.expected.startswith(expected)


def test_a_kind_described_twice_is_told(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text('[fan]\nwords = ["fan"]')
    with pytest.raises(SettingsError, match=r"b\.toml: fan: found a kind that a\.toml describes too"):
        appliance_profiles(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder"):
        appliance_profiles(tmp_path / "none")


def test_rooms_that_floors_speak_of_are_known() -> None:
    words = room_words()
    assert {room for floor in words.floors for room in floor.rooms} <= set(words.rooms)
    assert "loo" in words.rooms["bathroom"]


def test_a_wrong_line_about_rooms_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rooms.toml"
    path.write_text("[flors.upstairs]\nwords = []")
    with pytest.raises(
        SettingsError, match=r"rooms\.toml\.flors: found a key that is not known, expected floors"
    ):
        read_rooms(path)


def test_a_wrong_line_about_properties_is_told(tmp_path: Path) -> None:
    path = tmp_path / "properties.toml"
    path.write_text('[colour]\nnames = ["hue"]')
    with pytest.raises(SettingsError, match="expected color"):
        property_words(path)


def test_a_name_of_a_feature_is_strong_or_weak_but_not_both() -> None:
    for words in property_words():
        assert not set(words.names) & set(words.weak)


def test_profiles_without_anything_know_nothing() -> None:
    assert Profiles({}).kinds_called("lamp") == ()


def test_the_documented_profile_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "appliances.md").read_text()
    path = tmp_path / "fan.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0])
    fan = read_appliances(path)["fan"]
    assert fan.serves == (("raise.air", "on.power"),)
    for field in dataclasses.fields(Appliance):
        assert field.name == "kind" or f"| `{field.name}` |" in page
