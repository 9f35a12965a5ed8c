"""Read the one settings file of a hub; every setting and limit is here, with its default and its reason.

A key that is not known is an error, since a slip of the pen would otherwise do nothing in silence. Single
values can come from the environment: `EDGE_NLU_MQTT__HOST` is `host` in the table `mqtt`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from edge_nlu.errors import SettingsError
from edge_nlu.hub.checked import as_table, from_environment, from_toml, nearest, place_of, setting, shown
from edge_nlu.storage.layout import Layout, read_layout
from edge_nlu.wire import HEADS

PREFIX = "EDGE_NLU_"
PLACES = (Path("edge-nlu.toml"), Path("/etc/edge-nlu/edge-nlu.toml"))


@dataclass(frozen=True, slots=True)
class Tls:
    """An encrypted line to the broker."""

    on: bool = setting(False, "encrypt the line to the broker")
    ca: str = setting("", "file with the certificate that signed the broker's; the system's when empty")
    cert: str = setting("", "file with our own certificate, where the broker asks for one")
    key: str = setting("", "file with the key of our own certificate")


@dataclass(frozen=True, slots=True)
class Mqtt:
    """How to reach the broker."""

    host: str = setting("localhost", "name or address of the broker")
    port: int = setting(1883, "port of the broker; 8883 is usual for an encrypted line", low=1, high=65535)
    user: str = setting("", "user name; empty when the broker lets everybody in")
    password: str = setting("", "password; better kept in a file of its own", secret=True)
    password_file: str = setting("", "file that holds nothing but the password")
    client_id: str = setting("", "our name at the broker, unlike any other's; base and host name when empty")
    protocol: Literal["auto", "5", "3.1.1"] = setting("auto", "MQTT version; auto tries 5, then 3.1.1")
    keepalive_s: int = setting(15, "seconds until a dead line is noticed", low=5, high=600)
    base: str = setting("edge-nlu", "where our own topics begin")
    tls: Tls = Tls()


@dataclass(frozen=True, slots=True)
class MqttEar:
    """Requests and results on our own topics."""

    on: bool = setting(True, "listen on BASE/ask, answer on BASE/result")


@dataclass(frozen=True, slots=True)
class HermesEar:
    """The topics of Rhasspy and Snips."""

    on: bool = setting(False, "listen on hermes/nlu/query")
    role: Literal["nlu", "handler"] = setting(
        "handler", "handler acts and speaks; nlu only tells what was meant, and a skill of yours acts"
    )
    sites: tuple[str, ...] = setting((), "sites to listen to; all when empty")


@dataclass(frozen=True, slots=True)
class WyomingEar:
    """The protocol of Home Assistant's voice assistants."""

    on: bool = setting(False, "let Home Assistant send us what was said")
    host: str = setting("0.0.0.0", "address to listen on; 127.0.0.1 for this machine alone")
    port: int = setting(10500, "port to listen on; 0 takes any that is free", low=0, high=65535)


@dataclass(frozen=True, slots=True)
class Ears:
    """The ways that requests come in."""

    mqtt: MqttEar = MqttEar()
    hermes: HermesEar = HermesEar()
    wyoming: WyomingEar = WyomingEar()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long, at most; the unit is in the name."""

    queue: int = setting(
        64, "requests that may wait; one more hears that the hub is busy", low=1, high=10_000
    )
    text_letters: int = setting(
        4000, "letters of one request; what is longer is no sentence", low=100, high=100_000
    )
    wait_s: float = setting(
        10.0, "seconds a request may wait; acting later would surprise", low=0.5, high=600
    )
    expiry_s: int = setting(
        10, "seconds after which the broker throws away a command it could not hand on", low=1, high=600
    )
    echo_s: float = setting(3.0, "seconds a device has to tell that it obeyed", low=0.1, high=600)
    inbox_mb: int = setting(32, "megabytes of device messages that may wait", low=1, high=4096)
    message_mb: int = setting(4, "megabytes of one device message; pictures are larger", low=1, high=64)
    inquiries_per_s: float = setting(
        5.0, "devices asked for their state in a second after a start; 0 asks none", low=0, high=1000
    )
    save_every_s: float = setting(
        300.0, "seconds between two savings of the home; flash cards wear", low=10, high=86_400
    )
    connections: int = setting(32, "connections that may be open to the Wyoming port", low=1, high=1000)


@dataclass(frozen=True, slots=True)
class Journal:
    """What is kept of what was said."""

    keep_days: int = setting(
        30, "days until what was said is deleted; what was learned from it stays", low=0, high=3650
    )
    event_days: int = setting(
        7, "days until of what devices told only a count for each day is left", low=0, high=3650
    )
    size_mb: int = setting(200, "megabytes of the journal; then the oldest makes room", low=8, high=100_000)


@dataclass(frozen=True, slots=True)
class Learning:
    """What is made of what the hub learns."""

    hints: bool = setting(False, "say after an act what usually follows it, if that is still to be done")
    questions: bool = setting(
        True, "ask now and then whether an act was right, where knowing that is worth a question"
    )
    wordings: Literal["off", "home", "shared", "both"] = setting(
        "both", "whose rewordings are used: learned at home, shared between homes, both, or none"
    )


@dataclass(frozen=True, slots=True)
class Federated:
    """Whose rounds to take part in: heads are trained here, only their numbers leave. Nobody's at first."""

    server: str = setting("", "address of a fleet's server, https://...; takes part nowhere when empty")
    ca: str = setting("", "file with the certificate that signed the server's, from its owner")
    certificate: str = setting("", "file with the certificate by which the server knows this hub")
    key: str = setting("", "file with the key of that certificate")
    supernode: bool = setting(
        False, "a SuperNode beside sync takes part, and sync does not; see docs/fleet.md"
    )
    heads: tuple[str, ...] = setting(HEADS, "which heads to train; see docs/fleet.md")
    every_min: float = setting(15.0, "minutes between two questions for a task", low=0.01, high=10_080)
    keep_days: int = setting(
        30,
        "days until what there is to learn from is deleted, if the hub has not renewed it",
        low=1,
        high=3650,
    )
    most_epsilon: float = setting(
        2.0, "privacy that all runs may cost together; 0 takes part without any promise", low=0, high=1000
    )
    most_delta: float = setting(
        0.001, "chance with which the promises of all runs may fail together", low=0, high=1
    )


