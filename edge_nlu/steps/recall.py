"""Put a sentence into the conversation that it is part of.

"the left one" answers a question, "and the spots" wants the same for others, "no, twenty three" mends
what was done, "undo that" takes it back. Here each wish of a sentence is turned into an intent that stands
for itself: a wish with everything in it that was left unsaid, the devices where those are settled, and
what has to be put right first. What cannot be turned into an intent has its decision at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from edge_nlu.steps import say
from edge_nlu.steps.choices import match
from edge_nlu.steps.meant import ALL
from edge_nlu.steps.names import WORD, fit, name_words, words_in
from edge_nlu.steps.scene import Scene, candidates_of
from edge_nlu.steps.ways import ways
from edge_nlu.values import (
    Act,
    Amount,
    Answer,
    Ask,
    Candidate,
    Cannot,
    Command,
    Decision,
    Device,
    DeviceId,
    Exchange,
    Option,
    Target,
    Wish,
    frozen,
)

MEND = ("correct", "same", "choose")
POINTING = ("it", "that", "this", "them", "those", "these")
_NO = re.compile(r"^(?:(?:no|nope|not that|wrong)\b[\s,.!]*)+")
_WHY = re.compile(
    r"\W*(?:(?:but|and|hm+|so|ok|okay)\W+)*"
    r"(?:why(?: not| that)?|what happened|why (?:did|didn't|have|haven't) (?:you|that|it)(?: \w+){0,3})\W*",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\W*\b(?:no|nope|wait|hang on|hold on|sorry|actually|i mean|i meant|scratch that|oops|or rather)\b"
)
# so many letters before the next wish may say that it takes the place of this one
_NEAR = 16
NUMBERED = {"first": 0, "second": 1, "third": 2, "last": -1, "former": 0, "latter": -1}


@frozen
class Intent:
    """A wish that stands for itself.

    `only` are its devices where those are settled, `ready` what it comes to where even that is, `confirmed`
    that somebody said yes to it, `first` what has to be put right before.
    """

    wish: Wish
    only: tuple[DeviceId, ...] = ()
    ready: tuple[Candidate, ...] = ()
    confirmed: bool = False
    first: tuple[Command, ...] = ()


def recall(wishes: Sequence[Wish], scene: Scene) -> tuple[Intent, ...] | Decision:
    """Return what is intended, in order; or the decision where nothing is left to intend."""
    if scene.last and isinstance(scene.last.decision, Act) and _WHY.fullmatch(scene.utterance.text):
        return Answer(say.why(scene.last, scene.home), candidates_of(scene.last))
    question = scene.last.decision if scene.last and isinstance(scene.last.decision, Ask) else None
    intents: list[Intent] = []
    answered: Decision | None = None
    for wish in (part for whole in wishes for part in _parted(whole)):
        match wish.want:
            case "none":
                continue
            case "confirm" if question:
                if len(question.options) != 1:
                    return question
                intents.append(Intent(wish, ready=question.options[0].candidates, confirmed=True))
            case "confirm":
                answered = Answer("All right.")
            case "cancel" if intents:
                intents.clear()
                answered = Answer("All right, I leave it.")
            case "deny" if intents:
                intents.pop()
                answered = Answer("All right, I leave it.")
            case "deny" if not question and (instead := _instead(wish, scene)):
                intents.append(_again(instead, scene))
            case "deny" if not question and (undone := _refused(wish, scene)):
                intents.append(undone)
            case "deny" | "cancel":
                answered = _dropped(wish, question, scene)
            case "leave":
                intents = _without(wish, intents)
                answered = answered or Answer("All right, I leave it as it is.")
            case "undo":
                undone = _undone(scene)
                if undone is None:
                    return Answer("There is nothing that I could undo.")
                intents.append(undone)
            case "correct" if intents and _says(intents[-1].wish):
                intents[-1] = Intent(mended(intents[-1].wish, wish))
            case "same" if intents:
                intents.append(Intent(mended(intents[-1].wish, wish)))
            case "choose" | "correct" | "same" if question and question.options and _names_one(wish):
                chosen = _chosen(question.options, wish, scene)
                if chosen:
                    intents.append(Intent(wish, ready=chosen))
                elif question.wish:
                    intents.append(Intent(mended(question.wish, wish)))
                else:
                    return question
            case "correct" | "same" | "choose":
                intents.append(_again(wish, scene))
            case _:
                meant = _pointed(wish, intents)
                if intents and _takes_back(intents[-1].wish, meant, scene):
                    intents.pop()
                intents.append(Intent(_continued(meant, scene), only=_pointed_at(meant, scene)))
    if not intents and answered is not None:
        return answered
    return tuple(intents)


def _parted(wish: Wish) -> Sequence[Wish]:
    """Return the wishes in one that was read as a single one though it says both on and off."""
    words = set(WORD.findall(wish.text.lower()))
    if wish.want not in ("on", "off") or not {"on", "off"} <= words or len(wish.targets) < 2:
        return (wish,)
    parts: list[Wish] = []
    for said in re.split(r",| and | but ", wish.text.lower()):
        wants = [word for word in ("on", "off") if word in WORD.findall(said)]
        named = tuple(target for target in wish.targets if target.thing and target.thing in said)
        if len(wants) != 1 or not named:
            return (wish,)
        parts.append(replace(wish, want=wants[0], targets=named, text=said.strip()))
    return parts


def _dropped(wish: Wish, question: Ask | None, scene: Scene) -> Decision:
    if question is not None or wish.want == "cancel":
        return Answer("All right, I leave it.")
    if scene.last is not None and isinstance(scene.last.decision, Act):
        return Ask("Sorry. What should I do instead?", "unsure")
    return Answer("All right.")


def _refused(wish: Wish, scene: Scene) -> Intent | None:
    """Return the intent that puts back what was just done, where no more was said to it than no."""
    done = scene.last is not None and isinstance(scene.last.decision, Act) and scene.last.before
    return _undone(scene) if done and not _NO.sub("", wish.text.lower()).strip(" ,.!?") else None


def _instead(wish: Wish, scene: Scene) -> Wish | None:
    """Return what a no goes on to say, where the last wish could have had that: "no, quick"."""
    last = scene.last.decision if scene.last else None
    rest = _NO.sub("", wish.text.lower()).strip(" ,.!?")
    if not isinstance(last, Act) or not rest:
        return None
    told = ((scene.home.device(command.device), command) for command in last.commands)
    choices = [
        choice
        for device, command in told
        if device is not None
        for key, _ in command.settings
        if (feature := device.feature(key)) is not None and feature.kind == "choice"
        for choice in feature.choices
    ]
    return replace(wish, want="correct", options=(rest,)) if match(rest, choices) is not None else None


def _takes_back(before: Wish, wish: Wish, scene: Scene) -> bool:
    """Return whether a wish takes the place of the one before it: "open it, no wait, close it"."""
    said, first, then = scene.utterance.text.lower(), before.text.lower(), wish.text.lower()
    if not first or not then:
        return False
    _, _, rest = said.partition(first)
    between, _, _ = rest.partition(then)
    if not (_TAKEN_BACK.search(f"{first[-_NEAR:]} {between}") or _TAKEN_BACK.match(then)):
        return False
    return before.targets == wish.targets or (before.want, before.property) == (wish.want, wish.property)


def _without(wish: Wish, intents: list[Intent]) -> list[Intent]:
    """Return the intents without the one that shall be left: "turn off the lamp, no, leave it on"."""
    if not intents or (
        wish.targets and intents[-1].wish.targets and wish.targets != intents[-1].wish.targets
    ):
        return intents
    return intents[:-1]


def _says(wish: Wish) -> bool:
    """Return whether a wish names what it is about, and is not itself about what went before."""
    return bool(wish.targets or wish.amount or wish.options or wish.title) and not wish.reference


def _names_one(wish: Wish) -> bool:
    return bool(wish.targets or wish.reference or wish.quantity or wish.options or wish.people or wish.title)


def _undone(scene: Scene) -> Intent | None:
    """Return the intent that puts back what the last command changed."""
    for turn in reversed(scene.turns):
        if isinstance(turn.decision, Act) and turn.before:
            wish = turn.decision.candidates[-1].wish
            devices = tuple(dict.fromkeys(command.device for command in turn.before))
            return Intent(wish, ready=(Candidate(replace(wish, want="undo"), devices, turn.before, 1.0),))
    return None


def _chosen(options: Sequence[Option], wish: Wish, scene: Scene) -> tuple[Candidate, ...]:
    """Return the options that an answer names: by a word of theirs, by number, or all of them."""
    if wish.quantity in ALL:
        return tuple(candidate for option in options for candidate in option.candidates)
    said = _said(wish)
    numbered = [NUMBERED[word] for word in said if word in NUMBERED]
    if numbered and numbered[0] < len(options):
        return options[numbered[0]].candidates
    counted = [len(said & _words_of(option, scene)) for option in options]
    best = max(counted)
    if best == 0 or counted.count(best) > 1:
        return ()
    # who names a room in which there is none of them means none of them
    places = {room for target in wish.targets for room in scene.home.rooms_called(target.place)}
    if places and places.isdisjoint(device.room for one in options for device in _devices_of(one, scene)):
        return ()
    return options[counted.index(best)].candidates


def _said(wish: Wish) -> set[str]:
    texts = [wish.reference, wish.title, wish.color, *wish.options, *wish.people]
    texts += [text for target in wish.targets for text in (target.thing, target.place)]
    return {word for text in texts for word in words_in(text)} - {"one", "other"}


def _devices_of(option: Option, scene: Scene) -> Iterator[Device]:
    for candidate in option.candidates:
        for device in candidate.devices:
            if (known := scene.home.device(device)) is not None:
                yield known


def _words_of(option: Option, scene: Scene) -> set[str]:
    words = set(words_in(option.words))
    for device in _devices_of(option, scene):
        words |= name_words(device) | set(words_in(device.room.replace("_", " ")))
    return words


def _base(scene: Scene) -> tuple[Wish | None, Exchange | None]:
    """Return the wish that was last spoken of, and the exchange it stood in."""
    for turn in reversed(scene.turns):
        if found := candidates_of(turn):
            return found[-1].wish, turn
        if isinstance(turn.decision, Ask) and turn.decision.wish:
            return turn.decision.wish, turn
    return None, None


def _again(wish: Wish, scene: Scene) -> Intent:
    """Return the last wish once more, for what is said now or with what is said now."""
    base, turn = _base(scene)
    if base is None or turn is None:
        # nothing was made of the sentence before, but a title can be played
        return Intent(replace(wish, want="play", property="media") if wish.title else wish)
    if wish.want == "same" and not _names_one(wish) and wish.amount is None:
        return Intent(base, ready=_unanswered(turn) or candidates_of(turn))
    nothing_else = wish.want == "correct" and not _names_one(wish) and wish.amount is None
    if nothing_else and (wrong := _told_wrongly(wish, turn, scene)):
        devices = tuple(command.device for command in wrong)
        return Intent(wish, ready=(Candidate(replace(base, want="undo"), devices, wrong, 1.0),))
    if wish.want == "correct" and wish.targets:
        # the mistake is named, not what the right one is to be told from
        wish = replace(wish, but=tuple(target for target in wish.but if not target.thing))
    new = mended(base, wish)
    only: tuple[DeviceId, ...] = ()
    if wish.reference and not wish.names_a_thing():
        only = _others(wish, base, scene)
    elif not wish.targets:
        only = scene.spoken_of
    first: tuple[Command, ...] = ()
    if wish.want == "correct" and (wish.targets or only != scene.spoken_of):
        first = _put_back(base, turn, scene)
    return Intent(new, only=only, first=first)


def _told_wrongly(wish: Wish, turn: Exchange, scene: Scene) -> tuple[Command, ...]:
    """Return what puts back those that were not meant: "not the fan"."""
    home = scene.home
    return tuple(
        command
        for command in turn.before
        for target in wish.but
        if (known := home.device(command.device)) is not None
        and (not target.thing or fit(target.thing, known, home) > 0)
        and (not target.place or known.room in home.rooms_called(target.place))
    )


def _unanswered(turn: Exchange) -> tuple[Candidate, ...]:
    """Return what was told to devices that did not do it, for them alone."""
    failed = {device for device, _ in turn.outcome.failed}
    told = (
        replace(candidate, devices=tuple(command.device for command in left), commands=left)
        for candidate in candidates_of(turn)
        if (left := tuple(command for command in candidate.commands if command.device in failed))
    )
    return tuple(told)


def _pointed_at(wish: Wish, scene: Scene) -> tuple[DeviceId, ...]:
    """Return the devices that are pointed at by what tells them from each other: "the other one"."""
    said = set(words_in(wish.reference)) - {"one", *POINTING}
    if not said or wish.targets or not scene.spoken_of:
        return ()
    of_them = [d for d in scene.spoken_of if (known := scene.home.device(d)) and said & name_words(known)]
    base, _ = _base(scene)
    return tuple(of_them) or (_others(wish, base, scene) if base is not None else ())


def _others(wish: Wish, base: Wish, scene: Scene) -> tuple[DeviceId, ...]:
    """Return the devices like those spoken of that are pointed at: "the other one", "the right one"."""
    home = scene.home
    said = set(words_in(wish.reference)) - {"one", "other"}
    like: list[DeviceId] = []
    for spoken in scene.spoken_of:
        known = home.device(spoken)
        for device in home.of_kind(known.kind) if known else ():
            other = home.device(device)
            if other is None or known is None or device in scene.spoken_of:
                continue
            if other.room == known.room or any(
                t.thing and fit(t.thing, other, home) > 0 for t in base.targets
            ):
                like.append(device)
    pointed = [d for d in like if (known := home.device(d)) is not None and said & name_words(known)]
    if pointed:
        return tuple(pointed)
    things = [target.thing for target in base.targets if target.thing]
    fits = {
        d: max((fit(t, known, home) for t in things), default=0.0) for d in like if (known := home.device(d))
    }
    best = max(fits.values(), default=0.0)
    return tuple(device for device, how in fits.items() if how >= best - 0.1)


def _put_back(base: Wish, turn: Exchange, scene: Scene) -> tuple[Command, ...]:
    """Return what undoes the act that was a mistake; what plays in the wrong place stops there."""
    if not isinstance(turn.decision, Act):
        return ()
    if base.want != "play":
        return turn.before
    stop = Wish("stop", "media")
    found: list[Command] = []
    for device in scene.spoken_of:
        known = scene.home.device(device)
        way = ways(stop, known, scene.home) if known else ()
        if way and not isinstance(way, Cannot):
            found.append(Command(device, way))
    return tuple(found)


def mended(base: Wish, new: Wish) -> Wish:
    """Return a wish with everything in it that another one says better."""
    changes: dict[str, object] = {}
    if new.targets:
        changes["targets"] = tuple(_target(target, base) for target in new.targets)
        changes["but"] = new.but
        changes["quantity"] = new.quantity
    elif new.quantity:
        changes["quantity"] = new.quantity
    if new.amount is not None and new.amount.relative and base.want in ("set", "raise", "lower"):
        changes["want"] = "lower" if {"less", "fewer", "lower", "down"} & set(words_in(new.text)) else "raise"
    if new.amount is not None:
        changes["amount"] = _amount(base.amount, new.amount)
    for name in ("options", "color", "kelvin", "title", "media", "duration_s", "moment", "state"):
        if getattr(new, name):
            changes[name] = getattr(new, name)
    if new.property not in ("unsaid", base.property) and new.want not in MEND:
        changes["property"] = new.property
    changes["reference"] = "" if new.targets else base.reference
    changes["text"] = new.text
    return replace(base, **changes)  # type: ignore[arg-type]


def _target(target: Target, base: Wish) -> Target:
    """Return a target with the thing that was spoken of, where only another place is said."""
    if target.thing or not base.targets:
        return target
    return Target(base.targets[0].thing, target.place)


def _amount(base: Amount | None, new: Amount) -> Amount:
    """Return an amount in the unit that was spoken of: "no, forty" after fourteen per cent."""
    if base is None or new.unit or new.share is not None or new.number is None:
        return new
    if base.share is not None:
        return replace(new, number=None, share=new.number / 100, relative=base.relative)
    return replace(new, unit=base.unit, relative=new.relative or base.relative)


def _pointed(wish: Wish, intents: Sequence[Intent]) -> Wish:
    """Return a wish with what was named earlier in the same sentence, where it is about that.

    "warmer in here, make it twenty one" is about one thing, said twice.
    """
    if not intents:
        return wish
    before = intents[-1].wish
    if wish.targets:
        placed = wish.property == before.property and not wish.names_a_thing()
        # "lights off in the kitchen and on in the hall"
        return replace(wish, targets=tuple(_target(t, before) for t in wish.targets)) if placed else wish
    again = wish.property == before.property and bool(set(POINTING) & set(wish.text.lower().split()))
    if wish.reference not in POINTING and not (again and not wish.reference):
        return wish
    return replace(wish, targets=before.targets, reference="" if before.targets else wish.reference)


def _continued(wish: Wish, scene: Scene) -> Wish:
    """Return a wish with the property that was spoken of: "one lower", after the speed of the fan."""
    if wish.property != "unsaid" or wish.targets or wish.want not in ("raise", "lower", "set"):
        return wish
    base, _ = _base(scene)
    return replace(wish, property=base.property) if base is not None else wish
