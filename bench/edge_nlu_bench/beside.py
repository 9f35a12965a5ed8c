"""What stands beside a broker to be measured, each in a process of its own.

    echo PORT              a bare paho client that answers at once: what a hub cannot be faster than
    paho PORT SECONDS      a bare paho client that counts what it receives
    hub PORT SECONDS FILE  a hub with these settings that counts what it receives
    flood PORT FILE        whoever sends the messages of a file again and again, as fast as can be

The two that count say that they are there, wait for a line on standard input, let a second go by, count, and
print what they counted and the CPU time that it took.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time, sleep

ASK, ANSWER = "bench/ask", "bench/answer"
FLOOD = "zigbee2mqtt/+"
SETTLE_S = 1.0


def on_core(which: int) -> None:
    """Keep to the last core, or to all others; where there is only one, to that."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[-1]} if which < 0 else set(cores[:-1]))


def echo(port: int) -> None:
    """Answer every message with itself until standard input ends."""
    from paho.mqtt import client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    def heard(one: mqtt.Client, _: object, message: mqtt.MQTTMessage) -> None:
        one.publish(ANSWER, message.payload)

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = heard
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.connect("127.0.0.1", port)
    client.subscribe(ASK)
    client.loop_start()
    sys.stdin.read()
    client.disconnect()


def paho(port: int, seconds: float) -> None:
    """Count what a bare client receives on one core."""
    from paho.mqtt import client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    count = 0

    def heard(*_: object) -> None:
        nonlocal count
        count += 1

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = heard
    client.on_subscribe = lambda *_: print("ready", flush=True)
    on_core(-1)
    client.connect("127.0.0.1", port)
    client.subscribe(FLOOD)
    client.loop_start()
    _count(lambda: count, seconds)
    client.disconnect()


def hub(port: int, seconds: float, file: str) -> None:
    """Count what a hub takes in on one core: received, and neither lost nor left undone."""
    from edge_nlu.hub.assemble import assemble, broker
    from edge_nlu.hub.settings import read_settings
    from edge_nlu.transport.broker import Heard
    from edge_nlu.transport.paho import PahoTransport

    on_core(-1)
    settings = read_settings(Path(file), {"EDGE_NLU_MQTT__PORT": str(port)})
    transport = broker(settings)
    assert isinstance(transport, PahoTransport)
    made = assemble(settings, folder=None, transport=transport, environment={})
    count, hear = 0, made.hear

    def heard(message: Heard) -> None:
        nonlocal count
        count += 1
        hear(message)

    made.hear = heard  # type: ignore[method-assign, assignment]

    def measure() -> None:
        while not transport.connected:
            sleep(0.05)
        sleep(SETTLE_S)
        print("ready", flush=True)
        desk = made._desk
        _count(lambda: count - desk.lost - len(desk._inbox), seconds)
        made.stop()

    threading.Thread(target=measure, daemon=True).start()
    made.run()


def flood(port: int, file: str) -> None:
    """Send the messages of a file until we are ended."""
    from edge_nlu_bench.line import Line

    on_core(1)
    messages = Path(file).read_bytes()
    with Line(port, "flood") as line:
        while True:
            line.send(messages)


def _count(count: Callable[[], int], seconds: float) -> None:
    sys.stdin.readline()
    sleep(SETTLE_S)
    before, wall, cpu = count(), perf_counter(), process_time()
    sleep(seconds)
    taken = {"n": count() - before, "wall_s": perf_counter() - wall, "cpu_s": process_time() - cpu}
    print(json.dumps(taken), flush=True)


if __name__ == "__main__":
    _, which, at, *more = sys.argv
    if which == "echo":
        echo(int(at))
    elif which == "paho":
        paho(int(at), float(more[0]))
    elif which == "hub":
        hub(int(at), float(more[0]), more[1])
    else:
        flood(int(at), more[0])
