"""Play cases in a home that is the same to live in and other in everything a hub could know by heart.

Rooms, devices and people get other names of their sort, everywhere they are written or spoken. Devices speak
other conventions, and with them change the messages of the cases and what they expect:

- lamps of Zigbee2MQTT announce themselves for Home Assistant (JSON), speak Homie, or are Tasmota dimmers;
  switches, covers, locks and sensors are entities for Home Assistant or Homie devices, switches Tasmota too;
- Homie 5 devices speak Homie 4 or 5 with other nodes, or are an entity for each property where every
  property has a component;
- thermostats for Home Assistant become Zigbee2MQTT's or Homie's, Tasmota relays become Zigbee2MQTT plugs.

What plays media stays Homie 5, as nothing else here has JSON to be set; what is started by one of several
words (brew, run) stays Homie, and so do its other properties; a lamp with colours is never a Tasmota. Values
are scaled with what they may be off by. Whatever is not known is refused, never passed on as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from edge_nlu_bench.conventions.changes import changes
from edge_nlu_bench.conventions.climate import ClimateReader
from edge_nlu_bench.conventions.homie import HomieReader
from edge_nlu_bench.conventions.reading import Reader
from edge_nlu_bench.conventions.tasmota import TasmotaReader
from edge_nlu_bench.conventions.things import (
    PRESENCE,
    DisguiseError,
    Heard,
    Held,
    Message,
    Thing,
    Told,
    as_list,
)
from edge_nlu_bench.conventions.writing import Way, Writer, message
from edge_nlu_bench.conventions.zigbee import ZigbeeReader, ZigbeeWriter
from edge_nlu_bench.renaming import Called, adorned, renamed, words_of

Json = dict[str, Any]
BRIDGE = "zigbee2mqtt/bridge/state"
READERS = (ZigbeeReader, HomieReader, ClimateReader, TasmotaReader)
JOINTS = {"homie": "_-", "homeassistant": "__-", "tasmota": "_-", "zigbee2mqtt": "__ "}


def disguised(cases: Path, folder: Path, seed: int) -> Path:
    """Write the cases in a file and their homes in disguise to a folder, and return the cases' new file."""
    told = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines() if line.strip()]
    (folder / "homes").mkdir(parents=True, exist_ok=True)
    made: dict[str, Disguise] = {}
    for name in dict.fromkeys(case["home"] for case in told):
        home = json.loads((cases.parent / "homes" / f"{name}.json").read_text(encoding="utf-8"))
        texts = [
            step["ask"] for case in told if case["home"] == name for step in case["steps"] if "ask" in step
        ]
        made[name] = Disguise(home, texts, Random(f"{seed}/{name}"))
        (folder / "homes" / f"{name}.json").write_text(json.dumps(made[name].home), encoding="utf-8")
    hidden = folder / cases.name
    lines = (json.dumps(made[case["home"]].case(case), ensure_ascii=False) for case in told)
    hidden.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return hidden


