"""Reach a real broker over paho, and stay there: connect, come back, say plainly what is wrong.

Every connection gets a client of its own. What an old one still had in hand dies with it, so no command
can be sent late; a broker that was away for an hour finds nothing waiting. Each trouble (nobody there,
wrong password, a topic we may not write to, a second hub under our name) is told once, not every minute.
"""

from __future__ import annotations

import logging
import random
import socket
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock, Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from edge_nlu.transport.broker import Denied, Hear, Heard, publishable
from edge_nlu.transport.lean import lean_paho
from edge_nlu.values import Message

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

log = logging.getLogger(__name__)

CONNECT_S = 10.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
SETTLED_S = 10.0
UNSENT_MS = 10_000
"""What the network could not deliver for so long is given up with the connection, not sent later."""

ACKNOWLEDGE_S = 0.0002
"""So often a broker that waits for acknowledgement before its next small message gets it at once."""

LOOKS = 5
"""So many times in a keepalive it is seen whether the broker is still there."""

AT_ONCE = 100
"""Plain topics in one request to the broker; a filter with a wildcard goes alone.

The next request waits until the one before is answered: what is retained comes first, and a broker drops
what it cannot hand over at once when too much is asked of it.
"""

ANSWER_S = 10.0

UNSUPPORTED_PROTOCOL, BAD_CLIENT_ID, BAD_LOGIN, NOT_LET_IN, TAKEN_OVER = 132, 133, 134, 135, 142


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a broker. `status` is the topic where we say that we are there."""

    host: str = "localhost"
    port: int = 1883
    user: str = ""
    password: str = field(default="", repr=False)
    client_id: str = "edge-nlu"
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    keepalive_s: int = 15
    status: str = ""
    tls: bool = False
    ca: str = ""
    cert: str = ""
    key: str = ""
    largest_bytes: int = 4 << 20


class PahoTransport:
    """A connection to a broker that is made again whenever it is lost."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.connections = 0
        self._mqtt = lean_paho(tls=access.tls)
        self._hear: Hear = _nobody
        self._denied: Denied = _nobody
        self._client: Client | None = None
        self._filters: dict[str, int] = {}
        self._unanswered: dict[int, str] = {}
        self._early: dict[int, bool] = {}
        self._stopping = Event()
        self._over = Event()
        self._welcome = False
        self._refusal = 0
        self._short = 0
        self._told: set[str] = set()
        self._thread: Thread | None = None
        self._acknowledge_at = 0.0
        self._asking = Lock()
        self._to_ask: deque[list[str]] = deque()
        self._answer_until = 0.0
        self._greeted = False

    @property
    def connected(self) -> bool:
        """Return whether the broker can be told something now."""
        client = self._client
        return self._welcome and client is not None and client.is_connected()

    def start(self, hear: Hear, denied: Denied = lambda _: None) -> None:
        """Connect as soon as the broker is there, and hand over what arrives."""
        self._hear, self._denied = hear, denied
        self._thread = Thread(target=self._keep, name="broker", daemon=True)
        self._thread.start()

    def listen(self, filters: Collection[str], surely: Collection[str] = ()) -> None:
        """Listen to these topic filters, and no longer to those of before that are not among them."""
        wanted = dict.fromkeys(surely, 1)
        # what must not be missed comes last: whoever is heard shall find the home known
        before, self._filters = self._filters, {one: 0 for one in filters if one not in wanted} | wanted
        client = self._client
        if self.connected and client is not None:
            gone = [one for one in before if one not in self._filters]
            for some in _in_portions(gone):
                client.unsubscribe(some)
            self._subscribe(client, [one for one in self._filters if one not in before])

    def publish(self, message: Message, *, expiry_s: int = 0, correlation: bytes = b"") -> bool:
        """Tell the broker, and return False where that is not possible now.

        What can expire is a command: the broker confirms that it has it, or says that it is not allowed.
        """
        client = self._client
        if not self.connected or client is None or not publishable(message.topic):
            return False
        qos = 1 if expiry_s or message.retain else 0
        said = self._properties("PUBLISH", MessageExpiryInterval=expiry_s, CorrelationData=correlation)
        try:
            info = client.publish(message.topic, message.payload, qos, message.retain, said)
        except ValueError as error:
            log.warning("cannot publish on %s: %s", message.topic, error)
            return False
        if info.rc != 0:
            return False
        if qos:
            self._await(info.mid, message.topic)
        return True

    def stop(self) -> None:
        """Say goodbye and disconnect; a broker that does not answer is not waited for."""
        self._stopping.set()
        client = self._client
        if client is not None and self.connected:
            if self.access.status:
                client.publish(self.access.status, b"offline", 1, True).wait_for_publish(1.0)
            client.disconnect()
        self._over.wait(1.0)
        self._over.set()
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join(2.0)

    # ------------------------------------------------------------------------- staying connected

    def _keep(self) -> None:
        wait_s = FIRST_WAIT_S
        newest = protocol = "3.1.1" if self.access.protocol == "3.1.1" else "5"
        while not self._stopping.is_set():
            begun = monotonic()
            self._connect_once(protocol)
            if self._stopping.is_set():
                return
            lived = self._welcome and monotonic() - begun > SETTLED_S
            if lived:
                wait_s, self._short = FIRST_WAIT_S, 0
            elif self._welcome:
                self._short += 1
                self._tell_clash()
            other = self._other_protocol(protocol)
            if other:
                protocol = other
                if other != newest:
                    continue
            else:
                protocol = newest
            # many clients come back after a broker's restart: not all at the same moment
            self._stopping.wait(wait_s * random.uniform(0.75, 1.25))
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def _other_protocol(self, tried: str) -> str:
        """Return the protocol to try next, or "" where the one tried was not the trouble."""
        if self.access.protocol != "auto" or self._welcome or self._refusal not in (1, UNSUPPORTED_PROTOCOL):
            return ""
        return "3.1.1" if tried == "5" else "5"

    def _connect_once(self, protocol: str) -> None:
        """Connect and return when that connection is over."""
        self._over, self._welcome, self._refusal = Event(), False, 0
        self._unanswered, self._early = {}, {}
        try:
            client = self._new_client(protocol)
            client.connect(
                self.access.host, self.access.port, self.access.keepalive_s, **self._start(protocol)
            )
        except (OSError, ValueError) as error:
            self._tell("unreachable", self._unreachable(error))
            return
        self._client = client
        client.loop_start()
        if not self._over.wait(CONNECT_S) and not self._welcome:
            self._tell("silent", f"the broker at {self._place} takes the connection, but says nothing")
        while self._welcome and not self._over.wait(ANSWER_S):
            # a broker that forgot to answer is asked on
            self._subscribe(client, ())
        self._client = None
        client.disconnect()
        if not self._welcome and not self._refusal:
            # hung up on without a word: brokers of the old protocol do that
            self._refusal = 1

    def _start(self, protocol: str) -> dict[str, Any]:
        return {"clean_start": True} if protocol == "5" else {}

    def _new_client(self, protocol: str) -> Client:
        mqtt, access = self._mqtt, self.access
        old = {} if protocol == "5" else {"clean_session": True}
        client: Client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=access.client_id,
            protocol=mqtt.MQTTv5 if protocol == "5" else mqtt.MQTTv311,
            reconnect_on_failure=False,
            **old,
        )
        client.max_queued_messages_set(1000)
        client.connect_timeout = CONNECT_S
        if access.user:
            client.username_pw_set(access.user, access.password or None)
        if access.tls:
            client.tls_set(access.ca or None, access.cert or None, access.key or None)
        if access.status:
            client.will_set(access.status, b"offline", 1, True)
        client.on_socket_open = _prompt
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        # an exception in a callback would end the network's thread
        client.suppress_exceptions = True
        # it would look around once a second, all day long; what is to be sent wakes it anyhow
        client.loop_forever = partial(client.loop_forever, timeout=access.keepalive_s / LOOKS)  # type: ignore[method-assign]
        return client

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if client is not self._client:
            return
        if reason.is_failure:
            self._refusal = reason.value
            if self.access.protocol != "auto" or reason.value != UNSUPPORTED_PROTOCOL:
                self._tell(f"refused {reason.value}", self._refused(reason))
            return
        self._welcome = True
        self.connections += 1
        if self._short < 2:
            log.info("connected to the broker at %s", self._place)
            self._told.clear()
        with self._asking:
            self._to_ask.clear()
            self._answer_until = 0.0
            self._greeted = False
        self._subscribe(client, self._filters)

    def _on_disconnect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if client is not self._client:
            return
        if reason.is_failure and not self._stopping.is_set():
            if reason.value == TAKEN_OVER:
                self._short = max(self._short, 2)
            if self._welcome and self._short < 2:
                self._tell("lost", f"lost the broker at {self._place} ({reason}); coming back")
        self._over.set()

    def _subscribe(self, client: Client, filters: Iterable[str]) -> None:
        """Ask for filters, one portion after the other."""
        with self._asking:
            self._to_ask.extend(_in_portions(filters))
            if monotonic() >= self._answer_until and (self._to_ask or not self._greeted):
                self._ask_next(client)

    def _ask_next(self, client: Client) -> None:
        """Ask for the next portion, without what nobody wants any more; after the last, be there."""
        self._answer_until = 0.0
        while self._to_ask:
            some = [one for one in self._to_ask.popleft() if one in self._filters]
            if some:
                client.subscribe([(one, self._wanted(one)) for one in some])
                self._answer_until = monotonic() + ANSWER_S
                return
        # whoever hears it may speak at once, so all that was asked for is listened to by then
        if not self._greeted and self.access.status:
            client.publish(self.access.status, b"online", 1, True)
        self._greeted = True

    def _wanted(self, topic_filter: str) -> Any:
        qos = self._filters.get(topic_filter, 0)
        client = self._client
        if client is not None and client.protocol == self._mqtt.MQTTv5:
            return self._mqtt.SubscribeOptions(qos=qos)
        return qos

    def _on_subscribe(self, client: Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        with self._asking:
            self._ask_next(client)
        if any(reason.is_failure for reason in reasons):
            self._tell(
                "deaf", "the broker does not let us listen to all that we asked for: see its access rules"
            )

    # ------------------------------------------------------------------------------- what is said

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        self._acknowledge(client)
        if len(message.payload) > self.access.largest_bytes:
            self._tell(
                f"large {message.topic}", f"{message.topic} says {len(message.payload)} bytes, left out"
            )
            return
        asks = message.properties
        if asks is None:
            self._hear(Heard(message.topic, bytes(message.payload), message.retain))
            return
        self._hear(
            Heard(
                message.topic,
                bytes(message.payload),
                message.retain,
                getattr(asks, "ResponseTopic", ""),
                getattr(asks, "CorrelationData", b""),
            )
        )

    def _acknowledge(self, client: Client) -> None:
        """Acknowledge what came: the system would wait 40 ms for more, and many a broker waits for it."""
        now = monotonic()
        line: Any = client.socket() if now >= self._acknowledge_at else None
        if line is not None and hasattr(socket, "TCP_QUICKACK"):
            self._acknowledge_at = now + ACKNOWLEDGE_S
            with suppress(OSError):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _await(self, mid: int, topic: str) -> None:
        """Remember what was published until the broker has it; its answer may be here already."""
        self._unanswered[mid] = topic
        if mid in self._early:
            self._answered(mid, denied=self._early.pop(mid))

    def _on_publish(self, client: Client, _data: Any, mid: int, reason: Any, _properties: Any) -> None:
        denied = reason.value == NOT_LET_IN
        if mid in self._unanswered:
            self._acknowledge(client)
            self._answered(mid, denied=denied)
        else:
            self._early[mid] = denied
            # the one who published looks at once: what is left here went out without asking for an answer
            while len(self._early) > 64:
                self._early.pop(next(iter(self._early)), None)
            if mid in self._unanswered and mid in self._early:
                self._answered(mid, denied=self._early.pop(mid))

    def _answered(self, mid: int, *, denied: bool) -> None:
        topic = self._unanswered.pop(mid, "")
        if denied and topic:
            self._tell(
                f"denied {topic}", f"the broker does not let us publish on {topic}: see its access rules"
            )
            self._denied(topic)

    def _properties(self, packet: str, **said: Any) -> Any:
        """Return MQTT 5 properties with what is said in them, or None where there is nothing to say."""
        client = self._client
        said = {name: value for name, value in said.items() if value}
        if not said or client is None or client.protocol != self._mqtt.MQTTv5:
            return None
        properties = self._mqtt.Properties(getattr(self._mqtt.PacketTypes, packet))
        for name, value in said.items():
            setattr(properties, name, value)
        return properties

    # --------------------------------------------------------------------------- what goes wrong

    @property
    def _place(self) -> str:
        return f"{self.access.host}:{self.access.port}"

    def _tell(self, trouble: str, text: str) -> None:
        """Tell a trouble the first time it is met since all was well."""
        if trouble in self._told:
            log.debug("%s", text)
            return
        if len(self._told) < 200:
            self._told.add(trouble)
        log.warning("%s", text)

    def _tell_clash(self) -> None:
        if self._short >= 3:
            self._tell(
                "clash",
                f"thrown out again and again right after connecting: another client calls itself "
                f"{self.access.client_id!r} too; give each its own mqtt.client_id",
            )

    def _refused(self, reason: Any) -> str:
        if reason.value in (BAD_LOGIN, NOT_LET_IN):
            who = f"user {self.access.user!r}" if self.access.user else "anybody without a user name"
            return (
                f"the broker at {self._place} does not let {who} in: "
                f"check mqtt.user and mqtt.password or mqtt.password_file"
            )
        if reason.value == BAD_CLIENT_ID:
            return f"the broker at {self._place} does not take the client id {self.access.client_id!r}"
        return f"the broker at {self._place} refuses the connection: {reason}"

    def _unreachable(self, error: Exception) -> str:
        if "CERTIFICATE" in str(error):
            return f"the certificate of {self._place} is not trusted ({error}): check mqtt.tls.ca"
        return f"cannot reach the broker at {self._place} ({error}); trying again until it is there"


def _nobody(_: object) -> None:
    """Hear nothing, until somebody does."""


def _prompt(_client: Client, _data: Any, line: Any) -> None:
    """Let small messages go out at once, and give up what cannot be delivered in time."""
    try:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNSENT_MS)
    except OSError as error:
        log.debug("a connection without options: %s", error)


def _in_portions(filters: Iterable[str]) -> Iterator[list[str]]:
    """Yield filters with a wildcard one by one, and those without in portions between them."""
    some: list[str] = []
    for one in filters:
        is_wild = "+" in one or "#" in one
        if some and (is_wild or len(some) == AT_ONCE):
            yield some
            some = []
        if is_wild:
            yield [one]
        else:
            some.append(one)
    if some:
        yield some
