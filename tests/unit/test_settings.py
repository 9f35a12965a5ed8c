"""One file configures a hub, and a slip of the pen in it is told with the line that was meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.errors import SettingsError
from edge_nlu.hub.assemble import check, reader
from edge_nlu.hub.checked import every_setting
from edge_nlu.hub.settings import PLACES, BridgeChoice, Settings, find_settings, read_settings
from edge_nlu.models.encoder import Encoder
from edge_nlu.values import Person, Satellite

EXAMPLE = Path(__file__).parents[2] / "docs" / "edge-nlu.toml"


def read(folder: Path, text: str, **environment: str) -> Settings:
    file = folder / "edge-nlu.toml"
    file.write_text(text)
    return read_settings(file, environment)


def test_without_a_file_everything_has_a_default() -> None:
    settings = read_settings(None, {})
    assert (settings.mqtt.host, settings.mqtt.port, settings.limits.queue) == ("localhost", 1883, 64)


def test_a_board_that_nobody_knows_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'pi4', expected pi-4"):
        check(read(tmp_path, 'board = "pi4"'))


@pytest.mark.parametrize(("board", "planned"), [("", False), ("zero-2w", False), ("pi-5", True)])
def test_a_pack_is_run_as_is_best_on_the_board(
    toy_pack: Path, tmp_path: Path, board: str, *, planned: bool
) -> None:
    encoder = reader(read(tmp_path, f'board = "{board}"\npack = "{toy_pack}"'))
    assert isinstance(encoder, Encoder)
    assert encoder._session.get_session_options().enable_mem_pattern is planned


def test_a_file_says_what_differs(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        state_dir = "/var/lib/edge-nlu"
        [mqtt]
        host = "broker.lan"
        tls = { on = true, ca = "/etc/ca.crt" }
        [ears]
        wyoming.on = true
        hermes = { on = true, role = "nlu", sites = ["kitchen"] }
        [limits]
        echo_s = 5
        [bridges]
        homie = false
        zigbee2mqtt = ["zigbee2mqtt", "attic/zigbee/"]
        shelly = "garage"
        [home.rooms]
        kitchen = ["oven"]
        [home.people]
        mia = { room = "kids_room", child = true }
        [home.satellites]
        phone = { screen = true }
        """,
    )
    assert settings.mqtt.host == "broker.lan"
    assert settings.mqtt.tls.on
    assert settings.ears.wyoming.on
    assert settings.ears.hermes.sites == ("kitchen",)
    assert settings.limits.echo_s == 5.0
    assert settings.bridges == {
        "homie": BridgeChoice(False),
        "zigbee2mqtt": BridgeChoice(True, ("zigbee2mqtt", "attic/zigbee")),
        "shelly": BridgeChoice(True, ("garage",)),
    }
    assert settings.home.rooms == {"kitchen": ("oven",)}
    assert settings.home.people == (Person("mia", "kids_room", child=True),)
    assert settings.home.satellites == (Satellite("phone", screen=True),)
    assert settings.state_folder({}) == Path("/var/lib/edge-nlu")


