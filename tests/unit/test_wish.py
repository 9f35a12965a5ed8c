"""What somebody said becomes values: how much, which things in which places, when."""

from datetime import UTC, datetime

import pytest

from edge_nlu.steps.titles import media_kind
from edge_nlu.steps.wish import wish_of
from edge_nlu.values import Amount, Clause, Slot, Target, Wish

NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


def said(line: str) -> Wish:
    """Return the wish of a marked sentence: "set.power: [lamp](device)", `(!device)` where turned down."""
    head, _, marked = line.partition(": ")
    want, _, prop = head.partition(".")
    text = ""
    slots = []
    while marked:
        before, bracket, rest = marked.partition("[")
        text += before
        if not bracket:
            break
        words, _, rest = rest.partition("](")
        kind, _, marked = rest.partition(")")
        slots.append(
            Slot(kind.lstrip("!"), len(text), len(text) + len(words), words, excluded=kind.startswith("!"))
        )
        text += words
    return wish_of(Clause(0, len(text), want, prop, tuple(slots)), text, NOW)


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        (
            "set.brightness: dim the [lamp](device) to [thirty](value) [percent](unit)",
            Amount(unit="%", share=0.3),
        ),
        ("set.brightness: dim the [lamp](device) to [30](value)%", Amount(unit="%", share=0.3)),
        ("set.brightness: [lamp](device) to [half](value)", Amount(share=0.5)),
        ("set.temperature: [oven](device) to [two hundred](value) [degrees](unit)", Amount(200, "°")),
        ("set.temperature: [oven](device) to [350](value) [degrees fahrenheit](unit)", Amount(350, "°F")),
        ("set.temperature: [oven](device) to [180](value) degrees celsius please", Amount(180, "°C")),
        ("set.temperature: [heating](device) to [21](value)", Amount(21, "")),
        ("set.volume: [maximum](value)", Amount(share=1.0)),
        ("raise.brightness: [a bit](change) brighter", Amount(relative=True, small=True)),
        ("raise.brightness: [much](change) brighter", Amount(relative=True, large=True)),
        ("raise.temperature: [two](change) [degrees](unit) more", Amount(2, "°", relative=True)),
        ("lower.volume: down by [ten](change) [percent](unit)", Amount(unit="%", share=0.1, relative=True)),
        ("lower.brightness: dim it by [a third](change)", Amount(share=1 / 3, relative=True)),
        ("lower.brightness: dim it by [half](change)", Amount(share=0.5, relative=True)),
        ("lower.unsaid: hmm one lower", Amount(1, "", relative=True)),
        ("raise.temperature: make it [two](value) degrees warmer", Amount(2, "°", relative=True)),
        ("raise.volume: up to [forty](value)", Amount(40, "")),
        ("lower.volume: that's way too loud", Amount(relative=True, large=True)),
        ("lower.volume: a little quieter", Amount(relative=True, small=True)),
        (
            "set.position: [desk](device) to [a hundred](value), hang on, [a hundred and five](value)",
            Amount(105),
        ),
        ("set.volume: to [thirty](value) [percent](unit), no, [forty](value)", Amount(40)),
        ("set.position: pull the [shutter](device) [all the way](value) down", Amount(share=0.0)),
        ("set.position: [awning](device) [all the way](value) in", Amount(share=0.0)),
        ("set.position: close the [shutter](device) [all the way](value)", Amount(share=0.0)),
        ("set.position: the [curtains](device) [all the way](value) open", Amount(share=1.0)),
        ("set.volume: [all the way](value) up", Amount(share=1.0)),
        ("close.position: close the [shutter](device) [all the way](value)", Amount(share=1.0)),
        ("set.unsaid: the [desk](device) to [90 cm](value)", Amount(90, "cm")),
        ("set.volume: limit the [wallbox](device) to [ten amps](moment)", Amount(10, "A")),
        ("same.unsaid: ten more", Amount(10, relative=True)),
        ("same.unsaid: a little less please", Amount(relative=True, small=True)),
        ("same.unsaid: ten more minutes of peace", None),
        ("raise.volume: speak up radio I'm seventy eight", None),
        ("lower.temperature: cooler please, my duvet's the goose one", None),
        ("lower.volume: turn [that one](reference) down", None),
        ("lower.volume: turn this one down", None),
        ("raise.volume: louder", None),
    ],
)
def test_how_much(line: str, amount: Amount | None) -> None:
    assert said(line).amount == amount


