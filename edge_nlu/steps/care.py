"""Ask before what is risky, and refuse it to children.

Which wishes of which things are risky, their profiles say. It is judged by what would be sent, not by what
was said: a lock told False is unlocked, however that was put. From afar all that is risky is asked back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge_nlu.interfaces import Home
from edge_nlu.steps import say
from edge_nlu.steps.scene import Scene
from edge_nlu.values import Act, Answer, Ask, Candidate, Command, Decision, Feature, Held, Option, Wish


def shall_i(candidates: Sequence[Candidate], wish: Wish, scene: Scene) -> Ask:
    """Return the question whether these are meant, which a bare yes answers."""
    return Ask(say.sure(candidates, scene.home), "sure", (Option("yes", tuple(candidates)),), wish)


def careful(
    commands: Sequence[Command], acting: Sequence[Candidate], scene: Scene, *, confirmed: bool
) -> Decision | None:
    """Return what is said instead of doing something risky; None where it can be done."""
    levels = {level for command in commands for level in _risks(command, scene.home)}
    if not levels:
        return None
    child = bool((scene.person and scene.person.child) or (scene.satellite and scene.satellite.child))
    guessed = any(reason.name == "usual" for c in acting for reason in c.because if c.wish.usual)
    if child:
        return Answer(say.not_for_children(acting, scene.home))
    unknown_away = scene.away and scene.person is None
    if confirmed and not unknown_away:
        return None
    if "confirm" in levels or scene.away or guessed:
        return shall_i(acting, acting[-1].wish, scene)
    return None


def doubted(decision: Decision, home: Home) -> Decision:
    """Return what is done where somebody outside read a wish.

    Whatever is risky in any way, or is about all sorts of things in several rooms, is asked back.
    """
    if not isinstance(decision, Act):
        return decision
    told = [device for command in decision.commands if (device := home.device(command.device))]
    wide = len({device.room for device in told}) > 1 and len({device.kind for device in told}) > 1
    if not wide and not risky(decision, home):
        return decision
    acting = tuple(candidate for candidate in decision.candidates if candidate.commands)
    return Ask(say.sure(acting, home), "sure", (Option("yes", acting),), acting[-1].wish)


def risky(decision: Decision, home: Home) -> bool:
    """Return whether a decision does something risky, or asks whether to."""
    match decision:
        case Act(commands=commands):
            return any(_risks(command, home) for command in commands)
        case Ask(options=options):
            asked = [candidate for option in options for candidate in option.candidates]
            return any(_risks(command, home) for one in asked for command in one.commands)
    return False


def _risks(command: Command, home: Home) -> tuple[str, ...]:
    known = home.device(command.device)
    kind = home.appliance(known.kind) if known else None
    if known is None or kind is None or not kind.risky:
        return ()
    levels = dict(kind.risky)
    told = ((known.feature(key), value) for key, value in command.settings)
    meant = (wish for feature, value in told if feature for wish in _means(feature, value, command, home))
    return tuple(levels[wish] for wish in meant if wish in levels)


def _means(feature: Feature, value: Held, command: Command, home: Home) -> Iterable[str]:
    """Return the wishes that a setting fulfils: a lock told False is unlocked."""
    prop = feature.property
    if prop == "lock":
        yield "lock.lock" if value in (True, "lock", "locked") else "unlock.lock"
    elif prop == "position":
        now = home.reading(command.device, feature.key)
        held = now.value if now else None
        closing = value is False or value in ("close", "closed", "stop") or value == (feature.low or 0)
        if isinstance(value, float | int) and isinstance(held, float | int) and value < held:
            closing = True
        yield "close.position" if closing else "open.position"
    elif prop == "power":
        yield "on.power" if value not in (False, "off") else "off.power"
    elif prop == "run":
        yield "stop.run" if value in ("stop", "pause", "off", False) else "start.run"
    else:
        yield f"set.{prop}"
