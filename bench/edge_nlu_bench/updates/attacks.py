"""Attack a hub through the repository it trusts, in every way that The Update Framework names, and some more.

Each attack begins with a hub that has seen an honest repository, and ends well if nothing of the attacker's
was handed to the hub and the next honest pack still comes in.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, TargetFile
from tuf.ngclient._internal import trusted_metadata_set

from edge_nlu.fleet import repo
from edge_nlu.sync import fetch
from edge_nlu.wire.releases import MANIFEST, Release
from edge_nlu_bench.updates.packs import fewer_promises
from edge_nlu_bench.updates.world import World

REFUSED, UNREACHABLE, WAITING, NEW, NOTHING = "refused", "unreachable", "waiting", "handed in", "nothing new"
DAY_S: Final = 86_400.0


class HeldOutError(AssertionError):
    """An attack came further than it may."""


def expect(world: World, outcome: str, waiting: str, because: str = "") -> None:
    """Let the hub look, and raise unless it comes out as expected with this pack waiting."""
    came = world.look()
    if came.outcome != outcome or because not in came.found or world.waiting() != waiting:
        raise HeldOutError(
            f"{came.outcome} ({came.found}) with {world.waiting() or 'nothing'} waiting; "
            f"expected {outcome} ({because}) with {waiting or 'nothing'}"
        )


def rollback(world: World) -> None:
    """The whole repository as it was before is shown again."""
    before = world.keep()
    world.give("second-2")
    expect(world, NEW, "second-2")
    after = world.keep()
    world.show(before)
    expect(world, REFUSED, "second-2", "BadVersionNumberError")
    world.show(after)


def arbitrary_software(world: World) -> None:
    """One byte of a file is another one."""
    world.give("second-2")
    path, data = _network(world, "second-2")
    world.server.instead = {path.name: data[:-1] + bytes([data[-1] ^ 1])}
    expect(world, REFUSED, "first-1", "LengthOrHashMismatchError")


def endless_file(world: World) -> None:
    """A file goes on for ten megabytes after its end."""
    world.give("second-2")
    path, data = _network(world, "second-2")
    world.server.instead = {path.name: data + bytes(10_000_000)}
    expect(world, REFUSED, "first-1", "DownloadLengthMismatchError")


def endless_timestamp(world: World) -> None:
    """The timestamp goes on for two megabytes."""
    world.give("second-2")
    world.server.instead = {"timestamp.json": bytes(2_000_000)}
    expect(world, REFUSED, "first-1", "DownloadLengthMismatchError")


def truncated_file(world: World) -> None:
    """A file ends before its end, and the server says that this is all."""
    world.give("second-2")
    path, data = _network(world, "second-2")
    world.server.instead = {path.name: data[:-100]}
    expect(world, REFUSED, "first-1", "LengthOrHashMismatchError")
    if list((world.choices.folder / "parts").glob("*.part")):
        raise HeldOutError("a part of a wrong file was kept")


def slow_retrieval(world: World) -> None:
    """The server sends a byte now and then, for ever."""
    world.give("second-2")
    world.server.pause_s = 0.02
    with _changed(fetch, "PATIENCE_S", 0.5):
        expect(world, UNREACHABLE, "first-1", "seconds")
    world.server.pause_s = 0.0


def indefinite_freeze(world: World) -> None:
    """Somebody shows a timestamp that has run out."""
    with _lives(timestamp=timedelta(seconds=-60)):
        world.repo.publish()
    expect(world, REFUSED, "first-1", "expired")


def mix_and_match(world: World) -> None:
    """What the models' keys said before is shown under the new name."""
    old = _last(world, "models").read_bytes()
    world.give("second-2")
    world.server.instead = {_last(world, "models").name: old}
    expect(world, REFUSED, "first-1", "BadVersionNumberError")


def stolen_online_keys(world: World) -> None:
    """Whoever has the keys of snapshot and timestamp signs a pack with them."""
    kept = world.keep()
    _forge(world, "models", "evil-9", next((world.folder / "keys" / "online").glob("snapshot*.pem")))
    expect(world, REFUSED, "first-1", "UnsignedMetadataError")
    world.show(kept)
    # their numbers went up; the true ones go up, too
    for _ in range(2):
        world.repo.publish()


