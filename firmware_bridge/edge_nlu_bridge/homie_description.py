"""Read what a Homie device says of itself: nodes, their properties, and how each value is written.

Homie 4 says it topic by topic, Homie 5 in one JSON text of the same shape. The ids of nodes and
properties are the maker's own words, so no feature gets a property of the home here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from edge_nlu.values import Feature, FeatureKind, Held
from edge_nlu_bridge import colors
from edge_nlu_bridge.payloads import (
    as_bounds,
    as_choice,
    as_held,
    as_list,
    as_mapping,
    as_number,
    as_switch,
    as_text,
    exact,
    fits,
    json_of,
    plain,
)

KINDS: Mapping[str, FeatureKind] = {
    "boolean": "switch",
    "integer": "number",
    "float": "number",
    "percent": "number",
    "duration": "number",
    "enum": "choice",
    "color": "color",
    "string": "text",
    "datetime": "text",
    "json": "text",
}

ID = re.compile(r"[^/+#$\0]{1,100}")
DURATION = re.compile(
    r"P(?:(?P<days>\d{1,6})D)?(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
SECONDS = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}
SPACES = ("rgb", "hsv", "xyz")
NO_CLOCK = frozenset({"remaining", "left", "elapsed", "zone", "run", "runtime", "duration", "stamp"})
"""Words beside "time" that make it a span, or no time of day at all."""


@dataclass(frozen=True, slots=True)
class Property:
    """A feature, and how Homie writes what it holds."""

    feature: Feature
    datatype: str
    spaces: tuple[str, ...] = ()
    whole: bool = False
    prefixed: bool = False

    def read(self, text: str) -> Held | None:
        """Return what a payload means; None when it makes no sense or is not known."""
        if self.datatype == "duration":
            return _seconds(text)
        if self.datatype == "color":
            return _color(text, self.spaces)
        return as_held(self.feature, text)

    def write(self, held: Held) -> str | None:
        """Return the payload that tells it; None when it cannot be told that."""
        feature = self.feature
        if not fits(feature, held):
            return None
        if self.datatype == "duration":
            return f"PT{plain(held)}S"
        if self.datatype == "color":
            return _written_color(str(held), self.spaces, prefixed=self.prefixed)
        if self.whole and not isinstance(held, str):
            return str(round(held))
        if feature.kind in ("choice", "trigger") and feature.choices:
            return as_choice(held, feature.choices)
        if feature.kind in ("media", "time"):
            read = as_held(feature, held)
            return read if isinstance(read, str) else None
        return plain(held)


@dataclass(frozen=True, slots=True)
class Nodes:
    """What a device is made of: its properties by `node/property`, and what its nodes are called."""

    properties: Mapping[str, Property]
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What a Homie device says of itself."""

    name: str
    properties: Mapping[str, Property]
    types: tuple[str, ...] = ()
    root: str = ""

    @property
    def features(self) -> tuple[Feature, ...]:
        """Return the features in the order described."""
        return tuple(one.feature for one in self.properties.values())


def read_description(described: str) -> Description | None:
    """Return what a description, as JSON text, says; None where it is none."""
    said = json_of(described)
    if not isinstance(said, dict):
        return None
    nodes = _read_nodes(json.dumps(said.get("nodes")), newer=as_text(said.get("homie")).startswith("5"))
    types = (_slug(as_text(said.get("type"))), *nodes.types)
    return Description(
        name=as_text(said.get("name")),
        properties=nodes.properties,
        types=tuple(dict.fromkeys(filter(None, types))),
        root=as_text(said.get("root")),
    )


@lru_cache(maxsize=256)
def _read_nodes(described: str, *, newer: bool) -> Nodes:
    """Return what the nodes are, as JSON text; devices of one make share the answer."""
    said = as_mapping(json_of(described))
    nodes = {id_: as_mapping(node) for id_, node in said.items() if ID.fullmatch(id_)}
    filled = [id_ for id_, node in nodes.items() if as_mapping(node.get("properties"))]
    properties: dict[str, Property] = {}
    for id_ in filled:
        part = (as_text(nodes[id_].get("name")) or id_) if len(filled) > 1 else ""
        for property_id, item in as_mapping(nodes[id_].get("properties")).items():
            if ID.fullmatch(property_id):
                key = f"{id_}/{property_id}"
                properties[key] = _property(key, as_mapping(item), part, newer=newer)
    types = [as_text(nodes[id_].get("type")) for id_ in filled]
    types += [as_text(nodes[id_].get("name")) for id_ in filled]
    return Nodes(properties, tuple(map(_slug, types)))


def _slug(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name.strip().lower())


