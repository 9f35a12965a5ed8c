"""A broker that comes, goes, refuses and swallows: the hub stays calm, and never tells anything late."""

from __future__ import annotations

import gc
import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.transport import paho
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.lean import lean_paho
from edge_nlu.transport.paho import Access, PahoTransport
from edge_nlu.values import Message

STATUS = "edge-nlu/status"


class Hearer:
    """Somebody at the broker who keeps what arrives."""

    def __init__(self, transport: PahoTransport, *topics: str) -> None:
        self.heard: list[Heard] = []
        self.denied: list[str] = []
        self.transport = transport
        transport.listen(topics)
        transport.start(self.heard.append, self.denied.append)

    def topics(self) -> list[str]:
        return [heard.topic for heard in self.heard]


def until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paho, "FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(paho, "LONGEST_WAIT_S", 0.3)


@pytest.fixture
def join() -> Iterator[Callable[..., Hearer]]:
    joined: list[Hearer] = []

    def join(port: int, *topics: str, wait: bool = True, **access: Any) -> Hearer:
        access.setdefault("client_id", f"client-{len(joined)}")
        joined.append(Hearer(PahoTransport(Access(host="127.0.0.1", port=port, **access)), *topics))
        if wait:
            until(lambda: joined[-1].transport.connected)
        return joined[-1]

    yield join
    for one in joined:
        one.transport.stop()


def test_what_one_says_the_other_hears(broker: Any, join: Any) -> None:
    lamp, hub = join(broker.port, "lamp/set"), join(broker.port)
    assert hub.transport.publish(Message("lamp/set", b"ON"), expiry_s=10)
    until(lambda: lamp.heard)
    assert lamp.heard[0][:3] == ("lamp/set", b"ON", False)


def test_topics_listened_to_later_tell_what_was_retained(broker: Any, join: Any) -> None:
    lamp, hub = join(broker.port), join(broker.port, "other")
    lamp.transport.publish(Message("lamp", b"ON", retain=True))
    until(lambda: not lamp.transport._unanswered)
    hub.transport.listen(["lamp"])
    until(lambda: hub.heard)
    assert hub.heard[0][:3] == ("lamp", b"ON", True)
    hub.transport.listen(["other"])
    time.sleep(0.1)
    lamp.transport.publish(Message("lamp", b"OFF"))
    lamp.transport.publish(Message("other", b"end"))
    until(lambda: "other" in hub.topics())
    assert hub.topics() == ["lamp", "other"]


def test_many_topics_are_asked_for_in_portions(broker: Any, join: Any) -> None:
    many = [f"device/{n}/state" for n in range(950)]
    hub, lamp = join(broker.port, *many), join(broker.port)
    lamp.transport.publish(Message(many[-1], b"1", retain=True))
    until(lambda: hub.topics() == [many[-1]])


def test_whether_it_is_there_is_retained_for_everybody(brokers: Any, join: Any) -> None:
    broker = brokers()
    watcher = join(broker.port, STATUS)
    hub = join(broker.port, status=STATUS)
    until(lambda: [heard.payload for heard in watcher.heard] == [b"online"])
    hub.transport.stop()
    until(lambda: [heard.payload for heard in watcher.heard] == [b"online", b"offline"])


def test_it_listens_before_it_says_that_it_is_there(broker: Any) -> None:
    heard: list[Heard] = []
    hub = PahoTransport(Access("127.0.0.1", broker.port, client_id="hub", status=STATUS))
    hub.listen(["device/+", "room/#"], [STATUS])
    hub.start(heard.append)
    until(lambda: heard)
    hub.stop()
    # not as retained: it was listened to when it was said
    assert heard[0][:3] == (STATUS, b"online", False)


def test_a_broker_that_is_not_there_yet_is_waited_for(brokers: Any, join: Any) -> None:
    broker = brokers()
    broker.stop()
    hub = join(broker.port, "lamp", wait=False)
    assert not hub.transport.publish(Message("lamp/set", b"ON"), expiry_s=10)
    time.sleep(0.4)
    broker.start()
    until(lambda: hub.transport.connected)
    assert hub.transport.publish(Message("lamp", b"ON"))
    until(lambda: hub.topics() == ["lamp"])


def test_what_could_not_be_told_is_never_told_late(brokers: Any, join: Any) -> None:
    broker = brokers()
    hub = join(broker.port, "lamp")
    broker.stop()
    until(lambda: not hub.transport.connected)
    assert not hub.transport.publish(Message("lamp/set", b"ON"), expiry_s=10)
    broker.start()
    lamp = join(broker.port, "lamp/set", "end")
    until(lambda: hub.transport.connected)
    hub.transport.publish(Message("end", b""))
    until(lambda: lamp.heard)
    assert lamp.topics() == ["end"]
    assert hub.transport.connections == 2


def test_what_was_in_hand_when_the_line_broke_is_not_sent_again(brokers: Any, join: Any) -> None:
    broker = brokers("allow_anonymous true\nmax_inflight_messages 1")
    hub = join(broker.port)
    # nobody reads: the process that would is held, so what is told stays on its way
    held = broker._process
    subprocess.run(["kill", "-STOP", str(held.pid)], check=True)
    for n in range(30):
        hub.transport.publish(Message("lamp/set", str(n).encode()), expiry_s=10)
    broker.stop()
    until(lambda: not hub.transport.connected)
    broker.start()
    lamp = join(broker.port, "lamp/set", "end")
    until(lambda: hub.transport.connected)
    hub.transport.publish(Message("end", b""))
    until(lambda: lamp.heard)
    assert lamp.topics() == ["end"]


