"""A fleet names what enough homes say, and nothing that one of them says alone, however it is cut off."""

from __future__ import annotations

import gzip
import http.client
import json
import math
import sqlite3
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import DataError, EdgeNluError, StorageError
from edge_nlu.fleet import certificates
from edge_nlu.fleet.mining import epochs as epochs_
from edge_nlu.fleet.mining.collected import KNOWN, LATE, TAKEN, Collected
from edge_nlu.fleet.mining.epochs import TOLD, Epochs
from edge_nlu.fleet.mining.inbox import Inbox
from edge_nlu.fleet.mining.jobs import Alone
from edge_nlu.fleet.mining.mine import Mine, homes_of, shares, spent
from edge_nlu.fleet.mining.simulate import Promise, canaries, coverage, weeks, weights_in
from edge_nlu.fleet.mining.threshold import Gaussian, Laplace, lone_chance, named, threshold
from edge_nlu.fleet.repacked import repacked
from edge_nlu.learning.goals import CORRECT, HEARD
from edge_nlu.learning.pairs import Pair, digest
from edge_nlu.learning.sharing import Shared
from edge_nlu.models.pack import Pack
from edge_nlu.storage.shared import FILE, read_shared
from edge_nlu.sync.choices import Shown
from edge_nlu.sync.inbox import Inbox as WayToInbox
from edge_nlu.sync.queue import QUEUE, Queue, deliver, take_in
from edge_nlu.wire.outgoing import Item, hand_out
from edge_nlu.wire.pairs import ASKED, WEEK_S, Asked, Offer, Week, Worded, put_offer, week_of

GLOW = Pair("name", "glow", "reading lamp")
OWN = Pair("name", "the story", "floor lamp")
NOW = 1_772_500_000.0
WEEK = week_of(NOW) - 2


# ---------------------------------------------------------------------------------- noise, threshold


@pytest.mark.parametrize("noise", [Laplace(3.0), Gaussian(4.0)])
def test_noise_is_as_often_as_it_should_be(noise: Laplace | Gaussian) -> None:
    drawn = noise.drawn(200_000)
    for least in (1, 4, 9):
        for share in (np.mean(drawn >= least), np.mean(drawn <= -least)):
            expected = noise.chance(least)
            assert abs(float(share) - expected) < 5 * math.sqrt(expected / len(drawn))


@pytest.mark.parametrize("noise", [Laplace(0.4), Laplace(3.0), Gaussian(1.5), Gaussian(40.0)])
def test_what_is_rarer_is_told_to_the_number(noise: Laplace | Gaussian) -> None:
    for chance in (1e-2, 1e-6, 1e-10):
        least = noise.rarer(chance)
        assert noise.chance(least) <= chance < noise.chance(least - 1)


PROMISES = [(1, 1e-8, 1), (1, 1e-8, 3), (3, 1e-6, 3), (8, 1e-8, 40), (0.1, 1e-8, 16)]


@pytest.mark.parametrize(("epsilon", "delta", "most"), PROMISES)
def test_what_one_home_says_is_named_no_oftener_than_promised(
    epsilon: float, delta: float, most: int
) -> None:
    assert 2 * most * lone_chance(epsilon, delta, most) <= delta


@pytest.mark.parametrize(("epsilon", "delta", "most"), PROMISES[:3])
def test_the_threshold_is_that_of_the_formula(epsilon: float, delta: float, most: int) -> None:
    counts = 2 * most
    scale = counts / epsilon
    tau = 1 + scale * math.log(counts / (2 * delta))
    # Gaussian noise is taken where it needs fewer
    assert threshold(epsilon, delta, most) < tau + scale + 1
    assert Laplace.keeping(epsilon, counts).rarer(delta / counts) > tau - 2


