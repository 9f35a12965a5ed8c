"""Who comes in at a fleet's door, what is taken from them, and that nobody keeps the others out."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet import certificates
from edge_nlu.fleet.entrance import MOST_CONNECTIONS
from edge_nlu.fleet.tasks import Offer
from edge_nlu.wire.rounds import KEY_HEADER, LARGEST_BYTES, Task
from edge_nlu_bench.updates.together import PACK, Member, Together, lessons, task, together_in

OFFER = json.dumps({"pack": PACK, "lessons": {"intent": 8}}).encode()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Together]:
    with together_in(tmp_path / "fleet") as fleet:
        fleet.open()
        yield fleet


def tls(member: Member, ca: Path | None = None, shown: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca or member.federated.ca))
    place = shown or member.federated.certificate.parent
    context.load_cert_chain(place / certificates.HUB, place / certificates.HUB_KEY)
    return context


def asked(
    fleet: Together,
    context: ssl.SSLContext,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, str, bytes]:
    line = http.client.HTTPSConnection(
        "127.0.0.1", int(fleet.url.rpartition(":")[2]), context=context, timeout=5
    )
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer.status, answer.getheader(KEY_HEADER, ""), answer.read()
    finally:
        line.close()


def connected(fleet: Together, context: ssl.SSLContext) -> ssl.SSLSocket:
    line = socket.create_connection(("127.0.0.1", int(fleet.url.rpartition(":")[2])))
    return context.wrap_socket(line, server_hostname="127.0.0.1")


def was_cut_off(send: Callable[[], object]) -> bool:
    end = time.monotonic() + 20
    with suppress(OSError):
        while time.monotonic() < end:
            send()
            time.sleep(0.1)
        return False
    return True


def test_a_home_gets_its_task_and_its_answer_counts_once(fleet: Together) -> None:
    context = tls(fleet.member("hub-1"))
    assert asked(fleet, context, "POST", "/task", OFFER)[0] == 204
    key = fleet.tasks.put("hub-1", task())
    status, named, body = asked(fleet, context, "POST", "/task", OFFER)
    assert (status, named) == (200, key)
    first = Task.from_bytes(body).answered(lessons(1, 20))
    second = Task.from_bytes(body).answered(lessons(2, 20))
    assert asked(fleet, context, "PUT", f"/updates/{key}", first.to_bytes())[::2] == (200, b"taken")
    assert asked(fleet, context, "PUT", f"/updates/{key}", second.to_bytes())[::2] == (200, b"known")
    reply = fleet.reply_to(key).update
    assert reply is not None
    assert np.array_equal(reply.arrays[0], first.arrays[0])
    # done is done, also for somebody who asks at once
    assert asked(fleet, context, "POST", "/task", OFFER)[0] == 204


def test_a_home_that_was_cut_off_gets_its_task_again_after_a_while(fleet: Together) -> None:
    fleet.member("hub-1")
    key = fleet.tasks.put("hub-1", task())
    offer = Offer(PACK, {"intent": 8})
    first = fleet.tasks.next_for("hub-1", offer)
    assert first is not None
    assert fleet.tasks.next_for("hub-1", offer) is None
    time.sleep(0.6)
    again = fleet.tasks.next_for("hub-1", offer)
    assert again is not None
    assert (first[0], again[0]) == (key, key)


def test_a_task_is_for_one_home_alone(fleet: Together) -> None:
    fleet.member("hub-1")
    other = tls(fleet.member("hub-2"))
    key = fleet.tasks.put("hub-1", task())
    assert asked(fleet, other, "POST", "/task", OFFER)[0] == 204
    update = task().answered(lessons(1, 20)).to_bytes()
    assert asked(fleet, other, "PUT", f"/updates/{key}", update)[0] == 410
    assert fleet.tasks.replies([key]) == {}


def test_an_answer_after_the_round_is_too_late(fleet: Together) -> None:
    context = tls(fleet.member("hub-1"))
    key = fleet.tasks.put("hub-1", task(left_s=0.05))
    time.sleep(0.1)
    assert asked(fleet, context, "POST", "/task", OFFER)[0] == 204
    update = task().answered(lessons(1, 20)).to_bytes()
    assert asked(fleet, context, "PUT", f"/updates/{key}", update)[0] == 410


@pytest.mark.parametrize(
    ("poison", "said"),
    [
        pytest.param(
            lambda one: replace(one, arrays=[one.arrays[0] * np.nan, one.arrays[1]]), "finite", id="none"
        ),
        pytest.param(lambda one: replace(one, arrays=one.arrays[:1]), "shapes", id="another shape"),
        pytest.param(
            lambda one: replace(one, arrays=[one.arrays[0] + 9, one.arrays[1]]),
            "length of its change",
            id="too far",
        ),
        pytest.param(lambda one: replace(one, run="another"), "run", id="another run"),
    ],
)
def test_a_poisoned_update_is_refused_by_name(
    fleet: Together, poison: Callable[..., object], said: str
) -> None:
    context = tls(fleet.member("hub-1"))
    key = fleet.tasks.put("hub-1", task(bound=0.5))
    bad = poison(task(bound=0.5).answered(lessons(1, 20)))
    status, _, told = asked(fleet, context, "PUT", f"/updates/{key}", bad.to_bytes())  # type: ignore[attr-defined]
    assert status == 422
    assert said in told.decode()
    assert fleet.reply_to(key).update is None


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        pytest.param(
            "PUT", "/updates/" + "0" * 32, b"", {"Content-Length": str(LARGEST_BYTES + 1)}, 413, id="large"
        ),
        pytest.param("POST", "/task", b"", {"Content-Length": "9" * 5000}, 413, id="endless"),
        pytest.param("POST", "/task", b"", {"Content-Length": "-1"}, 411, id="less than nothing"),
        pytest.param("POST", "/task", b"{}", {}, 422, id="no offer"),
        pytest.param("POST", "/task", b'{"pack": 1, "lessons": {}}', {}, 422, id="no pack"),
        pytest.param(
            "POST", "/task", b'{"pack": "", "lessons": {"intent": 513}}', {}, 422, id="more than a hub keeps"
        ),
        pytest.param("POST", "/task", b"[" * 4000, {}, 422, id="deep"),
        pytest.param("POST", "/elsewhere", OFFER, {}, 404, id="elsewhere"),
        pytest.param("PUT", "/updates/../tasks.sqlite3", b"x", {}, 404, id="outside"),
        pytest.param("GET", "/task", b"", {}, 501, id="another question"),
    ],
)
def test_what_makes_no_sense_is_refused(
    fleet: Together, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    context = tls(fleet.member("hub-1"))
    assert asked(fleet, context, method, path, body, headers)[0] == status


def test_who_is_revoked_or_was_never_written_down_is_refused(fleet: Together) -> None:
    context = tls(fleet.member("hub-1"))
    assert asked(fleet, context, "POST", "/task", OFFER)[0] == 204
    certificates.revoke(fleet.certificates, "hub-1")
    status, _, said = asked(fleet, context, "POST", "/task", OFFER)
    assert (status, b"no longer" in said) == (403, True)
    # the same name again is another certificate
    certificates.hub(fleet.certificates, "hub-1", fleet.folder / "again")
    assert asked(fleet, context, "POST", "/task", OFFER)[0] == 403
    with pytest.raises(EdgeNluError, match="found a certificate of that name"):
        certificates.hub(fleet.certificates, "hub-1", fleet.folder / "third")
    with pytest.raises(EdgeNluError, match="no certificate of that name"):
        certificates.revoke(fleet.certificates, "hub-9")


def test_neither_side_believes_another_authority(fleet: Together, tmp_path: Path) -> None:
    member = fleet.member("hub-1")
    other = tmp_path / "other"
    certificates.init(other, ["127.0.0.1"])
    certificates.hub(other, "hub-1", tmp_path / "forged")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asked(fleet, tls(member, shown=tmp_path / "forged"), "POST", "/task", OFFER)
    with pytest.raises(ssl.SSLCertVerificationError):
        asked(fleet, tls(member, ca=other / certificates.CA), "POST", "/task", OFFER)
    plain = ssl.create_default_context(cafile=str(member.federated.ca))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asked(fleet, plain, "POST", "/task", OFFER)


def test_who_keeps_connections_open_does_not_keep_others_out(tmp_path: Path) -> None:
    with together_in(tmp_path / "fleet") as fleet:
        fleet.open(longest_s=3.0, unknown_longest_s=2.0)
        _keep_out(fleet, fleet.member("hub-1"))


def _keep_out(fleet: Together, member: Member) -> None:
    port = int(fleet.url.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(MOST_CONNECTIONS + 8)]
    slow = connected(fleet, tls(member))
    slow.sendall(b"POST /task HTTP/1.1\r\n")
    assert asked(fleet, tls(member), "POST", "/task", OFFER)[0] == 204
    since = time.monotonic()
    # never so slow that a single answer would be waited for in vain
    assert was_cut_off(lambda: slow.sendall(b"X-Slow: 1\r\n"))
    assert time.monotonic() - since < 8
    for one in (slow, *silent):
        one.close()


@pytest.mark.parametrize("revoked", [True, False])
def test_one_certificate_with_many_connections_keeps_no_other_home_out(
    tmp_path: Path, *, revoked: bool
) -> None:
    with together_in(tmp_path / "fleet") as fleet:
        fleet.open()
        greedy, good = fleet.member("hub-1"), fleet.member("hub-2")
        if revoked:
            certificates.revoke(fleet.certificates, "hub-1")
        context, held = tls(greedy), []
        for _ in range(MOST_CONNECTIONS):
            held.append(connected(fleet, context))
            held[-1].sendall(b"POST /task HTTP/1.1\r\n")
        assert [asked(fleet, tls(good), "POST", "/task", OFFER)[0] for _ in range(3)] == [204] * 3
        # whoever is greedy is not banned: it is their oldest that ends
        assert asked(fleet, context, "POST", "/task", OFFER)[0] == (403 if revoked else 204)
        for one in held:
            one.close()


def test_keys_are_their_owners_alone(fleet: Together) -> None:
    member = fleet.member("hub-1")
    for key in (
        member.federated.key,
        fleet.certificates / certificates.CA_KEY,
        fleet.folder / "tasks.sqlite3",
    ):
        assert key.stat().st_mode & 0o077 == 0, key
