"""The ways of machines: programs, start, pause and stop, back to the dock, make yourself heard.

A machine is told by a trigger with choices ("start"), by a trigger for each thing (dock), by one whose
choices are what it makes (espresso), or only by its switch. Which of them it is, its choices tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.amounts import number_in
from edge_nlu.steps.choices import listed, match, named
from edge_nlu.steps.clocks import set_timer
from edge_nlu.steps.levels import told_level
from edge_nlu.steps.media import play
from edge_nlu.steps.names import words_in
from edge_nlu.steps.openings import move
from edge_nlu.steps.power import joined, switched, with_power
from edge_nlu.values import Amount, Cannot, Feature

START = ("start", "run", "begin", "on", "go", "clean", "mow", "brew", "cook", "play", "active", "activate")
RESUME = ("resume", "continue", "unpause", *START)
PAUSE = ("pause", "hold", "paused")
STOP = ("stop", "cancel", "end", "off", "abort", "finish")
DOCK = (
    "dock",
    "returntobase",
    "returnhome",
    "home",
    "returntodock",
    "return",
    "charge",
    "gohome",
    "returnbase",
)
FIND = ("locate", "find", "ring", "identify", "beep", "findme", "where")
_CONTROL = frozenset((*START, *RESUME, *PAUSE, *STOP, *DOCK, *FIND, "next", "previous", "reset"))


def start(aim: Aim) -> Told:
    """Return how a machine starts, with its program and for how long where that was said."""
    before = _programmed(aim)
    if isinstance(before, Cannot):
        return before
    settings, made = before
    if made is not None:
        return (*settings, made)
    go = _go(aim, RESUME if aim.status() == "paused" else START)
    return go if isinstance(go, Cannot) else (*settings, *(one for one in go if one not in settings))


def begin(aim: Aim) -> Told:
    """Return how a machine starts, switched on first; one without a start of its own is just switched on."""
    if next(aim.having("run"), None) is not None:
        return with_power(aim, start(aim))
    if next(aim.having("media"), None) is not None and not aim.wish.options:
        return with_power(aim, play(aim))
    before = _programmed(aim)
    if isinstance(before, Cannot):
        return before
    timers = {feature.key for feature in aim.having("timer")}
    first = tuple(one for one in before[0] if one[0] in timers)  # before the valve opens
    on = () if aim.is_a("light") else switched(aim, on=True)  # a light has nothing to start
    if on or before[0]:
        return joined((*first, *on), before[0])
    if next(aim.having("position"), None) is not None and aim.is_a("valve", "sprinkler", "irrigation"):
        return move(aim, opening=True)
    if next(aim.having("timer"), None) is not None and aim.wish.duration_s is not None:
        return set_timer(aim)
    return aim.cannot(f"{aim.name} cannot be started")


def stop_run(aim: Aim) -> Told:
    """Return how a machine stops."""
    return (
        _run(aim, STOP, on=False) or _run(aim, PAUSE, on=False) or aim.cannot(f"{aim.name} cannot be stopped")
    )


def pause_timer(aim: Aim) -> Told:
    """Return how a timer is held up."""
    return aim.choosing("timer", PAUSE) or pause_run(aim)


def resume_timer(aim: Aim) -> Told:
    """Return how a timer goes on."""
    return aim.choosing("timer", RESUME) or resume_run(aim)


def pause_run(aim: Aim) -> Told:
    """Return how a machine is held up."""
    return _run(aim, PAUSE, on=False) or aim.cannot(f"{aim.name} cannot be paused")


def resume_run(aim: Aim) -> Told:
    """Return how a machine goes on."""
    return _run(aim, RESUME, on=True) or aim.cannot(f"{aim.name} cannot go on")


def dock(aim: Aim) -> Told:
    """Return how a robot is sent home."""
    return _run(aim, DOCK, on=None) or aim.cannot(f"{aim.name} has no dock to go to")


def find(aim: Aim) -> Told:
    """Return how a thing makes itself heard or seen."""
    if told := aim.choosing("place", FIND):
        return told
    for feature in aim.having("place", "trigger", "switch"):
        if not feature.choices:
            return ((feature.key, True),)
    return _run(aim, FIND, on=None) or aim.cannot(f"{aim.name} cannot make itself heard")


def _run(aim: Aim, words: Sequence[str], *, on: bool | None) -> tuple[Setting, ...]:
    """Return the setting that tells a machine to do what one of these words says, if it has any."""
    if told := aim.choosing("run", words):
        return told
    for feature in aim.having("run", "trigger", "switch"):
        if not feature.choices and _own_words(feature) & set(words):
            return ((feature.key, True),)
    if on is not None:
        for feature in aim.having("run", "switch"):
            if not _own_words(feature) & _CONTROL or _own_words(feature) & set(START):
                return ((feature.key, on),)
    return ()


def _portioned(aim: Aim, feature: Feature) -> Told:
    """Return how a machine is told how many portions to give out, one where nobody says."""
    said = aim.wish.amount
    if said is None or said.number is None or said.relative:
        counted = number_in(aim.wish.quantity) if aim.wish.quantity else None
        said = Amount(number=counted or max(feature.low or 1.0, 1.0))
    value = told_level(feature, said, aim)
    return value if isinstance(value, Cannot) else ((feature.key, value),)


def _own_words(feature: Feature) -> frozenset[str]:
    """Return the words of a feature's name and handle: {"return", "dock"}."""
    return _split(feature.name, feature.key)


