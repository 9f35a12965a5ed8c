"""Templates: what of them is understood, and that the rest is left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu_bridge.operations import MISSING
from edge_nlu_bridge.templates import template

STATE = {
    "state": "ON",
    "n": 21.46,
    "s": "7",
    "none": None,
    "list": [1, {"a": "b"}],
    "deep": {"er": {"still": True}},
    "odd key": 3,
    "mode": "heat",
}


def fill(text: str, said: object = None, **names: object) -> object:
    form = template(text)
    assert form is not None, text
    value = STATE if said is None else said
    return form.fill({"value": json.dumps(value), "value_json": value, **names})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ value_json.state }}", "ON"),
        ("{{value_json['state']}}", "ON"),
        ('{{ value_json["odd key"] }}', 3),
        ("{{ value_json.deep.er.still }}", True),
        ("{{ value_json.deep['er'].still }}", True),
        ("{{ value_json.list[1].a }}", "b"),
        ("{{ value_json.list.0 }}", 1),
        ("{{ value_json.n | round(1) }}", 21.5),
        ("{{ value_json.n|round }}", 21),
        ("{{ value_json.n | int }}", 21),
        ("{{ value_json.s | float }}", 7.0),
        ("{{ value_json.none }}", None),
        ("{{ value_json.none | round(1) }}", None),
        ("{{ value_json.none | float }}", None),
        ("{{ value_json.none | float(0) }}", 0),
        ("{{ value_json.nowhere }}", MISSING),
        ("{{ value_json.nowhere.at.all }}", MISSING),
        ("{{ value_json.nowhere | default(5) }}", 5),
        ("{{ value_json.none | default('x', true) }}", "x"),
        ("{{ value_json.nowhere | is_defined }}", MISSING),
        ("{{ value_json.state | lower }}", "on"),
        ("{{ value_json.state.lower() }}", "on"),
        ("{{ value_json.n * 2 + 1 }}", 43.92),
        ("{{ (value_json.n - 32) / 2 > -10 }}", True),
        ("{{ -value_json.n }}", -21.46),
        ("{{ 'yes' if value_json.state == 'ON' else 'no' }}", "yes"),
        ("{{ 'yes' if value_json.state == 'OFF' }}", ""),
        ("{{ value_json.state == 'ON' and not value_json.none }}", True),
        ("{{ value_json.x if value_json.x is defined else value_json.s }}", "7"),
        ("{{ value_json.mode in {'heat': 1, 'cool': 1} }}", True),
        ("{{ {'heat': 'warm'}[value_json.mode] }}", "warm"),
        ("{{ value_json.get('mode', 'off') }}", "heat"),
        ("{{ value_json.get('mood', 'off') }}", "off"),
        ("{% if value_json.state == 'ON' %}a{% elif value_json.n %}b{% else %}c{% endif %}", "a"),
        ("{% if value_json.nowhere %}a{% elif value_json.n > 3 %}b{% else %}c{% endif %}", "b"),
        ("{% set m = {None: 'off', 'heat': 'heating'} %}{{ m[value_json.mode] }}", "heating"),
        ("{{ value_json.n | round(1) }} {{ value_json.s }}", "21.5 7"),
        ('{ "position": {{ value_json.s }} }', '{ "position": 7 }'),
        ("{{- value_json.state -}}", "ON"),
        ("{# a remark #}{{ value_json.state }}", "ON"),
        ("plain words", "plain words"),
        ("{{ value_json.state * 3 }}", MISSING),
        ("{{ 1 / 0 }}", MISSING),
    ],
)
def test_what_comes_out(text: str, value: object) -> None:
    assert fill(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "{{ states('sensor.x') }}",
        "{{ now() }}",
        "{% for x in value_json.list %}{{ x }}{% endfor %}",
        "{{ value_json.x | from_json }}",
        "{{ value_json.__class__() }}",
        "{{ value_json",
        "{{ }}",
        "{{ 1 1 }}",
        "{% if x %}",
        "{% else %}",
        "{{ [1, 2] }}",
        "{{ " + "(" * 200 + "1" + ")" * 200 + " }}",
        "x" * 3000,
    ],
)
def test_what_is_left_alone(text: str) -> None:
    form = template(text)
    assert form is None or form.fill({"value": "1", "value_json": 1}) in (MISSING, text)


def test_a_plain_value() -> None:
    form = template("{{ value | int }}")
    assert form is not None
    assert form.fill({"value": " 42 "}) == 42


def test_nothing_grows_without_end() -> None:
    doubled = "".join("{% set a = a ~ a %}" for _ in range(60))
    squared = "".join("{% set a = a * a %}" for _ in range(60))
    assert fill("{% set a = 'xx' %}" + doubled + "{{ a }}") is MISSING
    assert fill("{% set a = 10 %}" + squared + "{{ a }}") is MISSING


WORDS = (
    "{{ }} {% %} if else elif endif set value value_json .state ['x'] [0] | int float round default ( ) == "
    "+ - * / % and or not in is defined 'a' 5 2.5 { } : , ~ lower get"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join) | st.text(max_size=30))
def test_whatever_is_written_is_a_template_or_none(text: str) -> None:
    form = template(text)
    if form is not None:
        for said in (STATE, None, 5, "x", []):
            form.fill({"value": "x", "value_json": said})
            form.fill({"value": "x"})
