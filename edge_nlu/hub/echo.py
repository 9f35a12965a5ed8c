"""See whether devices do as they were told: a command has worked when the device says so.

Nobody waits for it. When the answer is not there in time, or the convention says that the device could
not be reached, that is told afterwards. A number need only come near, or move: a blind is long on its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edge_nlu.hub.desk import Request
from edge_nlu.interfaces import Home
from edge_nlu.values import Act, Command, Device, DeviceId, Event, Exchange, Feature, Held, Refusal, Report

SLOW = frozenset({"position", "lock"})
PATIENCE = 4
"""What has to move gets so many times as long."""

NO_ANSWER = "no answer"
MOST = 1000


@dataclass(slots=True)
class _Awaited:
    """What one device was told, and what of it it has not confirmed."""

    exchange: Exchange
    request: Request
    device: DeviceId
    until: float
    features: dict[str, tuple[Feature, Held, Held | None]]


@dataclass(frozen=True, slots=True)
class Failure:
    """Devices that did not do what one request was for, each with why."""

    exchange: Exchange
    request: Request
    devices: tuple[tuple[DeviceId, str], ...]


class Echoes:
    """Who was told what, and has not answered yet."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._awaited: dict[DeviceId, _Awaited] = {}
        self._failed: list[tuple[_Awaited, str]] = []

    def expect(self, request: Request, exchange: Exchange, home: Home, now: float) -> None:
        """Wait for the devices of an exchange; what they held before it is known from the exchange."""
        if not isinstance(exchange.decision, Act):
            return
        before = {(told.device, key): held for told in exchange.before for key, held in told.settings}
        for command in exchange.decision.commands:
            device = home.device(command.device)
            if device is None or command.device not in exchange.outcome.sent:
                continue
            features = dict(_open(device, command, before))
            # who is told something new need not do any more what was said before
            earlier = self._awaited.pop(command.device, None)
            if earlier is not None and earlier.exchange is exchange:
                features = {**earlier.features, **features}
            if features and len(self._awaited) < MOST:
                slow = any(feature.property in SLOW for feature, _, _ in features.values())
                until = now + self._within_s * (PATIENCE if slow else 1)
                self._awaited[command.device] = _Awaited(exchange, request, command.device, until, features)

    def see(self, event: Event) -> None:
        """Look whether an event is what somebody waits for."""
        if isinstance(event, Report):
            awaited = self._awaited.get(event.device)
            wanted = awaited.features.get(event.key) if awaited is not None else None
            if awaited is not None and wanted is not None and _answers(*wanted, event.value):
                del awaited.features[event.key]
                if not awaited.features:
                    del self._awaited[event.device]
        elif isinstance(event, Refusal):
            self.refuse(event.device, event.reason)

    def refuse(self, device: DeviceId, reason: str) -> None:
        """Take note that a command did not reach its device."""
        awaited = self._awaited.pop(device, None)
        if awaited is not None:
            self._failed.append((awaited, reason))

    def failures(self, now: float) -> Iterator[Failure]:
        """Yield what has failed since the last look, by request."""
        for device in [one for one, awaited in self._awaited.items() if awaited.until <= now]:
            self.refuse(device, NO_ANSWER)
        failed, self._failed = self._failed, []
        by_request: dict[str, list[tuple[_Awaited, str]]] = {}
        for awaited, reason in failed:
            by_request.setdefault(awaited.request.id, []).append((awaited, reason))
        for those in by_request.values():
            devices = tuple((awaited.device, reason) for awaited, reason in those)
            yield Failure(those[0][0].exchange, those[0][0].request, devices)

    def next_due(self) -> float:
        """Return when to look again."""
        if self._failed:
            return 0.0
        return min((awaited.until for awaited in self._awaited.values()), default=float("inf"))


def _open(
    device: Device, command: Command, before: dict[tuple[DeviceId, str], Held]
) -> Iterable[tuple[str, tuple[Feature, Held, Held | None]]]:
    """Yield the features that a device will speak of if it obeys."""
    for key, wanted in command.settings:
        feature = device.feature(key)
        held = before.get((device.id, key))
        if feature is None or not feature.readable or feature.kind == "trigger":
            continue
        if held is None or not _near(feature, wanted, held):
            yield key, (feature, wanted, held)


def _answers(feature: Feature, wanted: Held, before: Held | None, said: Held | None) -> bool:
    if said is None:
        return False
    if _near(feature, wanted, said):
        return True
    return feature.kind not in ("switch", "choice") and said != before


def _near(feature: Feature, wanted: Held, said: Held) -> bool:
    if isinstance(wanted, bool) or isinstance(said, bool) or isinstance(wanted, str) or isinstance(said, str):
        return str(wanted).casefold() == str(said).casefold()
    if feature.low is not None and feature.high is not None:
        spread = abs(feature.high - feature.low) * 0.02
    else:
        spread = abs(wanted) * 0.02
    return abs(wanted - said) <= max(spread, (feature.step or 0.0) / 2, 1e-9)