@pytest.mark.parametrize(("epsilon", "delta", "most"), PROMISES)
def test_gaussian_noise_keeps_what_it_promises(epsilon: float, delta: float, most: int) -> None:
    width = Gaussian.keeping(epsilon, delta, most).width
    # the exact delta of Gaussian noise on a change of this length (arXiv 1805.06530)
    length = math.sqrt(most) / width
    below = length / 2 - epsilon / length
    exact = phi(below) - math.exp(epsilon) * phi(below - length)
    assert 0.01 * delta < exact <= delta


def phi(at: float) -> float:
    return 0.5 * math.erfc(-at / math.sqrt(2))


def test_a_promise_of_little_is_kept_no_better_than_promised() -> None:
    found = canaries(50_000, Promise(1.0, 1e-8, 3))
    control = found["control"]
    assert found["named"] == 0
    assert abs(control["named"] - control["expected"]) < 6 * math.sqrt(control["expected"])


@pytest.mark.slow
def test_of_a_million_homes_nothing_is_named_that_one_alone_says() -> None:
    assert canaries(1_000_000, Promise(1.0, 1e-8, 3))["named"] == 0


def test_what_very_many_homes_say_is_named_with_about_their_number() -> None:
    which, told = named(np.array([1, 500, 2, 700]), 1.0, 1e-8, 3)
    assert which.tolist() == [1, 3]
    assert abs(told[0] - 500) < 100


def test_more_homes_cover_more_and_one_epoch_less_than_twelve() -> None:
    weights = [100 // (rank + 1) + 1 for rank in range(60)]
    found = {
        (homes, row["epochs"]): row["coverage"]
        for homes in (200, 2_000)
        for row in coverage(weights, homes, 10, Promise(1.0, 1e-8, 3), 1)
    }
    assert found[200, 1] < found[2_000, 1] < found[2_000, 12]


def test_shares_of_a_week_are_told_to_a_point() -> None:
    assert weeks(500, 1.0, 20, 1)["points_p95"] < 1.0


def test_confusions_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="confusions"):
        weights_in(tmp_path)


# ------------------------------------------------------------------------------------- what comes in


class Fleet:
    """A fleet's folder with one receiver; the noise is what the test says it is."""

    def __init__(self, folder: Path, most: int = 3) -> None:
        self.folder = folder
        self.asked = Epochs(folder).open(1.0, 1e-8, most, weeks=1.0)
        self.receiver = Collected(folder, "1", lambda: NOW)
        self.mine = Mine(folder, Alone())

    def offer(self, home: int, *pairs: Pair, receiver: Collected | None = None) -> str:
        digests = tuple(digest(self.asked.salt, pair) for pair in pairs)
        offer = Offer(self.asked.epoch, uuid4().hex, digests, self.asked.epsilon, self.asked.delta)
        return (receiver or self.receiver).take(Item(offer.home, "pairs", offer.to_bytes()), f"hub-{home}")

    def word(self, *pairs: Pair, home: int = 1) -> str:
        body = Worded(self.asked.epoch, pairs).to_bytes()
        return self.receiver.take(Item(uuid4().hex, "wordings", body), f"hub-{home}")

    def words(self, *pairs: Pair, homes: int = 200) -> list[Shared]:
        """Have homes hand out words, count them, and return the table."""
        assert {self.word(*pairs, home=home) for home in range(homes)} == {TAKEN}
        self.mine.words()
        return self.mine.table()

    def week(self, home: int, week: int = WEEK, epsilon: float = 1.0) -> str:
        body = Week.of(week, epsilon, {CORRECT: 80, HEARD: 20}).to_bytes()
        return self.receiver.take(Item(uuid4().hex, "count", body), f"hub-{home}")

    def lines(self) -> list[Shared]:
        return read_shared(self.folder / FILE)[0]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path)
    yield made
    made.receiver.close()