def test_an_answer_finds_the_one_who_asked(brokers: Any, join: Any) -> None:
    import paho.mqtt.client as mqtt

    broker = brokers(mqtt5=True)
    hub = join(broker.port, "ask")
    asker, answers = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5), []
    asker.on_message = lambda _c, _d, message: answers.append(message)
    asker.connect("127.0.0.1", broker.port)
    asker.loop_start()
    asker.subscribe("mine")
    wanted = mqtt.Properties(mqtt.PacketTypes.PUBLISH)
    wanted.ResponseTopic, wanted.CorrelationData = "mine", b"7"
    asker.publish("ask", b"turn it off", properties=wanted)
    until(lambda: hub.heard)
    heard = hub.heard[0]
    hub.transport.publish(Message(heard.answer_topic, b"done"), correlation=heard.correlation)
    until(lambda: answers)
    asker.disconnect()
    asker.loop_stop()
    assert (answers[0].payload, answers[0].properties.CorrelationData) == (b"done", b"7")


def test_a_wrong_password_is_told_once(
    brokers: Any, join: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    if shutil.which("mosquitto_passwd") is None:
        pytest.skip("needs mosquitto_passwd")
    passwords = tmp_path / "pw"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "edge", "secret"], check=True)
    broker = brokers(f"allow_anonymous false\npassword_file {passwords}")
    with caplog.at_level(logging.WARNING, "edge_nlu"):
        join(broker.port, user="edge", password="wrong", wait=False)
        time.sleep(1.2)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "does not let user 'edge' in" in told[0]
    assert "mqtt.password" in told[0]
    assert "wrong" not in told[0].replace("wrong password", "")
    assert join(broker.port, user="edge", password="secret").transport.connected


def test_a_topic_that_swallows_is_told_once_and_to_whoever_waits(
    brokers: Any, join: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite edge-nlu/#\n")
    broker = brokers(f"allow_anonymous true\nacl_file {rules}", mqtt5=True)
    hub = join(broker.port)
    with caplog.at_level(logging.WARNING, "edge_nlu"):
        for _ in range(3):
            assert hub.transport.publish(Message("lamp/set", b"ON"), expiry_s=10)
        until(lambda: len(hub.denied) == 3)
    assert len(caplog.records) == 1
    assert "does not let us publish on lamp/set" in caplog.text


def test_two_hubs_of_one_name_are_told_so(brokers: Any, join: Any, caplog: pytest.LogCaptureFixture) -> None:
    broker = brokers(mqtt5=True)
    with caplog.at_level(logging.WARNING, "edge_nlu"):
        join(broker.port, client_id="edge-nlu")
        join(broker.port, client_id="edge-nlu")
        until(lambda: "another client calls itself 'edge-nlu'" in caplog.text, 15)
    assert caplog.text.count("another client calls itself") <= 2


@pytest.mark.parametrize("protocol", ["auto", "3.1.1", "5"])
def test_each_protocol_will_do(protocol: str, brokers: Any, join: Any) -> None:
    broker = brokers(mqtt5=protocol == "5")
    hub = join(broker.port, "lamp", protocol=protocol)
    hub.transport.publish(Message("lamp", b"ON"), expiry_s=10)
    until(lambda: hub.topics() == ["lamp"])


def test_a_broker_that_hangs_up_on_the_new_protocol_gets_the_old_one(broker: Any, join: Any) -> None:
    """Some old brokers close the line at once when they see a protocol that they do not know."""
    import socket

    door = socket.create_server(("127.0.0.1", 0))
    protocols: list[int] = []

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            hello = line.recv(1024)
            protocols.append(hello[8])
            if hello[8] == 5:
                line.close()
                continue
            with socket.create_connection(("127.0.0.1", broker.port)) as behind:
                behind.sendall(hello)
                line.sendall(behind.recv(1024))
                time.sleep(1)

    threading.Thread(target=serve, daemon=True).start()
    hub = join(door.getsockname()[1])
    assert protocols[:2] == [5, 4]
    hub.transport.stop()
    door.close()


def test_an_encrypted_line(brokers: Any, join: Any, tmp_path: Path, caplog: Any) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    make_certificates(tmp_path)
    broker = brokers(
        f"listener {{port}} 127.0.0.1\nallow_anonymous true\ncafile {tmp_path}/ca.crt\n"
        f"certfile {tmp_path}/s.crt\nkeyfile {tmp_path}/s.key\nrequire_certificate true"
    )
    tls = {"tls": True, "cert": f"{tmp_path}/s.crt", "key": f"{tmp_path}/s.key"}
    hub = join(broker.port, "lamp", ca=f"{tmp_path}/ca.crt", **tls)
    hub.transport.publish(Message("lamp", b"ON"), expiry_s=10)
    until(lambda: hub.topics() == ["lamp"])
    with caplog.at_level(logging.WARNING, "edge_nlu"):
        join(broker.port, wait=False, **tls)
        until(lambda: "is not trusted" in caplog.text)


def make_certificates(folder: Path) -> None:
    def openssl(command: str) -> None:
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True, cwd=folder)

    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=ca")
    openssl("req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=localhost")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost")
    signed = "x509 -req -in s.csr -CA ca.crt -CAkey ca.key -CAcreateserial"
    openssl(f"{signed} -out s.crt -days 2 -extfile names")


def test_a_plain_line_carries_no_openssl_and_no_event_loop() -> None:
    code = (
        "from edge_nlu.transport.paho import Access, PahoTransport; PahoTransport(Access()); "
        "import sys; print(*{'_ssl', '_hashlib', 'asyncio', 'http.client'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_a_message_leaves_no_garbage() -> None:
    mqtt = lean_paho(tls=False)
    matched = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)._on_message_filtered
    gc.collect()
    assert [one for _ in range(20) for one in matched.iter_match("zigbee2mqtt/lamp")] == []
    assert gc.collect() == 0
