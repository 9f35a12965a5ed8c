"""Know what a clause is about while its words are chosen: the device, how many, and what agrees with it.

"is" must become "are" before several lamps, and "it" points to what was just named. So the words for
a thing are chosen once for each clause, by whichever word of the line needs them first. Articles and
prepositions stay outside the marks, rooms stand apart from device words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from edge_nlu_export.homespeak import amounts
from edge_nlu_export.homespeak.grammar import NAMED, NOT, OPEN, SHUT, Grammar, Weighted, weighted
from edge_nlu_export.homespeak.lexicon import Lexicon, Row, plural
from edge_nlu_export.homespeak.ontology import words


def mark(slot: str, text: str) -> str:
    """Return words marked as a slot."""
    return OPEN + slot.replace("!", NOT) + NAMED + text + SHUT


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words for a thing, whether they mean several, and whether they name a device at all."""

    words: str
    several: bool = False
    named: bool = True
    has_room: bool = False


@dataclass(slots=True)
class Vocabulary:
    """All a scene can draw from; made once, shared by all scenes."""

    grammar: Grammar
    lexicon: Lexicon
    extra_nouns: tuple[str, ...] = ()
    made_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_ADJECTIVES = words("""
    left right big small old new little tall middle first second upper lower top bottom white black red
    blue wooden glass round long corner far large tiny fancy cheap main spare antique green
""")
_FRESH = (
    ("{}", "others", 5.0),
    ("{} machine", "others", 2.0),
    ("{} maker", "others", 1.5),
    ("{} light", "lights", 1.5),
    ("{} lamp", "lights", 1.5),
    ("{} fan", "fans", 0.5),
    ("{} heater", "heating", 0.7),
    ("{} sensor", "sensors", 0.5),
    ("{} device", "others", 0.7),
    ("{} unit", "others", 0.5),
    ("{} thing", "others", 0.5),
    ("{} cleaner", "others", 0.5),
    ("{} system", "others", 0.4),
    ("{} controller", "others", 0.4),
    ("{} plug", "others", 0.5),
    ("{} switch", "others", 0.5),
    ("{} cooler", "others", 0.5),
)