@pytest.mark.parametrize(
    ("line", "targets"),
    [
        ("off.power: the [lamp](device)", (Target("lamp"),)),
        ("off.power: the [kitchen](room) [Spots](device)", (Target("spots", "kitchen"),)),
        (
            "off.power: the [bedroom](room) [light](device) and the [bathroom](room) [heater](device)",
            (Target("light", "bedroom"), Target("heater", "bathroom")),
        ),
        ("off.power: the [lights](device) in the [kitchen](room)", (Target("lights", "kitchen"),)),
        (
            "off.power: the [lamp](device) and the [spots](device) in the [kitchen](room)",
            (Target("lamp", "kitchen"), Target("spots", "kitchen")),
        ),
        (
            "on.power: the [kitchen](room) [island](device) and the [spots](device)",
            (Target("island", "kitchen"), Target("spots", "kitchen")),
        ),
        (
            "off.power: the [heater](device) and the [kitchen](room) [lights](device)",
            (Target("heater"), Target("lights", "kitchen")),
        ),
        (
            "off.power: the [lights](device) in the [kitchen](room) and the [hall](room)",
            (Target("lights", "kitchen"), Target("lights", "hall")),
        ),
        (
            "off.power: the [kitchen](room) [light](device) and the [bedroom](room) one",
            (Target("light", "kitchen"), Target("light", "bedroom")),
        ),
        (
            "off.power: the [lamp](device) in the [hall](room) and the [tv](device) in the [den](room)",
            (Target("lamp", "hall"), Target("tv", "den")),
        ),
        ("set.temperature: [guest](device) [radiator](device) to [20](value)", (Target("guest radiator"),)),
        ("on.power: the [oven](device)'s [light](device) on", (Target("oven light"),)),
        ("on.power: the [kitchen](room) [desk](device) [lamp](device)", (Target("desk lamp", "kitchen"),)),
        ("on.power: in the [kitchen](room) turn on the [lamp](device)", (Target("lamp", "kitchen"),)),
        (
            "ask.temperature: warmer in the [bath](room) than [outside](room)",
            (Target(place="bath"), Target(place="outside")),
        ),
        ("raise.brightness: too dark in [here](room)", (Target(place="here"),)),
        ("off.power: [everything](quantity)", ()),
    ],
)
def test_which_things_in_which_places(line: str, targets: tuple[Target, ...]) -> None:
    assert said(line).targets == targets


def test_what_is_left_out() -> None:
    wish = said("off.power: [all](quantity) the [lights](device) but not the [bedroom](!room) one")
    assert wish.targets == (Target("lights"),)
    assert wish.but == (Target(place="bedroom"),)
    assert wish.quantity == "all"
    assert said("play.media: [hunger games](title), not [hungry games](!title)").not_options == (
        "hungry games",
    )


@pytest.mark.parametrize(
    ("line", "usual"),
    [
        ("start.run: [coffee](program) as [usual](reference)", True),
        ("start.run: my [favourite](reference) [coffee](program)", True),
        ("set.brightness: the [lamp](device) the way I like it", True),
        ("start.run: heat the water the way I always do", True),
        ("same.unsaid: same as [every morning](moment)", True),
        ("start.run: the same [coffee](program) as [every morning](moment)", True),
        ("start.run: [coffee](program) as [every day](moment)", True),
        ("start.run: what I always have", True),
        ("set.alarm: wake me [every morning](moment)", False),
        ("on.power: the [light](device) like [always](reference)", True),
        ("set.temperature: [bedroom](room) like [always](reference) at [eighteen](value) degrees", False),
        ("start.run: a [decaf](program) instead of the [usual](!reference)", False),
        ("on.power: turn on the [lamp](device)", False),
        ("on.power: I always forget the [lamp](device)", False),
        ("set.volume: I like it loud, [sixty](value)", False),
    ],
)
def test_as_usual(line: str, usual: bool) -> None:  # noqa: FBT001
    assert said(line).usual is usual


@pytest.mark.parametrize(
    ("line", "media"),
    [
        ("play.media: the [film](media_kind) [frozen](title)", "movie"),
        ("play.media: some [tunes](media_kind)", "music"),
        ("play.media: show me the [photos](media_kind)", "photo"),
        ("play.media: I want to watch [frozen](title)", "watch"),
        ("play.media: I want to listen to [the hobbit](title)", "listen"),
        ("play.media: [hunger games](title)", ""),
        ("play.media: read us [the gruffalo](title)", "audiobook"),
        ("play.media: read to the kids", "audiobook"),
        ("lower.volume: the [music](media_kind) down", "music"),
    ],
)
def test_what_plays(line: str, media: str) -> None:
    assert said(line).media == media