@dataclass(frozen=True, slots=True)
class Sync:
    """Where new model packs come from, and how far they are trusted."""

    url: str = setting("", "address of a repository of model packs, https://...; none is asked when empty")
    root: str = setting("", "file with its root of trust; root.json of the pack that comes along when empty")
    folder: str = setting("", "folder for what sync keeps, under its own user; the state folder when empty")
    inbox: str = setting("", "address that hears which packs were kept or given back; none when empty")
    wordings: bool = setting(False, "offer this home's rewordings to the fleet's table; docs/privacy.md")
    weeks: bool = setting(
        False, "tell the inbox which share of a week's sentences failed, and at which stage"
    )
    every_h: float = setting(6.0, "hours between two looks for a new pack", low=0.1, high=720)
    largest_mb: int = setting(32, "megabytes of a pack; a larger one is not fetched", low=1, high=4096)
    room_mb: int = setting(64, "megabytes that stay free on the disk", low=0, high=100_000)
    trial_turns: int = setting(
        60,
        "turns until a new pack is kept; until then it goes if more fails than before",
        low=20,
        high=10_000,
    )
    federated: Federated = Federated()

    @property
    def tells_a_fleet(self) -> bool:
        """Return whether the inbox is a fleet's, which has to know the hubs that it counts."""
        return bool(self.inbox) and (self.wordings or self.weeks)


@dataclass(frozen=True, slots=True)
class Cloud:
    """Whom to ask outside what the hub cannot answer or understand. Nobody, unless this is changed."""

    backend: str = setting("", "openai, homeassistant, webhook, or another installed one; nobody when empty")
    url: str = setting("", "address of the service, https://...")
    token: str = setting("", "what lets us in; better kept in a file of its own", secret=True)
    token_file: str = setting("", "file that holds nothing but the token")
    model: str = setting("", "which of its models or agents to ask")
    mask: bool = setting(
        True, "put placeholders for names, numbers and addresses; false only within the house"
    )
    private: tuple[str, ...] = setting((), "more names and words that never leave: friends, schools, firms")
    deadline_s: float = setting(2.5, "seconds from a sentence to its answer", low=0.2, high=30)
    connect_s: float = setting(0.5, "seconds until a connection stands", low=0.05, high=30)
    first_byte_s: float = setting(1.5, "seconds until an answer begins", low=0.1, high=30)


@dataclass(frozen=True, slots=True)
class Log:
    """What is told to whoever looks at the log."""

    level: Literal["debug", "info", "warning", "error"] = setting("info", "the least important that is told")
    text: bool = setting(False, "tell what was said, word for word")


