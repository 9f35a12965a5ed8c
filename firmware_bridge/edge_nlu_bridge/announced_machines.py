"""What announced robots, covers, valves and locks can be told, and what they tell."""

from __future__ import annotations

from collections.abc import Iterator

from edge_nlu_bridge.announced import Announced
from edge_nlu_bridge.channels import ByWord, Channel, Words, source


def cover(of: Announced) -> Iterator[Channel]:
    """Yield what a blind, a curtain or a door can be told and tells."""
    closed, opened = of.number("position_closed", 0.0) or 0.0, of.number("position_open", 100.0) or 0.0
    mirror = closed + opened if closed > opened else None
    low, high = min(closed, opened), max(closed, opened)
    form = "position_template" if of.text("position_template") else "value_template"
    place = of.heard("position_topic", form, mirror=mirror)
    told = of.valued("set_position_topic", "set_position_template", "position", mirror=mirror)
    if told or of.text("position_topic"):
        unit = "%" if (low, high) == (0.0, 100.0) else ""
        yield of.channel("position", "number", "position", "", place, told, unit, low, high, 1)
    yield from _moved(of, settable=told is None, readable=not place)


def _moved(of: Announced, *, settable: bool, readable: bool) -> Iterator[Channel]:
    """Return what opens, closes and stops it, and how far it says it is, where a position does not."""
    words: Words = (
        (of.text("state_open", "open"), True),
        (of.text("state_closed", "closed"), False),
        (of.text("state_opening", "opening"), True),
    )
    moves = [(choice, of.says(f"payload_{choice}", choice.upper())) for choice in ("open", "close", "stop")]
    if of.entity.component == "valve":
        moves = [move for move in moves if move[0] != "stop" or of.text("payload_stop")]
    moves = [move for move in moves if move[1]]
    switched = [(choice == "open", said) for choice, said in moves if choice != "stop"]
    heard = of.heard("state_topic", "value_template", words) if readable else ()
    power = (
        of.worded("command_topic", "command_template", switched) if settable and len(switched) == 2 else None
    )
    if heard or power:
        yield of.channel("state", "switch", "position", "position", heard, power)
    if power is not None:
        moves = [move for move in moves if move[0] == "stop"]
    teller = of.worded("command_topic", "command_template", moves)
    if teller is not None:
        yield of.channel(
            "move", "choice", "position", "", (), teller, choices=tuple(choice for choice, _ in moves)
        )


def valve(of: Announced) -> Iterator[Channel]:
    """Yield what a valve can be told and tells."""
    if not of.flag("reports_position"):
        yield from _moved(of, settable=True, readable=True)
        return
    closed, opened = of.number("position_closed", 0.0) or 0.0, of.number("position_open", 100.0) or 0.0
    mirror = closed + opened if closed > opened else None
    form = (
        of.text("value_template") or "{{ value_json.position if value_json.position is defined else value }}"
    )
    heard = source(of.text("state_topic"), form, mirror=mirror)
    told = of.valued("command_topic", "command_template", mirror=mirror)
    low, high = min(closed, opened), max(closed, opened)
    yield of.channel("position", "number", "position", "", heard, told, "%", low, high, 1)


def lock(of: Announced) -> Iterator[Channel]:
    """Yield what a lock can be told and tells."""
    words: Words = (
        (of.text("state_locked", "LOCKED"), True),
        (of.text("state_unlocked", "UNLOCKED"), False),
        (of.text("state_jammed", "JAMMED"), None),
    )
    told = ((True, of.text("payload_lock", "LOCK")), (False, of.text("payload_unlock", "UNLOCK")))
    teller = of.worded("command_topic", "command_template", told)
    yield of.channel("lock", "switch", "lock", "", of.heard("state_topic", "value_template", words), teller)
    latch = of.text("payload_open")
    opener = of.worded("command_topic", "command_template", (("open", latch),)) if latch else None
    if opener is not None:
        yield of.channel("latch", "trigger", "position", "", (), opener, choices=("open",))


def vacuum(of: Announced) -> Iterator[Channel]:
    """Yield what a robot that cleans can be told and tells."""
    able = of.choices("supported_features", ("start", "stop", "pause", "return_home", "locate"))
    topic = of.topic("command_topic")
    runs = [
        (choice, topic, of.text(f"payload_{choice}", choice))
        for choice in ("start", "pause", "stop")
        if choice in able and topic
    ]
    if runs:
        yield of.channel(
            "run", "choice", "run", "", (), ByWord(tuple(runs)), choices=tuple(run[0] for run in runs)
        )
    for able_to, aspect, prop, said in (
        ("return_home", "dock", "run", "return_to_base"),
        ("locate", "locate", "place", "locate"),
        ("clean_spot", "clean_spot", "run", "clean_spot"),
    ):
        if able_to in able and topic:
            teller = ByWord(((True, topic, of.text(f"payload_{said}", said)),))
            yield of.channel(aspect, "trigger", prop, "", (), teller)
    doing = ("cleaning", "docked", "paused", "idle", "returning", "error")
    state = of.text("state_topic")
    if state:
        yield of.channel(
            "status", "choice", "status", "", source(state, "{{ value_json.state }}"), choices=doing
        )
        if "battery" in of.choices("supported_features"):
            heard = source(state, "{{ value_json.battery_level }}")
            yield of.channel("battery", "number", "battery", "", heard, unit="%", low=0, high=100)
    speeds = of.choices("fan_speed_list")
    if speeds:
        teller_of = of.valued("set_fan_speed_topic", "set_fan_speed_template")
        heard = source(state, "{{ value_json.fan_speed }}")
        yield of.channel("fan_speed", "choice", "speed", "", heard, teller_of, choices=speeds)


def lawn_mower(of: Announced) -> Iterator[Channel]:
    """Yield what a robot that mows can be told and tells."""
    runs = [
        (choice, of.topic(f"{aspect}_command_topic"), aspect)
        for choice, aspect in (("start", "start_mowing"), ("pause", "pause"))
    ]
    told = []
    for choice, topic, aspect in runs:
        teller = of.worded(f"{aspect}_command_topic", f"{aspect}_command_template", ((True, aspect),))
        part = teller.tell(True) if teller else None
        if part is not None and isinstance(part[1], str):
            told.append((choice, topic, part[1]))
    if told:
        yield of.channel(
            "run", "choice", "run", "", (), ByWord(tuple(told)), choices=tuple(run[0] for run in told)
        )
    dock = of.worded("dock_command_topic", "dock_command_template", ((True, "dock"),))
    if dock is not None:
        yield of.channel("dock", "trigger", "run", "", (), dock)
    if of.text("activity_state_topic"):
        doing = ("mowing", "paused", "docked", "returning", "error")
        heard = of.heard("activity_state_topic", "activity_value_template")
        yield of.channel("status", "choice", "status", "", heard, choices=doing)
