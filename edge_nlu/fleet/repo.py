"""Make and sign the repository that hubs get their packs from: a folder that any web server can give away.

Two bags of keys: `offline` (root, targets, models, heads) lies in a drawer and says what a pack is,
`online` (snapshot, timestamp) lies where somebody signs once a day that nothing is newer. Whoever steals
the online keys can keep hubs from something new for a day, and install nothing. A file in the folder stands
for good and has its number or checksum in its name; only `timestamp.json` is replaced, at last, so hubs see
all of a change or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from edge_nlu.durable import ANYBODYS, put_whole
from edge_nlu.errors import EdgeNluError, StorageError
from edge_nlu.models.heads import FILES
from edge_nlu.models.pack import Pack
from edge_nlu.storage.packs import is_id
from edge_nlu.wire.releases import (
    HEADS,
    MANIFEST,
    MODELS,
    ROLES,
    PackFile,
    Release,
    Spent,
    check_heads,
    exchanged,
    files_in,
    target_of,
)

OFFLINE, ONLINE = "offline", "online"
SIGNERS: Final = {
    "root": OFFLINE,
    "targets": OFFLINE,
    MODELS: OFFLINE,
    HEADS: OFFLINE,
    "snapshot": ONLINE,
    "timestamp": ONLINE,
}
ROOT_KEYS: Final = 2
"""So many keys of the root there are, and so many must sign: one that is stolen is not enough."""

LIFE: Final = {
    "root": timedelta(days=365),
    "targets": timedelta(days=365),
    MODELS: timedelta(days=365),
    HEADS: timedelta(days=365),
    "snapshot": timedelta(days=7),
    "timestamp": timedelta(days=1),
}
"""How long a signature holds. A hub that is shown an old timestamp notices after a day."""


class Repo:
    """A repository in a folder, and the keys for it in another one."""

    def __init__(self, folder: Path, keys: Path) -> None:
        self._metadata = folder / "metadata"
        self._targets = folder / "targets"
        self._folder = folder
        self._keys = keys

    def init(self) -> None:
        """Make the keys and an empty repository."""
        if self._metadata.exists():
            raise EdgeNluError(
                f"{self._folder}: found a repository there, expected none; add packs to it, or name another"
            )
        if self._keys.resolve().is_relative_to(self._folder.resolve()):
            raise EdgeNluError(
                f"{self._keys}: found inside {self._folder}, which the world gets; keep the keys elsewhere"
            )
        signers = {role: self._new_keys(role) for role in SIGNERS}
        root = Root(consistent_snapshot=True)
        for role in ("root", "targets", "snapshot", "timestamp"):
            _appoint(root, role, signers[role])
        delegations = Delegations(
            {one.public_key.keyid: one.public_key for role in ROLES for one in signers[role]},
            {
                role: DelegatedRole(
                    role, [one.public_key.keyid for one in signers[role]], 1, True, [f"{role}/*/*"]
                )
                for role in ROLES
            },
        )
        self._metadata.mkdir(parents=True)
        self._targets.mkdir()
        self._sign("root", root, signers["root"])
        self._sign("targets", Targets(delegations=delegations), signers["targets"])
        for role in ROLES:
            self._sign(role, Targets(), signers[role])
        self.publish()

    def add(
        self,
        pack: Path,
        *,
        percent: int = 100,
        base: str = "",
        boards: Iterable[str] = (),
        privacy: Spent | None = None,
    ) -> tuple[Release, int]:
        """Sign a pack, or a pack again for more hubs; return its release and the bytes that hubs must fetch.

        With `base`, the id of a pack that was added before, it is signed as another head of that; `privacy`
        is what homes paid for it, or else what is signed about heads that are in it.
        """
        opened = Pack.open(pack)
        if not is_id(opened.id):
            raise EdgeNluError(
                f"pack {opened.id}: found an id that is no plain name; give the pack another one"
            )
        manifest = (pack / MANIFEST).read_bytes()
        role = HEADS if base else MODELS
        release = Release(
            opened.id,
            self._next_number(),
            role,
            percent,
            opened.locale,
            boards=tuple(boards),
            base=base,
            privacy=privacy,
        )
        files = files_in(opened.id, manifest)
        if base:
            base_manifest = self._manifest_of(base)
            check_heads(release, manifest, base_manifest)
            files = exchanged(files, files_in(base, base_manifest))
        signed = self.latest(role)
        known = signed.signed.targets.get(release.target)
        if known is not None:
            # the same pack for more hubs is the same release
            before = Release.from_custom(role, opened.id, known.unrecognized_fields["custom"], "")
            release = replace(release, number=before.number, privacy=privacy or before.privacy)
        if base and release.privacy is None:
            release = replace(release, privacy=self._paid_for(files))
        size = 0
        for name in (*files, MANIFEST):
            target = TargetFile.from_file(target_of(role, opened.id, name), str(pack / name), ["sha256"])
            if name == MANIFEST:
                target.unrecognized_fields["custom"] = release.custom()
            self._give_away(target, pack / name)
            signed.signed.targets[target.path] = target
            size += target.length
        self._sign(role, signed.signed, self._signers(role, self._keyids(role)))
        return release, size

    def publish(self) -> datetime:
        """Sign what is there now, for a day, with the online keys alone; return until when that holds."""
        root = self.latest("root").signed
        meta = {f"{role}.json": MetaFile(self.latest(role).signed.version) for role in ("targets", *ROLES)}
        snapshot = Snapshot(meta=meta)
        self._sign("snapshot", snapshot, self._signers("snapshot", root.roles["snapshot"].keyids))
        timestamp = Timestamp(snapshot_meta=MetaFile(snapshot.version))
        return self._sign("timestamp", timestamp, self._signers("timestamp", root.roles["timestamp"].keyids))

    def rotate(self, role: str) -> None:
        """Make new keys for a role, believe the old ones no longer, and publish that."""
        root = self.latest("root").signed
        # a key that is missing is noticed before anything is signed that hubs would not believe
        appointing = "targets" if role in ROLES else "root"
        signers = self._signers(appointing, self._keyids(appointing))
        for other in {"snapshot", "timestamp"} - {role}:
            self._signers(other, self._keyids(other))
        new = self._new_keys(role)
        if role in ROLES:
            targets = self.latest("targets")
            delegations = targets.signed.delegations
            for keyid in delegations.roles[role].keyids:
                delegations.keys.pop(keyid, None)
            delegations.roles[role].keyids = [one.public_key.keyid for one in new]
            delegations.keys.update({one.public_key.keyid: one.public_key for one in new})
            self._sign(role, self.latest(role).signed, new)
            self._sign("targets", targets.signed, signers)
        else:
            for keyid in list(root.roles[role].keyids):
                root.revoke_key(keyid, role)
            _appoint(root, role, new)
            # the old root vouches for the new one
            self._sign("root", root, [*signers, *(new if role == "root" else ())])
            if role == "targets":
                self._sign("targets", self.latest("targets").signed, new)
        self.publish()

    def latest(self, role: str) -> Any:
        """Return what a role said last, published or not."""
        number = self._version(role)
        if not number:
            raise EdgeNluError(
                f"{self._folder}: found no repository there, expected one; `fleet repo init` makes it"
            )
        return Metadata.from_file(str(self._metadata / f"{number}.{role}.json"))

    # ------------------------------------------------------------------------------------------ keys

    def _new_keys(self, role: str) -> list[CryptoSigner]:
        signers = [CryptoSigner.generate_ed25519() for _ in range(ROOT_KEYS if role == "root" else 1)]
        bag = self._keys / SIGNERS[role]
        bag.mkdir(parents=True, exist_ok=True, mode=0o700)
        for signer in signers:
            path = bag / f"{role}-{signer.public_key.keyid[:12]}.pem"
            path.touch(0o600)
            path.write_bytes(signer.private_bytes)
        return signers

    def _signers(self, role: str, keyids: Sequence[str]) -> list[CryptoSigner]:
        """Return the keys of a role that are in their bag, whatever their files are called."""
        bag = self._keys / SIGNERS[role]
        found = [
            CryptoSigner(load_pem_private_key(path.read_bytes(), None)) for path in sorted(bag.glob("*.pem"))
        ]
        wanted = [one for one in found if one.public_key.keyid in keyids]
        if len(wanted) < len(keyids):
            raise EdgeNluError(
                f"{bag}: found {len(wanted)} of the {len(keyids)} keys of {role}, expected all; "
                f"bring the {SIGNERS[role]} keys here and do it again"
            )
        return wanted

    def _keyids(self, role: str) -> list[str]:
        if role in ROLES:
            return list(self.latest("targets").signed.delegations.roles[role].keyids)
        return list(self.latest("root").signed.roles[role].keyids)

    # ---------------------------------------------------------------------------------------- files

    def _sign(self, role: str, signed: Any, signers: Sequence[CryptoSigner]) -> datetime:
        """Write the next number of what a role says, and return until when it holds."""
        signed.version = self._version(role) + 1
        expires = (datetime.now(UTC) + LIFE[role]).replace(microsecond=0)
        signed.expires = expires
        metadata = Metadata(signed)
        for signer in signers:
            metadata.sign(signer, append=True)
        name = f"{role}.json" if role == "timestamp" else f"{signed.version}.{role}.json"
        _put(self._metadata / name, metadata.to_bytes())
        if role == "root" and signed.version == 1:
            _put(self._folder / "root.json", metadata.to_bytes())
        return expires

    def _version(self, role: str) -> int:
        """Return the number of what a role said last, or 0."""
        if role != "timestamp":
            return max(self._numbers(role), default=0)
        path = self._metadata / "timestamp.json"
        return int(Metadata.from_file(str(path)).signed.version) if path.exists() else 0

    def _numbers(self, role: str) -> list[int]:
        found = (path.name.removesuffix(f".{role}.json") for path in self._metadata.glob(f"*.{role}.json"))
        return [int(number) for number in found if number.isdigit()]

    def _next_number(self) -> int:
        numbers = [
            target.unrecognized_fields["custom"]["number"]
            for role in ROLES
            for target in self.latest(role).signed.targets.values()
            if "custom" in target.unrecognized_fields
        ]
        return max(numbers, default=0) + 1

    def _manifest_of(self, pack: str) -> bytes:
        target = self.latest(MODELS).signed.targets.get(target_of(MODELS, pack, MANIFEST))
        if target is None:
            raise EdgeNluError(
                f"pack {pack}: found none of this id in {self._folder}, expected one; add it first"
            )
        return self._served(target).read_bytes()

    def _paid_for(self, files: Mapping[str, PackFile]) -> Spent | None:
        """Return the most that is signed about a pack that has a head of these files."""
        heads = {file.sha256 for name, file in files.items() if name in FILES.values()}
        targets = self.latest(HEADS).signed.targets.items()
        packs = {path.split("/")[1] for path, target in targets if target.hashes["sha256"] in heads}
        paid = [one.privacy for one in releases_in(self._folder) if one.privacy and one.pack in packs]
        return max(paid, key=lambda one: one.rounds, default=None)

    def _served(self, target: TargetFile) -> Path:
        path = self._targets / str(target.path)
        return path.with_name(f"{target.hashes['sha256']}.{path.name}")

    def _give_away(self, target: TargetFile, source: Path) -> None:
        place = self._served(target)
        if not place.exists():
            _put(place, source.read_bytes())


def releases_in(folder: Path) -> list[Release]:
    """Return what the repository in a folder gives away, published or not, the earliest first."""
    repo = Repo(folder, folder)
    found: list[Release] = []
    for role in ROLES:
        for path, target in repo.latest(role).signed.targets.items():
            if path.endswith(f"/{MANIFEST}"):
                told = target.unrecognized_fields["custom"]
                found.append(Release.from_custom(role, path.split("/")[1], told, target.hashes["sha256"]))
    return sorted(found, key=lambda release: release.number)


def _appoint(root: Root, role: str, signers: Sequence[CryptoSigner]) -> None:
    for signer in signers:
        root.add_key(signer.public_key, role)
    root.roles[role].threshold = len(signers)


def _put(path: Path, data: bytes) -> None:
    try:
        put_whole(path, data, ANYBODYS)
    except OSError as error:
        advice = "make room on the disk or look at the rights, and do it again; hubs see nothing of it yet"
        raise StorageError(
            path, error.strerror or str(error), "a file that can be written", advice
        ) from error