class Scene:
    """One clause in the making: its chance, its row of devices, and what was said so far."""

    def __init__(self, vocabulary: Vocabulary, rng: Random, *, typed: bool) -> None:
        self.vocabulary = vocabulary
        self.rng = rng
        self.typed = typed
        self.rooms_allowed = True
        self.chance = rng.random
        self.begin(vocabulary.lexicon.rows["others"])

    def begin(self, row: Row) -> None:
        """Start a new clause about devices of a row."""
        self.row = row
        self.phrase: Phrase | None = None
        self._waits = False
        self.named = False
        self.referred = False
        self.has_room = False

    # What phrase files may name

    def say(self, name: str, out: list[str]) -> None:
        """Write what a name in a phrase stands for."""
        spoken = _SAYINGS.get(name)
        if spoken is not None:
            out.append(spoken(self))
            return
        rule = self.vocabulary.grammar.rules.get(name)
        if rule is not None:
            rule(self, out)
            return
        words = self.vocabulary.lexicon.lists.get(name)
        if words is None:
            raise KeyError(f"no rule, word list or saying is called ${name}")
        out.append(words[int(self.chance() * len(words))])

    def pick(self, name: str) -> str:
        """Return one entry of a word list."""
        words = self.vocabulary.lexicon.lists[name]
        return words[int(self.chance() * len(words))]

    # Things

    def tell(self, build: Callable[[Scene], Phrase]) -> str:
        """Return the words for the thing: those chosen earlier for agreement, else new ones."""
        if not self._waits:
            self._choose(build)
        self._waits = False
        assert self.phrase is not None
        return self.phrase.words

    def several(self) -> bool:
        """Return whether the thing spoken of is more than one, choosing it if need be."""
        if self.phrase is None:
            self._choose(definite)
            self._waits = True
        assert self.phrase is not None
        return self.phrase.several

    def _choose(self, build: Callable[[Scene], Phrase]) -> None:
        self.phrase = build(self)
        self.named |= self.phrase.named
        self.referred |= not self.phrase.named
        self.has_room |= self.phrase.has_room

    def noun(self, number: str = "") -> tuple[str, str]:
        """Return a device name of the row and its number: singular, plural or mass."""
        row, roll = self.row, self.chance()
        self.named = True
        if row.name == "others" and self.vocabulary.extra_nouns and roll < 0.15:
            shape = _FRESH_SHAPES.pick(self.chance())
            noun = self.vocabulary.extra_nouns[int(self.chance() * len(self.vocabulary.extra_nouns))]
            name, kind = shape[0].format(noun), "singular"
            self.row = self.vocabulary.lexicon.rows[shape[1]]
        elif roll < 0.18 and self.vocabulary.made_names.get(row.name):
            names = self.vocabulary.made_names[row.name]
            name, kind = names[int(self.chance() * len(names))], "singular"
        else:
            name, kind = self._listed(row, number)
        if self.chance() < 0.08 and kind != "mass":
            name = _ADJECTIVES[int(self.chance() * len(_ADJECTIVES))] + " " + name
        if kind == "singular" and (number == "plural" or (number == "" and self.chance() < 0.14)):
            name, kind = plural(name), "plural"
        return name, kind

    def _listed(self, row: Row, number: str) -> tuple[str, str]:
        count = len(row.singular)
        roll = self.chance()
        share = min(0.3, len(row.plural) / 30) * (2 if number == "plural" else 1)
        if number != "singular" and roll < share:
            return row.plural[int(self.chance() * len(row.plural))], "plural"
        if not number and row.mass and (roll > 1 - min(0.08, len(row.mass) / 60) or not count):
            return row.mass[int(self.chance() * len(row.mass))], "mass"
        # the first names of a list are what people say most
        at = int(self.chance() * count) if self.chance() < 0.65 else int(self.chance() * min(count, 8))
        return row.singular[at], "singular"

    def room(self) -> str:
        """Return a room as it stands before a device, marked."""
        self.has_room = True
        roll = self.chance()
        if roll < 0.12:
            return self.owned_room()
        return mark("room", self.pick("rooms_in" if roll < 0.85 else "rooms_on"))

    def owned_room(self) -> str:
        """Return somebody's room, marked; the article of whoever owns it stays outside."""
        owner = self.pick("people") + "'s" if self.chance() < 0.6 else self.pick("owners")
        article, _, name = owner.rpartition(" ")
        room = "room" if self.chance() < 0.45 else self.pick("own_rooms")
        return (article + " " if article else "") + mark("room", f"{name} {room}")

    def place(self) -> str:
        """Return a room with the words before it, as it stands after a device."""
        self.has_room = True
        roll = self.chance()
        if roll < 0.62:
            article = "the " if self.chance() < 0.95 else ""
            return f"in {article}" + mark("room", self.pick("rooms_in"))
        if roll < 0.74:
            return "on the " + mark("room", self.pick("rooms_on"))
        if roll < 0.86:
            return mark("room", self.pick("rooms_bare"))
        if roll < 0.9:
            return "in " + mark("room", "here")
        if roll < 0.92:
            return "in the whole " + mark("room", self.pick("wholes"))
        return "in " + self.owned_room()


_FRESH_SHAPES: Weighted[tuple[str, str]] = weighted(((shape, row), weight) for shape, row, weight in _FRESH)