def _split(name: str, key: str) -> frozenset[str]:
    tail = key.rsplit("/", 1)[-1].replace("_", " ").replace("-", " ")
    words = [*name.lower().split(), *tail.lower().split()]
    return frozenset((*words, tail.lower().replace(" ", "")))


def _go(aim: Aim, words: Sequence[str]) -> Told:
    """Return what starts it."""
    if told := _said_task(aim) or _run(aim, words, on=True):
        return told
    if (portions := aim.feature("run", "number")) is not None:
        return _portioned(aim, portions)
    if told := _only_trigger(aim):
        return told
    several = [feature for feature in aim.having("run", "choice", "trigger") if _makes(feature)]
    if several:
        return aim.cannot(f"which one: {listed(_makes(several[0]))}", near=1)
    plain = list(_plain_triggers(aim))
    if plain:
        names = [(feature.name or feature.key).lower() for feature in plain]
        return aim.cannot(f"which one: {listed(names)}", near=1)
    return switched(aim, on=True) or aim.cannot(f"{aim.name} cannot be started")


def _said_task(aim: Aim) -> tuple[Setting, ...]:
    """Return the one choice of a trigger that the words name: "empty" the litter box."""
    said = set(words_in(aim.wish.text))
    held = {*PAUSE, *STOP, *DOCK, *FIND}
    found = [
        (feature.key, choice)
        for feature in aim.having("run", "choice", "trigger")
        for choice in feature.choices
        if choice.lower() not in held and (words := set(words_in(choice.replace("_", " ")))) and words <= said
    ]
    return (max(found, key=lambda one: len(one[1])),) if found else ()


def _only_trigger(aim: Aim) -> tuple[Setting, ...]:
    """Return the one thing that it can be told to do, or the one that the words name: "feed"."""
    made = [
        (feature.key, choice)
        for feature in aim.having("run", "choice", "trigger")
        for choice in _makes(feature)
    ]
    plain = list(_plain_triggers(aim))
    if len(made) == 1 and not plain:
        return (made[0],)
    if made:
        return ()
    said = set(words_in(aim.wish.text))
    called = [feature for feature in plain if set(words_in(feature.name or feature.key)) & said]
    chosen = called if len(called) == 1 else plain
    return ((chosen[0].key, True),) if len(chosen) == 1 else ()


