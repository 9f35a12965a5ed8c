"""Settle one wish: what it does, what it tells, or what stands in its way.

A clear winner is taken. What is torn between two lamps, what no device can fulfil, or what was read without
trust comes to a question or to a reason why not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from edge_nlu.interfaces import Home
from edge_nlu.steps import say
from edge_nlu.steps.answer import CLOSEST, answer, has
from edge_nlu.steps.care import shall_i
from edge_nlu.steps.meant import ASKING, CLOCKS, hinted_at
from edge_nlu.steps.names import is_called, name_words, words_in
from edge_nlu.steps.pair import Pairing, pair
from edge_nlu.steps.plain import SURER, says_so, turned
from edge_nlu.steps.recall import Intent
from edge_nlu.steps.resolve import Weights, resolve
from edge_nlu.steps.scene import Scene
from edge_nlu.values import Answer, Ask, Candidate, Decision, Option, Target, Wish, frozen

# a winner is clear from here on
CLEAR = 0.62
# below this, what was read is not trusted without asking
SURE = 0.5
# but where only one thing takes such a value, there is little to be mistaken about
DETERMINED = 0.35
OPPOSED = frozenset(["on", "off", "open", "close", "lock", "unlock", "raise", "lower", "start"])
# what is for something like this is asked about from here on, where it is so much nearer than the next
LIKE = 0.42
LIKER = 0.1
MOST = 48
OF_ITSELF = frozenset(["on", "start", "raise", "lower", "open", "close", "set"])
# read as an answer to a question that nobody asked
STRAY = ("choose", "same")
DOING = ("run", "power", "position", "program")
# as many are offered when asking back
OFFERED = 4
# such a wish needs no name: whatever is at it is meant
SPOKEN_TO = frozenset(["pause", "resume", "stop", "next", "previous", "raise", "lower", "mute", "unmute"])
GROUND = frozenset(["named", "mentioned", "hinted", "spoken_of", "usual", "going_on", "at_it", "served"])
HINTED = frozenset(["mentioned", "hinted"])
# these may be played on without a word of what
PAUSED = frozenset(["usual", "going_on", "spoken_of"])
VAGUE = frozenset(["run", "power", "unsaid"])
# what is asked about these is asked about whatever is at it
GOES_ON = frozenset(["time_left", "run", "media", "place"])
# what there is none of, where nothing has such a property
MISSED = {"alarm": "alarm clock", "timer": "timer", "media": "player", "lock": "lock", "swing": "fan"}
# of these a room has its fill: all its lights, all its blinds
OF_A_ROOM = frozenset(["brightness", "position", "color"])


@frozen
class Settled:
    """What became of one wish: what to do or tell, or the decision that stands in its way."""

    candidates: tuple[Candidate, ...] = ()
    told: str = ""
    instead: Decision | None = None
    ranked: tuple[Candidate, ...] = ()


def settle(intent: Intent, scene: Scene, weights: Weights) -> Settled:
    """Return what one intent comes to."""
    wish = turned(intent.wish, scene.home)
    if intent.ready:
        return Settled(intent.ready, told=_told(intent.ready, scene))
    if wish.want not in ASKING and wish.property not in CLOCKS and (wish.moment or wish.unread):
        unknown = wish.property == "color" and not wish.moment
        return Settled(instead=Answer(say.no_color(wish.unread) if unknown else say.not_later()))
    pairings = [pair(wish, target, scene, intent.only) for target in wish.targets or (Target(),)]
    if wish.want in ASKING:
        return _asked(wish, pairings, scene, weights)
    chosen: list[Candidate] = []
    ranked: list[Candidate] = []
    for pairing in pairings:
        likely = resolve(pairing.pairs, weights)
        ranked += likely
        likely = _worth_doing(wish, pairing, likely, scene)
        if likely:
            one = _one_target(wish, pairing, likely, scene)
        elif pairing.pairs:
            one = _nothing_to_do(wish, pairing, scene)
        else:
            one = _none_fits(wish, pairing, scene, weights)
        if one.instead is not None:
            return replace(one, ranked=tuple(ranked))
        chosen += one.candidates
    if lost := _lost(chosen, scene.home):
        return Settled(told=lost, instead=Answer(lost, tuple(chosen)), ranked=tuple(ranked))
    trusted = SURER if wish.want in OPPOSED else SURE
    if _determined(wish, chosen):
        trusted = DETERMINED
    if wish.confidence < trusted and not wish.usual and not says_so(wish):
        return Settled(instead=shall_i(chosen, wish, scene), ranked=tuple(ranked))
    return Settled(tuple(chosen), ranked=tuple(ranked))


def _lost(chosen: Sequence[Candidate], home: Home) -> str:
    """Return that what is meant cannot be reached; "" where some of it can."""
    devices = tuple(dict.fromkeys(command.device for c in chosen for command in c.commands))
    return "" if any(map(home.online, devices)) or not devices else say.out_of_reach(devices, home)


def _determined(wish: Wish, chosen: Sequence[Candidate]) -> bool:
    """Return whether thing and value leave little to be done: "ten amps" to the only one named so."""
    amount = wish.amount
    told = wish.duration_s is not None or (amount is not None and amount.number is not None)
    if wish.want not in ("set", "start") or (amount is not None and amount.relative):
        return False
    return told and len(chosen) == 1 and {"named", "only"} <= {reason.name for reason in chosen[0].because}


def _worth_doing(
    wish: Wish, pairing: Pairing, likely: Sequence[Candidate], scene: Scene
) -> tuple[Candidate, ...]:
    """Return the candidates of a wish that names nothing, without those that nothing but chance speaks for.

    A machine is not started because it stands in the room, and what is already as wished was not meant.
    """
    if pairing.target.thing or wish.options or wish.title or pairing.together:
        return tuple(likely)
    if wish.want in ("raise", "lower") and wish.property == "unsaid":
        likely = [c for c in likely if not _is_out_of_earshot(c, scene.home)]
    if wish.reference and (scene.spoken_of or wish.want != "off"):
        return tuple(likely)
    found = [c for c in likely if not any(reason.name == "done" for reason in c.because)]
    if wish.want == "off":
        found = [c for c in found if not _always_on(c, scene.home)]
    if wish.property in VAGUE and wish.want not in SPOKEN_TO and not wish.reference:
        found = [c for c in found if any(reason.name in GROUND for reason in c.because)]
    if wish.want == "play" and wish.media in ("", "watch", "listen") and not wish.usual:
        found = [c for c in found if any(reason.name in PAUSED for reason in c.because)]
    whole = sum(candidate.score for candidate in found)
    return tuple(replace(candidate, score=candidate.score / whole) for candidate in found)


def _is_out_of_earshot(candidate: Candidate, home: Home) -> bool:
    """Return whether a thing is elsewhere and nobody spoke of it: a voice is heard there, a lamp not."""
    names = {reason.name for reason in candidate.because}
    if "elsewhere" not in names or names & {"spoken_of", "changed"}:
        return False
    told = ((home.device(c.device), key) for c in candidate.commands for key, _ in c.settings)
    features = (device.feature(key) for device, key in told if device is not None)
    return not any(feature.property == "volume" for feature in features if feature is not None)


def _always_on(candidate: Candidate, home: Home) -> bool:
    """Return whether what is switched off is always on, so that nobody means it without its name."""
    for command in candidate.commands:
        known = home.device(command.device)
        kind = home.appliance(known.kind) if known is not None else None
        if known is None or kind is None or not kind.always:
            continue
        told = [feature for key, _ in command.settings if (feature := known.feature(key)) is not None]
        if not any(feature.property in CLOCKS for feature in told):  # what rings may be silenced
            return True
    return False


def _told(ready: Sequence[Candidate], scene: Scene) -> str:
    asked = [candidate for candidate in ready if candidate.wish.want == "ask"]
    return " ".join(answer(c.wish, c.devices, scene.home) for c in asked)


def _one_target(wish: Wish, pairing: Pairing, likely: Sequence[Candidate], scene: Scene) -> Settled:
    """Return the devices that one target of a wish means, or what stands in the way."""
    if pairing.together:
        return _all_of(wish, pairing, likely, scene)
    best = likely[0]
    if _better_unable(pairing, best):
        return Settled(instead=_nothing(wish, pairing, scene))
    if best.score >= CLEAR or len(likely) == 1:
        if _plain_words(wish):
            return Settled(instead=shall_i([best], wish, scene))
        return Settled((best,))
    close = [candidate for candidate in likely if candidate.score >= best.score * 0.3][:OFFERED]
    if wish.property in OF_A_ROOM and not pairing.target.thing and _alike(close, scene.home):
        return Settled(tuple(close))
    options = tuple(Option(say.spoken(c.devices[0], scene.home), (c,)) for c in close)
    return Settled(instead=Ask(say.which(options), "which", options, wish))


def _nothing_to_do(wish: Wish, pairing: Pairing, scene: Scene) -> Settled:
    """Return what comes of a wish that nothing was worth doing for: all is so already, or it is not clear."""
    done = [p.candidate for p in pairing.pairs if ("done", 1.0) in p.evidence]
    if wish.property not in VAGUE and len(done) == len(pairing.pairs):
        words = say.already(wish, done, scene.home)
        return Settled(told=words, instead=Answer(words, tuple(done)))
    hinted = hinted_at(wish, pairing.target, scene)
    if any(cannot.near == 1 and cannot.device in hinted for cannot in pairing.unable):
        return Settled(instead=_nothing(wish, pairing, scene))
    return Settled(instead=_likened(wish, scene) or Ask(say.unsure(), "unsure", (), wish))


def _none_fits(wish: Wish, pairing: Pairing, scene: Scene, weights: Weights) -> Settled:
    """Return what comes of a target that no device fits: the rest of the sentence may hint at one."""
    if pairing.unable and (called := _called(wish, pairing.target, scene)) is not None:
        meant = pair(called, called.targets[0], scene)
        if likely := resolve(meant.pairs, weights):
            return _one_target(called, meant, likely, scene)
    if wish.want in STRAY and (likened := _likened(wish, scene)) is not None:
        return Settled(instead=likened)
    if pairing.no_thing or (pairing.no_room and not pairing.target.thing):
        hinted = hinted_at(wish, pairing.target, scene)
        bare = replace(wish, targets=(), options=())
        likely = resolve(pair(bare, Target(), scene, hinted).pairs, weights) if hinted else ()
        if likely and likely[0].score >= CLEAR:
            return Settled(instead=shall_i(likely[:1], wish, scene), ranked=likely)
        if (likened := _likened(wish, scene)) is not None:
            return Settled(instead=likened)
    return Settled(instead=_nothing(wish, pairing, scene))


def _called(wish: Wish, target: Target, scene: Scene) -> Wish | None:
    """Return the wish as one for the device that is called by its name beside what was read as a thing.

    "Dusty, spot clean" is for Dusty, who can clean a spot, and not for the spots.
    """
    home = scene.home
    thing = set(words_in(target.thing))
    said = [word for word in words_in(wish.text) if word not in thing]
    called = {
        known.id: known
        for word in said
        for device in home.known_as(word)
        if (known := home.device(device)) is not None and is_called(said, known, home)
    }
    if not thing or len(called) != 1:
        return None
    (device,) = called.values()
    rest = " ".join(word for word in words_in(wish.text) if word not in name_words(device) | {"please"})
    return replace(wish, targets=(Target(device.name),), options=(rest,))


def _likened(wish: Wish, scene: Scene) -> Ask | None:
    """Return the question whether the device is meant that is for what was wished.

    A word may hint at it, where nothing else was read; else it is found by its meaning alone.
    """
    if wish.want not in (*OF_ITSELF, *STRAY):
        return None
    home = scene.home
    if stray := wish.want in STRAY:
        wish = replace(wish, want="start", property="run")
    able = dict.fromkeys(d for prop in DOING for d in islice(home.with_property(prop, settable=True), MOST))
    bare = replace(wish, targets=(), options=(), amount=None, usual=False)
    pairs = pair(bare, Target(), scene, tuple(able)).pairs if able else ()
    by_device = {one.candidate.devices[0]: one.candidate for one in pairs}
    hinted = [device for device in hinted_at(bare, Target(), scene) if device in by_device]
    if stray and len(hinted) == 1:
        return shall_i([by_device[hinted[0]]], wish, scene)
    near = home.nearest(scene.embedding, tuple(by_device)) if scene.embedding else ()
    if not near or near[0][1] < LIKE or (len(near) > 1 and near[0][1] - near[1][1] < LIKER):
        return None
    return shall_i([by_device[near[0][0]]], wish, scene)


def _alike(candidates: Sequence[Candidate], home: Home) -> bool:
    """Return whether all are of one kind and in one room."""
    return len({(known.kind, known.room) for c in candidates if (known := home.device(c.devices[0]))}) == 1


def _plain_words(wish: Wish) -> bool:
    """Return whether a title is all that was said: it may not have been meant as one."""
    return wish.want == "play" and bool(wish.title) and wish.text.strip().lower() == wish.title.lower()


def _better_unable(pairing: Pairing, best: Candidate) -> bool:
    """Return whether the device that was named cannot do it, and the best that can was not named."""
    if not pairing.unable or not pairing.target.thing:
        return False
    able = max((amount for p in pairing.pairs for name, amount in p.evidence if name == "named"), default=0.0)
    return any(cannot.near == 2 and able < 1.0 for cannot in pairing.unable) and best.score < CLEAR


def _all_of(wish: Wish, pairing: Pairing, likely: Sequence[Candidate], scene: Scene) -> Settled:
    """Return all devices of a group that the wish would change; members stand back behind their group."""
    home = scene.home
    members = {
        member
        for candidate in likely
        for device in candidate.devices
        if (known := home.device(device)) is not None
        for member in known.members
    }
    meant = [candidate for candidate in likely if not set(candidate.devices) & members]
    if wish.quantity == "both" and len(meant) > 2:
        meant = meant[:2]
    done = {p.candidate.devices for p in pairing.pairs if ("done", 1.0) in p.evidence}
    left = [candidate for candidate in meant if candidate.devices not in done]
    if not left and len(meant) > 1:
        words = say.already(wish, meant, home)
        return Settled(told=words, instead=Answer(words, tuple(meant)))
    return Settled(tuple(left or meant))


def _nothing(wish: Wish, pairing: Pairing, scene: Scene) -> Decision:
    """Return what is said where nothing can be done: no such room or thing, or what it cannot do."""
    home = scene.home
    if pairing.no_room:
        return Answer(say.no_room(pairing.no_room))
    if pairing.no_thing:
        return Answer(say.no_thing(pairing.target, home))
    hinted = () if pairing.target.thing else hinted_at(wish, pairing.target, scene)
    meant = [cannot for cannot in pairing.unable if cannot.device in hinted] or pairing.unable
    near = max((cannot.near for cannot in meant), default=-1)
    unable = [cannot for cannot in meant if cannot.near == near]
    named = pairing.target.thing or hinted or wish.options or wish.property not in VAGUE
    if near == 1 and named:
        return Ask(say.cannot(unable, wish, home), "value", (), wish)
    if unable and (
        pairing.target.thing or near == 2 or (pairing.target.place and wish.property not in VAGUE)
    ):
        return Answer(say.cannot(unable, wish, home))
    if wish.property in MISSED and not home.with_property(wish.property, settable=True):
        return Answer(say.no_thing(Target(MISSED[wish.property]), home))
    return Ask(say.unsure(), "unsure", (), wish)


# -------------------------------------------------------------------------------- questions


def _asked(wish: Wish, pairings: Sequence[Pairing], scene: Scene, weights: Weights) -> Settled:
    """Return the answer to a question about the home."""
    candidates: list[Candidate] = []
    ranked: list[Candidate] = []
    for pairing in pairings:
        if pairing.no_room:
            return _told_instead(say.no_room(pairing.no_room))
        if pairing.no_thing:
            hinted = _hinted_telling(wish, pairing.target, scene)
            if hinted is None:
                return _told_instead(say.no_thing(pairing.target, scene.home))
            pairing = hinted
        likely = _telling(wish, resolve(pairing.pairs, weights), scene)
        ranked += likely
        candidates += likely if pairing.together else _foremost(wish, likely, scene)
    devices = tuple(dict.fromkeys(device for candidate in candidates for device in candidate.devices))
    if not devices and not any(wish.targets):
        return _told_instead(answer(wish, (), scene.home))
    one = Candidate(wish, devices, (), max((c.score for c in candidates), default=0.0))
    return Settled((one,), answer(wish, devices, scene.home), ranked=tuple(ranked))


def _hinted_telling(wish: Wish, target: Target, scene: Scene) -> Pairing | None:
    """Return the devices that the words of a question hint at and that can tell what is asked.

    Where a place was said, nothing elsewhere stands for what is not there.
    """
    home = scene.home
    if target.place:
        return None
    props = (wish.property, *CLOSEST.get(wish.property, ()))
    able = [home.with_property(prop, settable=False) for prop in props]
    hinted = [d for d in hinted_at(wish, Target(), scene) if any(d in devices for devices in able)]
    return pair(replace(wish, targets=()), Target(), scene, hinted) if hinted else None


def _told_instead(words: str) -> Settled:
    return Settled(told=words, instead=Answer(words))


def _telling(wish: Wish, likely: Sequence[Candidate], scene: Scene) -> list[Candidate]:
    """Return those that have a feature for what is asked, where any has."""
    if wish.property == "status":
        return list(likely)
    able = [c for c in likely if _tells(c, wish, scene.home)]
    hinted = [c for c in able if not any(wish.targets) and any(r.name in HINTED for r in c.because)]
    return hinted or able or list(likely)


def _tells(candidate: Candidate, wish: Wish, home: Home) -> bool:
    known = [device for d in candidate.devices if (device := home.device(d)) is not None]
    return any(has(device, wish.property, home, wish.text) for device in known)


def _foremost(wish: Wish, likely: Sequence[Candidate], scene: Scene) -> list[Candidate]:
    """Return what a question is about: one device, or the few between which it cannot be told."""
    if not likely:
        return []
    best = likely[0]
    busy = [c for c in likely if set(c.devices) & set(scene.home.active())]
    if busy and not wish.targets and wish.property in GOES_ON:
        return [c for c in busy if c.score >= busy[0].score * 0.5][:OFFERED]
    if best.score >= CLEAR or wish.property == "temperature":
        return [best]
    return [candidate for candidate in likely if candidate.score >= best.score * 0.5][:OFFERED]