@pytest.mark.parametrize(
    ("text", "place", "found", "expected"),
    [
        ("[mqtt]\nhots = 'x'", "mqtt.hots", "not known", "'host'"),
        ("mqqt = {}", "mqqt", "not known", "'mqtt'"),
        ("[bridge]\nhomie = true", "bridge", "not known", "'bridges'"),
        ("[mqtt]\nport = '1883'", "mqtt.port", "'1883'", "a whole number"),
        ("[mqtt]\nport = 1883.5", "mqtt.port", "1883.5", "a whole number"),
        ("[mqtt]\nport = true", "mqtt.port", "true", "a whole number"),
        ("[mqtt]\nport = 70000", "mqtt.port", "70000", "from 1 to 65535"),
        ("[mqtt]\nhost = 7", "mqtt.host", "7", "a text"),
        ("mqtt = 'localhost'", "mqtt", "'localhost'", "a table"),
        ("[mqtt]\nprotocol = '3.1'", "mqtt.protocol", "'3.1'", "'3.1.1'"),
        ("[mqtt]\nprotocol = 5", "mqtt.protocol", "5", "'5'"),
        ("[ears.hermes]\nsites = 'all'", "ears.hermes.sites", "'all'", "a list of texts"),
        ("[limits]\necho_s = nan", "limits.echo_s", "nan", "from 0.1 to 600"),
        ("[limits]\necho_s = inf", "limits.echo_s", "inf", "from 0.1 to 600"),
        ("[limits]\nqueue = 0", "limits.queue", "0", "from 1 to 10000"),
        ("[bridges]\nhomie = 3", "bridges.homie", "3", "a base topic"),
        ("[bridges]\nhomie = ['']", "bridges.homie", "['']", "a base topic"),
        ("bridges = ['homie']", "bridges", "['homie']", "a table"),
        ("[home.rooms]\nkitchen = 'oven'", "home.rooms.kitchen", "'oven'", "a list of device ids"),
        ("[home.people.mia]\nchlid = true", "home.people.mia.chlid", "not known", "child"),
        ("[log]\ntext = 'yes'", "log.text", "'yes'", "true or false"),
        ("[mqtt\n", "", "line 1", "TOML"),
    ],
)
def test_a_slip_is_told_with_its_place(
    tmp_path: Path, text: str, place: str, found: str, expected: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert error.value.setting == f"{tmp_path / 'edge-nlu.toml'}{': ' if place else ''}{place}"
    assert found in error.value.found
    assert expected in error.value.expected


@given(
    st.recursive(
        st.one_of(st.booleans(), st.integers(-3, 70000), st.floats(), st.text(max_size=5)),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["mqtt", "host", "ears", "on", "home"]), inner, max_size=2)
        ),
    ),
    st.sampled_from([name for name, _, _ in every_setting(Settings())]),
)
def test_any_value_is_taken_or_told(value: object, name: str) -> None:
    from edge_nlu.hub.checked import from_toml

    found = value
    for key in reversed(name.split(".")):
        found = {key: found}
    try:
        settings = from_toml(Settings, found, "f.toml")
    except SettingsError as told:
        place = told.setting
    else:
        assert isinstance(settings, Settings)
        return
    assert place.startswith("f.toml: ")


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "[mqtt]\nhost = 'file'\nport = 1884",
        EDGE_NLU_MQTT__HOST="environment",
        EDGE_NLU_MQTT__TLS__ON="true",
        EDGE_NLU_LIMITS__ECHO_S="2.5",
        EDGE_NLU_EARS__HERMES__SITES="kitchen, hall",
        EDGE_NLU_STATE_DIR="/state",
        EDGE_NLU_IMAGE_VERSION="3",
        OTHER="x",
    )
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.tls.on) == ("environment", 1884, True)
    assert settings.limits.echo_s == 2.5
    assert settings.ears.hermes.sites == ("kitchen", "hall")
    assert settings.state_dir == "/state"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("EDGE_NLU_MQTT__HOTS", "x", "EDGE_NLU_MQTT__HOST"),
        ("EDGE_NLU_MQTTT__HOST", "x", "EDGE_NLU_MQTT"),
        ("EDGE_NLU_MQTT__PORT", "many", "a whole number"),
        ("EDGE_NLU_MQTT__PORT", "0", "from 1 to 65535"),
        ("EDGE_NLU_MQTT__TLS__ON", "maybe", "true or false"),
        ("EDGE_NLU_MQTT__TLS", "true", "EDGE_NLU_MQTT__TLS__..."),
        ("EDGE_NLU_MQTT__HOST__NAME", "x", "EDGE_NLU_MQTT__HOST"),
        ("EDGE_NLU_LOG__LEVEL", "loud", "debug"),
        ("EDGE_NLU_MQTT", "x", "EDGE_NLU_MQTT__..."),
    ],
)
def test_a_slip_in_the_environment_is_told_too(name: str, text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(None, {name: text})
    assert error.value.setting == name
    assert expected in error.value.expected


def test_the_file_that_is_given_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here, named, given_ = (tmp_path / name for name in ("edge-nlu.toml", "named.toml", "given.toml"))
    found = find_settings(None, {})
    assert found is None or found == PLACES[1]
    for file in (here, named, given_):
        file.write_text("")
    named_there = {"EDGE_NLU_CONFIG": str(named)}
    assert find_settings(given_, named_there) == given_
    assert find_settings(None, named_there) == named
    assert find_settings(None, {}) == Path("edge-nlu.toml")
    with pytest.raises(SettingsError, match="no such file"):
        find_settings(tmp_path / "missing.toml", {})


def test_the_password_is_shown_nowhere_and_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    settings = read(tmp_path, "[mqtt]\npassword_file = '$HERE/password'\npassword = 'hush'")
    assert "hush" not in repr(settings)
    with pytest.raises(SettingsError, match="password_file"):
        settings.password()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HERE", str(tmp_path))
        assert settings.password() == "s3cret"


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"STATE_DIRECTORY": "/var/lib/edge-nlu:/other"}, "/var/lib/edge-nlu"),
        ({"XDG_DATA_HOME": "/data"}, "/data/edge-nlu"),
        ({}, "~/.local/share/edge-nlu"),
    ],
)
def test_where_the_hub_keeps_things(environment: dict[str, str], folder: str) -> None:
    assert Settings().state_folder(environment) == Path(folder).expanduser()


def test_the_example_is_accepted_and_names_every_setting_with_its_default(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    assert read(tmp_path, text).mqtt == Settings().mqtt
    everything = re.sub(r"^# (\w+ = (?!\[\"devices))", r"\1", text, flags=re.MULTILINE)
    settings = read(tmp_path, everything)
    assert {name: value for name, value, _ in every_setting(settings)} == {
        name: value for name, value, _ in every_setting(Settings())
    }
    for name, _, _ in every_setting(Settings()):
        assert re.search(rf"^(# )?{name.rpartition('.')[2]} = ", text, re.MULTILINE), name


def test_every_setting_has_a_reason() -> None:
    for name, _, said in every_setting(Settings()):
        assert said["why"], name
