"""The commands of those who let homes learn together: certificates, and the server of the rounds."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import click

from edge_nlu.errors import EdgeNluError, SettingsError, require
from edge_nlu.hub.commands import json_option

if TYPE_CHECKING:
    from flwr.serverapp import Grid

    from edge_nlu.commands.fleet_settings import FleetSettings
    from edge_nlu.fleet.joint import JointGrid
    from edge_nlu.fleet.masked import MaskedGrid
    from edge_nlu.fleet.server import Study
    from edge_nlu.fleet.thin import ThinGrid
    from edge_nlu.models.pack import Pack

EXTRA = "fleet"
STUDY, TASKS, MADE, TOLD = "study.json", "tasks.sqlite3", "made", "told.json"
LONGEST_LEASE_S: Final = 10.0
HELD: Final = 2.0
"""The largest epsilon at which the attacks of `fleet audit` find hardly anybody."""

folder_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def certificates() -> None:
    """Make the certificates by which a fleet's server and its hubs know each other.

    They lie in FOLDER, which no hub sees; what a hub needs is written to a folder to be carried there.
    """
    require("cryptography", extra=EXTRA)


@certificates.command()
@folder_argument
@click.argument("names", nargs=-1, required=True)
def init(*, folder: Path, names: tuple[str, ...]) -> None:
    """Make an authority in FOLDER, and the certificate of a server that hubs reach under NAMES."""
    from edge_nlu.fleet.certificates import init as make

    make(folder, names)
    click.echo(f"Made for {', '.join(names)}; `fleet certificates hub {folder} NAME` makes those of hubs.")


@certificates.command()
@folder_argument
@click.argument("name")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where to; ./NAME when not given."
)
def hub(*, folder: Path, name: str, out: Path | None) -> None:
    """Make what the hub NAME needs to take part: ca.pem, hub.pem and hub.key."""
    from edge_nlu.fleet.certificates import hub as make

    place = out or Path(name)
    make(folder, name, place)
    click.echo(f"Carry {place} to the hub, and delete it here: its key is nobody else's business.")


@certificates.command()
@folder_argument
@click.argument("name")
def revoke(*, folder: Path, name: str) -> None:
    """Let the hub NAME in no longer; a server that runs notices at once."""
    from edge_nlu.fleet.certificates import revoke as take_back

    take_back(folder, name)
    click.echo(f"{name} is let in no longer.")


@click.command()
@click.argument("settings_file", metavar="SETTINGS", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def server(*, settings_file: Path, as_json: bool) -> None:
    """Run the rounds of a fleet as SETTINGS, a TOML file, says; a run that was cut off goes on.

    What each setting is for, and how it all works: docs/fleet.md.
    """
    from edge_nlu.commands.fleet_settings import read_fleet_settings

    settings = read_fleet_settings(settings_file)
    told = run(settings)
    click.echo(json.dumps(told) if as_json else "\n".join(_lines(told)))


def run(settings: FleetSettings, big: Grid | None = None) -> dict[str, Any]:
    """Open the door, run what is left of the rounds, and give away what came of them.

    `big` is where the hubs are reached that do not come by the door, if any.
    """
    require("flwr", "dp_accounting", "cryptography", "tuf", extra=EXTRA)
    from edge_nlu.durable import put_whole
    from edge_nlu.fleet.certificates import Known
    from edge_nlu.fleet.door import Door
    from edge_nlu.fleet.golden import golden_lessons
    from edge_nlu.fleet.selection import Selection
    from edge_nlu.fleet.server import main, published, share_right
    from edge_nlu.fleet.strategy import strategy_for
    from edge_nlu.fleet.tasks import Tasks
    from edge_nlu.fleet.thin import ThinGrid
    from edge_nlu.hub.settings import path_of
    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.pack import Pack

    format_ = "%(asctime)s %(levelname)-7s %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=format_)
    logging.getLogger("flwr").setLevel(logging.ERROR)
    folder, ours = path_of(settings.folder), path_of(settings.certificates)
    pack = Pack.open(path_of(settings.pack) if settings.pack else Pack.default_path())
    reader = Encoder(pack)
    # of SuperNodes those are known that are there
    homes = [*Known(ours).names(), *(big.get_node_ids() if big is not None else ())]
    study = _study(settings, folder, reader, hubs=len(homes))
    task = study.task
    own = path_of(settings.golden) if settings.golden else None
    golden = golden_lessons(task.head, task.names, pack, reader, own)
    lease_s = min(LONGEST_LEASE_S, settings.round_s / 3)
    with closing(Tasks(folder / TASKS, lease_s=lease_s, now=time.time)) as tasks:
        try:
            door = Door(tasks, ours, host=settings.host, port=settings.port)
        except OSError as error:
            where = f"{settings.host}:{settings.port}, {error.strerror or error}"
            raise SettingsError(
                "host and port", where, "an address of this machine, and a free port"
            ) from error
        thin = ThinGrid(
            *(tasks, door.known),
            head=task.head,
            pack=pack.id,
            within_s=settings.awake_h * 3600,
            round_s=settings.round_s,
        )
        grid = _grid(settings, thin, big)
        strategy = strategy_for(
            settings.strategy,
            Selection(settings.cohort, settings.most, settings.by_activity),
            study.privacy,
            activity=grid.activity,
            # what all sentences share tells none from another, and the server's own say what that is
            common=golden.inputs.mean(0) if task.head == "intent" else None,
            **settings.options(),
        )
        log = logging.getLogger("edge_nlu.fleet")
        for doubt in doubts(study, settings.cohort):
            log.warning(doubt)
        log.info("%s: open on port %d", task.run, door.port)
        with closing(door):
            progress = main(grid, strategy, study, golden, folder)
    found = published(progress, study, golden)
    told = {
        "run": task.run,
        "head": task.head,
        "pack": pack.id,
        "rounds": progress.begun,
        "kept": progress.kept,
        "right": found[1] if found is not None else progress.right,
        "right_before": share_right(task.arrays, golden),
        "privacy": _spent(study, progress.begun),
        "passed": [asdict(one) for one in progress.passed],
    }
    if found is not None:
        told |= _given(settings, folder, pack, study, found[0])
    put_whole(folder / TOLD, json.dumps(told, indent=1).encode())
    return told


def doubts(study: Study, cohort: float) -> Iterator[str]:
    """Yield in plain words what speaks against the promise of a study with so many homes asked in a round."""
    if study.privacy is None:
        return
    numbers = sum(one.size for one in study.task.arrays)
    if (times := study.privacy.loudness(numbers, cohort)) > 1:
        yield (
            f"noise is {times:.1f} times as long as {cohort:.0f} homes together can move the head: little "
            "will be learned, and homes pay all the same; it takes more of them, or a higher epsilon"
        )
    if study.privacy.epsilon > HELD:
        yield (
            f"epsilon is {study.privacy.epsilon:g}: above {HELD:g} attacks that were tried find some of "
            "those who took part (docs/federated-privacy.md)"
        )


def _grid(settings: FleetSettings, thin: ThinGrid, big: Grid | None) -> ThinGrid | JointGrid | MaskedGrid:
    """Return where the homes are reached that take part: by the door, by a SuperLink, or both."""
    from edge_nlu.fleet.joint import JointGrid
    from edge_nlu.fleet.masked import MaskedGrid

    if big is not None:
        if settings.secagg:
            return MaskedGrid(big, round_s=settings.round_s)
        return JointGrid(thin, big, round_s=settings.round_s)
    if settings.secagg:
        raise SettingsError("secagg", "a server without a SuperLink", "an app, as `fleet app` makes it")
    return thin


def _study(settings: FleetSettings, folder: Path, reader: Any, hubs: int) -> Study:
    """Return what is run: as it was promised when it began, which a restart does not change."""
    from edge_nlu.commands.fleet_settings import MAY_CHANGE, FleetSettings
    from edge_nlu.durable import put_whole
    from edge_nlu.fleet.accounting import MOST_DELTA, Privacy, hubs_for, planned
    from edge_nlu.fleet.server import Study
    from edge_nlu.learning.fitting import Plan
    from edge_nlu.models.heads import arrays_of, names_of
    from edge_nlu.wire.rounds import Task

    fixed = {name: value for name, value in asdict(settings).items() if name not in MAY_CHANGE}
    chosen = {**fixed, "pack": reader.pack.id}
    if (folder / STUDY).exists():
        begun = _begun(folder / STUDY)
        # a setting that came later was as it is when nobody sets it
        settled = {**asdict(FleetSettings()), **begun["settings"]}
        for name, value in chosen.items():
            if settled[name] != value:
                expected = f"{settled[name]!r}, as when the run in {folder} began"
                raise SettingsError(name, repr(value), expected)
    else:
        promise = None
        if settings.epsilon:
            if hubs < hubs_for(MOST_DELTA) and not settings.delta:
                found = f"a promise to {hubs} hubs, which would fail too often"
                fewest = f"{hubs_for(MOST_DELTA)} hubs with certificates"
                expected = f"{fewest}, or delta = {MOST_DELTA:g} or less, which takes more noise"
                raise SettingsError("epsilon", found, expected)
            promise = planned(
                *(settings.epsilon, max(hubs, 1)),
                q=settings.most,
                rounds=settings.rounds,
                clip=settings.cut,
                delta=settings.delta or MOST_DELTA,
            )
        begun = {
            "run": uuid4().hex[:12],
            "settings": chosen,
            "privacy": asdict(promise) if promise is not None else None,
        }
        put_whole(folder / STUDY, json.dumps(begun, indent=1).encode())
    task = Task(
        run=begun["run"],
        round=0,
        head=settings.head,
        pack=reader.pack.id,
        names=names_of(settings.head, reader),
        arrays=arrays_of(settings.head, reader),
        plan=Plan(settings.epochs, settings.lot, settings.pace, settings.clip, settings.pull),
        bound=settings.bound,
    )
    privacy = Privacy(**begun["privacy"]) if begun["privacy"] else None
    return Study(
        task, settings.rounds, settings.round_s, privacy, settings.fewest, settings.loss, settings.last
    )


def _begun(file: Path) -> dict[str, Any]:
    """Return what was promised when a run began."""
    try:
        begun: dict[str, Any] = json.loads(file.read_bytes())
        if {name: type(begun[name]) for name in ("run", "settings")} != {"run": str, "settings": dict}:
            raise ValueError("no name of a run, or no settings")
        if not isinstance(begun["privacy"], dict | None):
            raise ValueError("a promise that is none")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EdgeNluError(
            f"{file}: found a damaged file ({error}), expected what was promised when the run began; "
            f"bring it back from a copy, or name another folder for another run"
        ) from error
    return begun


def _given(settings: FleetSettings, folder: Path, pack: Pack, study: Study, arrays: Any) -> dict[str, Any]:
    """Make a pack of what was reached, give it away where that is wanted, and return what to tell of it."""
    from edge_nlu.fleet.giving import give, made
    from edge_nlu.hub.settings import path_of
    from edge_nlu.wire.releases import Spent

    # what is left of one that was cut off
    shutil.rmtree(folder / MADE, ignore_errors=True)
    new = made(pack, study.task, arrays, folder / MADE)
    if not settings.repo:
        return {"made": str(new.folder), "id": new.id}
    cost = _spent(study, study.rounds)
    spent = Spent(**cost) if cost else Spent(0.0, 0.0, study.rounds, unpromised=study.rounds)
    release = give(path_of(settings.repo), path_of(settings.keys), pack, new, spent, settings.percent)
    return {"made": str(new.folder), "id": new.id, "release": release.number}


def _spent(study: Study, rounds: int) -> dict[str, Any] | None:
    from edge_nlu.fleet.server import spent

    if study.privacy is None:
        return None
    return {
        # never less than it was
        "epsilon": ceil(spent(study, rounds) * 10_000) / 10_000,
        "delta": study.privacy.delta,
        "rounds": rounds,
        "unit": "home",
    }


def _lines(told: dict[str, Any]) -> Iterator[str]:
    rounds = f"{told['rounds']} rounds of {told['head']}, {told['kept']} kept"
    yield f"{rounds}; right now: {told['right']:.4f}, before: {told['right_before']:.4f}"
    if (cost := told["privacy"]) is not None:
        yield f"each home paid an epsilon of {cost['epsilon']:.2f} at most (delta {cost['delta']:.1e})"
    if "made" in told:
        more = "; to give it away, set `repo` and `keys` and do it again"
        given = f", release {told['release']}" if "release" in told else more
        yield f"pack {told['id']} in {told['made']}{given}"
    else:
        yield "nothing is given away: no head is there that was kept, and as right as the one that homes have"
