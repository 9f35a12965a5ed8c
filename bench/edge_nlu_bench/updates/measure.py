"""Measure how packs come into a home: what attacks achieve, what bad lines cost, how soon a bad pack goes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tuf.api.exceptions import DownloadError
from tuf.ngclient import Updater, Urllib3Fetcher
from urllib3.exceptions import HTTPError

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.admission import got_worse
from edge_nlu.models.pack import LABELS, Pack
from edge_nlu_bench.report import Report
from edge_nlu_bench.updates import together
from edge_nlu_bench.updates.attacks import ATTACKS, HeldOutError, attacked
from edge_nlu_bench.updates.home import Home, home_in
from edge_nlu_bench.updates.kills import survive_fetching, survive_installing
from edge_nlu_bench.updates.packs import ENCODER, another_network, confused, contrary, fewer_promises, make
from edge_nlu_bench.updates.world import World, world_in

BREAKS_AFTER: Final = 1_500_000
LARGE: Final = 6_000_000
"""Bytes of the network in the pack that is fetched over a bad line."""

TRIAL: Final = 60
SOON: Final = 20
WAIT_S: Final = 60.0


def measure(*, quick: bool) -> Report:
    """Return the figures; quick kills at every eighth step only."""
    with tempfile.TemporaryDirectory(prefix="edge-nlu-sync-") as folder:
        place = Path(folder)
        return {
            "attacks": attacks(place / "attacks"),
            "kills": kills(place / "kills", every=8 if quick else 1),
            "bad_line": bad_line(place / "line"),
            "in_use": in_use(place / "in-use"),
            "trial": trial(homes=300 if quick else 3000),
            "memory": memory(place / "memory"),
            "federated": together.measure(place / "federated", quick=quick),
        }


def attacks(place: Path) -> dict[str, int | str]:
    """Return how many attacks there were, and how many came to nothing."""
    through = []
    for attack in ATTACKS:
        with world_in(place / attack.__name__) as world:
            try:
                attacked(world, attack)
            except HeldOutError:
                through.append(attack.__name__)
    return {
        "tried": len(ATTACKS),
        "refused_or_healed": len(ATTACKS) - len(through),
        "through": " ".join(through),
    }


def kills(place: Path, *, every: int) -> dict[str, int]:
    """Return how often a process was killed on its way, and how often all healed by itself."""
    with world_in(place / "world") as world:
        fetching, fetched = survive_fetching(world, every)
    first, second = make(place / "one-1", fewer_promises), make(place / "two-2", another_network)
    installing, installed = survive_installing(place / "hubs", first, second, every)
    return {
        "while_fetching": fetching,
        "while_fetching_healed": fetched,
        "while_installing": installing,
        "while_installing_healed": installed,
    }


def bad_line(place: Path) -> dict[str, float | int | bool]:
    """Return what a pack, and a head, cost over a line that breaks again and again."""

    def large(folder: Path) -> None:
        (folder / ENCODER).write_bytes(random.Random(0).randbytes(LARGE))

    with world_in(place) as world:
        # nothing of it is at hand
        world.choose(comes_along=_elsewhere(place / "elsewhere"))
        world.give("large-1", large)
        world.server.breaks_after = BREAKS_AFTER
        size = sum(
            file.stat().st_size for file in (place / "made" / "large-1").iterdir() if file.name != "CARD.md"
        )
        looks = _looks_until(world, "large-1")
        sent, world.server.sent = world.server.sent, 0
        finishes = _framework_finishes(world)
        # a head of the pack that is there
        world.server.sent = 0
        head, bytes_of_head = world.repo.add(
            make(place / "made" / "head-2", _other_head, place / "made" / "large-1"), base="large-1"
        )
        world.repo.publish()
        _looks_until(world, head.pack)
        return {
            "pack_bytes": size,
            "pack_sent_bytes": sent,
            "pack_ratio": round(sent / size, 4),
            "pack_looks": looks,
            "framework_fetcher_finishes": finishes,
            "head_bytes": bytes_of_head,
            "head_sent_bytes": world.server.sent,
        }


def in_use(place: Path) -> dict[str, float | int | bool]:
    """Return how a running hub fares with a good pack, and with two that only look good."""
    good = make(place / "good-1", another_network)
    with home_in(place / "home") as home:
        home.start()
        figures: dict[str, float | int | bool] = {
            "longest_answer_while_switching_ms": _longest_pause(home, good)
        }
        for _ in range(TRIAL):
            home.wish()
        figures["good_pack_kept"] = home.packs.trial() is None
        for change in (confused, contrary):
            bad = make(place / f"{change.__name__}-2", change)
            slot = home.take_in(bad)
            figures[f"turns_until_{change.__name__}_pack_left"] = home.turns_until_left(slot)
            home.hand_in(bad)
            home.until(lambda slot=slot: "refused" in home.events(slot))  # type: ignore[misc]
            figures[f"{change.__name__}_pack_taken_again"] = home.packs.current() == slot
        figures["acts_again"] = home.wish()
        return figures


def trial(*, homes: int) -> dict[str, float]:
    """Return how often a pack is left on trial, by how much failed before and fails now."""
    draw = random.Random(0)
    figures = {}
    for before, now, within in (
        (0.1, 0.1, TRIAL),
        (0.2, 0.2, TRIAL),
        (0.4, 0.4, TRIAL),
        (0.1, 0.5, SOON),
        (0.2, 0.8, SOON),
    ):
        left = sum(_is_left(draw, before, now, within) for _ in range(homes))
        figures[f"left_within_{within}_of_{before:.0%}_to_{now:.0%}".replace("%", "")] = round(
            left / homes, 4
        )
    return figures


def memory(place: Path) -> dict[str, float]:
    """Return what the process of sync weighs at rest and while it gets a pack."""
    with world_in(place) as world:
        world.choose(every_s=1.0, comes_along=_elsewhere(place / "elsewhere"))
        with _syncing(world) as process:
            _until(lambda: any("timestamp" in path for path, _ in world.server.asked))
            time.sleep(1.0)
            rest = _status_mb(process, "VmRSS")
            world.give("new-1", another_network)
            _until(lambda: world.waiting() == "new-1")
            time.sleep(0.2)
            return {"at_rest_mb": rest, "most_during_an_update_mb": _status_mb(process, "VmHWM")}


def _elsewhere(folder: Path) -> Path:
    """Return a pack without files: of it, only the language is known."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"id": "none", "locale": "en-US", "files": {}}')
    return folder