def fast_forward(world: World) -> None:
    """With stolen online keys the numbers are driven up so far that no true one follows; new keys mend it."""
    kept = world.keep()
    path = world.metadata / "timestamp.json"
    timestamp = Metadata.from_file(str(path))
    timestamp.signed.version = 2**31
    timestamp.sign(_key(next((world.folder / "keys" / "online").glob("timestamp*.pem"))))
    timestamp.to_file(str(path))
    expect(world, NEW, "first-1")
    world.show(kept)
    expect(world, REFUSED, "first-1", "BadVersionNumberError")
    world.repo.rotate("timestamp")


def too_few_signatures(world: World) -> None:
    """A new root is signed by one of the two keys that must sign."""
    kept = world.keep()
    root = Metadata.from_file(str(_last(world, "root")))
    evil = CryptoSigner.generate_ed25519()
    root.signed.add_key(evil.public_key, "timestamp")
    root.signed.version += 1
    root.sign(_key(next((world.folder / "keys" / "offline").glob("root*.pem"))))
    root.to_file(str(world.metadata / f"{root.signed.version}.root.json"))
    expect(world, REFUSED, "first-1", "signed by 1/2")
    world.show(kept)


def key_that_was_replaced(world: World) -> None:
    """The models' key is replaced; whoever found the old one signs with it, and with the online keys."""
    old = next((world.folder / "keys" / "offline").glob("models*.pem"))
    world.repo.rotate("models")
    expect(world, NEW, "first-1")
    kept = world.keep()
    _forge(world, "models", "evil-9", old)
    expect(world, REFUSED, "first-1", "UnsignedMetadataError")
    world.show(kept)
    for _ in range(2):
        world.repo.publish()


def rotation(world: World) -> None:
    """Every key is replaced, those of the root too: the hub follows."""
    for role in ("timestamp", "snapshot", "models", "heads", "targets", "root", "root"):
        world.repo.rotate(role)
    expect(world, NEW, "first-1")


def outside_its_paths(world: World) -> None:
    """Whoever has the heads' key signs a whole model under the models' path."""
    _forge(world, "heads", "evil-9", _offline(world, "heads"), path_of="models")
    expect(world, NEW, "first-1")


def heads_that_are_more(world: World) -> None:
    """Whoever has the heads' key signs a head that brings another network."""
    _forge(world, "heads", "evil-9", _offline(world, "heads"), base="first-1")
    expect(world, REFUSED, "first-1", "another encoder.int8.onnx")
    _withdraw(world, "heads")


def somebody_elses_file(world: World) -> None:
    """A manifest that was signed names a file that was signed as another one."""
    pack = world.pack("second-2")
    world.repo.add(pack)
    signed = Metadata.from_file(str(_last(world, "models")))
    target = signed.signed.targets["models/second-2/encoder.int8.onnx"]
    target.hashes = signed.signed.targets["models/first-1/encoder.int8.onnx"].hashes
    _sign(world, "models", signed, _offline(world, "models"))
    world.repo.publish()
    expect(world, REFUSED, "first-1", "as the manifest says")
    _withdraw(world, "models", "second-2")


def names_that_lead_elsewhere(world: World) -> None:
    """A manifest that was signed names a file outside its folder."""
    evil = world.pack("evil-9")
    told = json.loads((evil / MANIFEST).read_text())
    told["files"]["../../../evil"] = {"size_bytes": 1, "sha256": "0" * 64}
    (evil / MANIFEST).write_text(json.dumps(told))
    _forge(world, "models", "evil-9", _offline(world, "models"), pack=evil)
    expect(world, REFUSED, "first-1", "a plain name")
    _withdraw(world, "models", "evil-9")


def cut_timestamp(world: World) -> None:
    """The power went while the timestamp was written."""
    (world.choices.folder / "trust" / "timestamp.json").write_bytes(b'{"sig')
    expect(world, NEW, "first-1")


def cut_root(world: World) -> None:
    """All that the hub keeps of the repository's word is damaged, the root as well."""
    for path in (world.choices.folder / "trust").rglob("*.json"):
        if path.is_file() and not path.is_symlink():
            path.write_bytes(path.read_bytes()[:40])
    expect(world, NEW, "first-1")


def server_down(world: World) -> None:
    """The server answers with errors, then not at all."""
    world.server.instead = {".json": 503}
    expect(world, UNREACHABLE, "first-1", "503")
    url = world.choices.url
    # nobody listens on the port for discarding
    world.choose(url="http://127.0.0.1:9")
    expect(world, UNREACHABLE, "first-1", "refused")
    world.choose(url=url)


