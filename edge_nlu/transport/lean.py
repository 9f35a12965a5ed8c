"""Load paho without what a hub has no use for: memory, time and garbage at every message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def lean_paho(*, tls: bool) -> ModuleType:
    """Return paho's client, without what it loads for encrypted lines and web proxies unless that is needed.

    OpenSSL, HTTP and e-mail would be 6 MB of memory that a plain line has no use for.
    """
    if "paho.mqtt.client" not in sys.modules and find_spec("socks") is None:
        left_out = {"ssl": _no_ssl(), "_hashlib": None, "urllib.request": ModuleType("urllib.request")}
        absent = {name: module for name, module in left_out.items() if name not in sys.modules}
        # None says that there is no such module
        sys.modules.update(absent)  # type: ignore[arg-type]
        try:
            import_module("paho.mqtt.client")
        finally:
            for name in absent:
                del sys.modules[name]
    mqtt = import_module("paho.mqtt.client")
    if tls:
        mqtt.ssl = import_module("ssl")  # type: ignore[attr-defined]
    _spare_tables(mqtt)
    _spare_matching(mqtt)
    return mqtt


def _spare_tables(mqtt: ModuleType) -> None:
    """Let paho share its tables of MQTT 5 properties among messages.

    It makes them anew for every message, most of which have no properties: half the time of receiving one.
    """
    whole = mqtt.Properties
    if hasattr(whole, "spare"):
        return
    tables = vars(whole(mqtt.PacketTypes.PUBLISH))

    class Spare(whole):  # type: ignore[misc, valid-type]
        spare = True

        def __init__(self, packet: int) -> None:
            self.__dict__.update(tables, packetType=packet)

        def unpack(self, buffer: bytes) -> tuple[Any, int]:
            none: bool = buffer[:1] == b"\0"
            return (self, 1) if none else super().unpack(buffer)

    for name in ("paho.mqtt.client", "paho.mqtt._packet"):
        module = sys.modules.get(name)
        if module is not None and getattr(module, "Properties", None) is whole:
            module.Properties = Spare  # type: ignore[attr-defined]


def _spare_matching(mqtt: ModuleType) -> None:
    """Let paho not look for functions of single topics, of which we have none.

    For every message it leaves a closure that calls itself, which only the garbage collection finds.
    """
    if hasattr(mqtt.MQTTMatcher, "spare"):
        return

    class Unmatched(mqtt.MQTTMatcher):  # type: ignore[name-defined, misc]
        spare = True

        def iter_match(self, _topic: str) -> Iterator[Any]:
            return iter(())

    mqtt.MQTTMatcher = Unmatched  # type: ignore[attr-defined]


def _no_ssl() -> ModuleType:
    """Return what paho asks of `ssl` on a line that is not encrypted: two errors that never come."""
    ssl = ModuleType("ssl")
    for name in ("SSLWantReadError", "SSLWantWriteError"):
        setattr(ssl, name, type(name, (OSError,), {}))
    return ssl