class Disguise:
    """A home under other names and with other conventions, and what becomes of cases in it."""

    def __init__(self, home: Json, texts: Sequence[str], rng: Random) -> None:
        self._readers: tuple[Reader, ...] = tuple(reader(home["retained"]) for reader in READERS)
        self._things = [thing for reader in self._readers for thing in reader.things]
        self._given = {name.partition("/")[2]: said for name, said in home.get("names", {}).items()}
        self._rng = rng
        called = [
            Called(thing.id, self._given.get(thing.id) or thing.name or thing.id, thing.sort == "light")
            for thing in self._things
        ]
        self._names = renamed(home["rooms"], called, home.get("people", {}), texts, rng)
        self._ids: dict[str, str] = {}
        self._writers = {(thing.convention, thing.id): self._writer(thing) for thing in self._things}
        self._start: dict[str, dict[str, Held]] = {}
        self.home = self._home(home)

    # -------------------------------------------------------------------------------- the home

    def _writer(self, thing: Thing) -> Writer:
        make = self._rng.choice(changes(thing))
        id_, name = self._called(thing, make.prefix)
        writer = make(thing, id_, name, self._rng)
        self._ids[thing.id] = writer.id if isinstance(writer, ZigbeeWriter) else id_
        return writer

    def _called(self, thing: Thing, convention: str) -> tuple[str, str]:
        """Return the new id of a device, and its new name."""
        if thing.id.startswith("0x"):
            id_ = f"0x{self._rng.randrange(16**16):016x}"
            return id_, id_
        words = self._names.named(thing.id.replace("_", " "))
        name = self._names.named(thing.name or thing.id.replace("_", " "))
        if words == thing.id.replace("_", " ") and name in (thing.name, words):
            words = adorned(words, self._rng, self._ids.values())
            name = f"{words.split()[0]} {name.lower()}"
        joint = self._rng.choice(JOINTS[convention])
        id_ = joint.join(words_of(words)) if joint != " " else words.capitalize()
        if id_ in self._ids.values():
            raise DisguiseError(thing.id, f"a second device called {id_}")
        return id_, name[0].upper() + name[1:]

    def _home(self, home: Json) -> Json:
        retained = list(self._retained(home["retained"]))
        rooms = {self._room(room): [self._id(one) for one in ids] for room, ids in home["rooms"].items()}
        return {
            "rooms": rooms,
            "names": {
                f"{self._prefix(own)}/{self._ids[own]}": self._names.named(said)
                for own, said in self._given.items()
            },
            "people": {
                self._names.named(person): self._placed(said)
                for person, said in home.get("people", {}).items()
            },
            "satellites": {
                self._id(own): self._placed(said) for own, said in home.get("satellites", {}).items()
            },
            "retained": retained,
        }

    def _retained(self, retained: Sequence[Message]) -> Iterator[Message]:
        for said in retained:
            if not self._announces(said["topic"]):
                for thing, heard in self._heard(said["topic"], said["payload"]):
                    self._start.setdefault(thing.id, {}).update(heard)
        listed = [writer.listed() for writer in self._writers.values() if isinstance(writer, ZigbeeWriter)]
        if listed:
            yield message(BRIDGE, {"state": "online"})
            yield message("zigbee2mqtt/bridge/devices", listed)
        for thing in self._things:
            # who never says that it can be reached always can, where it comes from
            state = self._start[thing.id] = {PRESENCE: True, **self._start.get(thing.id, {})}
            writer = self._writers[thing.convention, thing.id]
            yield from writer.announce()
            yield from writer.say(state, state)

    def _placed(self, said: Json) -> Json:
        return {**said, "room": self._room(said["room"])} if said.get("room") else said

    def _room(self, room: str) -> str:
        return self._names.named(room).replace(" ", "_")

    def _id(self, own: str) -> str:
        """Return the new id of a device or a satellite."""
        return self._ids.get(own) or self._names.named(own)

    def _prefix(self, own: str) -> str:
        thing = next(thing for thing in self._things if thing.id == own)
        return self._writers[thing.convention, own].prefix

    # ------------------------------------------------------------------------------- the cases

    def case(self, case: Json) -> Json:
        """Return a case as it goes in the disguised home."""
        states = {own: dict(state) for own, state in self._start.items()}
        return {**case, "steps": [made for step in case["steps"] for made in self._steps(step, states)]}

    def _steps(self, step: Json, states: dict[str, dict[str, Held]]) -> Iterator[Json]:
        if "mqtt" in step:
            for thing, heard in self._heard(step["mqtt"], self._titled(step["payload"])):
                state = states.setdefault(thing.id, {})
                state.update(heard)
                for said in self._writers[thing.convention, thing.id].say(heard, state):
                    yield {"mqtt": said["topic"], "payload": said["payload"]}
        elif "ask" in step:
            made = {**step, "ask": self._names.spoken(step["ask"])}
            if step.get("satellite"):
                made["satellite"] = self._id(step["satellite"])
            if step.get("user"):
                made["user"] = self._names.named(step["user"])
            if "expect" in step:
                made["expect"] = self._expected(step["expect"])
            yield made
        else:
            yield step

    def _expected(self, expect: Json) -> Json:
        if "any" in expect:
            return {"any": [self._expected(one) for one in expect["any"]]}
        made = dict(expect)
        beside: list[Message] = []
        if "publish" in expect:
            made["publish"] = _together([self._entry(entry, beside) for entry in expect["publish"]])
        for key in ("also", "never"):
            if key in expect:
                made[key] = [one for entry in expect[key] for way in self._ways(entry, []) for one in way]
        if beside:
            made["also"] = [*made.get("also", ()), *beside]
        for key in ("answer", "lacks", "slots"):
            if key in expect:
                made[key] = [
                    [self._names.told(text) for text in part]
                    if isinstance(part, list)
                    else self._names.told(part)
                    for part in expect[key]
                ]
        return made

    def _entry(self, entry: Json, beside: list[Message]) -> Json:
        ways = self._ways(entry, beside)
        if len(ways) == 1 and len(ways[0]) == 1:
            return ways[0][0]
        return {"any": [way[0] if len(way) == 1 else way for way in ways]}

    def _ways(self, entry: Json, beside: list[Message]) -> list[Way]:
        """Return the ways to send what an entry asks for, and what may be sent beside it."""
        if "any" in entry:
            return [
                [one for way in each for one in way]
                for choice in entry["any"]
                for each in product(*(self._ways(one, beside) for one in as_list(choice)))
            ]
        made: list[Way] = []
        for topic in as_list(entry["topic"]):
            writer, told = self._told(topic, self._titled(entry))
            for way in told:
                made += writer.tell(way)
                beside += writer.beside(way)
        if not made:
            raise DisguiseError(json.dumps(entry), "a command that only its own convention has")
        return list({json.dumps(way): way for way in made}.values())

    def _told(self, topic: str, entry: Json) -> tuple[Writer, list[Told]]:
        for reader in self._readers:
            found = reader.told(topic, entry)
            if found is not None:
                return self._writers[found[0].convention, found[0].id], found[1]
        raise DisguiseError("a command", topic)

    def _heard(self, topic: str, payload: Any) -> Iterator[tuple[Thing, Heard]]:
        if topic == BRIDGE:
            online = (payload.get("state") if isinstance(payload, dict) else payload) == "online"
            yield from (
                (thing, {PRESENCE: online})
                for thing in self._things
                if thing.convention == "zigbee2mqtt" and not online
            )
            return
        found = next(filter(None, (reader.hears(topic, payload) for reader in self._readers)), None)
        if found is None:
            raise DisguiseError("a message", topic)
        yield found

    def _announces(self, topic: str) -> bool:
        return topic != BRIDGE and any(reader.announces(topic) for reader in self._readers)

    def _titled(self, payload: Any) -> Any:
        """Return a payload with its title in the new words, as whoever asked for it would say it."""
        if isinstance(payload, dict):
            return {
                key: self._said(value) if key == "title" else self._titled(value)
                for key, value in payload.items()
            }
        return [self._titled(one) for one in payload] if isinstance(payload, list) else payload

    def _said(self, title: Any) -> Any:
        return (
            [self._names.spoken(one) for one in title]
            if isinstance(title, list)
            else self._names.spoken(title)
        )


def _together(entries: list[Json]) -> list[Json]:
    """Return the entries; those that set one device by JSON may come as one message."""
    alike: dict[str, list[Json]] = {}
    for entry in entries:
        if isinstance(entry.get("json"), dict) and isinstance(entry["topic"], str):
            alike.setdefault(entry["topic"], []).append(entry)
    made = []
    for entry in entries:
        group = alike.get(entry.get("topic", "") if isinstance(entry.get("topic"), str) else "", [])
        if len(group) < 2:
            made.append(entry)
        elif entry is group[0]:
            near = max(one.get("near", 0.0) for one in group)
            whole = {
                "topic": entry["topic"],
                "json": {key: value for one in group for key, value in one["json"].items()},
            }
            made.append({"any": [whole | ({"near": near} if near else {}), group]})
    return made
