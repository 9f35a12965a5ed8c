"""Whatever devices say and whatever is asked, there is an answer in plain words."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_nlu.interfaces import Home
from edge_nlu.steps import say
from edge_nlu.steps.answer import answer
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.values import (
    Amount,
    Candidate,
    Cannot,
    Command,
    Device,
    Feature,
    Found,
    Presence,
    Report,
    Target,
    Wish,
)

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
PROFILES = appliance_profiles()


def listed(words: str) -> list[str]:
    return words.split()


PROPERTIES = listed("""
    power brightness color temperature humidity volume position speed swing mode program run time_left media
    source channel lock timer alarm battery level air presence leak smoke energy place status unsaid odd
""")
KINDS = ("switch", "number", "choice", "trigger", "text", "color", "media", "time")
WORDS = listed("""
    is are which how many what when where did the on off open locked than any all or warmer full not over
""")

number = st.one_of(st.none(), st.floats(allow_nan=True), st.sampled_from([0.0, 1.0, 50.0, 100.0, 254.0]))
told = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=True),
    st.text(max_size=12),
    st.sampled_from(
        ["on", "off", "running", "done", "06:30", "PT5M", '{"title": "jazz"}', "[1]", "#ff0000", "low"]
    ),
)
features = st.builds(
    Feature,
    key=st.just(""),
    kind=st.sampled_from(KINDS),
    property=st.sampled_from([*PROPERTIES, ""]),
    name=st.sampled_from(["", "Water level", "Child lock", "remaining", "bin full", "CO2"]),
    part=st.sampled_from(["", "left"]),
    settable=st.booleans(),
    unit=st.sampled_from(["", "%", "°C", "min", "s", "W", "kWh", "mired", "lx"]),
    low=number,
    high=number,
    choices=st.sampled_from([(), ("start", "stop"), ("eco", "extra_dry")]),
)
devices = st.lists(
    st.tuples(
        st.sampled_from(["Oven", "reading_lamp", "Rosie", "0x00158d0000000013", "", "front_door_lock", "!"]),
        st.sampled_from(["kitchen", "outside", ""]),
        st.sampled_from(["", "oven", "light", "lock", "washing-machine", "leak"]),
        st.lists(st.tuples(features, told), max_size=4),
        st.booleans(),
    ),
    max_size=4,
)
wishes = st.builds(
    Wish,
    want=st.sampled_from(["ask", "find"]),
    property=st.sampled_from(PROPERTIES),
    amount=st.sampled_from([None, Amount(20, "°"), Amount(share=0.3), Amount(68, "°F")]),
    options=st.sampled_from([(), ("eco",), ("child lock",)]),
    color=st.sampled_from(["", "#0000ff"]),
    title=st.sampled_from(["", "jazz"]),
    moment=st.sampled_from([None, NOW, NOW.replace(hour=3), NOW.replace(hour=23)]),
    state=st.sampled_from(["", "on", "closed", "done", "running", "odd"]),
    targets=st.sampled_from(
        [
            (),
            (Target("lights"),),
            (Target("", "kitchen"), Target("", "outside")),
            (Target("oven", "my room"),),
        ]
    ),
    quantity=st.sampled_from(["", "any", "all", "which", "everything", "both"]),
    text=st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
)


def home_of(things: list[tuple[str, str, str, list[tuple[Feature, object]], bool]]) -> Home:
    context = HomeContext(PROFILES)
    for place, (name, room, kind, held, online) in enumerate(things):
        found = tuple(replace(feature, key=str(key)) for key, (feature, _) in enumerate(held))
        device = Device(f"d{place}", name, found, (kind,) if kind else (), room=room)
        context.apply(Found(device), NOW)
        for key, (_, value) in enumerate(held):
            context.apply(Report(device.id, str(key), value), NOW)  # type: ignore[arg-type]
        if not online:
            context.apply(Presence(device.id, False), NOW)
    return context.snapshot(NOW)


def is_plain(words: str) -> bool:
    return bool(words) and words[-1] in ".?" and "{i" not in words and "  " not in words


@settings(max_examples=150, deadline=None)
@given(devices, wishes)
def test_every_question_is_answered(
    things: list[tuple[str, str, str, list[tuple[Feature, object]], bool]], wish: Wish
) -> None:
    home = home_of(things)
    assert is_plain(answer(wish, tuple(home.all_devices()), home))


@settings(max_examples=100, deadline=None)
@given(devices, st.sampled_from(["on", "set", "start", "play", "undo", "dock", "lock"]), wishes)
def test_every_deed_has_words(
    things: list[tuple[str, str, str, list[tuple[Feature, object]], bool]], want: str, asked: Wish
) -> None:
    home = home_of(things)
    wish = replace(asked, want=want)
    candidates = []
    for device in home.all_devices():
        known = home.device(device)
        settings_ = tuple(
            (feature.key, value)
            for (feature, value) in zip(
                known.features if known else (), (v for _, v in things[0][3]), strict=False
            )
            if value is not None
        )
        candidates.append(Candidate(wish, (device,), (Command(device, settings_),)))  # type: ignore[arg-type]
        for near in (0, 1, 2):
            assert is_plain(say.cannot([Cannot(device, "it cannot be", near)], wish, home))
    assert is_plain(say.said(candidates, home))
    assert is_plain(say.sure(candidates, home))
    assert is_plain(say.already(wish, candidates, home))
    assert is_plain(say.not_for_children(candidates, home))
