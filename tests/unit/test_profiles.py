"""A hub profile gives every figure with its source, and a wrong line is told by file and key."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edge_nlu_profiles
from edge_nlu.errors import SettingsError
from edge_nlu.storage.profiles import (
    Cost,
    Figure,
    HubProfile,
    hub_profile,
    hub_profiles,
    predict,
    read_hub_profile,
)

HUBS = sorted((Path(edge_nlu_profiles.__file__).parent / "hubs").glob("*.toml"))
PROFILES = hub_profiles()
MINILM = Cost(macs=106.2e6, weight_bytes=10.6e6, instructions=33.3e6)
STUDENT = Cost(macs=9.54e6, weight_bytes=1.41e6)


def figures(value: Any) -> Iterator[Figure[Any]]:
    """Yield every figure of a profile, those of its parts too."""
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, Figure):
            yield inner
        elif dataclasses.is_dataclass(inner):
            yield from figures(inner)


@pytest.fixture
def zero() -> HubProfile:
    return hub_profile("zero-2w")


@pytest.mark.parametrize("path", HUBS, ids=lambda path: path.stem)
class TestEveryHub:
    def test_each_figure_has_a_source(self, path: Path) -> None:
        found = list(figures(read_hub_profile(path)))
        assert len(found) == 19
        assert all(len(figure.source) > 10 for figure in found)

    def test_is_called_as_its_file(self, path: Path) -> None:
        assert read_hub_profile(path) == hub_profile(path.stem)

    def test_leaves_room_beside_understanding(self, path: Path) -> None:
        profile = read_hub_profile(path)
        assert profile.budget.memory.value <= profile.memory_left.value / 4
        assert profile.memory_left.value <= profile.memory.value

    def test_can_carry_a_student_of_the_default_size(self, path: Path) -> None:
        profile = read_hub_profile(path)
        predicted = predict(profile, STUDENT)
        assert 0 < predicted.low_ms < predicted.high_ms < profile.budget.time.value
        assert profile.budget.size.value >= 3_700_000

    def test_a_slower_core_takes_more_instructions(self, path: Path) -> None:
        profile = read_hub_profile(path)
        assert (profile.instructions_per_mac.value < 0.3) == profile.dot_product.value


def test_all_kinds_of_hub_are_there() -> None:
    names = [profile.name for profile in hub_profiles()]
    assert names == ["pi-3", "pi-4", "pi-5", "rk3566", "rk3588", "x86-mini-pc", "zero-2w"]


@pytest.mark.parametrize(
    ("hub", "instructions", "low", "high"),
    [
        ("zero-2w", 33.3e6, 34, 61),
        ("pi-4", 33.3e6, 12, 23),
        ("rk3566", 17.7e6, 8.2, 14.6),
        ("pi-5", 17.7e6, 2.7, 5.2),
    ],
)
def test_a_counted_transformer_is_predicted_as_by_hand(
    hub: str, instructions: float, low: float, high: float
) -> None:
    predicted = predict(hub_profile(hub), dataclasses.replace(MINILM, instructions=instructions))
    assert (predicted.low_ms, predicted.high_ms) == (
        pytest.approx(low, rel=0.05),
        pytest.approx(high, rel=0.05),
    )


def test_what_was_not_counted_is_estimated_within_what_was(zero: HubProfile) -> None:
    estimated = predict(zero, STUDENT)
    for counted in (4.7e6, 7.3e6):  # few slots and a slot at every word, counted under emulation
        exact = predict(zero, dataclasses.replace(STUDENT, instructions=counted))
        assert estimated.low_ms * 0.98 <= exact.low_ms
        assert exact.high_ms <= estimated.high_ms * 1.02


@settings(deadline=None)
@given(st.floats(0, 1e9), st.floats(0, 1e8), st.one_of(st.none(), st.floats(0, 1e9)), st.floats(1, 10))
def test_more_work_is_never_predicted_to_be_quicker(
    macs: float, weight_bytes: float, instructions: float | None, times: float
) -> None:
    for profile in PROFILES:
        less = predict(profile, Cost(macs, weight_bytes, instructions))
        more = predict(
            profile, Cost(macs * times, weight_bytes * times, instructions and instructions * times)
        )
        assert less.low_ms <= less.high_ms
        assert (less.low_ms, less.high_ms) <= (more.low_ms, more.high_ms)


def test_a_prediction_says_that_it_is_one(zero: HubProfile) -> None:
    assert str(predict(zero, MINILM)) == "predicted 34.3 to 60.8 ms on Raspberry Pi Zero 2 W"


def test_a_hub_that_is_not_known_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"^setting hub profile: found 'pi4', expected pi-4; "):
        hub_profile("pi4")


@pytest.mark.parametrize(
    ("line", "instead", "key", "told"),
    [
        ("value = 1.0", 'value = "fast"', "clock.value", "found 'fast', expected a number of GHz above 0"),
        ("value = 1.0", "value = true", "clock.value", "found True, expected a number of GHz above 0"),
        ("value = 4\n", "value = 4.5\n", "cores.value", "found 4.5, expected a whole number above 0"),
        ('unit = "GHz"', 'unit = "MHz"', "clock.unit", "found 'MHz', expected 'GHz'"),
        ("[clock]", "[clok]", "clok", "found a key that is not known, expected clock"),
        ("[budget.memory]", "[budget.memroy]", "budget.memroy", "a key that is not known, expected memory"),
        ("[0.6, 1.0]", "[1.0, 0.6]", "instructions_per_cycle.value", "expected the lower number first"),
        ("[0.6, 1.0]", "[0.6]", "instructions_per_cycle.value", "expected two numbers above 0"),
        ("value = false", "value = 0", "dot_product.value", "found 0, expected true or false"),
        (
            "value = 2.0\nunit",
            "vale = 2.0\nunit",
            "bandwidth.vale",
            "a key that is not known, expected value",
        ),
        ('board = "Raspberry Pi Zero 2 W"', "board = 2", "board", "found 2, expected some text"),
        ('board = "Raspberry Pi Zero 2 W"', "", "board", "found nothing, expected a value and its source"),
        (
            'board = "',
            'name = "x"\nboard = "',
            "name",
            "expected none, since the file's name is the profile's",
        ),
        ("[cores]\nvalue = 4", "[cores]\nunit = 4", "cores.unit", "a key that is not known"),
    ],
)
def test_a_wrong_line_is_told_by_file_and_key(
    tmp_path: Path, line: str, instead: str, key: str, told: str
) -> None:
    file = tmp_path / "zero.toml"
    text = next(path for path in HUBS if path.stem == "zero-2w").read_text()
    assert line in text
    file.write_text(text.replace(line, instead, 1))
    with pytest.raises(SettingsError) as caught:
        read_hub_profile(file)
    assert str(caught.value).startswith(f"setting {file}: {key}: ")
    assert told in str(caught.value)


def test_a_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "zero.toml"
    lines = HUBS[-1].read_text().splitlines()
    lines.remove(next(line for line in lines if line.startswith("source")))
    file.write_text("\n".join(lines))
    with pytest.raises(
        SettingsError, match=r"cores\.source: found None, expected where the figure comes from"
    ):
        read_hub_profile(file)


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "zero.toml"
    file.write_text("board =\n")
    with pytest.raises(SettingsError, match="line 1"):
        read_hub_profile(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: found .*No such file"):
        read_hub_profile(tmp_path / "nowhere.toml")
