"""Choose between acting, answering, asking back and the cloud.

All wishes of a sentence are settled before anything moves: one that is torn between two lamps, that
no device can fulfil, or that is risky, holds back the others, and the hub asks or says why. Acting
takes a clear winner; a plain answer about the home never holds anything back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge_nlu.interfaces import Home
from edge_nlu.steps import say
from edge_nlu.steps.care import careful
from edge_nlu.steps.meant import ASKING, CLOCKS
from edge_nlu.steps.recall import Intent, recall
from edge_nlu.steps.rescue import rescued
from edge_nlu.steps.resolve import Weights
from edge_nlu.steps.scene import Scene
from edge_nlu.steps.settle import GROUND, VAGUE, Settled, settle
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    AskCloud,
    Candidate,
    Command,
    Decision,
    Held,
    Understanding,
    Wish,
)

# below this, a sentence is not for a hub
FOR_HOME = 0.5
FOR_A_TIME = frozenset(["on", "off", "open", "close", "lock", "unlock", "set", "raise", "lower", "start"])


def decide(
    understanding: Understanding, wishes: Sequence[Wish], scene: Scene, weights: Weights
) -> tuple[Decision, tuple[Candidate, ...]]:
    """Return the decision, and all candidates that were weighed for it."""
    open_question = scene.last is not None and isinstance(scene.last.decision, Ask)
    if understanding.home < FOR_HOME and not open_question:
        wishes = rescued(wishes, understanding, scene)
    intents = recall(wishes, scene)
    if not isinstance(intents, tuple):
        return intents, ()
    if not intents:
        return AskCloud(say.not_for_hub()), ()
    settled = _grounded([settle(intent, scene, weights) for intent in intents])
    ranked = tuple(candidate for one in settled for candidate in one.ranked)
    for one in settled:
        if one.instead is not None and not (one.told and len(settled) > 1):
            return one.instead, ranked
    return _together(intents, settled, scene), ranked


def _grounded(settled: Sequence[Settled]) -> list[Settled]:
    """Return what has ground under it: talk before a wish is no wish, where there is a plain one as well."""
    firm = [one for one in settled if one.told or _stands_firm(one.instead) or _is_grounded(one.candidates)]
    return firm or list(settled)


def _stands_firm(instead: Decision | None) -> bool:
    return instead is not None and not (isinstance(instead, Ask) and instead.why == "unsure")


def _is_grounded(candidates: Sequence[Candidate]) -> bool:
    return any(reason.name in GROUND for c in candidates for reason in c.because) or any(
        c.wish.targets or c.wish.options or c.wish.title or c.wish.amount or c.wish.property not in VAGUE
        for c in candidates
    )


def _together(intents: Sequence[Intent], settled: Sequence[Settled], scene: Scene) -> Decision:
    """Return one decision for all wishes that were settled."""
    acting = tuple(c for one in settled for c in one.candidates if c.wish.want not in ASKING)
    asked = tuple(c for one in settled for c in one.candidates if c.wish.want in ASKING)
    first = tuple(command for intent in intents for command in intent.first)
    commands = merged([*first, *(command for c in acting for command in c.commands)])
    if any(_ends(candidate, scene.home) for candidate in acting):
        return Answer(say.not_later(), acting)
    told = " ".join(one.told for one in settled if one.told)
    if not commands:
        return Answer(told or say.unsure(), acting + asked)
    # a yes is for what was asked about, and for nothing else that is said with it
    agreed = [candidate for intent in intents if intent.confirmed for candidate in intent.ready]
    others = [candidate for candidate in acting if candidate not in agreed]
    of_others = merged([*first, *(command for c in others for command in c.commands)])
    instead = careful(of_others, acting, scene, confirmed=False) or careful(
        commands, acting, scene, confirmed=True
    )
    if instead is not None:
        return instead
    return Act(acting + asked, commands, " ".join(filter(None, [told, say.said(acting, scene.home)])))


def _ends(candidate: Candidate, home: Home) -> bool:
    """Return whether a wish holds for a time that the device itself cannot count."""
    if not candidate.wish.duration_s or candidate.wish.want not in FOR_A_TIME:
        return False
    told = ((home.device(c.device), key) for c in candidate.commands for key, _ in c.settings)
    features = (device.feature(key) for device, key in told if device is not None)
    return not any(feature.property in CLOCKS for feature in features if feature is not None)


def merged(commands: Iterable[Command]) -> tuple[Command, ...]:
    """Return the commands with one for each device; what is said last of a feature holds."""
    by_device: dict[str, dict[str, Held]] = {}
    for command in commands:
        by_device.setdefault(command.device, {}).update(command.settings)
    return tuple(Command(device, tuple(settings.items())) for device, settings in by_device.items())
