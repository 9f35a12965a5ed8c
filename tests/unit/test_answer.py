"""Questions about the home are answered from what its devices last reported."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.steps.answer import answer
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext, Layout
from edge_nlu.values import Amount, Device, Feature, Found, Held, Person, Presence, Report, Target, Wish

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)

SWITCH = Feature("state", "switch", "power", "state", settable=True)
DIMMER = Feature("brightness", "number", "brightness", "brightness", settable=True, low=0, high=254)
CONTACT = Feature("contact", "switch", "position", "contact")
LOCK = Feature("state", "switch", "lock", "state", settable=True)
BATTERY = Feature("battery", "number", "battery", "battery", unit="%", low=0, high=100)
WARMTH = Feature("temperature", "number", "temperature", "temperature", unit="°C")
TARGET = Feature(
    "target", "number", "temperature", "target temperature", settable=True, unit="°C", low=5, high=30
)
DAMP = Feature("humidity", "number", "humidity", "humidity", unit="%")
STATUS = Feature(
    "status", "choice", "run", "status", choices=("idle", "running", "paused", "done", "brewing")
)
LEFT = Feature("remaining", "number", "time_left", "remaining time", unit="min")
COVER = Feature("position", "number", "position", "position", settable=True, unit="%", low=0, high=100)
PLAYBACK = Feature(
    "playback", "choice", "media", "playback", settable=True, choices=("play", "pause", "stop")
)
MEDIA = Feature("media", "media", "media", "media", settable=True)
VOLUME = Feature("volume", "number", "volume", "volume", settable=True, unit="%", low=0, high=100)
MUTE = Feature("mute", "switch", "volume", "mute", settable=True)


class House:
    """A home that is built up device by device."""

    def __init__(self) -> None:
        self.context = HomeContext(appliance_profiles(), Layout(people=(Person("ana"),)))
        self.at = NOW

    def has(
        self,
        name: str,
        room: str,
        *said: tuple[Feature, Held | None],
        types: str = "",
        online: bool = True,
        **more: object,
    ) -> "House":
        """Put a device in, with what it says."""
        device = Device(
            name, name, tuple(feature for feature, _ in said), (types,) if types else (), room=room
        )
        self.context.apply(Found(replace(device, **more)), self.at)  # type: ignore[arg-type]
        for feature, value in said:
            if value is not None:
                self.context.apply(Report(name, feature.key, value), self.at)
        if not online:
            self.context.apply(Presence(name, False), self.at)
        return self

    def asked(self, text: str, prop: str, *devices: str, **more: object) -> str:
        """Ask something about these devices, or about all."""
        home = self.context.snapshot(self.at)
        wish = Wish("ask", prop, text=text)
        return answer(replace(wish, **more), devices or tuple(home.all_devices()), home)  # type: ignore[arg-type]


def thing(name: str, place: str = "") -> tuple[Target, ...]:
    return (Target(name, place),)


def test_is_it_on() -> None:
    house = House().has("Oven", "kitchen", (SWITCH, True), (WARMTH, 176), types="oven")
    say = house.asked("did I leave the oven on", "power", "Oven", state="on", targets=thing("oven"))
    assert say == "Yes, the oven is on, at 176 degrees."
    house.context.apply(Report("Oven", "state", False), NOW)
    say = house.asked("did I leave the oven on", "power", "Oven", state="on", targets=thing("oven"))
    assert say == "No, the oven is off."
    say = house.asked("is the oven off", "power", "Oven", state="off", targets=thing("oven"))
    assert say == "Yes, the oven is off."


@pytest.mark.parametrize(
    ("locked", "state", "said"),
    [
        (True, "locked", "Yes, the back door is locked."),
        (False, "locked", "No, the back door is unlocked."),
        (False, "unlocked", "Yes, the back door is unlocked."),
        (True, "unlocked", "No, the back door is locked."),
        (True, "bolted", "Yes, the back door is locked."),
        (None, "locked", "I don't know yet whether the back door is locked."),
    ],
)
def test_is_it_locked(locked: bool | None, state: str, said: str) -> None:  # noqa: FBT001
    house = House().has("back_door", "hall", (LOCK, locked), types="lock")
    text = f"is the back door {state}"
    assert house.asked(text, "lock", "back_door", state=state, targets=thing("back door")) == said


def test_did_i_lock_up_takes_every_door() -> None:
    house = House().has("front_door", "hall", (LOCK, True), types="lock")
    house.has("back_door_lock", "kitchen", (LOCK, False), types="lock")
    assert house.asked("did I lock up", "lock") == "No, the back door is unlocked."
    house.context.apply(Report("back_door_lock", "state", True), NOW)
    assert house.asked("did I lock up", "lock") == "Yes, the front door and the back door are locked."
    house.context.apply(Presence("front_door", False), NOW)
    said = house.asked("did I lock up", "lock")
    assert said == "The back door is locked; I can't tell about the front door."


def test_a_door_with_a_contact_but_no_lock() -> None:
    house = House().has("front_door_contact", "hall", (CONTACT, False), types="contact")
    wish = {"state": "locked", "targets": thing("front door")}
    said = house.asked("is the front door locked", "lock", "front_door_contact", **wish)
    assert said == "I can't tell whether the front door is locked, only that it is closed."
    wish = {"state": "open", "targets": thing("front door")}
    assert house.asked("is the front door open", "position", **wish) == "No, the front door is closed."


def test_a_door_and_the_sensor_on_it_are_one() -> None:
    house = House().has("garage_door", "garage", (COVER, 0), types="garage-door")
    house.has("garage_door_sensor", "garage", (CONTACT, True), types="contact")
    wish = {"state": "open", "targets": thing("garage")}
    assert house.asked("is the garage open", "position", **wish) == "Yes, the garage door is open."


def test_how_far_open() -> None:
    house = House().has("blinds", "lounge", (COVER, 30), types="cover")
    assert house.asked("how far open are the blinds", "position") == "The blinds are 30 percent open."


def lights() -> House:
    house = House()
    for name, room, on in (
        ("kitchen_island", "kitchen", True),
        ("kitchen_spots", "kitchen", False),
        ("porch_light", "outside", True),
        ("floor_lamp", "lounge", False),
    ):
        house.has(name, room, (SWITCH, on), (DIMMER, 254), types="light")
    return house


def test_which_are_on_names_no_others() -> None:
    wish = {"state": "on", "quantity": "which", "targets": thing("lights")}
    said = lights().asked("which lights are on", "power", **wish)
    assert said == "The kitchen island light and the porch light are on."


def test_which_are_not_off() -> None:
    wish = {"state": "off", "quantity": "which", "targets": thing("lights")}
    said = lights().asked("which lights are not off", "power", **wish)
    assert said == "The kitchen island light and the porch light are on."


def test_is_any_on() -> None:
    wish = {"state": "on", "quantity": "any", "targets": thing("light")}
    assert lights().asked("is any light on", "power", "floor_lamp", **wish) == "No, the floor lamp is off."
    said = lights().asked("is any light on", "power", "floor_lamp", "kitchen_spots", **wish)
    assert said == "No, no light is on."
    said = lights().asked("is any light on", "power", **wish)
    assert said == "Yes, the kitchen island light and the porch light are on."


def test_are_all_off() -> None:
    wish = {"state": "off", "quantity": "all", "targets": thing("lights", "kitchen")}
    said = lights().asked("are all the lights off in the kitchen", "power", **wish)
    assert said == "No, the kitchen island light and the porch light are on."


def test_how_many() -> None:
    wish = {"state": "on", "targets": thing("lights")}
    said = lights().asked("how many lights are on", "power", **wish)
    assert said == "2 lights are on: the kitchen island light and the porch light."
    said = lights().asked("how many lights are on", "power", "floor_lamp", **wish)
    assert said == "No light is on."


def test_two_named_of_which_one_is_on() -> None:
    wish = {"state": "on", "targets": (Target("spots", "kitchen"), Target("island light", "kitchen"))}
    said = lights().asked(
        "are the spots and the island light on", "power", "kitchen_spots", "kitchen_island", **wish
    )
    assert said == "Only the kitchen island light is on."


def machines() -> House:
    house = House()
    house.has("Washing machine", "utility_room", (STATUS, "idle"), (LEFT, 0), types="washing-machine")
    house.has("Tumble dryer", "utility_room", (STATUS, "idle"), (LEFT, 0), types="dryer")
    return house


def test_is_anything_running() -> None:
    wish = {"state": "running", "quantity": "anything", "targets": thing("", "utility room")}
    text = "is anything still running in the utility room"
    house = machines()
    assert house.asked(text, "run", **wish) == "No, nothing is running in the utility room."
    house.context.apply(Report("Tumble dryer", "status", "running"), NOW)
    house.context.apply(Report("Tumble dryer", "remaining", 34), NOW)
    assert house.asked(text, "run", **wish) == "Yes, the tumble dryer is running, with 34 minutes left."


def test_is_it_done() -> None:
    house = machines()
    house.context.apply(Report("Washing machine", "status", "done"), NOW)
    wish = {"state": "done", "targets": thing("washing")}
    assert house.asked("is the washing done", "run", "Washing machine", **wish) == (
        "Yes, the washing machine is done."
    )
    house.context.apply(Report("Washing machine", "status", "running"), NOW)
    house.context.apply(Report("Washing machine", "remaining", 17), NOW)
    assert house.asked("is the washing done", "run", "Washing machine", **wish) == (
        "No, the washing machine is running, with 17 minutes left."
    )


def test_how_long() -> None:
    house = machines()
    assert house.asked("how long will it take", "time_left", "Tumble dryer") == (
        "The tumble dryer is not running."
    )
    for name, minutes in (("Washing machine", 52), ("Tumble dryer", 34)):
        house.context.apply(Report(name, "status", "running"), NOW)
        house.context.apply(Report(name, "remaining", minutes), NOW)
    assert house.asked("how long will it take", "time_left", "Tumble dryer") == (
        "34 minutes left on the tumble dryer."
    )
    assert house.asked("how long will it take", "time_left") == (
        "52 minutes left on the washing machine and 34 minutes on the tumble dryer."
    )
    assert house.asked("when will it be done", "time_left", "Tumble dryer") == (
        "The tumble dryer will be done in 34 minutes, at 18:39."
    )
    wish = {"moment": NOW + timedelta(minutes=40)}
    assert house.asked("will it be done by quarter to seven", "time_left", "Tumble dryer", **wish) == (
        "Yes, 34 minutes left on the tumble dryer."
    )


def test_unreachable_is_not_off() -> None:
    house = House().has("Dishwasher", "kitchen", (STATUS, "done"), types="dishwasher", online=False)
    said = house.asked("is the dishwasher done", "run", state="done", targets=thing("dishwasher"))
    assert said == "The dishwasher is not reachable, so I can't tell."


def climate() -> House:
    house = House().has("bathroom_climate", "bathroom", (WARMTH, 21.9), (DAMP, 66), (BATTERY, 91))
    house.has("outdoor_sensor", "outside", (WARMTH, 7.4), (DAMP, 82), (BATTERY, 9))
    return house.has("Thermostat", "living_room", (WARMTH, 20.5), (TARGET, 21), types="thermostat")


@pytest.mark.parametrize(
    ("text", "devices", "more", "said"),
    [
        ("what's the temperature", ["Thermostat"], {}, "20.5 degrees in the living room."),
        ("how cold is it outside", ["outdoor_sensor"], {}, "7.4 degrees outside."),
        ("what's the thermostat set to", ["Thermostat"], {}, "The thermostat is set to 21 degrees."),
        (
            "is it warmer in the bathroom than outside",
            ["bathroom_climate", "outdoor_sensor"],
            {"targets": (Target("", "bathroom"), Target("", "outside"))},
            "Yes, 21.9 degrees in the bathroom and 7.4 outside.",
        ),
        (
            "is it warmer outside than in the bathroom",
            ["outdoor_sensor", "bathroom_climate"],
            {"targets": (Target("", "outside"), Target("", "bathroom"))},
            "No, 7.4 degrees outside and 21.9 in the bathroom.",
        ),
        (
            "which is colder, the bathroom or outside",
            ["bathroom_climate", "outdoor_sensor"],
            {"targets": (Target("", "bathroom"), Target("", "outside"))},
            "Outside, with 7.4 degrees; it is 21.9 in the bathroom.",
        ),
        (
            "where in the house is it the warmest",
            ["Thermostat", "bathroom_climate"],
            {},
            "In the bathroom, with 21.9 degrees.",
        ),
        (
            "is it over 25 degrees in the bathroom",
            ["bathroom_climate"],
            {"amount": Amount(25, "°")},
            "No, 21.9 degrees in the bathroom.",
        ),
        (
            "is it under 30 degrees in the bathroom",
            ["bathroom_climate"],
            {"amount": Amount(30, "°")},
            "Yes, 21.9 degrees in the bathroom.",
        ),
    ],
)
def test_how_warm(text: str, devices: list[str], more: dict[str, object], said: str) -> None:
    assert climate().asked(text, "temperature", *devices, **more) == said


def test_a_thing_speaks_for_itself() -> None:
    house = House().has("Fridge", "kitchen", (SWITCH, True), (WARMTH, -3.2), (TARGET, -4), types="fridge")
    assert house.asked("what temperature is the fridge at", "temperature") == "The fridge is at -3.2 degrees."


@pytest.mark.parametrize(
    ("on", "said"), [(False, "I have no thermometer in the kitchen."), (True, "The oven is at 180 degrees.")]
)
def test_a_cold_oven_says_nothing_of_its_kitchen(said: str, *, on: bool) -> None:
    house = House().has("Oven", "kitchen", (SWITCH, on), (WARMTH, 180 if on else 24), types="oven")
    question = "what's the temperature in the kitchen"
    assert house.asked(question, "temperature", targets=thing("", "kitchen")) == said


def test_old_readings_are_told_with_their_age() -> None:
    house = climate()
    house.at = NOW + timedelta(hours=5)
    said = house.asked("how warm is it outside", "temperature", "outdoor_sensor")
    assert said == "7.4 degrees outside, as of 5 hours ago."


def test_humidity() -> None:
    assert climate().asked("how humid is it", "humidity", "bathroom_climate") == (
        "66 percent humidity in the bathroom."
    )


def test_no_sensor_there() -> None:
    wish = {"targets": thing("", "study")}
    house = climate()
    home = house.context.snapshot(NOW)
    assert answer(Wish("ask", "humidity", text="how humid is it in the study", **wish), (), home) == (  # type: ignore[arg-type]
        "I have no humidity sensor in the study."
    )


WATER = Feature("water", "number", "level", "Water level", unit="%", low=0, high=100)


@pytest.mark.parametrize(
    ("text", "water", "said"),
    [
        (
            "is there enough water in the coffee maker",
            4,
            "No, the coffee maker has only 4 percent water left.",
        ),
        ("is there enough water in the coffee maker", 80, "Yes, the coffee maker has 80 percent water left."),
        ("does the coffee maker need water", 4, "Yes, the coffee maker has only 4 percent water left."),
        ("does the coffee maker need water", 80, "No, the coffee maker has 80 percent water left."),
        ("how much water is in the coffee maker", 80, "The coffee maker has 80 percent water left."),
        ("is there water in the coffee maker", None, "The coffee maker has not told yet how full it is."),
    ],
)
def test_how_full(text: str, water: float | None, said: str) -> None:
    house = House().has("Coffee maker", "kitchen", (WATER, water), types="coffee-maker")
    assert house.asked(text, "level", targets=thing("coffee maker")) == said


def test_is_the_bin_full() -> None:
    dust = Feature("bin_full", "switch", "level", "Bin full")
    house = House().has("Robot vacuum", "hall", (dust, True), types="robot-vacuum")
    assert house.asked("is the robot's bin full", "level").startswith("Yes, ")
    house.context.apply(Report("Robot vacuum", "bin_full", False), NOW)
    assert house.asked("is the robot's bin full", "level").startswith("No, ")


def test_batteries() -> None:
    house = climate()
    wish = {"quantity": "any", "targets": thing("sensors")}
    assert house.asked("do any sensors need new batteries", "battery", **wish) == (
        "Yes, the battery of the outdoor sensor (9 percent) is low."
    )
    wish = {"targets": thing("sensor")}
    assert house.asked(
        "how is the battery of the bathroom sensor", "battery", "bathroom_climate", **wish
    ) == ("The battery of the bathroom climate sensor is at 91 percent.")
    assert house.asked("is the battery low", "battery", "bathroom_climate", **wish).startswith("No, ")


def test_what_plays() -> None:
    film = '{"kind": "series", "title": "planet earth"}'
    house = House().has(
        "Lounge TV", "lounge", (SWITCH, True), (PLAYBACK, "play"), (MEDIA, film), types="television"
    )
    wish = {"targets": thing("", "lounge")}
    assert house.asked("what's playing in the lounge", "media", **wish) == (
        "Planet earth is playing on the lounge TV."
    )
    house.context.apply(Report("Lounge TV", "playback", "stop"), NOW)
    assert house.asked("what's playing in the lounge", "media", **wish) == "Nothing is playing in the lounge."
    assert house.asked("is music still playing", "media", **wish) == "No, nothing is playing in the lounge."
    house.context.apply(Report("Lounge TV", "playback", "pause"), NOW)
    assert house.asked("what's on", "media", **wish) == "Planet earth is paused on the lounge TV."


def test_volume() -> None:
    house = House().has("TV", "lounge", (SWITCH, True), (VOLUME, 20), (MUTE, False), types="television")
    assert house.asked("how loud is the tv", "volume") == "The volume of the TV is at 20 percent."
    assert (
        house.asked("is the tv muted", "volume", state="muted")
        == "No, the volume of the TV is at 20 percent."
    )
    house.context.apply(Report("TV", "mute", True), NOW)
    assert house.asked("is the tv muted", "volume", state="muted") == "Yes, the TV is muted."


def test_alarm() -> None:
    time = Feature("time", "time", "alarm", "Alarm time", settable=True)
    on = Feature("enabled", "switch", "alarm", "Alarm enabled", settable=True)
    house = House().has("Alarm clock", "bedroom", (time, "06:30"), (on, True), types="alarm-clock")
    assert house.asked("when does my alarm go off", "alarm") == "Your alarm is set for 6:30."
    assert house.asked("is there an alarm set", "alarm", quantity="any") == "Yes, your alarm is set for 6:30."
    house.context.apply(Report("Alarm clock", "enabled", False), NOW)
    assert house.asked("when does my alarm go off", "alarm") == "No alarm is set."


def test_timer() -> None:
    feature = Feature("timer", "number", "timer", "Timer", settable=True, unit="min", low=0, high=600)
    house = House().has("Oven", "kitchen", (SWITCH, True), (feature, 25), types="oven")
    assert house.asked("how long is left on the timer", "timer") == "25 minutes on the oven's timer."
    house.context.apply(Report("Oven", "timer", 0), NOW)
    assert house.asked("are any timers running", "timer", quantity="any") == "No, no timer is running."


def test_who_is_there() -> None:
    motion = Feature("occupancy", "switch", "presence", "occupancy")
    house = House().has("hallway_motion", "hallway", (motion, True), types="motion")
    wish = {"targets": thing("", "hallway")}
    assert house.asked("is there somebody in the hallway", "presence", **wish) == (
        "Yes, there is motion in the hallway."
    )
    house.context.apply(Report("hallway_motion", "occupancy", False), NOW)
    assert house.asked("anyone in the hallway", "presence", **wish) == "No, nobody in the hallway."
    assert house.asked("is the hallway empty", "presence", **wish) == "Yes, there is nobody in the hallway."


def wet() -> House:
    leak = Feature("water_leak", "switch", "leak", "water leak")
    house = House().has("utility_leak", "utility_room", (leak, True), types="leak")
    return house.has("kettle", "kitchen", (SWITCH, False), types="kettle")


def test_leaks() -> None:
    house = wet()
    wish = {"targets": thing("", "utility room")}
    text = "is there a water leak in the utility room"
    assert house.asked(text, "leak", **wish) == "Yes, there is a water leak in the utility room."
    assert house.asked("where's the water coming from", "place", "kettle", want="find") == (
        "There is a water leak in the utility room."
    )
    house.context.apply(Report("utility_leak", "water_leak", False), NOW)
    assert house.asked(text, "leak", **wish) == "No, the utility room is dry."


def test_is_everything_alright() -> None:
    house = wet().has("back_door", "hall", (LOCK, False), (BATTERY, 5), types="lock")
    house.has("bedroom_blinds", "bedroom", (COVER, 100), types="blind")
    house.has("Dishwasher", "kitchen", (STATUS, "idle"), types="dishwasher", online=False)
    said = house.asked("is everything alright", "status", quantity="everything")
    assert said == (
        "There is a water leak in the utility room. The back door is unlocked. The battery of the back door"
        " is low. I can't reach the dishwasher."
    )
    fine = House().has("back_door", "hall", (LOCK, True), (BATTERY, 50), types="lock")
    assert fine.asked("is everything alright", "status", quantity="everything") == "Everything looks fine."


def test_where_is_it() -> None:
    house = House().has("Robot vacuum", "hallway", (STATUS, "idle"), types="robot-vacuum")
    wish = {"want": "find", "targets": thing("vacuum")}
    assert house.asked("where's the vacuum", "place", **wish) == "The robot vacuum is in the hallway."


def test_what_is_set() -> None:
    mode = Feature("mode", "choice", "mode", "Mode", settable=True, choices=("off", "heat", "auto"))
    program = Feature("program", "choice", "program", "Program", settable=True, choices=("eco", "extra_dry"))
    source = Feature("input", "choice", "source", "Input", settable=True, choices=("hdmi1", "hdmi2"))
    color = Feature("color", "color", "color", "color", settable=True)
    house = House().has("Thermostat", "hall", (mode, "heat"), (TARGET, 20), types="thermostat")
    assert house.asked("what mode is the thermostat in", "mode") == "The thermostat is in heat mode."
    assert (
        house.asked("is it in auto mode", "mode", options=("auto",)) == "No, the thermostat is in heat mode."
    )
    house = House().has("Dryer", "hall", (program, "extra_dry"), types="dryer")
    assert house.asked("what program is the dryer on", "program") == "The dryer is set to extra dry."
    assert house.asked("which programs has the dryer got", "program", quantity="which") == (
        "The dryer has eco and extra dry."
    )
    house = House().has("TV", "hall", (SWITCH, True), (source, "hdmi1"), types="television")
    assert house.asked("which input is the tv on", "source", quantity="which") == "The TV is on hdmi1."
    house = House().has("lamp", "hall", (SWITCH, True), (color, "#ff2010"), types="light")
    assert house.asked("what colour is the lamp", "color") == "The lamp is red."


def test_energy() -> None:
    power = Feature("power", "number", "energy", "Power", unit="W")
    energy = Feature("energy", "number", "energy", "Energy", unit="kWh")
    house = House().has("Freezer", "hall", (power, 62.5), (energy, 120), types="freezer")
    assert house.asked("how much power is the freezer using", "energy") == "The freezer is using 62.5 watts."
    assert house.asked("how much energy has the freezer used", "energy") == (
        "The freezer has used 120 kilowatt hours."
    )


def test_air() -> None:
    co2 = Feature("co2", "number", "air", "CO2", unit="ppm")
    house = House().has("air_sensor", "study", (co2, 640))
    assert house.asked("how is the air in here", "air") == (
        "The air in the study is good: 640 parts per million of CO2."
    )


def test_what_was_said_is_told_by_what_has_it() -> None:
    dust = Feature("pm25", "number", "air", "PM2.5", unit="µg/m³")
    co2 = Feature("living_co2", "number", "air", "", unit="ppm")
    house = House().has("purifier", "lounge", (dust, 11)).has("monitor", "lounge", (co2, 1240))
    assert "1240 parts per million of CO2" in house.asked("what's the CO2 level", "air", "purifier")
    assert "fine dust" in house.asked("how is the air", "air", "purifier")
    food = Feature("food", "number", "level", "Food level", unit="%", low=0, high=100)
    beans = Feature("beans", "number", "level", "Beans", unit="%", low=0, high=100)
    worn = Feature("replace_filter", "switch", "level", "replace filter")
    house = House().has("feeder", "hall", (food, 18)).has("coffee maker", "kitchen", (beans, 35))
    house.has("purifier", "lounge", (worn, False))
    assert house.asked("is there enough cat food", "level", "purifier") == (
        "Yes, the feeder has 18 percent food left."
    )
    assert house.asked("do we have enough beans", "level", "feeder") == (
        "Yes, the coffee maker has 35 percent beans left."
    )
    said = house.asked("does the purifier need a new filter", "level", "purifier", targets=thing("purifier"))
    assert said == "No, the purifier has enough filter."


@pytest.mark.parametrize(
    ("text", "prop", "wish", "said"),
    [
        ("was the fridge left open", "power", {"state": "open"}, "Yes, the fridge is open."),
        ("does the fridge need watering", "level", {}, "The fridge is measuring 12 percent humidity."),
        ("is the fridge dry", "leak", {}, "The fridge is measuring 12 percent humidity."),
        ("is the fridge smoking", "smoke", {}, "The fridge does not tell me whether there is smoke."),
    ],
)
def test_what_comes_closest_is_told(text: str, prop: str, wish: dict[str, object], said: str) -> None:
    house = House().has("fridge", "kitchen", (CONTACT, True), (replace(DAMP, key="soil"), 12))
    assert house.asked(text, prop, "fridge", targets=thing("fridge"), **wish) == said


def test_what_has_a_name_of_its_own_is_told_by_it() -> None:
    charging = Feature("charging", "switch", "run", "Charging", settable=True)
    house = House().has("wallbox", "garage", (charging, True), (BATTERY, 54))
    said = house.asked("is the car charging", "battery", "wallbox", targets=thing("car"))
    assert said == "Yes, the wallbox is running."
    assert "54 percent" in house.asked("how full is the car", "battery", "wallbox", targets=thing("car"))


def test_the_past_is_not_known() -> None:
    house = House().has("back_door", "hall", (LOCK, True), types="lock")
    wish = {"state": "locked", "targets": thing("back door"), "moment": NOW - timedelta(hours=20)}
    assert house.asked("was the back door locked last night", "lock", **wish) == (
        "I only know how it is now: yes, the back door is locked."
    )


def test_what_it_could_do() -> None:
    house = House().has("front_door", "hall", (LOCK, True), types="lock")
    text = "would you be able to unlock the front door if I asked"
    assert house.asked(text, "lock") == "Yes, I can do that with the front door if you ask me to."


PROPERTIES = """
    power brightness color temperature humidity volume position speed swing mode program run time_left media
    source channel lock timer alarm battery level air presence leak smoke energy place status unsaid odd
