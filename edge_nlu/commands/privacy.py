"""Tell in plain words what left the house, when, to whom and how much, and what never leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from edge_nlu.hub.commands import config_option, json_option, look_into, settings_of

if TYPE_CHECKING:
    from edge_nlu.hub.settings import Settings
    from edge_nlu.wire.pairs import Asked

TRAINED: Final = "numbers of a head that was trained here"
OFFERED: Final = "which pack is in use, and about how many lessons there are"
_ROUNDED: Final = 0.01
NEVER: Final = (
    "sound: only text comes to the hub",
    "the list of devices, rooms and people, and what goes on in the home",
    "the journal, habits, and what people taught",
    "passwords and keys, but to whom they are for",
)


@dataclass(frozen=True, slots=True)
class Left:
    """Something that left: when, to whom, what it was, and in how many bytes; `text` is word for word."""

    at: str
    to: str
    kind: str
    bytes: int
    times: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class Together:
    """This home's part in training heads with others: in how many rounds, and what it costs in privacy.

    `epsilon` and `delta` are those of all runs, wordings and weeks together, as was promised for them, and
    `most_epsilon` and `most_delta` what the owner allows; `wordings` and `weeks` are their part of epsilon.
    """

    rounds: int
    waiting: int
    epsilon: float
    most_epsilon: float
    delta: float
    most_delta: float
    wordings: float
    weeks: float


@dataclass(frozen=True, slots=True)
class Signed:
    """What is signed about the pack in use: what its heads cost each home that took part in all of it.

    Nothing was promised for `unpromised` of its rounds.
    """

    pack: str
    epsilon: float
    delta: float
    rounds: int
    unit: str
    unpromised: int


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of what left: `may` is what the settings allow, by sort."""

    may: Mapping[str, str]
    left: tuple[Left, ...]
    waiting: Mapping[str, tuple[int, int]]
    dropped: Mapping[str, tuple[int, int]]
    together: Together
    signed: Signed | None


@click.command()
@config_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="So many of what left last, word for word.",
)
@json_option
def privacy(*, file: Path | None, limit: int, as_json: bool) -> None:
    """Tell what left the house, when, to whom and how much, what may leave, and what never does.

    What it means, and what is put in the place of names and numbers: docs/privacy.md.
    """
    account = account_of(settings_of(file))
    if as_json:
        click.echo(json.dumps({**asdict(account), "never": NEVER}, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(account, limit)))


def account_of(settings: Settings) -> Account:
    """Return what left a house with these settings, the latest first."""
    from edge_nlu.sync.paying import WEEKS, WORDINGS
    from edge_nlu.sync.queue import queued
    from edge_nlu.sync.state import KEPT, WAITING, last_offers, last_parts, spent_on

    # what cannot be read must not look as if nothing had left
    for folder in (settings.state_folder(), settings.sync_folder()):
        look_into(folder)
    queue = queued(settings.sync_folder())
    delivered = (
        Left(_time(at_s), _host(to), kind, size, text=_told(text))
        for kind, at_s, to, size, text in queue.delivered
    )
    parts, spent = last_parts(settings.sync_folder(), KEPT)
    trained = (Left(_time(one.at_s), one.server, TRAINED, one.bytes) for one in parts if one.left)
    offered = (
        Left(_time(at_s), server, OFFERED, size, times)
        for at_s, server, times, size in last_offers(settings.sync_folder())
    )
    left = [*_asked(settings), *_looked(settings), *delivered, *offered, *trained]
    return Account(
        _may(settings),
        tuple(sorted(left, key=lambda one: one.at, reverse=True)),
        queue.waiting,
        queue.dropped,
        Together(
            sum(one.left for one in parts),
            sum(one.outcome == WAITING for one in parts),
            spent.epsilon,
            settings.sync.federated.most_epsilon,
            spent.delta,
            settings.sync.federated.most_delta,
            spent_on(settings.sync_folder(), WORDINGS).epsilon,
            spent_on(settings.sync_folder(), WEEKS).epsilon,
        ),
        _signed(settings),
    )