@dataclass(frozen=True, slots=True)
class BridgeChoice:
    """Whether to speak a convention, and under which base topics."""

    on: bool = True
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a hub. `home` and `bridges` are tables with keys of the owner's own making."""

    state_dir: str = setting("", "folder for what the hub keeps; the service manager's or yours when empty")
    pack: str = setting("", "folder of a model pack, never changed; the one that came last when empty")
    board: str = setting("", "kind of this board, such as pi-4; run as on the smallest when empty")
    profiles: str = setting("", "folder of your own appliance profiles")
    mqtt: Mqtt = Mqtt()
    ears: Ears = Ears()
    limits: Limits = Limits()
    journal: Journal = Journal()
    learning: Learning = Learning()
    sync: Sync = Sync()
    cloud: Cloud = Cloud()
    log: Log = Log()
    bridges: Mapping[str, BridgeChoice] = field(default_factory=dict)
    home: Layout = field(default_factory=Layout)
    file: str = ""

    def state_folder(self, environment: Mapping[str, str] = os.environ) -> Path:
        """Return the folder that holds what a hub keeps."""
        if self.state_dir:
            return path_of(self.state_dir)
        if managed := environment.get("STATE_DIRECTORY"):
            return Path(managed.partition(":")[0])
        own = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return Path(own) / "edge-nlu"

    def sync_folder(self) -> Path:
        """Return the folder that holds what sync keeps, and what it hands to the hub."""
        return path_of(self.sync.folder) if self.sync.folder else self.state_folder()

    def password(self) -> str:
        """Return the password for the broker, from its file where one is named."""
        return self._secret("mqtt", "password", self.mqtt.password, self.mqtt.password_file)

    def token(self) -> str:
        """Return what lets us into the cloud, from its file where one is named."""
        return self._secret("cloud", "token", self.cloud.token, self.cloud.token_file)

    def _secret(self, table: str, name: str, held: str, file: str) -> str:
        if not file:
            return held
        try:
            return path_of(file).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, ValueError) as error:
            place = place_of(self.file, (table, f"{name}_file"))
            raise SettingsError(place, f"{file!r} ({error})", f"a file that holds the {name}") from error


def check_federated(settings: Settings) -> None:
    """Raise a `SettingsError` where a fleet's server or inbox could not be asked, or would not let us in."""
    chosen = settings.sync.federated

    def place(name: str) -> str:
        return place_of(settings.file, ("sync", "federated", name))

    if settings.sync.tells_a_fleet and urlsplit(settings.sync.inbox).scheme != "https":
        expected = "https://..., as wordings and weeks go to a fleet, which has to know whom it counts"
        raise SettingsError(place_of(settings.file, ("sync", "inbox")), repr(settings.sync.inbox), expected)
    takes_part = bool(chosen.server) and not chosen.supernode
    for name in ("ca", "certificate", "key") if takes_part or settings.sync.tells_a_fleet else ():
        file = getattr(chosen, name)
        try:
            sound = bool(file) and path_of(file).is_file()
        except PermissionError:
            sound = True  # under a user of its own, only sync may look there
        if not sound:
            expected = "a file, as `edge-nlu fleet certificates hub` made it on the server"
            raise SettingsError(place(name), repr(file), expected)
    if not chosen.server:
        return
    address = urlsplit(chosen.server)
    if address.scheme != "https" or not address.hostname or address.path.strip("/") or "@" in address.netloc:
        expected = "the address of a fleet's server, as https://fleet.example:8443"
        raise SettingsError(place("server"), repr(chosen.server), expected)
    if not settings.sync.url:
        expected = "an address: what comes of the rounds is given away there"
        raise SettingsError(place_of(settings.file, ("sync", "url")), "none", expected)
    for head in chosen.heads:
        if head not in HEADS:
            raise SettingsError(place("heads"), repr(head), nearest(head, HEADS))


def path_of(text: str) -> Path:
    """Return a path as it was meant: `~` and `$VARIABLES` are filled in."""
    return Path(os.path.expandvars(text)).expanduser()


def find_settings(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the settings file to use: the one given, that of the environment, or the first that is there."""
    named = given or (Path(text) if (text := environment.get(f"{PREFIX}CONFIG")) else None)
    if named is None:
        return next((place for place in PLACES if place.is_file()), None)
    if not named.is_file():
        raise SettingsError(str(named), "no such file", "a settings file")
    return named


def read_settings(file: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of a file and the environment, or raise a `SettingsError` that names the place."""
    found = _read(file) if file is not None else {}
    name = str(file) if file is not None else ""
    settings = from_environment(
        from_toml(Settings, found, name, others=("bridges", "home")), environment, PREFIX
    )
    home = as_table(found.get("home", {}), name, ("home",))
    return replace(
        settings, bridges=_bridges(found, name), home=read_layout(home, place_of(name, ("home",))), file=name
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(str(file), f"a file that cannot be read ({error.strerror})", "a file") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(str(file), str(error), "TOML, as in docs/edge-nlu.toml") from error


def _bridges(found: Mapping[str, Any], file: str) -> dict[str, BridgeChoice]:
    chosen = as_table(found.get("bridges", {}), file, ("bridges",))
    return {name: _bridge(said, place_of(file, ("bridges", name))) for name, said in chosen.items()}


def _bridge(said: Any, place: str) -> BridgeChoice:
    """Return the choice for one convention: `true`, `false`, a base topic, or several of them."""
    if isinstance(said, bool):
        return BridgeChoice(said)
    bases = [said] if isinstance(said, str) else said
    if not isinstance(bases, list) or not all(isinstance(base, str) and base.strip("/") for base in bases):
        raise SettingsError(place, shown(said), "true, false, a base topic, or a list of base topics")
    return BridgeChoice(bool(bases), tuple(base.strip("/") for base in bases))
