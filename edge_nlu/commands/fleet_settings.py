"""Read the one settings file of a fleet's server; every setting is here, with its default and its reason."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge_nlu.errors import SettingsError
from edge_nlu.fleet.selection import ENOUGH
from edge_nlu.hub.checked import from_toml, setting
from edge_nlu.hub.settings import path_of

MAY_CHANGE = (
    *("certificates", "host", "port", "golden", "loss", "round_s", "fewest", "awake_h"),
    *("repo", "keys", "percent", "pack", "last"),
)
"""What may be another when a run that was cut off goes on; all else is part of what was promised."""


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """Which head homes train together, how, and for how long."""

    folder: str = setting("", "folder for what a run reaches; a run that was cut off goes on there")
    certificates: str = setting("", "folder that `fleet certificates init` made")
    host: str = setting("0.0.0.0", "address to listen on")
    port: int = setting(8443, "port to listen on", low=0, high=65535)
    pack: str = setting("", "folder of the pack that homes have; the one that comes along when empty")
    head: Literal["intent", "evidence", "ranker"] = setting("intent", "which head to train")
    golden: str = setting("", "the server's own lessons: a file of sentences, or a folder of lessons")
    loss: float = setting(0.0, "share of those that a round may unlearn and still be kept", low=0, high=1)
    rounds: int = setting(50, "rounds of a run", low=1, high=100_000)
    round_s: float = setting(3600.0, "seconds that homes have for an answer", low=1, high=604_800)
    fewest: int = setting(10, "homes that must be there before a round begins", low=1, high=10_000_000)
    awake_h: float = setting(
        24.0, "hours since it asked for a task in which a home is there", low=0.001, high=8760
    )
    strategy: Literal["fedavg", "fedavgm", "fedprox", "fedadam", "fedyogi", "fedmedian", "fedtrimmed"] = (
        setting("fedavg", "how one head is made of many")
    )
    cohort: float = setting(50.0, "homes asked in a round, as expected", low=1, high=10_000_000)
    most: float = setting(0.1, "share of the rounds in which one home is asked, at most", low=0.0001, high=1)
    by_activity: bool = setting(False, "ask homes with more lessons more often, up to `most`")
    epsilon: float = setting(
        0.0,
        "privacy that a whole run may cost a home; with 0, which promises none, hubs decline as they come",
        low=0,
        high=1000,
    )
    delta: float = setting(
        0.0,
        "chance with which that promise may fail, at most; with 0 it is homes^-1.1, which takes 534 homes",
        low=0,
        high=0.001,
    )
    cut: float = setting(
        0.2, "length to which the change of a home is cut here before noise is added", low=0.0001, high=1e6
    )
    bound: float = setting(1.0, "length of the change that a home may send, at most", low=0.0001, high=1e6)
    epochs: int = setting(2, "times that a home goes through its lessons", low=1, high=100)
    lot: int = setting(32, "lessons in one step", low=1, high=4096)
    pace: float = setting(0.5, "length of a step", low=0, high=1e6)
    clip: float = setting(0.0, "length of the slope of one lesson, at most; 0 for any", low=0, high=1e6)
    pull: float = setting(0.0, "how much homes hold to the head they were sent (fedprox)", low=0, high=1e6)
    step: float = setting(
        0.0, "length of the server's step (fedavgm, fedadam, fedyogi); Flower's when 0", low=0, high=1e6
    )
    momentum: float = setting(0.9, "share of its last step that goes on (fedavgm)", low=0, high=1)
    last: int = setting(1, "heads that were kept last, of which the mean is given away", low=1, high=1000)
    secagg: bool = setting(
        False, "see nothing but the sum of what homes answer; needs three SuperNodes, and no other hubs"
    )
    repo: str = setting("", "repository in which hubs are given the new head; nowhere when empty")
    keys: str = setting("", "keys of that repository")
    percent: int = setting(5, "share of the hubs that get it at first", low=0, high=100)

    def options(self) -> dict[str, Any]:
        """Return what the strategy is to be told beside."""
        length = "server_learning_rate" if self.strategy == "fedavgm" else "eta"
        step = {length: self.step} if self.step else {}
        return {
            "fedprox": {"proximal_mu": self.pull},
            "fedadam": step,
            "fedyogi": step,
            "fedavgm": {"server_momentum": self.momentum, **step},
        }.get(self.strategy, {})


def read_fleet_settings(file: Path) -> FleetSettings:
    """Return the settings of a file, or raise a `SettingsError` that names the place."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(str(file), str(error), "TOML, as in docs/fleet.md") from error
    settings = from_toml(FleetSettings, found, str(file))
    for name in ("folder", "certificates"):
        if not getattr(settings, name):
            raise SettingsError(f"{file}: {name}", "none", "a folder")
    if not (path_of(settings.certificates) / "ca.pem").is_file():
        expected = "a folder that `fleet certificates init` made"
        raise SettingsError(f"{file}: certificates", repr(settings.certificates), expected)
    enough = ENOUGH.get(settings.strategy, 0)
    for name in ("fewest", "cohort"):
        if (told := getattr(settings, name)) < enough:
            expected = f"{enough} or more: of fewer answers it leaves no liar out"
            raise SettingsError(f"{file}: {name}", f"{told:g} with {settings.strategy}", expected)
    if settings.epsilon and settings.strategy in ENOUGH:
        expected = "a mean, such as fedavg: a median keeps no promise"
        raise SettingsError(f"{file}: strategy", f"{settings.strategy} with an epsilon", expected)
    if settings.golden and not path_of(settings.golden).exists():
        expected = "a file of sentences, or a folder of lessons"
        raise SettingsError(f"{file}: golden", f"nothing at {settings.golden}", expected)
    if settings.secagg and (settings.strategy in ENOUGH or settings.fewest < 3):
        expected = "a strategy that needs no single answers, and `fewest` of 3 or more"
        raise SettingsError(f"{file}: secagg", f"{settings.strategy}, fewest = {settings.fewest}", expected)
    if settings.secagg and settings.epsilon and settings.cut < settings.bound:
        expected = f"{settings.bound:g} or more, as bound: nobody can cut what nobody sees"
        raise SettingsError(f"{file}: cut", f"{settings.cut:g} with secagg", expected)
    if bool(settings.repo) != bool(settings.keys):
        raise SettingsError(f"{file}: repo and keys", "one of them", "both, or none")
    return settings