def test_what_comes_twice_counts_once_whoever_took_it_in(fleet: Fleet) -> None:
    other = Collected(fleet.folder, "2", lambda: NOW)
    assert [fleet.offer(1, GLOW), fleet.offer(1, GLOW), fleet.offer(1, OWN)] == [TAKEN, KNOWN, KNOWN]
    assert fleet.offer(1, GLOW, receiver=other) == TAKEN
    other.close()
    files = sorted(fleet.folder.glob("collected-*.sqlite3"))
    assert [count for _, count in Alone()(homes_of(1), files)] == [1]


def test_what_was_not_asked_for_is_refused_or_late(fleet: Fleet) -> None:
    many = [Pair("name", f"thing {letter}", "lamp") for letter in "abcd"]
    assert fleet.offer(1, *many) == "refused: 4 digests, expected 3 at most"
    assert fleet.word(GLOW) == LATE
    assert fleet.week(1, WEEK + 2) == LATE
    assert fleet.week(1, WEEK - 6) == LATE
    assert fleet.receiver.take(Item("0" * 32, "update", b""), "hub-1").startswith("refused: kind update")
    assert fleet.receiver.take(Item("0" * 32, "pairs", b"\xff"), "hub-1").startswith("refused: ")
    asked = fleet.asked
    fleet.asked = replace(asked, epsilon=8.0)
    assert fleet.offer(1, GLOW) == "refused: an epsilon of 8, expected what was asked, 1"
    fleet.asked = replace(asked, epoch=7)
    assert fleet.offer(1, GLOW) == LATE


def test_a_home_counts_once_whatever_it_says_it_is(fleet: Fleet) -> None:
    assert [fleet.offer(1, GLOW) for _ in range(120)] == [TAKEN] + [KNOWN] * 119
    assert fleet.mine.close().named == ()


def filled(fleet: Fleet, homes: int = 200) -> None:
    for home in range(homes):
        fleet.offer(home, GLOW)
    fleet.offer(homes, OWN, GLOW)


def test_what_many_say_is_named_and_what_one_says_is_not(fleet: Fleet) -> None:
    filled(fleet)
    assert fleet.mine.close().named == (digest(fleet.asked.salt, GLOW),)
    assert fleet.word(OWN) == "refused: words that were not named"
    (found,) = fleet.words(GLOW)
    assert found == fleet.lines()[0]
    assert replace(found, homes=0) == Shared(*GLOW, 0)
    assert 150 < found.homes < 250
    assert b"story" not in b"".join(file.read_bytes() for file in fleet.folder.iterdir())


def test_words_that_one_home_alone_hands_out_are_in_no_table(fleet: Fleet) -> None:
    """Others offered the same, and were gone when words were asked for."""
    filled(fleet)
    fleet.mine.close()
    assert fleet.words(GLOW, homes=1) == []
    assert b"glow" not in b"".join(file.read_bytes() for file in fleet.folder.iterdir())


def test_words_are_counted_once_and_then_no_more_come(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EdgeNluError, match="fleet mine --close"):
        fleet.mine.words()
    filled(fleet)
    fleet.mine.close()
    table = fleet.words(GLOW)
    monkeypatch.setattr("edge_nlu.fleet.mining.mine.named", drawn_again)
    fleet.mine.words()
    assert fleet.mine.table() == table
    assert fleet.word(GLOW, home=300) == LATE
    with closing(sqlite3.connect(next(fleet.folder.glob("collected-*")))) as database:
        assert database.execute("SELECT COUNT(*) FROM words").fetchone() == (0,)


