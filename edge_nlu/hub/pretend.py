"""A pretend home: devices of several conventions that do as they are told and say so.

It answers commands as real devices do, by reporting the new state, and runs what takes time: a coffee
is being brewed and then it is done. It knows topics and payloads, and nothing of the hub.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from edge_nlu.errors import SettingsError
from edge_nlu.storage.layout import Layout, read_layout
from edge_nlu.transport.broker import Heard, Transport
from edge_nlu.values import Message

DEMO = "demo"
PATIENCE_S = 10.0


def read_home(name: str) -> dict[str, Any]:
    """Return the home in a file, or the one that comes with edge-nlu when it is called demo."""
    if name == DEMO:
        text = files("edge_nlu").joinpath("demo_home.json").read_text(encoding="utf-8")
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError("home", f"{name} ({error.strerror})", "demo, or a file") from error
    try:
        home = json.loads(text)
    except ValueError as error:
        raise SettingsError("home", f"{name}, which is no JSON ({error})", "the file of a home") from error
    if not isinstance(home, dict):
        raise SettingsError("home", f"{name} with {type(home).__name__}", "an object")
    return home


def layout_of(home: Mapping[str, Any]) -> Layout:
    """Return what the file of a home says beside what its devices said."""
    return read_layout({name: said for name, said in home.items() if name != "retained"})


def payload_of(said: object) -> bytes:
    """Return a payload as it goes over the wire: text as it is, anything else as JSON."""
    return (said if isinstance(said, str) else json.dumps(said)).encode()


class PretendHome:
    """Devices on a broker, be it real or in memory."""

    def __init__(self, home: Mapping[str, Any], client: Transport) -> None:
        self._client = client
        self._states: dict[str, dict[str, Any]] = {}
        client.start(self._hear, lambda _: None)
        _wait_for(client)
        for said in home.get("retained", ()):
            self._note(said["topic"], payload_of(said["payload"]))
            self.say(said["topic"], said["payload"])
        client.listen(["#"])

    def say(self, topic: str, said: object) -> None:
        """Let a device report something, as when somebody uses it by hand."""
        self._client.publish(Message(topic, payload_of(said), retain=True))

    def leave(self) -> None:
        """Let all devices fall silent."""
        self._client.stop()

    def _note(self, topic: str, payload: bytes) -> None:
        try:
            said = json.loads(payload)
        except ValueError:
            return
        if isinstance(said, dict):
            self._states.setdefault(topic, {}).update(said)

    def _hear(self, heard: Heard) -> None:
        if heard.retained:
            return
        for topic, said in self._reaction(heard.topic, heard.payload.decode(errors="replace")):
            self.say(topic, said)

    def _reaction(self, topic: str, said: str) -> Iterator[tuple[str, object]]:
        """Yield what devices report when a topic is told something."""
        levels = topic.split("/")
        if levels[0] == "cmnd" and levels[-1].startswith("POWER") and said:
            yield f"stat/{'/'.join(levels[1:])}", said.upper()
        elif levels[-1] == "set":
            base = topic.removesuffix("/set")
            if levels[0] == "zigbee2mqtt":
                yield base, self._zigbee(base, said)
            elif levels[:2] == ["homie", "5"]:
                yield from _homie(base, said)
            else:
                yield base, said

    def _zigbee(self, base: str, said: str) -> dict[str, Any]:
        state = self._states.setdefault(base, {})
        try:
            told = json.loads(said)
        except ValueError:
            told = {"state": said}
        if not isinstance(told, dict):
            return state
        state.update(told)
        if told.get("brightness"):
            state["state"] = "ON"
        if "position" in told:
            state["state"] = "OPEN" if told["position"] else "CLOSE"
        elif told.get("state") in ("OPEN", "CLOSE") and "position" in state:
            state["position"] = 100 if told["state"] == "OPEN" else 0
        if told.get("state") in ("LOCK", "UNLOCK"):
            state["lock_state"] = f"{told['state'].lower()}ed"
        return state


def _wait_for(client: Transport) -> None:
    end = monotonic() + PATIENCE_S
    while not client.connected:
        if monotonic() > end:
            raise SettingsError("home", "no broker", "one that lets the pretend home in")
        sleep(0.01)


def _homie(base: str, said: str) -> Iterator[tuple[str, object]]:
    node, _, own = base.rpartition("/")
    if own == "brew":
        yield f"{node}/status", "brewing"
    elif own == "run":
        yield f"{node}/status", {"start": "running", "pause": "paused"}.get(said, "idle")
    elif own == "dock":
        yield f"{node}/status", "idle"
    elif own == "media":
        yield base, said
        yield f"{node}/playback", "play"
    elif own == "action":
        yield f"{node}/ringing", "false"
    else:
        yield base, said
