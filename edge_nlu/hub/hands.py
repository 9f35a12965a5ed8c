"""Tell devices, through the bridge that speaks to each; nothing is kept for later.

A command that cannot be sent now is not sent at all: a lamp that goes on an hour late is worse than one
that stays off.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge_nlu.interfaces import Bridge
from edge_nlu.transport.broker import Transport
from edge_nlu.values import Command, DeviceId, Message, Outcome

NOT_CONNECTED = "not connected"
NOBODY = "no bridge speaks to it"
DENIED = "the broker does not allow it"


class BridgeHands:
    """The way from commands to devices. `sent` holds the messages of the last telling."""

    def __init__(self, bridges: Sequence[Bridge], transport: Transport, expiry_s: int) -> None:
        self.sent: list[Message] = []
        self._bridges = bridges
        self._transport = transport
        self._expiry_s = expiry_s
        self._topics: dict[str, DeviceId] = {}

    def tell(self, commands: Sequence[Command]) -> Outcome:
        """Send commands to their devices, and return whom they could be sent to."""
        self.sent = []
        sent: list[DeviceId] = []
        failed: list[tuple[DeviceId, str]] = []
        for command in commands:
            reason = self._tell(command)
            if reason:
                failed.append((command.device, reason))
            else:
                sent.append(command.device)
        return Outcome(tuple(dict.fromkeys(sent)), tuple(failed))

    def inquire(self, device: DeviceId) -> bool:
        """Ask a device for its state, and return whether there is a way to."""
        messages = [message for bridge in self._bridges for message in bridge.inquire(device)]
        published = [self._publish(message) for message in messages]
        return any(published)

    def told_on(self, topic: str) -> DeviceId | None:
        """Return the device that was told something on this topic lately."""
        return self._topics.get(topic)

    def _tell(self, command: Command) -> str:
        """Send a command, and return why that could not be done, or ""."""
        messages = next((found for bridge in self._bridges if (found := bridge.write(command))), ())
        if not messages:
            return NOBODY
        for message in messages:
            if not self._publish(message):
                return NOT_CONNECTED
            self.sent.append(message)
            self._topics[message.topic] = command.device
            if len(self._topics) > 256:
                del self._topics[next(iter(self._topics))]
        return ""

    def _publish(self, message: Message) -> bool:
        never_retained = Message(message.topic, message.payload)
        return self._transport.publish(never_retained, expiry_s=self._expiry_s)