def gather(attributes: Mapping[str, str]) -> str | None:
    """Return the description that Homie 4 spreads over topics; None as long as some of it is missing."""
    nodes: dict[str, object] = {}
    if "$nodes" not in attributes:
        return None
    for node in filter(None, attributes["$nodes"].split(",")):
        node = node.strip().removesuffix("[]")
        listed = attributes.get(f"{node}/$properties")
        if listed is None:
            return None
        properties: dict[str, object] = {}
        for id_ in filter(None, (part.strip() for part in listed.split(","))):
            own = {
                name: attributes[f"{node}/{id_}/${name}"]
                for name in ("name", "datatype", "format", "settable", "retained", "unit")
                if f"{node}/{id_}/${name}" in attributes
            }
            if "datatype" not in own:
                return None
            properties[id_] = own
        nodes[node] = {
            "name": attributes.get(f"{node}/$name", ""),
            "type": attributes.get(f"{node}/$type", ""),
            "properties": properties,
        }
    return json.dumps({"name": attributes.get("$name", ""), "nodes": nodes})


def _property(key: str, item: Mapping[str, object], part: str, *, newer: bool) -> Property:
    datatype = as_text(item.get("datatype")) or "string"
    format_ = as_text(item.get("format"))
    id_ = key.rpartition("/")[2]
    name = as_text(item.get("name")) or id_.replace("-", " ").replace("_", " ")
    settable = as_switch(item.get("settable")) is True
    retained = as_switch(item.get("retained")) is not False
    kind = KINDS.get(datatype, "text")
    choices: tuple[str, ...] = ()
    if kind == "choice":
        choices = tuple(choice for choice in (part.strip() for part in format_.split(",")) if choice)
        kind = "choice" if choices else "text"
    if datatype == "json":
        kinds = _media_kinds(format_)
        kind, choices = ("media", kinds) if kinds is not None else (kind, ())
    if datatype == "string" and _is_clock(f"{id_} {name}"):
        kind = "time"
    if kind in ("switch", "choice") and not retained:
        kind = "trigger"
    low, high, step = _bounds(format_) if kind == "number" else (None, None, None)
    if datatype == "percent":
        low, high = (0.0 if low is None else low), (100.0 if high is None else high)
    feature = Feature(
        key=key,
        kind=kind,
        name=name,
        part=part,
        settable=settable,
        readable=retained or not settable,
        unit=_unit(as_text(item.get("unit")), datatype),
        low=low,
        high=high,
        step=step,
        choices=choices,
    )
    spaces = tuple(space for space in format_.split(",") if space in SPACES) if kind == "color" else ()
    return Property(feature, datatype, spaces, whole=datatype == "integer", prefixed=newer)


def _unit(unit: str, datatype: str) -> str:
    if datatype == "duration":
        return "s"
    if datatype == "percent":
        return unit or "%"
    return "" if unit == "#" else unit


def _bounds(format_: str) -> tuple[float | None, float | None, float | None]:
    """Return low, high and step of `30:280:5`, where any may be missing."""
    low, high, step = (*format_.split(":"), "", "", "")[:3]
    return *as_bounds(low, high), as_number(step)


def _media_kinds(schema: str) -> tuple[str, ...] | None:
    """Return the kinds of media that a JSON schema allows; None when it is about something else."""
    said = as_mapping(as_mapping(json_of(schema)).get("properties"))
    if "title" not in said and "kind" not in said:
        return None
    return tuple(kind for kind in as_list(as_mapping(said.get("kind")).get("enum")) if isinstance(kind, str))


def _is_clock(words: str) -> bool:
    said = set(re.findall(r"[a-z]+", words.lower()))
    return "time" in said and not said & NO_CLOCK


def _seconds(text: str) -> float | None:
    """Return the length of an ISO 8601 duration; a bare number is one too."""
    said = DURATION.fullmatch(text.strip())
    if said is None or not any(said.groups()):
        return as_number(text)
    return sum(float(number) * SECONDS[name] for name, number in said.groupdict().items() if number)


def _color(text: str, spaces: tuple[str, ...]) -> str | None:
    """Return the colour of `rgb,255,0,0`, or of `255,0,0` where only one way of writing is allowed."""
    space, *rest = text.strip().split(",")
    if space not in SPACES:
        space, rest = (spaces[0] if spaces else "rgb"), [space, *rest]
    numbers = [number for number in map(as_number, rest[:4]) if number is not None]
    if space == "xyz" and len(numbers) >= 2:
        return colors.hex_of_xy(numbers[0], numbers[1])
    if len(numbers) != 3:
        return None
    if space == "hsv":
        return colors.hex_of_hs(numbers[0], numbers[1])
    return colors.hex_of_rgb(*(min(number, 255.0) / 255 for number in numbers))


def _written_color(color: str, spaces: tuple[str, ...], *, prefixed: bool) -> str | None:
    """Return a colour in the way the device likes best; only Homie 5 says which way that is."""
    if not colors.is_hex(color):
        return None
    space = spaces[0] if spaces else "rgb"
    match space:
        case "hsv":
            numbers = [*colors.hs_of(color), 100.0]
        case "xyz":
            x, y = colors.xy_of(color)
            numbers = [x, y, round(1 - x - y, 4)]
        case _:
            numbers = [255 * part for part in colors.rgb_of(color)]
    return ",".join([space] * prefixed + [str(exact(number)) for number in numbers])
