"""The settings of a fleet's server: the example is true, and what cannot be used is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge_nlu.commands.fleet_settings import FleetSettings, read_fleet_settings
from edge_nlu.errors import SettingsError
from edge_nlu.hub.checked import every_setting

EXAMPLE = Path(__file__).parents[2] / "docs" / "fleet.toml"
PLACES = ("folder", "certificates")


def read(folder: Path, text: str) -> FleetSettings:
    (folder / "ca.pem").touch()
    (folder / "fleet.toml").write_text(text.replace("/srv/fleet/certificates", str(folder)))
    return read_fleet_settings(folder / "fleet.toml")


def test_the_example_names_every_setting_with_its_default(tmp_path: Path) -> None:
    everything = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    found = {name: value for name, value, _ in every_setting(read(tmp_path, everything))}
    wanted = {name: value for name, value, _ in every_setting(FleetSettings())}
    assert {name: found[name] for name in wanted if name not in PLACES} == {
        name: value for name, value in wanted.items() if name not in PLACES
    }
    for name in wanted:
        assert re.search(rf"^(# )?{name} = ", everything, re.MULTILINE), name


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("round = 3", "did you mean|rounds"),
        ("head = 'all'", "head"),
        ("epsilon = -1", "epsilon"),
        ("repo = '/srv/packs'", "repo and keys"),
        ("certificates = '/nowhere'", "certificates"),
        ("golden = '/nowhere/at/all'", "golden.*nothing at /nowhere"),
        ("epsilon = 2\nstrategy = 'fedmedian'", "strategy.*a median keeps no promise"),
        ("delta = 0.01", "delta"),
        ("strategy = 'fedtrimmed'\nfewest = 4", "fewest: found 4 with fedtrimmed, expected 5"),
        ("strategy = 'fedtrimmed'\ncohort = 4.5", "cohort: found 4.5 with fedtrimmed, expected 5"),
        ("strategy = 'fedmedian'\nfewest = 2", "fewest: found 2 with fedmedian, expected 3"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, more: str, named: str) -> None:
    name = more.partition(" ")[0]
    kept = [line for line in EXAMPLE.read_text().splitlines() if not line.startswith(f"{name} ")]
    with pytest.raises(SettingsError, match=named):
        read(tmp_path, "\n".join([*kept, more]))