def definite(scene: Scene) -> Phrase:
    """Return words for a certain thing or certain things."""
    name, kind = scene.noun()
    several, device = kind == "plural", mark("device", name)
    roll = scene.chance()
    if not scene.rooms_allowed and 0.46 <= roll < 0.82:
        roll /= 2
    if roll < 0.34:
        return Phrase("the " + device, several)
    if roll < 0.41:
        return Phrase(device, several)
    if roll < 0.46:
        return Phrase("my " + device, several)
    if roll < 0.68:
        article = "" if scene.chance() < 0.2 else "the "
        room = scene.room()
        return Phrase((article if _takes_article(room) else "") + f"{room} {device}", several, has_room=True)
    if roll < 0.82:
        return Phrase(f"the {device} {scene.place()}", several, has_room=True)
    if roll < 0.89:
        owner = scene.pick("people") if scene.chance() < 0.7 else "the " + scene.pick("owner_words")
        _, article, last = owner.rpartition("the ")
        ending = "'" if article and last.endswith("s") else "'s"
        return Phrase(article + mark("person", last) + f"{ending} {device}", several)
    if roll < 0.92:
        return Phrase(("this " if not several else "these ") + device, several)
    if roll < 0.95:
        return Phrase(("our " if scene.chance() < 0.5 else "your ") + device, several)
    return Phrase("the " + device, several)


def _takes_article(room: str) -> bool:
    return not any(sign in room for sign in ("'s ", "s' ", *_OWNERS))


_OWNERS = tuple(NAMED + owner + " " for owner in words("my our his her their"))


def one(scene: Scene) -> Phrase:
    """Return words for exactly one thing."""
    row = scene.row
    while (phrase := definite(scene)).several:
        scene.row = row
    return phrase


def quantified(scene: Scene) -> Phrase:
    """Return words for all things of a kind."""
    roll = scene.chance()
    if roll < 0.2:
        word = scene.rng.choice(("everything", "everything", "everything", "anything"))
        place = " " + scene.place() if scene.rooms_allowed and scene.chance() < 0.5 else ""
        return Phrase(mark("quantity", word) + place, several=False, named=False, has_room=bool(place))
    if roll < 0.26:
        return Phrase(
            mark("quantity", scene.rng.choice(("all", "both", "all"))) + " of " + mark("reference", "them"),
            True,
            named=False,
        )
    if roll < 0.42:
        name, kind = scene.noun("singular")
        word = scene.rng.choice(("every", "each", "every"))
        phrase = mark("quantity", word) + " " + _spot(scene, mark("device", name))
        return Phrase(phrase, kind == "plural")
    name, kind = scene.noun("plural")
    word = mark("quantity", "both" if scene.chance() < 0.2 else "all")
    between = scene.rng.choice((" ", " the ", " the ", " of the ", " my "))
    return Phrase(word + between + _spot(scene, mark("device", name)), kind == "plural")


def _spot(scene: Scene, device: str) -> str:
    roll = scene.chance()
    if not scene.rooms_allowed or roll < 0.5:
        return device
    if roll < 0.75 and _takes_article(room := scene.room()):
        return f"{room} {device}"
    return f"{device} {scene.place()}"


def reference(scene: Scene) -> Phrase:
    """Return a word that points back."""
    return _REFERENCES.pick(scene.chance())


_REFERENCES: Weighted[Phrase] = weighted(
    (Phrase(before + mark("reference", words), several, named=False), weight)
    for before, words, several, weight in (
        ("", "it", False, 14.0),
        ("", "them", True, 5.0),
        ("", "that", False, 4.0),
        ("", "this", False, 1.0),
        ("", "that one", False, 1.5),
        ("", "this one", False, 1.0),
        ("the ", "other one", False, 1.2),
        ("the ", "other ones", True, 0.4),
        ("", "those", True, 0.8),
        ("", "these", True, 0.5),
        ("", "this thing", False, 0.4),
        ("", "that thing", False, 0.8),
        ("the ", "same one", False, 0.3),
    )
)


