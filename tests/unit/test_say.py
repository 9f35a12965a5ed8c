"""What the hub says: names of things, confirmations, questions back, and what cannot be done."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge_nlu.interfaces import Home
from edge_nlu.steps import say
from edge_nlu.steps.called import bare_name, name_of, names, opening_of
from edge_nlu.steps.english import (
    age,
    amount,
    clock_of,
    color_word,
    in_place,
    joined,
    lasting,
    plural,
    sentence,
    singular,
    white_word,
    with_the,
)
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext, Layout
from edge_nlu.values import (
    Candidate,
    Cannot,
    Command,
    Device,
    Feature,
    Found,
    Held,
    Lesson,
    Option,
    Person,
    Target,
    Wish,
)

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
POWER = Feature("power", "switch", "power", "state", settable=True)
DIMMER = Feature("brightness", "number", "brightness", "brightness", settable=True, low=0, high=254)
COLOR = Feature("color", "color", "color", "color", settable=True)
WHITE = Feature("white", "number", "color", "color temp", settable=True, unit="mired", low=150, high=500)
LOCK = Feature("lock", "switch", "lock", "state", settable=True)
COVER = Feature("position", "number", "position", "position", settable=True, unit="%", low=0, high=100)
TARGET = Feature("target", "number", "temperature", "target", settable=True, unit="°C", low=5, high=30)
SPEED = Feature("speed", "number", "speed", "Speed", settable=True, low=1, high=3)
SWING = Feature("swing", "switch", "swing", "Oscillation", settable=True)
RUN = Feature("run", "trigger", "run", "Run", settable=True, choices=("start", "pause", "stop"))
BREW = Feature("brew", "trigger", "run", "Brew", settable=True, choices=("espresso", "lungo", "latte"))
DOCK = Feature("dock", "trigger", "run", "Return to dock", settable=True)
PROGRAM = Feature("program", "choice", "program", "Program", settable=True, choices=("eco", "extra_dry"))
MEDIA = Feature("media", "media", "media", "Media", settable=True)
PLAYBACK = Feature("playback", "choice", "media", "Playback", settable=True, choices=("play", "pause"))
VOLUME = Feature("volume", "number", "volume", "Volume", settable=True, unit="%", low=0, high=100)
MUTE = Feature("mute", "switch", "volume", "Mute", settable=True)
TIMER = Feature("timer", "number", "timer", "Timer", settable=True, unit="min", low=0, high=600)
ALARM = Feature("time", "time", "alarm", "Alarm time", settable=True)
RINGING = Feature("action", "trigger", "alarm", "Action", settable=True, choices=("dismiss", "snooze"))
MODE = Feature("mode", "choice", "mode", "Mode", settable=True, choices=("heat", "auto"))
CHILD = Feature("child_lock", "switch", "mode", "Child lock", settable=True)

LEFT = Feature("state_l1", "switch", "power", "state", part="l1", settable=True)
RIGHT = Feature("state_l2", "switch", "power", "state", part="l2", settable=True)
GLOW = Feature("glow", "number", "brightness", "glow", part="Light", settable=True, low=0, high=100)
HEIGHT = Feature("height", "number", "position", "Height", settable=True, unit="cm", low=65, high=125)
FEED = Feature("feed", "number", "run", "Feed", settable=True, low=1, high=4)

THINGS = (
    ("kitchen_island", "kitchen", "light", (POWER, DIMMER, COLOR, WHITE)),
    ("kitchen_spots", "kitchen", "light", (POWER, DIMMER)),
    ("left_bedside_lamp", "bedroom", "light", (POWER, DIMMER)),
    ("front_door_lock", "hallway", "lock", (LOCK,)),
    ("lounge_curtains", "lounge", "curtain", (COVER,)),
    ("Thermostat", "lounge", "thermostat", (TARGET, MODE, CHILD)),
    ("lounge_fan", "lounge", "fan", (POWER, SPEED, SWING)),
    ("Washing machine", "utility_room", "washing-machine", (POWER, RUN, PROGRAM)),
    ("Espresso machine", "kitchen", "coffee-maker", (POWER, BREW)),
    ("Robot vacuum", "hallway", "robot-vacuum", (RUN, DOCK)),
    ("Study speaker", "study", "speaker", (MEDIA, PLAYBACK, VOLUME, MUTE)),
    ("Kids TV", "kids_room", "television", (POWER, MEDIA, PLAYBACK, VOLUME, MUTE)),
    ("Oven", "kitchen", "oven", (POWER, replace(TARGET, high=280), TIMER)),
    ("Alarm clock", "bedroom", "alarm-clock", (ALARM, RINGING)),
    ("wall_lights", "bedroom", "light", (LEFT, RIGHT)),
    ("ceiling_fan", "study", "fan", (POWER, GLOW)),
    ("Standing desk", "study", "desk", (HEIGHT,)),
    ("Cat feeder", "hallway", "cat-feeder", (FEED,)),
)


def home_of(*things: tuple[str, str, str, tuple[Feature, ...]], people: tuple[str, ...] = ()) -> Home:
    """Return a home with these devices, each in its room, of a type, with what it can be told."""
    context = HomeContext(appliance_profiles(), Layout(people=tuple(Person(name) for name in people)))
    for number, (name, room, kind, features) in enumerate(things):
        device = Device(f"{name}/{number}", name, features, (kind,) if kind else (), room=room)
        context.apply(Found(device), NOW)
    return context.snapshot(NOW)


HOME = home_of(*THINGS)


def told(want: str, name: str, *settings: tuple[Feature, Held], prop: str = "power") -> Candidate:
    """Return a wish aimed at a device, with what it is told."""
    device = next(one for one in HOME.all_devices() if one.startswith(name + "/"))
    command = Command(device, tuple((feature.key, value) for feature, value in settings))
    return Candidate(Wish(want, prop), (device,), (command,))


# ------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "room", "kind", "said"),
    [
        ("reading_lamp", "lounge", "light", "the reading lamp"),
        ("kitchen_island", "kitchen", "light", "the kitchen island light"),
        ("Lounge TV", "lounge", "television", "the lounge TV"),
        ("tv", "lounge", "television", "the TV"),
        ("Kids TV", "kids_room", "television", "the kids TV"),
        ("Towel rail", "bathroom", "heater", "the towel rail"),
        ("Rosie", "hallway", "robot-vacuum", "Rosie"),
        ("Ana's lamp", "bedroom", "light", "Ana's lamp"),
        ("ana's lamp", "bedroom", "light", "Ana's lamp"),
        ("Dishwasher", "kitchen", "dishwasher", "the dishwasher"),
        ("Espresso machine", "kitchen", "coffee-maker", "the espresso machine"),
        ("0x00158d0000000013", "hallway", "light", "the light in the hallway"),
        ("tasmota_0B12CD", "outside", "light", "the light outside"),
        ("hallway_motion", "hallway", "motion", "the hallway motion sensor"),
        ("living room/Floor Lamp", "lounge", "light", "the living room floor lamp"),
        ("Glow box", "study", "", "the glow box"),
        ("my lamp", "study", "light", "my lamp"),
    ],
)
def test_a_device_is_spoken_of(name: str, room: str, kind: str, said: str) -> None:
    features = (Feature("occupancy", "switch", "presence"),) if kind == "motion" else (POWER,)
    home = home_of((name, room, kind, features), people=("ana",))
    assert say.spoken(next(iter(home.all_devices())), home) == said


def test_the_room_is_told_where_two_have_one_name() -> None:
    tv = ("TV", "lounge", "television", (POWER,)), ("TV", "kids_room", "television", (POWER,))
    lamp = ("Lamp", "outside", "light", (POWER,)), ("Lamp", "landing", "light", (POWER,))
    home = home_of(*tv, *lamp)
    assert [say.spoken(device, home) for device in home.all_devices()] == [
        "the lounge TV",
        "the kids room TV",
        "the lamp outside",
        "the lamp on the landing",
    ]


def test_a_door_is_named_for_its_lock_and_its_contact() -> None:
    contact = Feature("contact", "switch", "position")
    home = home_of(
        ("front_door_lock", "", "lock", (LOCK,)),
        ("front_door_contact", "", "contact", (contact,)),
        ("contact_sensor", "", "contact", (contact,)),
    )
    devices = [known for one in home.all_devices() if (known := home.device(one))]
    assert [opening_of(device, home) for device in devices] == [
        "the front door",
        "the front door",
        "the contact sensor",
    ]
    assert name_of(devices[0], home) == "the front door lock"
    assert bare_name(devices[0], home) == "front door lock"


def test_many_are_counted() -> None:
    lamps = [(f"lamp {number}", "hall", "light", (POWER,)) for number in range(6)]
    home = home_of(*lamps)
    devices = [known for one in home.all_devices() if (known := home.device(one))]
    assert names(devices, home) == "6 lights"
    assert names(devices[:3], home) == "the lamp 0, the lamp 1 and the lamp 2"


def test_what_is_gone_is_still_spoken_of() -> None:
    assert say.spoken("nobody", HOME) == "that"


# ----------------------------------------------------------------------------- confirmations


@pytest.mark.parametrize(
    ("candidate", "done", "shall"),
    [
        (
            told("on", "kitchen_spots", (POWER, True)),
            "The kitchen spots are on.",
            "turn on the kitchen spots",
        ),
        (told("off", "lounge_fan", (POWER, False)), "The lounge fan is off.", "turn off the lounge fan"),
        (
            told("set", "kitchen_spots", (DIMMER, 76), prop="brightness"),
            "The kitchen spots are at 30 percent.",
            "set the kitchen spots to 30 percent",
        ),
        (
            told("set", "Thermostat", (TARGET, 20.5), prop="temperature"),
            "Setting the thermostat to 20.5 degrees.",
            "set the thermostat to 20.5 degrees",
        ),
        (
            told("set", "Oven", (POWER, True), (TARGET, 200), prop="temperature"),
            "Setting the oven to 200 degrees.",
            "set the oven to 200 degrees",
        ),
        (
            told("set", "kitchen_island", (COLOR, "#0000ff"), prop="color"),
            "The kitchen island light is blue.",
            "make the kitchen island light blue",
        ),
        (
            told("set", "kitchen_island", (WHITE, 370), prop="color"),
            "The kitchen island light is warm white.",
            "make the kitchen island light warm white",
        ),
        (
            told("unlock", "front_door_lock", (LOCK, False)),
            "Unlocking the front door.",
            "unlock the front door",
        ),
        (told("lock", "front_door_lock", (LOCK, True)), "Locking the front door.", "lock the front door"),
        (
            told("open", "lounge_curtains", (COVER, 100)),
            "Opening the lounge curtains.",
            "open the lounge curtains",
        ),
        (
            told("close", "lounge_curtains", (COVER, 0)),
            "Closing the lounge curtains.",
            "close the lounge curtains",
        ),
        (
            told("set", "lounge_curtains", (COVER, 30)),
            "Setting the lounge curtains to 30 percent.",
            "set the lounge curtains to 30 percent",
        ),
        (
            told("set", "lounge_fan", (POWER, True), (SPEED, 2), prop="speed"),
            "Setting the lounge fan to level 2.",
            "set the lounge fan to level 2",
        ),
        (told("on", "lounge_fan", (SWING, True)), "The lounge fan is swinging.", "let the lounge fan swing"),
        (
            told(
                "start", "Washing machine", (POWER, True), (PROGRAM, "extra_dry"), (RUN, "start"), prop="run"
            ),
            "Starting the washing machine on extra dry.",
            "start the washing machine on extra dry",
        ),
        (
            told("stop", "Washing machine", (RUN, "stop")),
            "Stopping the washing machine.",
            "stop the washing machine",
        ),
        (
            told("start", "Espresso machine", (POWER, True), (BREW, "latte"), prop="run"),
            "Making a latte with the espresso machine.",
            "make a latte with the espresso machine",
        ),
        (
            told("dock", "Robot vacuum", (DOCK, True)),
            "The robot vacuum goes back to the dock.",
            "send the robot vacuum back to the dock",
        ),
        (
            told("play", "Study speaker", (MEDIA, '{"kind": "music", "title": "jazz"}'), prop="media"),
            "Playing jazz in the study.",
            "play jazz in the study",
        ),
        (
            told(
                "play",
                "Kids TV",
                (POWER, True),
                (MEDIA, '{"kind": "movie", "title": "frozen"}'),
                prop="media",
            ),
            "Playing frozen on the kids TV.",
            "play frozen on the kids TV",
        ),
        (
            told("play", "Study speaker", (MEDIA, '{"kind": "radio"}'), prop="media"),
            "Playing the radio in the study.",
            "play the radio in the study",
        ),
        (
            told("pause", "Study speaker", (PLAYBACK, "pause")),
            "Pausing the study speaker.",
            "pause the study speaker",
        ),
        (
            told("lower", "Study speaker", (VOLUME, 15), prop="volume"),
            "The volume of the study speaker is at 15 percent.",
            "set the volume of the study speaker to 15 percent",
        ),
        (told("mute", "Kids TV", (MUTE, True), prop="volume"), "The kids TV is muted.", "mute the kids TV"),
        (
            told("set", "Oven", (TIMER, 25), prop="timer"),
            "25 minutes on the oven timer.",
            "set the oven timer to 25 minutes",
        ),
        (
            told("set", "Alarm clock", (ALARM, "07:00")),
            "Your alarm is set for 7:00.",
            "set the alarm for 7:00",
        ),
        (told("off", "Alarm clock", (RINGING, "dismiss")), "Your alarm is off.", "turn off the alarm"),
        (
            told("set", "Thermostat", (MODE, "auto"), prop="mode"),
            "Setting the thermostat to auto.",
            "set the thermostat to auto",
        ),
        (told("off", "Oven", (TIMER, 0), prop="timer"), "The oven timer is off.", "stop the oven timer"),
        (
            told("off", "wall_lights", (LEFT, False), (RIGHT, False)),
            "The wall lights are off.",
            "turn off the wall lights",
        ),
        (
            told("off", "wall_lights", (LEFT, False)),
            "The l1 of the wall lights is off.",
            "turn off the l1 of the wall lights",
        ),
        (
            told("set", "ceiling_fan", (GLOW, 50), prop="brightness"),
            "The light of the ceiling fan is at 50 percent.",
            "set the light of the ceiling fan to 50 percent",
        ),
        (
            told("set", "Standing desk", (HEIGHT, 125), prop="position"),
            "Setting the standing desk to 125 centimetres.",
            "set the standing desk to 125 centimetres",
        ),
        (
            told("start", "Cat feeder", (FEED, 2), prop="run"),
            "2 portions from the cat feeder.",
            "give 2 portions from the cat feeder",
        ),
        (
            told("on", "Thermostat", (CHILD, True), prop="mode"),
            "Child lock on the thermostat is on.",
            "turn on child lock on the thermostat",
        ),
    ],
)
def test_what_is_done_is_said(candidate: Candidate, done: str, shall: str) -> None:
    assert say.said([candidate], HOME) == done
    assert say.sure([candidate], HOME) == f"Shall I {shall}?"
    assert say.not_for_children([candidate], HOME) == f"Please ask a grown-up to {shall}."


def test_several_that_do_the_same_are_one_sentence() -> None:
    both = [told("off", "kitchen_spots", (POWER, False)), told("off", "kitchen_island", (POWER, False))]
    assert say.said(both, HOME) == "The kitchen spots and the kitchen island light are off."
    other = told("close", "lounge_curtains", (COVER, 0))
    assert say.said([other, *both], HOME) == (
        "Closing the lounge curtains. The kitchen spots and the kitchen island light are off."
    )
    assert (
        say.sure([both[0], other], HOME)
        == "Shall I turn off the kitchen spots and close the lounge curtains?"
    )


def test_what_is_put_back() -> None:
    assert (
        say.said([told("undo", "lounge_fan", (POWER, True))], HOME) == "Back as it was: the lounge fan is on."
    )


def test_nothing_to_tell() -> None:
    assert say.said([], HOME) == "Done."
    assert say.sure([], HOME) == "Shall I do that?"
    assert say.not_for_children([], HOME) == "Please ask a grown-up for that."
    assert say.cannot([], Wish("on", "power"), HOME) == say.unsure()


def test_already_so() -> None:
    wish = Wish("off", "power", targets=(Target("lights", "kitchen"),))
    both = [told("off", "kitchen_spots", (POWER, False)), told("off", "kitchen_island", (POWER, False))]
    assert say.already(wish, both, HOME) == "The lights in the kitchen are already off."
    assert say.already(Wish("on", "power"), both[:1], HOME) == "The kitchen spots are already on."


def test_no_answer() -> None:
    devices = list(HOME.all_devices())[:2]
    assert say.no_answer(devices[:1], HOME) == "No answer from the kitchen island light."
    assert say.no_answer(devices, HOME) == "No answer from the kitchen island light or the kitchen spots."


# ------------------------------------------------------------------------------ asking back


def test_which_one() -> None:
    options = [Option("the left bedside lamp", ()), Option("the right bedside lamp", ())]
    assert say.which(options) == "Which one: the left bedside lamp or the right bedside lamp?"


def test_what_can_be_told() -> None:
    def asked(name: str, wish: Wish) -> str:
        return say.value(wish, next(one for one in HOME.all_devices() if one.startswith(name)), HOME)

    coffee = Wish("start", "run", options=("coffee",))
    assert asked("Espresso", coffee) == "Which coffee: espresso, lungo or latte?"
    assert asked("Thermostat", Wish("set", "temperature")) == (
        "What should I set the thermostat to, from 5 to 30 degrees?"
    )
    assert asked("kitchen_spots", Wish("set", "brightness")) == (
        "What should I set the kitchen spots to, from 0 to 100 percent?"
    )
    assert asked("Washing", Wish("set", "program")) == "Which program: eco or extra dry?"
    assert asked("front", Wish("set", "color")) == say.unsure()


# -------------------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("name", "reason", "near", "said"),
    [
        (
            "kitchen_island",
            "the kitchen island cannot be locked",
            0,
            "The kitchen island light cannot be locked.",
        ),
        ("kitchen_spots", "the kitchen spots has no lock", 0, "The kitchen spots have no lock."),
        ("Oven", "the oven goes from 30 to 280 degrees", 2, "The oven goes from 30 to 280 degrees."),
        (
            "Espresso machine",
            "which one: espresso, lungo and latte",
            1,
            "Which coffee: espresso, lungo or latte?",
        ),
        (
            "lounge_curtains",
            "how far to open the lounge curtains",
            1,
            "How far should I open the lounge curtains?",
        ),
        (
            "Espresso machine",
            "nothing is usual yet",
            1,
            "I don't know yet what is usual. Which coffee: espresso, lungo or latte?",
        ),
        (
            "Thermostat",
            "what to set the thermostat to",
            1,
            "What should I set the thermostat to, from 5 to 30 degrees?",
        ),
    ],
)
def test_why_it_cannot_be(name: str, reason: str, near: int, said: str) -> None:
    device = next(one for one in HOME.all_devices() if one.startswith(name + "/"))
    prop = "temperature" if name == "Thermostat" else "run"
    wish = Wish("set", prop, options=("coffee",) if "Espresso" in name else ())
    assert say.cannot([Cannot(device, reason, near)], wish, HOME) == said


def test_what_is_not_here() -> None:
    assert say.no_room("attic") == "I know no attic here."
    assert say.no_room("the attic") == "I know no attic here."
    assert (
        say.no_thing(Target("fan", "study"), HOME)
        == "There is no fan in the study; there is one in the lounge."
    )
    assert say.no_thing(Target("lights", "lounge"), HOME) == (
        "There are no lights in the lounge; there are some in the kitchen and in the bedroom."
    )
    assert say.no_thing(Target("sauna", "study"), HOME) == "There is no sauna in the study."
    assert say.no_thing(Target("sauna"), HOME) == "I know no sauna here."


def test_too_many() -> None:
    devices = list(HOME.all_devices())
    assert say.too_many(devices, HOME) == "That would be 18 devices. Which of them do you mean?"


def test_what_was_taught() -> None:
    assert say.taught([Lesson("name", "lucy", "the reading lamp")]) == "All right, lucy is the reading lamp."
    assert say.taught([Lesson("forget", "movie time")]) == "I have forgotten movie time."
    assert say.taught([Lesson("favourite", "favourite coffee", "lungo")]) == (
        "All right, your favourite coffee is a lungo."
    )
    assert say.taught([Lesson("favourite", "coffee", "a lungo")]) == (
        "All right, your favourite coffee is a lungo."
    )
    assert say.taught([Lesson("favourite", "", "jazz")]) == "All right, I will remember that you like jazz."
    assert say.taught([Lesson("phrase", "movie time", "close the blinds")]) == (
        "All right, movie time means: close the blinds."
    )
    assert say.taught([Lesson("phrase", "movie time")]) == "All right, I will remember movie time."
    assert say.taught([]) == "All right."


@pytest.mark.parametrize("words", [say.unsure(), say.not_later(), say.not_for_hub(), say.busy()])
def test_plain_words(words: str) -> None:
    assert words[0].isupper()
    assert words.endswith((".", "?"))
    assert "!" not in words


# ------------------------------------------------------------------------------- plain English


def test_numbers_and_times() -> None:
    assert [amount(value, unit) for value, unit in ((20.5, "°C"), (1, "min"), (176, ""), (-3.2, "°C"))] == [
        "20.5 degrees",
        "1 minute",
        "176",
        "-3.2 degrees",
    ]
    assert [lasting(seconds) for seconds in (45, 60, 120, 2040, 3900, 7200, 300000)] == [
        "45 seconds",
        "1 minute",
        "2 minutes",
        "34 minutes",
        "65 minutes",
        "2 hours",
        "3 days",
    ]
    assert [clock_of(text) for text in ("06:30", "7:00:00", "noon")] == ["6:30", "7:00", "noon"]
    assert age(NOW.replace(hour=12), NOW) == "6 hours ago"
    assert [color_word(color) for color in ("#ff0000", "#0a0aff", "#800080", "red_ish")] == [
        "red",
        "blue",
        "purple",
        "red ish",
    ]
    assert [white_word(kelvin) for kelvin in (2000, 2700, 4000, 6000)] == [
        "very warm white",
        "warm white",
        "white",
        "cool white",
    ]


def test_places_and_lists() -> None:
    assert [
        in_place(place)
        for place in ("kitchen", "outside", "landing", "Mia's room", "my room", "upstairs", "")
    ] == [
        "in the kitchen",
        "outside",
        "on the landing",
        "in Mia's room",
        "in your room",
        "upstairs",
        "",
    ]
    assert with_the("kids' room") == "the kids' room"
    assert joined(["a", "b", "c"], "or") == "a, b or c"
    assert sentence("is it so?") == "Is it so?"
    assert [plural(word) for word in ("lamp", "lights", "switch", "battery", "tray")] == [
        "lamps",
        "lights",
        "switches",
        "batteries",
        "trays",
    ]
    assert [singular(word) for word in ("lamps", "switches", "batteries", "bus", "glass")] == [
        "lamp",
        "switch",
        "battery",
        "bus",
        "glass",
    ]