def lines(account: Account, limit: int) -> Iterator[str]:
    """Yield an account for people."""
    yield "What may leave, as the settings are:"
    yield from (f"  {sort}: {what}" for sort, what in account.may.items())
    yield ""
    if account.left:
        yield "What left:"
        yield from _summed(account.left)
    else:
        yield "Nothing has left."
    told = [one for one in account.left if one.text][:limit]
    if told:
        yield ""
        yield "The last of it, word for word:"
        yield from (f'  {one.at}  to {one.to}: "{one.text}"' for one in told)
    for words, counted in (
        ("waits to leave", account.waiting),
        ("made room, and never left", account.dropped),
    ):
        yield from (
            f"{items} of kind {kind} {words}: {_size(size)}" for kind, (items, size) in counted.items()
        )
    if (together := account.together).rounds or together.waiting or together.epsilon:
        yield ""
        yield f"Rounds of training with others: {together.rounds}; {_cost(together)}."
    if (signed := account.signed) is not None:
        yield f"The heads of the pack in use, {signed.pack}, are signed with {_price(signed)}."
        if together.rounds and (differs := _differs(together, signed)):
            yield differs
    yield ""
    yield "What never leaves:"
    yield from (f"  {never}" for never in NEVER)


def _cost(together: Together) -> str:
    """Return what taking part has cost in privacy, in words."""
    if not together.epsilon:
        return "nobody promised any privacy for them"
    most = f" of {together.most_epsilon:g} at most" if together.most_epsilon else ""
    cost = f"an epsilon of {together.epsilon:.2f}{most}, with a delta of {together.delta:.1e}"
    also = {"wordings": together.wordings, "weeks": together.weeks}
    beside = " and ".join(f"{what} ({epsilon:.2f})" for what, epsilon in also.items() if epsilon)
    return f"together{beside and f' with {beside}'} they cost {cost} (docs/federated-privacy.md)"


def _price(signed: Signed) -> str:
    """Return what is signed about a pack, in words."""
    cost = f"an epsilon of {signed.epsilon:.2f} and a delta of {signed.delta:.1e}"
    unpromised = f", {signed.unpromised} of which promised nothing" if signed.unpromised else ""
    return f"{cost} for each {signed.unit} that took part, over {signed.rounds} rounds{unpromised}"


def _differs(together: Together, signed: Signed) -> str:
    """Return how what is signed differs from what this home has paid, and why that may be."""
    trained = together.epsilon - together.wordings - together.weeks
    if trained < signed.epsilon - _ROUNDED:
        return "This home has paid less: it was not there in all of these rounds."
    if trained > signed.epsilon + _ROUNDED:
        return "This home has paid more: in rounds whose heads are in other packs, or in none."
    return ""


def _signed(settings: Settings) -> Signed | None:
    """Return what is signed about the pack in use."""
    from edge_nlu.storage.packs import Packs
    from edge_nlu.sync.state import signed_of

    in_use = Packs(settings.state_folder() / "packs").current().id
    spent = signed_of(settings.sync_folder(), in_use) if in_use else None
    return Signed(in_use, **asdict(spent)) if spent is not None else None


def _summed(left: Sequence[Left]) -> Iterator[str]:
    """Yield what left by receiver and kind, with how much and from when to when."""
    by: dict[tuple[str, str], list[Left]] = {}
    for one in left:
        by.setdefault((one.to, one.kind), []).append(one)
    for (to, kind), found in by.items():
        times, size = sum(one.times for one in found), sum(one.bytes for one in found)
        when = f"{found[-1].at[:10]} to {found[0].at[:10]}"
        yield f"  to {to}: {kind}, {times} times, {_size(size)}, {when}"