def test_cut_off_after_words_were_counted_they_are_in_the_table_all_the_same(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(fleet)
    fleet.mine.close()
    with monkeypatch.context() as patch:
        patch.setattr("edge_nlu.fleet.mining.mine.put_whole", cut_off)
        with pytest.raises(OSError, match="power"):
            fleet.words(GLOW)
    monkeypatch.setattr("edge_nlu.fleet.mining.mine.named", drawn_again)
    fleet.mine.words()
    assert [one.failing for one in fleet.mine.table()] == ["glow"]


def cut_off(*_: Any) -> None:
    raise OSError("the power is gone")


def test_a_home_hands_out_words_once_and_no_more_than_it_may_offer(fleet: Fleet) -> None:
    many = [Pair("name", word, "lamp") for word in ("glow", "bright", "warm", "cold")]
    for home in range(300):
        fleet.offer(home, *many[:3])
        fleet.offer(home + 300, many[3])
    fleet.mine.close()
    assert fleet.word(*many) == "refused: 4 pairs, expected 3 at most"
    assert [fleet.word(many[0]), fleet.word(many[1])] == [TAKEN, KNOWN]


@pytest.mark.parametrize("text", ["room 7", "the okafors lamp", "lamp ②", "reader two"])
def test_words_with_a_number_or_a_name_are_not_taken_in_though_they_were_named(
    fleet: Fleet, text: str
) -> None:
    number = Pair("name", text, "lamp")
    for home in range(200):
        fleet.offer(home, number)
    assert fleet.mine.close().named == (digest(fleet.asked.salt, number),)
    assert fleet.word(number).startswith("refused: ")
    fleet.mine.words()
    assert fleet.mine.table() == []


def test_noise_is_drawn_once_and_who_said_it_is_forgotten(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(fleet)
    first = fleet.mine.close()
    told = (fleet.folder / TOLD).read_bytes()
    monkeypatch.setattr("edge_nlu.fleet.mining.mine.named", drawn_again)
    assert fleet.mine.close() == first
    assert (fleet.folder / TOLD).read_bytes() == told
    with closing(sqlite3.connect(next(fleet.folder.glob("collected-*")))) as database:
        assert database.execute("SELECT COUNT(*) FROM offers").fetchone() == (0,)


def drawn_again(*_: Any) -> Any:
    raise AssertionError("noise was drawn again")


@pytest.mark.parametrize("writes", [0, 1])
def test_cut_off_while_it_names_a_fleet_goes_on_where_it_was(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    filled(fleet)
    done: list[Path] = []
    whole = epochs_.put_whole

    def cut_off(place: Path, body: bytes) -> None:
        if len(done) == writes:
            place.with_name(f".{place.name}").write_bytes(body[: len(body) // 2])
            raise OSError("the power is gone")
        done.append(place)
        whole(place, body)

    with monkeypatch.context() as patch:
        patch.setattr(epochs_, "put_whole", cut_off)
        with pytest.raises(OSError, match="power"):
            fleet.mine.close()
    assert Epochs(fleet.folder).asked() == fleet.asked
    if writes:
        monkeypatch.setattr("edge_nlu.fleet.mining.mine.named", drawn_again)
    assert fleet.mine.close().named == (digest(fleet.asked.salt, GLOW),)


@pytest.mark.parametrize("name", [ASKED, TOLD])
def test_what_was_told_and_is_damaged_is_not_begun_anew(fleet: Fleet, name: str) -> None:
    filled(fleet)
    fleet.mine.close()
    path = fleet.folder / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StorageError, match="bring it back from a copy"):
        fleet.mine.close()


def test_without_an_epoch_there_is_nothing_to_close(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match="fleet table open"):
        Mine(tmp_path, Alone()).close()


def test_a_table_grows_from_epoch_to_epoch_and_costs_add_up(fleet: Fleet) -> None:
    for pair in (GLOW, OWN):
        for home in range(200):
            fleet.offer(home, pair)
        fleet.mine.close()
        fleet.words(pair)
        fleet.asked = Epochs(fleet.folder).open(1.0, 1e-8, 3)
    assert {one.failing for one in fleet.lines()} == {GLOW.failing, OWN.failing}
    assert spent(Epochs(fleet.folder).told())["wordings_epsilon"] == 2.0


# ------------------------------------------------------------------------------------------ weeks


def test_a_week_is_told_once_it_is_over_for_all_and_once(fleet: Fleet) -> None:
    for home in range(400):
        assert fleet.week(home) == TAKEN
    fleet.mine.weeks(NOW - WEEK_S)
    assert Epochs(fleet.folder).told().weeks.keys() == {str(WEEK - 1)}
    fleet.mine.weeks(NOW)
    told = Epochs(fleet.folder).told().weeks[str(WEEK)]
    found = shares(told)
    assert abs(found["homes"] - 400) < 25
    assert abs(found["shares"][HEARD] - 0.2) < 0.03
    before = Epochs(fleet.folder).told().weeks[str(WEEK - 1)]
    assert shares(before)["shares"] == {}, "nobody told of it"
    fleet.mine.weeks(NOW)
    assert Epochs(fleet.folder).told().weeks[str(WEEK)] == told
    assert fleet.week(1) == LATE


def test_a_week_counts_only_under_a_promise_that_is_kept(fleet: Fleet) -> None:
    for home in range(400):
        fleet.week(home, epsilon=0.5)
    fleet.mine.weeks(NOW)
    assert shares(Epochs(fleet.folder).told().weeks[str(WEEK)])["homes"] < 25


def test_without_a_promise_beforehand_no_week_is_told(fleet: Fleet) -> None:
    Epochs(fleet.folder).open(1.0, 1e-8, 3)
    with pytest.raises(EdgeNluError, match="fleet table open --weeks-epsilon"):
        fleet.mine.weeks(NOW)


# ------------------------------------------------------------------------- from homes to homes again


def asked_in(pack: Path) -> Asked:
    return Asked.from_json((pack / ASKED).read_text())


def edge_nlu(*arguments: str | Path) -> str:
    done = CliRunner().invoke(cli, ["fleet", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def sent(place: Path, url: str, shown: Shown) -> int:
    with closing(Queue(place / QUEUE)) as queue:
        take_in(queue, place / "outgoing", NOW)
        return deliver(queue, place / "outgoing", WayToInbox(url, shown).send, url, lambda: NOW)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    certificates.init(tmp_path / "certificates", ["127.0.0.1"])
    made = Inbox(tmp_path / "fleet", tmp_path / "certificates", "127.0.0.1", 0)
    made.open()
    yield made
    made.close()


def shown_by(tmp_path: Path, name: str) -> Shown:
    """Return what a new hub shows."""
    place = tmp_path / "hubs" / name
    certificates.hub(tmp_path / "certificates", name, place)
    return Shown(place / certificates.CA, place / certificates.HUB, place / certificates.HUB_KEY)


def test_from_homes_through_the_fleet_to_every_home(tmp_path: Path, inbox: Inbox) -> None:
    folder, base, url = tmp_path / "fleet", Pack.default_path(), f"https://127.0.0.1:{inbox.port}"
    edge_nlu("table", "open", folder, "--epsilon", "8", "--most", "2")
    edge_nlu("table", "pack", folder, base, tmp_path / "asks")
    asked = asked_in(tmp_path / "asks")
    homes = [(tmp_path / f"home{number}", shown_by(tmp_path, f"hub-{number}")) for number in range(25)]
    for number, (home, _) in enumerate(homes):
        home.mkdir()
        own = (OWN,) if number == 0 else ()
        digests = tuple(digest(asked.salt, pair) for pair in (GLOW, *own))
        put_offer(home / "outgoing", Offer(asked.epoch, f"{number:032x}", digests, 8.0, asked.delta))
    assert [sent(home, url, shown) for home, shown in homes] == [1] * len(homes)
    report = json.loads(edge_nlu("mine", folder, "--close", "--json"))
    assert (report["epoch"], report["open"], report["named"], report["table"]) == (1, False, 1, 0)
    edge_nlu("table", "pack", folder, base, tmp_path / "names")
    named_ = asked_in(tmp_path / "names").named or ()
    said = tuple(pair for pair in (GLOW, OWN) if digest(asked.salt, pair) in named_)
    for home, shown in homes:
        hand_out(home / "outgoing", "wordings", Worded(asked.epoch, said).to_bytes())
        assert sent(home, url, shown) == 1
    report = json.loads(edge_nlu("mine", folder, "--words", "--json"))
    assert (report["words"], report["table"]) == (True, 1)
    edge_nlu("table", "pack", folder, base, tmp_path / "brings")
    rules, wrong = read_shared(tmp_path / "brings" / FILE)
    assert (rules[0].failing, rules[0].working, wrong) == (GLOW.failing, GLOW.working, [])
    assert len({Pack.open(tmp_path / name).id for name in ("asks", "names", "brings")}) == 3


def test_what_is_not_what_was_asked_for_is_answered_and_forgotten(tmp_path: Path, inbox: Inbox) -> None:
    context = tls(shown_by(tmp_path, "hub-1"))
    assert posted(inbox, context, b"[" * 10_000) == (200, "refused")
    assert posted(inbox, context, b"{}", length="9" * 5_000)[0] == 413
    assert posted(inbox, context, b"{}", length="\u00b2")[0] == 411


def test_who_shows_no_certificate_or_one_that_was_taken_back_tells_an_inbox_nothing(
    tmp_path: Path, inbox: Inbox
) -> None:
    shown = shown_by(tmp_path, "hub-1")
    with pytest.raises(OSError, match=r"(?i)certificate|reset|EOF"):
        posted(inbox, ssl.create_default_context(cafile=str(shown.ca)), b"{}")
    certificates.revoke(tmp_path / "certificates", "hub-1")
    assert posted(inbox, tls(shown), b"{}")[0] == 403


def test_many_offers_with_one_certificate_count_once(tmp_path: Path, inbox: Inbox) -> None:
    asked = Epochs(tmp_path / "fleet").open(1.0, 1e-8, 3)
    context = tls(shown_by(tmp_path, "hub-1"))
    for _ in range(30):
        offer = Offer(asked.epoch, uuid4().hex, (digest(asked.salt, GLOW),), 1.0, 1e-8)
        assert posted(inbox, context, offer.to_bytes())[0] == 200
    assert [count for _, count in Alone()(homes_of(1), list((tmp_path / "fleet").glob("coll*3")))] == [1]


def tls(shown: Shown) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(shown.ca))
    context.load_cert_chain(shown.certificate, shown.key)
    return context


def posted(inbox: Inbox, context: ssl.SSLContext, body: bytes, length: str = "") -> tuple[int, str]:
    line = http.client.HTTPSConnection("127.0.0.1", inbox.port, timeout=10, context=context)
    headers = {
        "Idempotency-Key": "f" * 32,
        "Edge-Nlu-Kind": "pairs",
        "Content-Length": length or str(len(body)),
    }
    with closing(line):
        line.request("POST", "/", body, headers)
        answer = line.getresponse()
        said = answer.read()
    return answer.status, str(json.loads(said)["came"]).partition(":")[0] if answer.status == 200 else ""


def test_a_pack_is_not_written_over_another(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match="expected nothing"):
        repacked(Pack.default_path(), tmp_path, {})


def test_the_simulation_is_told_as_documented(simulated: Sequence[str]) -> None:
    found = json.loads(edge_nlu("table", "simulate", *simulated, "--json"))
    assert found["canaries"][0].keys() == {
        *("epsilon", "delta", "most", "noise", "threshold", "trials", "named", "expected", "control")
    }
    assert {row["homes"] for row in found["coverage"]} == {50}
    assert "of failures covered" in edge_nlu("table", "simulate", *simulated)


@pytest.fixture
def simulated(tmp_path: Path) -> list[str]:
    (tmp_path / "asr").mkdir()
    with gzip.open(tmp_path / "asr" / "confusions.jsonl.gz", "wt") as lines:
        lines.writelines(f'{{"said": "a{n}", "heard": "b", "times": {n + 1}}}\n' for n in range(20))
    return ["--data", str(tmp_path), "--homes", "50", "--trials", "1000", "--runs", "2"]
