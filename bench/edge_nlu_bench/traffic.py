"""What a day brings in the reference home: what its devices tell, what people say, and devices that obey.

Most of what is told comes from sensors; now and then somebody presses a switch. People say sentences that
name a lamp, of which it is known what has to happen, and others that ask, leave open, or mean nothing to a
hub.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from edge_nlu.hub.pretend import payload_of
from edge_nlu_bench.line import Line
from edge_nlu_bench.mqtt import SENTENCES as NAMING
from edge_nlu_bench.reference import MIXTURE, PEOPLE, SATELLITES, SIZE, reference_home, room_of

DAY_S = 86_400
BY_HAND = 0.004
"""The share of what devices tell that somebody did: forty times of ten thousand."""

COMMANDS = ("zigbee2mqtt/+/set", "homie/5/+/+/+/set", "cmnd/+/+", "climate/+/target/set")
OTHERS = (
    "set the bedroom thermostat to {number} degrees",
    "close the blinds in the study",
    "is the living room window open",
    "make it brighter",
    "how warm is it in the bedroom",
    "open the kitchen blinds and turn off the floor lamp",
    "turn off the fan",
    "it is much too dark in here",
    "what is the capital of france",
    "kill the shiny thing",
    "no, the other one",
)


class Said(NamedTuple):
    """Something that somebody says; `lamp` is what has to be told `state`, where that is sure."""

    text: str
    satellite: str
    user: str
    lamp: str = ""
    state: str = ""


class Devices:
    """The devices of the reference home, which tell what they measure and do as they are told."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.retained = {one["topic"]: payload_of(one["payload"]) for one in reference_home()["retained"]}
        self.lamps = [
            f"{room_of(number)}_{name.replace(' ', '_')}"
            for number, (_, name) in ((at, MIXTURE[at % len(MIXTURE)]) for at in range(SIZE))
            if name in ("ceiling light", "floor lamp")
        ]

    def announce(self, line: Line) -> None:
        """Tell everything, as devices do that find their broker again."""
        for topic, payload in self.retained.items():
            line.publish(topic, payload, retain=True)

    def tell(self, line: Line, topic: str, payload: bytes) -> None:
        """Tell something new."""
        self.retained[topic] = payload
        line.publish(topic, payload, retain=True)

    def state(self, device: str) -> dict[str, Any]:
        """Return what a device of Zigbee2MQTT told last."""
        told: dict[str, Any] = json.loads(self.retained[f"zigbee2mqtt/{device}"])
        return told

    def switch(self, lamp: str) -> None:
        """Switch a lamp by hand, with nobody there to be told."""
        topic, payload = self._zigbee(lamp, state=_other(self.state(lamp)["state"]))
        self.retained[topic] = payload

    def readings(self) -> Iterator[tuple[str, object]]:
        """Yield what a hub has to know of lamps, thermostats and air, by device and feature."""
        for lamp in self.lamps:
            yield f"zigbee2mqtt/{lamp}/state", self.state(lamp)["state"] == "ON"
        for topic, payload in self.retained.items():
            first, own, *last = topic.split("/")
            if first == "climate":
                feature = {"current": "current_temperature", "target": "temperature"}[last[0]]
                yield f"homeassistant/{own}/climate/{feature}", float(payload)
            elif first == "air":
                yield f"homeassistant/{own}/sensor", float(payload)

    def news(self) -> tuple[str, bytes]:
        """Return something that a device has to tell."""
        rng = self._rng
        if rng.random() < BY_HAND:
            return self._zigbee(lamp := rng.choice(self.lamps), state=_other(self.state(lamp)["state"]))
        number = rng.randrange(SIZE)
        convention, name = MIXTURE[number % len(MIXTURE)]
        own = f"{room_of(number)}_{name.replace(' ', '_')}"
        if convention == "zigbee2mqtt":
            return self._zigbee(own, linkquality=rng.randrange(255))
        if name == "thermostat":
            return f"climate/{own}/current", b"%.1f" % rng.uniform(18, 23)
        if name == "air sensor":
            return f"air/{own}", b"%d" % rng.randrange(30, 70)
        # a thing without a sensor tells that it is there
        topic = next(topic for topic in self.retained if own in topic and topic.endswith(("state", "LWT")))
        return topic, self.retained[topic]

    def obey(self, line: Line, topic: str, payload: bytes) -> None:
        """Do what a command says, and tell it."""
        first, *_, own, last = topic.split("/")
        if first == "zigbee2mqtt":
            self.tell(line, *self._zigbee(own, **json.loads(payload)))
        elif first == "cmnd":
            self.tell(line, f"stat/{own}/{last}", payload)
        else:
            self.tell(line, topic.removesuffix("/set"), payload)

    def _zigbee(self, own: str, **changed: Any) -> tuple[str, bytes]:
        return f"zigbee2mqtt/{own}", json.dumps({**self.state(own), **changed}).encode()

    def wishes(self) -> Iterator[Said]:
        """Yield what people say, for ever: three times in five it names a lamp."""
        rng = self._rng
        while True:
            satellite, user = rng.choice(list(SATELLITES)), rng.choice(["", *PEOPLE])
            if rng.random() < 0.6:
                lamp = rng.choice(self.lamps)
                state = _other(self.state(lamp)["state"])
                room, light = lamp.rsplit("_", 2)[0], " ".join(lamp.rsplit("_", 2)[1:])
                words = {"state": state.lower(), "room": room.replace("_", " "), "light": light}
                yield Said(rng.choice(NAMING).format(**words), satellite, user, lamp, state)
            else:
                yield Said(rng.choice(OTHERS).format(number=rng.randrange(18, 24)), satellite, user)


def _other(state: str) -> str:
    return "OFF" if state == "ON" else "ON"