def _may(settings: Settings) -> dict[str, str]:
    cloud, sync = settings.cloud, settings.sync
    asked = "nothing; nobody outside is asked (cloud.backend)"
    if cloud.backend:
        words = (
            "without names, numbers and addresses" if cloud.mask else "word for word (cloud.mask is false)"
        )
        asked = f"sentences that the hub cannot answer or understand, to {_host(cloud.url)}, {words}"
    looked = "nothing; nobody is asked for model packs (sync.url)"
    if sync.url:
        looked = f"the names of the files that are wanted, to {_host(sync.url)}"
    reports = "nothing; nobody hears how packs fared (sync.inbox)"
    if sync.inbox:
        reports = f"which model packs were kept, given back or refused, to {_host(sync.inbox)}"
    with_pack = _asked_with_pack(settings) if sync.wordings or sync.weeks else None
    wordings = "nothing; no wording is offered to others (sync.wordings)"
    if sync.wordings:
        wordings = (
            f"digests of pairs of wordings, and the words once many homes say so, {_to(sync.inbox)}; "
            f"{_pairs(with_pack)}"
        )
    weeks = "nothing; nobody hears how often sentences fail (sync.weeks)"
    if sync.weeks:
        costs = with_pack.weeks if with_pack is not None else 0.0
        cost = f"at an epsilon of {costs:g} a week" if costs else "the pack in use asks for none"
        weeks = f"which share of a week's sentences failed, and at which stage, {_to(sync.inbox)}; {cost}"
    learning = "nothing; no head is trained with other homes (sync.federated.server)"
    if (chosen := sync.federated).server:
        heads = ", ".join(chosen.heads)
        learning = (
            f"numbers of heads trained here ({heads}), and roughly on how much, to {_host(chosen.server)}"
        )
    return {
        "learning": learning,
        "questions": asked,
        "model packs": looked,
        "reports": reports,
        "wordings": wordings,
        "weeks": weeks,
    }


def _asked_with_pack(settings: Settings) -> Asked | None:
    """Return what the fleet asks with the pack in use."""
    from edge_nlu.models.pack import Pack
    from edge_nlu.storage.packs import Packs
    from edge_nlu.wire.pairs import ASKED, Asked

    packs = Packs(settings.state_folder() / "packs")
    in_use = packs.current().id
    folder = packs.place(in_use) if in_use else Pack.default_path()
    try:
        return Asked.from_json((folder / ASKED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _pairs(asked: Asked | None) -> str:
    """Return what an answer to a fleet is, and what it costs."""
    if asked is None:
        return "the pack in use asks for none"
    return (
        f"{asked.most} at most in epoch {asked.epoch}, at an epsilon of {asked.epsilon:g} and a delta of "
        f"{asked.delta:g}, and words where about {asked.homes} homes say so (docs/federated-privacy.md)"
    )


def _to(inbox: str) -> str:
    return f"to {_host(inbox)}" if inbox else "to nobody yet (sync.inbox)"


def _asked(settings: Settings) -> Iterator[Left]:
    """Yield the questions that were asked outside, as the journal has them."""
    from edge_nlu.hub.assemble import JOURNAL
    from edge_nlu.hub.keeping import ask
    from edge_nlu.storage.reading import reading

    path = settings.state_folder() / JOURNAL
    if not path.exists():
        return
    # a hub that runs may not have written all of it yet
    ask(settings, {"do": "settle"})
    with reading(path) as opened:
        for at_s, to, kind, text, size, times in opened.rows(
            "SELECT at_s, receiver, kind, text, bytes, times FROM sent WHERE times > 0"
        ):
            yield Left(_time(at_s), to, kind, size, times, text)


def _looked(settings: Settings) -> Iterator[Left]:
    """Yield the looks for model packs; what left was the names of files, and no more."""
    from edge_nlu.sync.state import KEPT, last_rounds

    for one in last_rounds(settings.sync_folder(), KEPT):
        if one["outcome"] != "waiting":
            yield Left(_time(one["at_s"]), _host(one["url"]), "look for model packs", 0)


def _told(words: str) -> str:
    """Return the pairs of wordings in an item as people read them."""
    pairs = json.loads(words)["pairs"] if words else ()
    return "; ".join(f"{failing} is {working}" for _, failing, working in pairs)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s).astimezone().isoformat(sep=" ", timespec="seconds")


def _size(size: int) -> str:
    return f"{size / 1000:,.1f} kB" if size else "names of files alone"
