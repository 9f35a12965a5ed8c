"""The bench of a running hub measures what it says, with Mosquitto beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import EdgeNluError
from edge_nlu_bench import mosquitto, mqtt
from edge_nlu_bench.reference import SIZE, reference_home, room_of

try:
    mosquitto.found()
    missing = False
except EdgeNluError:
    missing = True


@pytest.mark.skipif(missing, reason="needs Mosquitto: apt-get install mosquitto")
def test_a_hub_is_measured_beside_mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "QUICK", mqtt.Counts(asks=8, rounds=1, seconds=0.3, starts=1, said=3, many=60))
    ended = CliRunner().invoke(cli, ["bench", "mqtt", "--quick", "--json"])
    assert ended.exception is None, ended.exception
    figures = json.loads(ended.output)
    assert "mosquitto 2" in figures["provenance"]
    assert figures["home"] == {"devices": 50, "satellites": 6, "people": 4, "retained": 117}
    ask, intake, start, weight = (figures[name] for name in ("ask", "intake", "start", "rss_mb"))
    assert ask["n"] == 8
    assert ask["broker_p50_ms"] < ask["p50_ms"] <= ask["p95_ms"]
    assert ask["times_the_echo_low"] <= ask["times_the_echo"] <= ask["times_the_echo_high"]
    assert intake["bytes"] == 120
    assert intake["share"] == pytest.approx(intake["hub_per_cpu_s"] / intake["paho_per_cpu_s"], abs=0.01)
    assert 0 < start["cpu_s"] < 20
    assert min(weight["own_topics"], weight["all_ears"], weight["many_devices"]) > 30
    assert weight["more_for_many"] == pytest.approx(weight["many_devices"] - weight["own_topics"], abs=0.11)


def test_without_mosquitto_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mosquitto, "PLACES", str(tmp_path))
    ended = CliRunner().invoke(cli, ["bench", "mqtt", "--quick"])
    assert isinstance(ended.exception, EdgeNluError)
    assert "apt-get install mosquitto" in str(ended.exception)


def test_states_in_a_flood_have_the_size_that_is_told() -> None:
    sizes = set()
    for packet in mqtt._states():
        topic = int.from_bytes(packet[3:5] if packet[2] < 128 and packet[1] > 127 else packet[2:4])
        start = 5 if packet[1] > 127 else 4
        sizes.add(len(packet) - start - topic)
    assert sizes == {120}


def test_a_larger_home_has_the_same_mixture_in_more_rooms() -> None:
    small, large = reference_home(), reference_home(10 * SIZE)
    assert len(small["rooms"]) == 5
    assert len(large["rooms"]) == 50
    assert {len(devices) for devices in large["rooms"].values()} == {10}
    assert room_of(0) == "kitchen"
    assert len({own for devices in large["rooms"].values() for own in devices}) == 10 * SIZE