def coordinated(scene: Scene) -> Phrase:
    """Return words for two or three things, or a thing in two rooms."""
    roll = scene.chance()
    if roll < 0.3:
        name, kind = scene.noun("plural" if scene.chance() < 0.7 else "")
        first, second = (mark("room", scene.pick("rooms_in")) for _ in range(2))
        joint = scene.rng.choice((" and the ", " and ", " and the "))
        if scene.chance() < 0.5:
            return Phrase(
                "the "
                + first
                + joint
                + second
                + " "
                + mark("device", plural(name) if kind == "singular" else name),
                True,
                has_room=True,
            )
        return Phrase(
            "the "
            + mark("device", name)
            + " in the "
            + first
            + joint
            + ("in the " if joint == " and " and scene.chance() < 0.7 else "")
            + second,
            kind == "plural",
            has_room=True,
        )
    parts = [definite(scene).words]
    if roll > 0.85:
        parts.append(definite(scene).words)
    row = scene.row
    if scene.chance() < 0.35:
        scene.row = scene.vocabulary.lexicon.rows[scene.rng.choice(_MIXED.get(row.degree, (row.name,)))]
    joint = scene.rng.choice((" and ", " and ", " and ", " and also ", " plus ", " as well as "))
    words = (", ".join(parts)) + joint + definite(scene).words
    scene.row = row
    return Phrase(words, True, has_room=True)


# Rows whose devices can stand in one wish: they share what they have by degrees.
_MIXED = {
    "unsaid": ("others", "machines"),
    "brightness": ("lights",),
    "temperature": ("heating",),
    "volume": ("players",),
}


def excepted(scene: Scene) -> Phrase:
    """Return words for all things but one."""
    roll = scene.chance()
    row = scene.row
    if roll < 0.35:
        base, several = quantified(scene), True
        words = base.words
    elif roll < 0.8:
        name, _ = scene.noun("plural")
        words = (
            mark("quantity", "all")
            + scene.rng.choice((" the ", " ", " of the "))
            + _spot(scene, mark("device", name))
        )
        several = True
    else:
        name, _ = scene.noun("plural")
        words, several = "the " + _spot(scene, mark("device", name)), True
    if NAMED + "anything" in words or NAMED + "them" in words:
        words = mark("quantity", "everything")
    out: list[str] = []
    scene.say("except", out)
    return Phrase(
        words + " " + "".join(out) + " " + left_out(scene, row),
        several,
        named="device" in words,
        has_room=True,
    )


def left_out(scene: Scene, row: Row) -> str:
    """Return what an exception turns down, marked as excluded."""
    roll = scene.chance()
    scene.row = row
    if roll < 0.12:
        words = "the " + mark("!room", scene.pick("rooms_in"))
    elif roll < 0.24:
        words = "the " + mark("!room", scene.pick("rooms_in")) + (" one" if scene.chance() < 0.6 else " ones")
    elif roll < 0.3:
        words = "in the " + mark("!room", scene.pick("rooms_in"))
    elif roll < 0.36:
        words = scene.rng.choice(
            (mark("!reference", "this one"), mark("!reference", "that one"), mark("!reference", "it"))
        )
    else:
        words = _exclude(definite(scene).words)
        if scene.chance() < 0.18:
            words += " and " + _exclude(definite(scene).words)
    scene.row = row
    return words


def _exclude(words: str) -> str:
    return words.replace(OPEN, OPEN + NOT)


def thing(scene: Scene) -> Phrase:
    """Return words for what a wish is about, of whichever shape."""
    return _SHAPES.pick(scene.chance())(scene)


def exactly(scene: Scene) -> Phrase:
    """Return words for what a wish is about when nothing may be left out of it."""
    return definite(scene) if scene.chance() < 0.8 else reference(scene)


_SHAPES: Weighted[Callable[[Scene], Phrase]] = weighted(
    ((definite, 66.0), (quantified, 9.0), (reference, 11.0), (coordinated, 7.0), (excepted, 4.0))
)


def _percent(scene: Scene) -> str:
    value = scene.rng.choice(
        (5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100, scene.rng.randint(1, 99))
    )
    words = mark("value", amounts.number(scene.rng, value, typed=scene.typed))
    if scene.typed and scene.chance() < 0.45:
        return words + mark("unit", "%")
    return words + " " + mark("unit", "percent" if scene.chance() < 0.93 else "per cent")