def clock_in_the_past(world: World) -> None:
    """The hub wakes up in 1970, then two days before it last was sure of the time."""
    for at in (0.0, world.now() - 2 * DAY_S):
        true, world.now = world.now, lambda at=at: at  # type: ignore[misc]
        asked = len(world.server.asked)
        expect(world, WAITING, "first-1", "clock")
        if len(world.server.asked) > asked:
            raise HeldOutError("the repository was asked at a time that cannot be")
        world.now = true


def clock_in_the_future(world: World) -> None:
    """The hub's clock is two days ahead, so all seems to have run out; set right, nothing of it is left."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Ahead:
            """Return a time that is yet to come."""
            return cls.fromtimestamp(time.time() + 2 * DAY_S, tz)

    true, world.now = world.now, lambda: time.time() + 2 * DAY_S
    with _changed(trusted_metadata_set.datetime, "datetime", Ahead):
        expect(world, REFUSED, "first-1", "expired")
    world.now = true


def full_disk(world: World) -> None:
    """There is no room for a pack."""
    world.choose(room_bytes=1 << 60)
    world.give("second-2", fewer_promises)
    expect(world, "failed", "first-1", "MB free")
    world.choose(room_bytes=0)


ATTACKS: Final[tuple[Callable[[World], None], ...]] = (
    rollback,
    arbitrary_software,
    endless_file,
    endless_timestamp,
    truncated_file,
    slow_retrieval,
    indefinite_freeze,
    mix_and_match,
    stolen_online_keys,
    fast_forward,
    too_few_signatures,
    key_that_was_replaced,
    rotation,
    outside_its_paths,
    heads_that_are_more,
    somebody_elses_file,
    names_that_lead_elsewhere,
    cut_timestamp,
    cut_root,
    server_down,
    clock_in_the_past,
    clock_in_the_future,
    full_disk,
)


def attacked(world: World, attack: Callable[[World], None]) -> None:
    """Run an attack between two honest packs; raise `HeldOutError` where it came further than it may."""
    world.give("first-1")
    expect(world, NEW, "first-1")
    attack(world)
    world.server.instead = {}
    world.give("honest-3")
    expect(world, NEW, "honest-3")


# ------------------------------------------------------------------------------------- an attacker's tools


def _forge(
    world: World,
    role: str,
    name: str,
    key: Path,
    *,
    path_of: str = "",
    base: str = "",
    pack: Path | None = None,
) -> None:
    """Sign a pack as a role with a key, and publish it with the online keys."""
    pack = pack or world.pack(name)
    signed = Metadata.from_file(str(_last(world, role)))
    for file in pack.iterdir():
        path = f"{path_of or role}/{name}/{file.name}"
        target = TargetFile.from_file(path, str(file), ["sha256"])
        if file.name == MANIFEST:
            target.unrecognized_fields["custom"] = Release(name, 99, role, locale="en-US", base=base).custom()
        signed.signed.targets[path] = target
        served = world.folder / "repo" / "targets" / path
        served.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, served.with_name(f"{target.hashes['sha256']}.{file.name}"))
    _sign(world, role, signed, key)
    world.repo.publish()


def _sign(world: World, role: str, signed: Metadata, key: Path) -> None:
    signed.signed.version += 1
    signed.sign(_key(key))
    signed.to_file(str(world.metadata / f"{signed.signed.version}.{role}.json"))


def _withdraw(world: World, role: str, name: str = "") -> None:
    """Take what was signed wrongly out again, as an honest fleet would."""
    signed = Metadata.from_file(str(_last(world, role)))
    for path in [path for path in signed.signed.targets if name in path]:
        del signed.signed.targets[path]
    _sign(world, role, signed, _offline(world, role))


def _offline(world: World, role: str) -> Path:
    return next((world.folder / "keys" / "offline").glob(f"{role}*.pem"))


def _key(path: Path) -> CryptoSigner:
    return CryptoSigner(load_pem_private_key(path.read_bytes(), None))


def _last(world: World, role: str) -> Path:
    found = world.metadata.glob(f"*.{role}.json")
    return max(found, key=lambda path: int(path.name.partition(".")[0]))


def _network(world: World, pack: str) -> tuple[Path, bytes]:
    (path,) = (world.folder / "repo" / "targets" / "models" / pack).glob("*.encoder.int8.onnx")
    return path, path.read_bytes()


@contextmanager
def _lives(**lives: timedelta) -> Iterator[None]:
    before = dict(repo.LIFE)
    repo.LIFE.update(lives)
    try:
        yield
    finally:
        repo.LIFE.update(before)


@contextmanager
def _changed(module: object, name: str, value: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