"""


@pytest.mark.parametrize("prop", PROPERTIES.split())
def test_whatever_is_asked_gets_a_sentence(prop: str) -> None:
    house = climate()
    for text in ("", "is it", "which", "how many", "what", "when", "where", "\u2019", "is any on or off"):
        assert house.asked(text, prop).endswith((".", "?"))
        assert answer(Wish("ask", prop, text=text), (), house.context.snapshot(NOW)).endswith((".", "?"))


def test_beans_are_not_water() -> None:
    house = House().has("Coffee maker", "kitchen", (WATER, 80), types="coffee-maker")
    wish = {"targets": thing("coffee maker")}
    assert house.asked("does the coffee maker need beans", "level", **wish) == (
        "I only know that the coffee maker has 80 percent water left."
    )


def test_neither_yes_nor_no() -> None:
    house = House().has("blinds", "lounge", (COVER, 100), types="cover")
    wish = {"state": "open", "targets": thing("blinds")}
    assert house.asked("are the blinds open or closed", "position", **wish) == "The blinds are open."


def test_several_set_to_the_same_are_told_once() -> None:
    mode = Feature("mode", "choice", "mode", "Mode", settable=True, choices=("off", "heat", "auto"))
    house = House()
    for name in ("Upstairs heating", "Downstairs heating"):
        house.has(name, "", (mode, "heat"), (TARGET, 20), types="thermostat")
    assert house.asked("is the heating in auto mode", "mode", options=("auto",)) == (
        "No, the upstairs heating and the downstairs heating are in heat mode."
    )