def _plain_triggers(aim: Aim) -> Iterator[Feature]:
    for feature in aim.having("run", "trigger"):
        if not feature.choices and not _own_words(feature) & (_CONTROL - set(START)):
            yield feature


def _makes(feature: Feature) -> list[str]:
    """Return what a trigger's choices make, apart from start, pause and stop."""
    return [choice for choice in feature.choices if named(tuple(_CONTROL), (choice,)) is None]


# --------------------------------------------------------------------------------------- programs


def _programmed(aim: Aim) -> tuple[tuple[Setting, ...], Setting | None] | Cannot:
    """Return the settings for what was said with the start, and what makes it if a trigger does."""
    settings: list[Setting] = []
    made: Setting | None = None
    for option in aim.wish.options or _said_program(aim):
        if aim.wish.usual and (aim.about_itself(option) or aim.does(option)) and not _is_plain(aim, option):
            continue  # "my usual coffee": which one is for habit to say
        if (setting := _chosen(aim, option, "program", "mode")) is not None:
            settings.append(setting)
        elif (setting := _chosen(aim, option, "run")) is not None:
            made = setting
        elif (why := _unknown(aim, option)) is not None:
            return why
    return _with_extent(aim, settings, made)


def _said_program(aim: Aim) -> tuple[str, ...]:
    """Return the one program that the words name though no slot does: "with the jasmine program"."""
    said = set(words_in(aim.wish.text))
    found = [
        choice
        for feature in aim.having("program", "choice", "trigger")
        for choice in feature.choices
        if (words := set(words_in(choice.replace("_", " ")))) and words <= said
        if not aim.about_itself(choice) and not aim.does(choice) and choice.lower() not in _CONTROL
    ]
    return tuple(found) if len(found) == 1 else ()


def _is_plain(aim: Aim, option: str) -> bool:
    """Return whether an option is one of what it makes and not also the word for all of them."""
    return _chosen(aim, option, "run", "program") is not None and not aim.about_itself(option)


def _chosen(aim: Aim, option: str, *props: str) -> Setting | None:
    for prop in props:
        for feature in aim.having(prop, "choice", "trigger"):
            choices = _makes(feature) if prop == "run" else list(feature.choices)
            if (choice := match(option, choices)) is not None:
                return feature.key, choice
    if "run" in props:
        plain = {feature.name or feature.key.rsplit("/", 1)[-1]: feature for feature in _plain_triggers(aim)}
        if (name := match(option, plain)) is not None:
            return plain[name].key, True
    return None


def _unknown(aim: Aim, option: str) -> Cannot | None:
    """Return why an option cannot be had, or None where it only says what the machine is for."""
    offered = [
        choice
        for prop in ("program", "run")
        for feature in aim.having(prop, "choice", "trigger")
        for choice in (_makes(feature) if prop == "run" else feature.choices)
    ]
    if aim.about_itself(option) or (not offered and aim.does(option)):
        return None
    if offered:
        return aim.cannot(f"{aim.name} has no {option}, it has {listed(offered)}", near=2)
    return aim.cannot(f"{aim.name} cannot make {option}")


def _with_extent(
    aim: Aim, settings: list[Setting], made: Setting | None
) -> tuple[tuple[Setting, ...], Setting | None] | Cannot:
    """Add how hot and for how long, where the machine can be told."""
    amount = aim.wish.amount
    if amount is not None and not amount.relative:
        prop = "temperature" if amount.unit in ("°", "°C", "°F") else "speed"
        feature = aim.feature(prop, "number")
        if feature is not None:
            value = told_level(feature, amount, aim)
            if isinstance(value, Cannot):
                return value
            settings.append((feature.key, value))
    if aim.wish.duration_s is not None and next(aim.having("timer", "number"), None) is not None:
        told = set_timer(aim)
        if isinstance(told, Cannot):
            return told
        settings.extend(told)
    return tuple(settings), made
