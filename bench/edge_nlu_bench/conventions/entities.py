"""Write a device as an entity for Home Assistant for each of its traits."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from edge_nlu_bench.conventions.announced import CLASSES, OPENINGS, HaWriter, class_of
from edge_nlu_bench.conventions.things import Heard, Held, Message, Thing, Told, Trait, Wanted, exact, plain
from edge_nlu_bench.conventions.writing import Way, entry, message


class HaEntities(HaWriter):
    """An entity for each trait; a lock, a switch, or what an appliance or a sensor is made of."""

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        super().__init__(thing, id_, name, rng)
        self._words = rng.choice((("ON", "OFF"), ("on", "off"), ("true", "false"), ("1", "0")))
        self._traits = [trait for trait in thing.traits if trait.about != "lock_state"]
        self._shared = thing.sort == "sensor" and rng.random() < 0.6

    def entities(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return an entity for each trait."""
        return [self._entity(trait) for trait in self._traits]

    def _entity(self, trait: Trait) -> tuple[str, str, dict[str, Any]]:
        own = trait.key.rpartition("/")[2]
        component = component_of(trait)
        alone = trait.about == "lock" or (trait.about == "power" and self.thing.sort == "switch")
        config: dict[str, Any] = {} if alone else {"name": trait.name.capitalize()}
        if trait.readable:
            config |= {"state_topic": self._topic(trait)}
            config |= {"value_template": f"{{{{ value_json.{own} }}}}"} if self._shared else {}
        if trait.settable:
            config["command_topic"] = f"{self._own(trait)}/set"
        if component in ("switch", "binary_sensor"):
            config |= {"payload_on": self._words[0], "payload_off": self._words[1]}
        config |= self._bounds(trait, component)
        sort = CLASSES.get(trait.about, "")
        if trait.about == "contact":
            sort = class_of(f"{self.id} {self.name}", OPENINGS, "opening")
        if sort and component in ("sensor", "binary_sensor"):
            config["device_class"] = sort
        return component, "" if alone and len(self._traits) == 1 else own, config

    def _bounds(self, trait: Trait, component: str) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if component == "number":
            said |= {
                "min": exact(trait.low or 0),
                "max": exact(trait.high if trait.high is not None else 100),
            }
            said |= {"step": exact(trait.step)} if trait.step else {}
        if component in ("number", "sensor") and trait.unit:
            said["unit_of_measurement"] = trait.unit
        if trait.sort == "choice":
            said["options"] = list(trait.choices)
            said |= {"device_class": "enum"} if component == "sensor" else {}
        return said

    def _own(self, trait: Trait) -> str:
        return f"{self.base}/{trait.key.rpartition('/')[2]}"

    def _topic(self, trait: Trait) -> str:
        return f"{self.base}/state" if self._shared else self._own(trait)

    def _written(self, trait: Trait, held: Held) -> str:
        if trait.about == "lock":
            return "LOCKED" if held else "UNLOCKED"
        if trait.sort == "switch":
            return self._words[0] if bool(held) != (trait.about == "contact") else self._words[1]
        return plain(held) if isinstance(held, float) else str(held)

    def states(self, heard: Heard, state: Heard) -> Iterator[Message]:
        """Yield what changed, each by itself or all together."""
        if self._shared and heard:
            said = {
                trait.key: self._written(trait, state[trait.key])
                for trait in self._traits
                if trait.key in state
            }
            yield message(f"{self.base}/state", said)
            return
        for trait in self._traits:
            if trait.key in heard:
                yield message(self._topic(trait), self._written(trait, heard[trait.key]))

    def tell(self, told: Told) -> list[Way]:
        """Return a message for each trait."""
        traits = {trait.key: trait for trait in self._traits}
        return [[self._set(traits[key], wanted) for key, wanted in told.items()]]

    def _set(self, trait: Trait, wanted: Wanted) -> Message:
        topic = f"{self._own(trait)}/set"
        if trait.about == "lock":
            return entry(topic, ["LOCK" if held else "UNLOCK" for held in wanted.values])
        if component_of(trait) == "button":
            return entry(topic, ["PRESS"])
        return entry(topic, [self._written(trait, held) for held in wanted.values], wanted.near)


def component_of(trait: Trait) -> str:
    """Return the component that a trait is; none where there is none."""
    if trait.about == "lock" and trait.settable:
        return "lock"
    if not trait.readable:
        return "button" if trait.sort == "switch" else ""
    if trait.settable:
        return {"switch": "switch", "number": "number", "choice": "select", "text": "text"}.get(
            trait.sort, ""
        )
    return {"switch": "binary_sensor", "number": "sensor", "choice": "sensor", "text": "sensor"}.get(
        trait.sort, ""
    )