def _degrees(low: int, high: int) -> Callable[[Scene], str]:
    def words(scene: Scene) -> str:
        value = scene.rng.randint(low, high)
        if value > 60:
            value = value // 5 * 5
        text = mark("value", amounts.fine_number(scene.rng, value, typed=scene.typed))
        roll = scene.chance()
        if roll < 0.3:
            return text
        if scene.typed and roll < 0.5:
            return text + scene.rng.choice((" ", "")) + mark("unit", scene.rng.choice(("°C", "°", "°F", "C")))
        return text + " " + mark("unit", scene.pick("degree_units"))

    return words


def _count(low: int, high: int) -> Callable[[Scene], str]:
    return lambda scene: amounts.number(scene.rng, scene.rng.randint(low, high), typed=scene.typed)


def _when(scene: Scene) -> str:
    before, text = amounts.moment(scene.rng, typed=scene.typed)
    return (before + " " if before else "") + mark("moment", text)


def _any_row(scene: Scene) -> Scene:
    rows = tuple(scene.vocabulary.lexicon.rows.values())
    scene.row = rows[int(scene.chance() * len(rows))]
    return scene


_SAYINGS: dict[str, Callable[[Scene], str]] = {
    "thing": lambda scene: scene.tell(thing),
    "exactly": lambda scene: scene.tell(exactly),
    "def": lambda scene: scene.tell(definite),
    "one": lambda scene: scene.tell(one),
    "ref": lambda scene: scene.tell(reference),
    "all": lambda scene: scene.tell(quantified),
    "but": lambda scene: scene.tell(excepted),
    "leftout": lambda scene: left_out(scene, scene.row),
    "device": lambda scene: mark("device", scene.noun("singular")[0]),
    "devices": lambda scene: mark("device", scene.noun("plural")[0]),
    "anydevice": lambda scene: mark("device", scene.noun()[0]),
    "anybare": lambda scene: _any_row(scene).noun("singular")[0],
    "bare": lambda scene: scene.noun("singular")[0],
    "is": lambda scene: "are" if scene.several() else "is",
    "isnt": lambda scene: "aren't" if scene.several() else "isn't",
    "has": lambda scene: "have" if scene.several() else "has",
    "was": lambda scene: "were" if scene.several() else "was",
    "does": lambda scene: "do" if scene.several() else "does",
    "s": lambda scene: "" if scene.several() else "s",
    "es": lambda scene: "" if scene.several() else "es",
    "it": lambda scene: mark("reference", "them" if scene.several() else "it"),
    "they": lambda scene: mark("reference", "they" if scene.several() else "it"),
    "room": lambda scene: scene.room(),
    "place": lambda scene: scene.place(),
    "inroom": lambda scene: mark("room", scene.pick("rooms_in")),
    "rawroom": lambda scene: scene.pick("rooms_in"),
    "anyroom": lambda scene: ("the " if (room := scene.room()) and _takes_article(room) else "") + room,
    "person": lambda scene: mark("person", scene.pick("people")),
    "rawperson": lambda scene: scene.pick("people"),
    "percent": _percent,
    "warmth": _degrees(15, 26),
    "ovenheat": _degrees(80, 260),
    "cold": _degrees(-25, 8),
    "boil": _degrees(40, 100),
    "small": lambda scene: amounts.number(scene.rng, scene.rng.randint(1, 5), typed=scene.typed),
    "upto10": _count(1, 10),
    "upto20": _count(1, 20),
    "upto30": _count(1, 30),
    "upto100": _count(1, 100),
    "upto500": _count(1, 500),
    "duration": lambda scene: mark("duration", amounts.duration(scene.rng, typed=scene.typed)),
    "rawduration": lambda scene: amounts.duration(scene.rng, typed=scene.typed),
    "clock": lambda scene: mark("moment", amounts.clock(scene.rng, typed=scene.typed)),
    "rawclock": lambda scene: amounts.clock(scene.rng, typed=scene.typed),
    "when": _when,
}
