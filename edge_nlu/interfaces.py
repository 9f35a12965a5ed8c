"""What the line needs from outside, as roles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from edge_nlu.values import (
    Appliance,
    Command,
    Device,
    DeviceId,
    Event,
    Exchange,
    Lesson,
    Message,
    Outcome,
    Person,
    Reading,
    Report,
    Room,
    Satellite,
    Taken,
    Understanding,
    Utterance,
    Wish,
)


class Understander(Protocol):
    """Reads a sentence and says what it may mean."""

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean; any text gets an answer, none an error."""
        ...


class Bridge(Protocol):
    """Speaks one convention of devices; knows no broker, no clock and no home.

    It remembers what it needs to make sense of the next message (which topic belongs to which device), and
    nothing else. Whatever arrives, `read` raises nothing: what makes no sense gives no events.
    """

    name: str

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to.

        They do not overlap, and grow as devices are found whose topics no filter foresees: ask again after
        each `Found` and `Gone`. As long as nothing changed it is the very same tuple.
        """
        ...

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells: devices found and gone, reports, who can be reached."""
        ...

    def write(self, command: Command) -> Sequence[Message]:
        """Return the messages that tell a device; none when the device or a feature is not ours."""
        ...

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return the messages that make a device say its state, where the convention has any."""
        ...


class Home(Protocol):
    """The home as it is at one moment, indexed so that looking costs the same in a small home and a large."""

    @property
    def at(self) -> datetime:
        """Return the local time of this moment."""
        ...

    def device(self, device: DeviceId) -> Device | None:
        """Return the device with this id."""
        ...

    def all_devices(self) -> Collection[DeviceId]:
        """Return every device, the order found."""
        ...

    def known_as(self, word: str) -> Collection[DeviceId]:
        """Return the devices with this word in their name or an alias."""
        ...

    def of_kind(self, kind: str) -> Collection[DeviceId]:
        """Return the devices of an appliance kind."""
        ...

    def kinds_called(self, word: str) -> Sequence[str]:
        """Return the appliance kinds that a word or phrase names, in singular or plural: "telly", "spots"."""
        ...

    def appliance(self, kind: str) -> Appliance | None:
        """Return the profile of an appliance kind."""
        ...

    def serving(self, wish: str) -> Collection[DeviceId]:
        """Return the devices whose kind serves a wish like "raise.air" though nobody named them."""
        ...

    def tasked(self, word: str) -> Collection[DeviceId]:
        """Return the devices whose kind does what a word hints at: "tea" for a kettle."""
        ...

    def nearest(self, embedding: bytes, among: Collection[DeviceId]) -> Sequence[tuple[DeviceId, float]]:
        """Return these devices by how near what they are for is to what a sentence means, nearest first."""
        ...

    def in_room(self, room: str) -> Collection[DeviceId]:
        """Return the devices in a room."""
        ...

    def with_property(self, prop: str, *, settable: bool) -> Collection[DeviceId]:
        """Return the devices with a feature of this property that can be set, or that tells."""
        ...

    def active(self) -> Collection[DeviceId]:
        """Return the devices that are doing something: on, running, playing, ringing, open."""
        ...

    def recent(self) -> Sequence[DeviceId]:
        """Return the devices that changed of themselves or by hand lately, the latest first, at most 16."""
        ...

    def reading(self, device: DeviceId, key: str) -> Reading | None:
        """Return what a feature last held; None where nothing was ever reported."""
        ...

    def online(self, device: DeviceId) -> bool:
        """Return False when the device said, or its convention says, that it cannot be reached."""
        ...

    def words_like(self, word: str) -> Sequence[str]:
        """Return words of names here that a misheard or mistyped word may stand for, best first."""
        ...

    def rooms(self) -> Sequence[Room]:
        """Return the rooms."""
        ...

    def room(self, room: str) -> Room | None:
        """Return the room with this id."""
        ...

    def rooms_called(self, words: str) -> Sequence[str]:
        """Return the ids of the rooms that these words name: "loo", "kids' room", "upstairs" for several."""
        ...

    def person(self, user: str) -> Person | None:
        """Return who this is, if they live here."""
        ...

    def people(self) -> Sequence[Person]:
        """Return who lives here."""
        ...

    def satellite(self, satellite: str) -> Satellite | None:
        """Return what is known of a satellite."""
        ...

    def turns(self, satellite: str, user: str = "") -> Sequence[Exchange]:
        """Return the exchanges of the running conversation there, the latest last.

        What a known user said elsewhere belongs to it: people walk about.
        """
        ...


class Context(Protocol):
    """Knows the home and the conversations in it."""

    def snapshot(self, at: datetime) -> Home:
        """Return the home as it is at this moment."""
        ...

    def remember(self, exchange: Exchange) -> None:
        """Keep an exchange as part of the conversation."""
        ...


class Memory(Protocol):
    """What was learned in this home: what is usual, what is meant by a phrase, what somebody likes."""

    def usual(
        self, wish: Wish, devices: Sequence[DeviceId], utterance: Utterance
    ) -> Sequence[tuple[Command, float]]:
        """Return what these devices are usually told at such a time by this person, with how sure that is."""
        ...

    def lessons(self, user: str) -> Sequence[Lesson]:
        """Return what holds for this person, in the order in which it does: the first of a phrase counts.

        Their own comes first, then what was taught for the whole home, then phrases and names that others
        taught; the latest first in each.
        """
        ...

    def teachings(self, user: str) -> Sequence[Lesson]:
        """Return what this person taught and what was taught for the whole home, the latest first."""
        ...

    def rewording(self, utterance: Utterance) -> Taken | None:
        """Return the wording that people turn to when this one fails, where that is known."""
        ...

    def instead(
        self, tried: Exchange, home: Home, attempt: Callable[[str], Exchange | None]
    ) -> Exchange | None:
        """Return what comes of saying otherwise what came to nothing, where that leads to something."""
        ...

    def reread(self, read: Understanding, utterance: Utterance) -> Understanding:
        """Return a sentence as people here mean it, or the very same where it is read rightly."""
        ...

    def learn(self, lessons: Sequence[Lesson], utterance: Utterance) -> None:
        """Keep what was taught, or forget it; it is kept for good when this returns."""
        ...

    def afterthought(self, exchange: Exchange, home: Home) -> str:
        """Return what else is worth saying after an act, mostly nothing: whether it did it, or a hint."""
        ...

    def explained(self, failing: Exchange, working: Exchange) -> None:
        """Learn in which words somebody outside put an utterance that had failed, and that worked."""
        ...

    def observe(self, exchange: Exchange) -> None:
        """Learn from an exchange whose outcome is known, and from what it says about the one before."""
        ...

    def noticed(self, device: Device, report: Report, at: datetime) -> None:
        """Learn from what a device reports, where somebody may have done it by hand."""
        ...


class Journal(Protocol):
    """Keeps every exchange: what is about to be done before anything moves, all else after the answer."""

    def write(self, exchange: Exchange) -> bool:
        """Write down what is about to be done; return False when this utterance was written before."""
        ...

    def amend(self, exchange: Exchange) -> None:
        """Write down what is about to be done after all about an utterance that was written before."""
        ...

    def finish(self, exchange: Exchange) -> None:
        """Write down the whole exchange with its reasons and what came of it."""
        ...


class Hands(Protocol):
    """Tells devices."""

    def tell(self, commands: Sequence[Command]) -> Outcome:
        """Send commands to their devices, and return whom they could be sent to."""
        ...


class Clock(Protocol):
    """Tells the local time."""

    def now(self) -> datetime:
        """Return the local time, with its zone."""
        ...