def test_titles() -> None:
    assert (
        said("play.media: [Bohemian Rhapsody](title) by [Queen](title)").title == "Bohemian Rhapsody by Queen"
    )
    assert said("play.media: [jazz](title), no [rock](!title)").title == "jazz"
    assert media_kind("a radio play") == "audiobook"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("play.media: let's watch Spirited Away", "Spirited Away"),
        ("play.media: I want to listen to Kind of Blue please", "Kind of Blue"),
        ("play.media: let's watch something", ""),
        ("play.media: let's watch tv", ""),
        ("play.media: can we watch a film", ""),
        ("play.media: let's watch it on the [tv](device)", ""),
        ("ask.media: I listen to jazz", ""),
    ],
)
def test_a_title_that_no_slot_tells(line: str, title: str) -> None:
    assert said(line).title == title


def test_a_setting_is_no_second_thing() -> None:
    wish = said("set.unsaid: [desk](device) into [standing position](device)")
    assert (wish.targets, wish.options) == ((Target("desk"),), ("standing position",))


def test_lengths_of_time() -> None:
    assert said("set.timer: for [twenty five minutes](duration)").duration_s == 1500
    assert said("set.timer: for [twenty](duration)").duration_s == 1200
    assert said("raise.timer: [ten](change) [minutes](unit) more").duration_s == 600
    assert said("set.timer: for [a while](duration)").unread == "a while"


@pytest.mark.parametrize(
    ("line", "moment", "unread"),
    [
        ("set.alarm: wake me at [seven](moment)", "03 07:00", ""),
        ("set.alarm: at [seven](moment) [tomorrow morning](moment)", "03 07:00", ""),
        ("set.alarm: wake me [tomorrow](moment)", "03 00:00", "tomorrow"),
        ("remove.alarm: no alarm [tomorrow](moment), it's [saturday](moment)", "03 00:00", ""),
        ("off.power: the [lamp](device) in [ten minutes](moment)", "02 22:40", ""),
        ("off.power: the [lamp](device) at [sunset](moment)", None, "sunset"),
        ("start.run: [dryer](device) on [quick](program) [this](moment) time", None, ""),
        ("off.power: the [lamp](device) off [right away](moment)", None, ""),
        ("off.power: the [lamp](device) when [the film ends](moment)", None, "the film ends"),
    ],
)
def test_when(line: str, moment: str | None, unread: str) -> None:
    wish = said(line)
    assert (wish.moment.strftime("%d %H:%M") if wish.moment else None) == moment
    assert wish.unread == unread


def test_a_timer_until_a_time_is_a_length() -> None:
    assert said("set.timer: until [eleven pm](moment)").duration_s == 1800


def test_until_is_how_long() -> None:
    on = said("on.power: the [patio](device) on until [midnight](moment)")
    assert (on.moment, on.duration_s) == (None, 5400)
    both = said("set.temperature: [20](value) from [eight](moment) till [ten](moment)")
    assert both.moment is not None
    assert (both.moment.hour, both.duration_s) == (8, 7200)
    assert said("open.position: the [flap](device) open till [dark](moment)").unread == "dark"


def test_what_comes_round_is_for_alarms_alone() -> None:
    assert said("start.run: water the lawn [every evening](moment)").unread == "every evening"
    assert said("set.alarm: [half seven every day](moment)").unread == ""


def test_colours() -> None:
    assert said("set.color: the [lamp](device) [red](color)").color == "#ff0000"
    assert said("set.color: the [lamp](device) [warm white](color)").kelvin == 2700
    assert said("set.color: the [lamp](device) to [2700](value) [kelvin](unit)").kelvin == 2700
    assert said("set.color: the [lamp](device) [murky](color)").unread == "murky"
    warmer = said("set.color: make it [warmer](color)").amount
    assert warmer is not None
    assert (warmer.unit, warmer.relative) == ("K", True)


def test_words_that_point() -> None:
    assert said("off.power: turn [it](reference) off").reference == "it"
    assert said("off.power: [it](reference) as [usual](reference)").reference == "it"
    assert said("choose.unsaid: [Both](quantity) of [them](reference)").quantity == "both"


def test_a_clause_sees_only_its_own_words() -> None:
    text = "lamp to half and the spots to ten percent"
    clause = Clause(
        13, len(text), "set", "brightness", (Slot("device", 21, 26, "spots"), Slot("value", 30, 33, "ten"))
    )
    wish = wish_of(clause, text, NOW)
    assert wish.text == "and the spots to ten percent"
    assert wish.amount == Amount(unit="%", share=0.1)
