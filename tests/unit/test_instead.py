"""What somebody turned to teaches names and ways of saying, which help other sentences and nothing more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from edge_nlu.learning.blanks import blanked
from edge_nlu.learning.instead import instead, leads
from edge_nlu.learning.nearest import Nearest
from edge_nlu.learning.ranker import Followed, Ranker
from edge_nlu.learning.rules import Kind, Rule, spared
from edge_nlu.learning.ways import Way, followed_up, in_vain, name_from, way_from
from edge_nlu.models.examples import example_from_marks
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    Candidate,
    Command,
    Decision,
    Exchange,
    Reason,
    Taken,
    Understanding,
    Utterance,
    Wish,
)

NINE = datetime(2026, 2, 20, 21, 0, tzinfo=UTC)
WHY_NOT = Answer("I know no such thing here.")
ALL = Ranker({}, -1.0)
UNSPARED = next(f"u{number}" for number in range(99) if not spared(f"u{number}"))
SPARED = next(f"u{number}" for number in range(999) if spared(f"u{number}"))


def read(line: str) -> Understanding:
    example = example_from_marks(line, "one")
    return Understanding(example.text, (), 1.0, (), example.clauses or ())


def done(want: str, prop: str = "power", device: str = "z/lamp") -> Act:
    told = (Command(device, (("state", want),)),)
    return Act((Candidate(Wish(want, prop), (device,), told),), told, "All right.")


def said(line: str, decision: Decision, after_s: float = 0.0, id_: str = UNSPARED) -> Exchange:
    understanding = read(line)
    at = NINE + timedelta(seconds=after_s)
    return Exchange(Utterance(id_, understanding.text, at, "kitchen_speaker", "ana"), understanding, decision)


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("off.power: please kill the [reader](device)", "kill {device}"),
        ("off.power: could you kill the [kitchen](room) [spots](device) thanks", "kill {device}"),
        ("set.brightness: make it [twenty](value) for the [spots](device)", "make it {number} for {device}"),
        ("off.power: lights out in the [kitchen](room)", "lights out in {room}"),
        ("off.power: everything off but the [spots](!device)", ""),
        ("on.power: the [spots](device) and the [fan](device)", ""),
        ("on.power: the [spots](device) on | off.power: and the [fan](device) off", ""),
    ],
)
def test_a_sentence_has_blanks_for_what_it_names(line: str, shape: str) -> None:
    assert blanked(read(line)).shape == shape


@pytest.mark.parametrize(
    ("failing", "working", "act", "expected"),
    [
        pytest.param(
            *("off.power: kill the [reader](device)", "off.power: turn off the [reading lamp](device)"),
            *(done("off"), Way("name", "reader", "reading lamp")),
            id="a name of one's own",
        ),
        pytest.param(
            *("off.power: kill the [floor lamp](device)", "off.power: shut off the [floor lamp](device)"),
            *(done("off"), Way("pattern", "kill {device}", "turn off {device}")),
            id="a way of saying, put most plainly",
        ),
        pytest.param(
            "on.power: put the [bathroom](room) [fell lamp](device) on",
            "on.power: the [bathroom](room) [floor lamp](device) on",
            *(done("on"), Way("name", "fell lamp", "floor lamp")),
            id="misheard in a room is misheard in all",
        ),
        pytest.param(
            "off.power: turn the [little one](reference) off",
            "choose.unsaid: the [hallway](room) [desk lamp](device)",
            *(done("off"), Way("name", "little one", "hallway desk lamp")),
            id="the answer to which one",
        ),
        pytest.param(
            "off.power: kill the [kitchen](room)",
            "off.power: turn off the [lights](device) in the [kitchen](room)",
            *(done("off"), Way("pattern", "kill {room}", "turn off the lights in {room}")),
            id="a whole room",
        ),
        pytest.param(
            "set.brightness: make it [forty](value) for the [spots](device)",
            "set.brightness: set the [spots](device) to [thirty](value) percent",
            *(done("set", "brightness"), None),
            id="another number was wanted",
        ),
        pytest.param(
            "on.power: is the [fan](device) on",
            "on.power: turn the [fan](device) on",
            done("on"),
            None,
            id="asked",
        ),
        pytest.param(
            "off.power: kill the [light](device)",
            "off.power: turn off the [reading lamp](device)",
            *(done("off"), None),
            id="a kind of thing is no name",
        ),
        pytest.param(
            "play.media: play [we don't talk about bruno](title)",
            "play.media: play [jolene](title)",
            *(done("play", "media"), None),
            id="another title",
        ),
        pytest.param(
            "start.run: make a [capricious](program)",
            "start.run: make a [cappuccino](program)",
            *(done("start", "run"), Way("name", "capricious", "cappuccino")),
            id="a misheard drink",
        ),
    ],
)
def test_a_turn_teaches(failing: str, working: str, act: Act, expected: Way | None) -> None:
    assert way_from(said(failing, WHY_NOT), said(working, act, 8)) == expected


def test_what_was_done_at_once_teaches_nothing() -> None:
    earlier = said("off.power: kill the [reader](device)", done("off"))
    assert way_from(earlier, said("off.power: turn off the [reading lamp](device)", done("off"), 8)) is None


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        pytest.param(
            said("ask.position: the [blinds](device) open", Answer("No.", done("open").candidates)),
            said("open.position: open the [blinds](device)", done("open"), 8),
            True,
            id="taken for a question",
        ),
        pytest.param(
            said("off.power: turn the [little one](device) off", Ask("Which one?", "which")),
            said("choose.unsaid: the [desk lamp](device)", done("off"), 8),
            True,
            id="only the thing is named",
        ),
        pytest.param(
            said("off.power: turn the [little one](device) off", Ask("Which one?", "which")),
            said("choose.unsaid: the [desk lamp](device)", done("off"), 800),
            False,
            id="much later",
        ),
        pytest.param(
            said("ask.position: the [blinds](device) open", Answer("No.", done("open").candidates)),
            said("on.power: turn on the [fan](device)", done("on", device="z/fan"), 8),
            False,
            id="something else",
        ),
    ],
)
def test_who_follows_up_wanted_it_before(earlier: Exchange, later: Exchange, expected: bool) -> None:  # noqa: FBT001
    assert followed_up(earlier, later, timedelta(seconds=30)) is expected


def test_who_says_it_again_was_not_served() -> None:
    taken = replace(said("off.power: turn off the [lamp](device)", done("off")), taken=Taken("a", "turn off"))
    again = replace(said("off.power: the [lamp](device) off", done("off"), 8), taken=Taken("a b", "off"))
    other = said("off.power: turn off the [spots](device)", done("off", device="z/spots"), 8)
    more = said("set.brightness: the [lamp](device) to [ten](value)", done("set", "brightness"), 8)
    soon = timedelta(seconds=30)
    assert in_vain(taken, again, soon)
    assert in_vain(taken, other, soon)
    assert not in_vain(taken, more, soon)
    assert not in_vain(replace(taken, taken=None), again, soon)


def test_who_has_it_put_back_was_not_served() -> None:
    soon = timedelta(seconds=30)
    taken = replace(said("off.power: kill the [reader](device)", done("off")), taken=Taken("a", "turn off"))
    taken = replace(taken, before=done("on").commands)
    assert in_vain(taken, said("on.power: turn the [lamp](device) back on", done("on"), 8), soon)
    assert in_vain(taken, said("cancel.unsaid: I did not mean that", Answer("All right."), 8), soon)
    assert in_vain(taken, said("stop.unsaid: stop", Answer("Nothing is going on."), 8), soon)
    assert not in_vain(taken, said("stop.unsaid: stop", done("stop", device="z/music"), 8), soon)
    assert not in_vain(taken, said("on.power: [spots](device) on", done("on", device="z/spots"), 8), soon)
    assert not in_vain(taken, said("on.power: turn the [lamp](device) back on", done("on"), 800), soon)


# ---------------------------------------------------------------------------------------- trying


def knowing(*known: tuple[Kind, str, str]) -> Callable[[Kind, str], Followed | None]:
    rules = {
        (kind, failing): Followed(Rule(kind, failing, working), 2.0, 2.0) for kind, failing, working in known
    }
    return lambda kind, failing: rules.get((kind, failing))


READER: tuple[Kind, str, str] = ("name", "reader", "floor lamp")
SLAY: tuple[Kind, str, str] = ("pattern", "slay {device}", "turn off {device}")
SCONCE: tuple[Kind, str, str] = ("name", "sconce", "living room ceiling light")


@pytest.mark.parametrize(
    ("line", "known", "expected"),
    [
        ("off.power: kill the [reader](device)", [READER], ["kill the floor lamp"]),
        ("off.power: slay the [spots](device)", [SLAY], ["turn off the spots"]),
        (
            "off.power: slay the [reader](device)",
            [READER, SLAY],
            ["turn off the floor lamp", "slay the floor lamp"],
        ),
        ("on.power: turn on the [e reader](device)", [READER], []),
        ("ask.media: what is [reader](title) of the year", [READER], []),
        ("none.none: reader off", [READER], ["the floor lamp off"]),
        ("none.none: proof reader wanted", [READER], []),
        ("off.power: slay the [kitchen](room)", [SLAY], []),
        ("on.power: the [hallway](room) [reader](device) on", [READER], ["the hallway floor lamp on"]),
        ("on.power: the [spots](device) on", [("name", "spot", "floor lamp")], []),
    ],
)
def test_what_is_tried_instead(
    an_evening: Callable[..., Any], line: str, known: list[tuple[Kind, str, str]], expected: list[str]
) -> None:
    home = an_evening().stage.context.snapshot(NINE)
    assert [lead.text for lead in leads(read(line), home, "kitchen", knowing(*known))] == expected


def test_a_name_that_is_here_too_may_be_meant_without_its_room(an_evening: Callable[..., Any]) -> None:
    home = an_evening().stage.context.snapshot(NINE)
    line = "on.power: the [spotty](device) on"
    known = knowing(("name", "spotty", "bedroom spots"))
    assert [lead.text for lead in leads(read(line), home, "kitchen", known)] == [
        "the bedroom spots on",
        "the spots on",
    ]
    assert [lead.text for lead in leads(read(line), home, "hallway", known)] == ["the bedroom spots on"]


def test_the_best_that_does_something_is_taken_with_what_spoke_for_it(an_evening: Callable[..., Any]) -> None:
    home = an_evening().stage.context.snapshot(NINE)
    tried = said("off.power: slay the [reader](device)", WHY_NOT)
    asked: list[str] = []

    def attempt(text: str) -> Exchange | None:
        asked.append(text)
        return said(f"off.power: {text}", done("off")) if "floor lamp" in text else None

    found = instead(tried, home, ALL, knowing(READER, SLAY), Nearest().near, attempt)
    assert found is not None
    assert found.understanding.text == "turn off the floor lamp"
    assert found.taken is not None
    assert found.taken.rule.split() == [Rule(*SLAY).id, Rule(*READER).id]
    assert dict(found.taken.because)["both"] == 1.0
    assert len(asked) == 2
    assert (
        instead(
            tried,
            home,
            Ranker({"both": -9.0, "name": -9.0}, 0.0),
            knowing(READER, SLAY),
            Nearest().near,
            attempt,
        )
        is None
    )


@pytest.mark.parametrize(("decision", "left"), [(Ask("Which lamp?", "which"), True), (WHY_NOT, False)])
def test_one_in_twenty_is_left_as_it_was_said_where_that_comes_to_something(
    an_evening: Callable[..., Any], decision: Decision, *, left: bool
) -> None:
    home = an_evening().stage.context.snapshot(NINE)
    tried = said("off.power: kill the [reader](device)", decision, id_=SPARED)

    def at_once(text: str) -> Exchange:
        return said(f"off.power: {text}", done("off"))

    found = instead(tried, home, ALL, knowing(READER), Nearest().near, at_once)
    assert found is not None
    assert (found.decision == decision) is left
    assert found.taken is not None
    assert found.taken.spared is left


@pytest.mark.parametrize(
    ("working", "expected"),
    [
        ("correct.none: no, the [hallway](room) [desk lamp](device)", "hallway desk lamp"),
        ("on.power: turn on the [work lamp](device)", None),
        ("on.power: turn on everything", None),
    ],
)
def test_an_act_on_another_thing_teaches_only_a_name(working: str, expected: str | None) -> None:
    earlier = said("on.power: turn on the [work lamp](device)", done("on"))
    found = name_from(earlier, said(working, done("on", device="z/desk"), 8))
    assert found == (None if expected is None else Way("name", "work lamp", expected))


def acting(named: str, device: str) -> Act:
    told = (Command(device, (("state", "off"),)),)
    why = (Reason(named, "fits", 1.0),)
    return Act((Candidate(Wish("off", "power"), (device,), told, because=why),), told, "All right.")


@pytest.mark.parametrize(
    ("line", "decision", "known", "seen", "taken"),
    [
        pytest.param("kill the [reader](device)", acting("named", "z/a"), READER, 2.0, True, id="a name"),
        pytest.param("kill the [reader](device)", acting("exact", "z/a"), READER, 2.0, False, id="called so"),
        pytest.param("kill the [reader](device)", acting("named", "z/lamp"), READER, 2.0, False, id="same"),
        pytest.param("kill the [reader](device)", acting("named", "z/a"), READER, 0.1, False, id="unsure"),
        pytest.param("slay the [spots](device)", acting("named", "z/a"), SLAY, 2.0, False, id="no name"),
    ],
)
def test_an_act_on_another_thing_is_overridden_by_a_known_name_alone(
    an_evening: Callable[..., Any],
    line: str,
    decision: Act,
    known: tuple[Kind, str, str],
    seen: float,
    *,
    taken: bool,
) -> None:
    home = an_evening().stage.context.snapshot(NINE)
    told = (Command("z/lamp", (("state", "off"),)),)

    def follow(kind: Kind, failing: str) -> Followed | None:
        return Followed(Rule(*known, plain_lost=1.0), seen, seen) if (kind, failing) == known[:2] else None

    def attempt(text: str) -> Exchange:
        return said(f"off.power: {text}", Act((), told, "All right."))

    tried = said(f"off.power: {line}", decision)
    found = instead(tried, home, ALL, follow, Nearest().near, attempt)
    assert (found is not None) is taken


def heard(line: str) -> Understanding:
    """Return a sentence whose meaning is the letters in it, so that what sounds alike is near."""
    read_ = read(line)
    letters = np.zeros(26, "<f4")
    for letter in filter(str.isalpha, read_.text):
        letters[ord(letter) - ord("a")] += 1
    return replace(read_, embedding=(letters / np.linalg.norm(letters)).tobytes())


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ("off.power: switch off the flow lamp", ["switch off the floor lamp"]),
        ("off.power: switch of the floor lamp", []),
        ("off.power: switch off the island lamp", []),
        ("off.power: switch off the flow light", []),
        ("off.power: switch off the lamp", []),
        ("set.brightness: set the spots to fifteen percent", []),
        ("play.media: play we don't talk anymore", []),
    ],
)
def test_one_word_may_be_misheard(an_evening: Callable[..., Any], failed: str, expected: list[str]) -> None:
    home = an_evening().stage.context.snapshot(NINE)
    nearest = Nearest()
    for line in (
        "off.power: switch off the floor lamp",
        "set.brightness: set the spots to fifty percent",
        "play.media: play we don't walk anymore",
    ):
        nearest.works(heard(line))
    assert list(nearest.near(heard(failed), home)) == expected


def test_what_worked_long_ago_gives_way(
    an_evening: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_nlu.learning.nearest.KEPT", 2)
    home = an_evening().stage.context.snapshot(NINE)
    nearest = Nearest()
    for word in ("floor", "wall", "desk"):
        nearest.works(heard(f"off.power: switch off the {word} lamp"))
    assert list(nearest.near(heard("off.power: switch off the floors lamp"), home)) == []
    assert list(nearest.near(heard("off.power: switch off the walls lamp"), home)) == [
        "switch off the wall lamp"
    ]