def _other_head(folder: Path) -> None:
    (folder / LABELS).write_bytes((Pack.default_path() / LABELS).read_bytes() + b"\n")


def _looks_until(world: World, pack: str) -> int:
    for look in range(1, 100):
        world.look()
        if world.waiting() == pack:
            return look
    raise EdgeNluError(f"{pack} was looked for in vain")


def _framework_finishes(world: World) -> bool:
    """Return whether the framework's own way to fetch gets the network in three tries."""
    place = world.folder / "framework"
    place.mkdir()
    metadata = str(world.choices.folder / "trust")
    for _ in range(3):
        updater = Updater(
            metadata,
            f"{world.server.url}/metadata/",
            str(place),
            f"{world.server.url}/targets/",
            fetcher=Urllib3Fetcher(),
            bootstrap=world.choices.root.read_bytes(),
        )
        try:
            updater.download_target(updater.get_targetinfo(f"models/large-1/{ENCODER}"))
            return True
        except (DownloadError, HTTPError):
            continue
    return False


def _longest_pause(home: Home, pack: Path) -> float:
    """Return the longest that somebody waits for an answer while a pack comes in, in milliseconds."""
    slot = home.hand_in(pack)
    longest = 0.0
    while home.packs.current() != slot:
        begun = time.perf_counter()
        home.say("is the hall lamp on")
        longest = max(longest, time.perf_counter() - begun)
    return round(longest * 1000, 1)


def _is_left(draw: random.Random, before: float, now: float, within: int) -> bool:
    turns_before, failed = 200, 0
    failed_before = sum(draw.random() < before for _ in range(turns_before))
    for turn in range(1, within + 1):
        failed += draw.random() < now
        if got_worse(failed, turn, failed_before, turns_before):
            return True
    return False


@contextmanager
def _syncing(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process of sync."""
    command = [sys.executable, "-m", "edge_nlu.sync", world.choices.to_json()]
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _status_mb(process: subprocess.Popen[bytes], name: str) -> float:
    """Return a figure of a process's memory, in a million bytes."""
    told = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return round(1024 * next(int(line.split()[1]) for line in told if line.startswith(name)) / 1e6, 1)


def _until(condition: Any) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise EdgeNluError("the process of sync was waited for in vain")
        time.sleep(0.02)
