"""Make the certificates by which a fleet's server and its homes know each other.

The server vouches for itself and for each home with one authority of its own, so nobody else's word counts.
What lies in `hubs/` may come in: a home whose certificate is moved away is refused from the next request on,
and so is one that the authority signed but nobody wrote down there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from ssl import PEM_cert_to_DER_cert
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_nlu.durable import ANYBODYS, put_whole
from edge_nlu.errors import EdgeNluError

CA, CA_KEY = "ca.pem", "ca.key"
SERVER, SERVER_KEY = "server.pem", "server.key"
HUB, HUB_KEY = "hub.pem", "hub.key"
HUBS, REVOKED = "hubs", "revoked"
LIFE: Final = timedelta(days=730)
LIFE_OF_CA: Final = timedelta(days=3650)
# a clock that is set back a little must not refuse what was made a moment ago
SLACK: Final = timedelta(hours=1)

log = logging.getLogger("edge_nlu.fleet")

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


def init(folder: Path, names: Sequence[str]) -> None:
    """Make the authority, and the certificate of a server that is reached under these names and addresses."""
    if (folder / CA).exists():
        raise EdgeNluError(
            f"{folder}: found an authority there, expected none; homes that trust it would trust no other, "
            f"so name another folder"
        )
    (folder / HUBS).mkdir(parents=True, exist_ok=True)
    key = generate_private_key(SECP256R1())
    name = _called("edge-nlu fleet")
    authority = (
        _begun(name, name, key, LIFE_OF_CA)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, SHA256())
    )
    _keep(folder, CA, CA_KEY, authority, key)
    _sign(folder, names[0], ExtendedKeyUsageOID.SERVER_AUTH, (folder, SERVER, SERVER_KEY), names)


def hub(folder: Path, name: str, out: Path) -> None:
    """Make what a home needs to take part, in a folder of its own that is to be carried there."""
    if not _NAME.fullmatch(name):
        raise EdgeNluError(f"hub {name!r}: expected a name of small letters, digits, dots and dashes")
    if (folder / HUBS / f"{name}.pem").exists():
        raise EdgeNluError(
            f"hub {name}: found a certificate of that name; `fleet certificates revoke {name}` takes it back"
        )
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = _sign(folder, name, ExtendedKeyUsageOID.CLIENT_AUTH, (out, HUB, HUB_KEY))
    (out / CA).write_bytes((folder / CA).read_bytes())
    put_whole(folder / HUBS / f"{name}.pem", made.public_bytes(Encoding.PEM), ANYBODYS)


def revoke(folder: Path, name: str) -> None:
    """Let a home in no longer."""
    known = folder / HUBS / f"{name}.pem"
    if not known.is_file():
        there = ", ".join(sorted(set(Known(folder).names()))) or "none"
        raise EdgeNluError(f"hub {name}: found no certificate of that name, expected one of those: {there}")
    (folder / REVOKED).mkdir(exist_ok=True)
    known.replace(folder / REVOKED / f"{name}-{datetime.now(UTC):%Y%m%d%H%M%S}.pem")


class Known:
    """The homes that may come in, by the fingerprints of their certificates; a change is noticed at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / HUBS
        self._read_at = -1
        self._names: dict[str, str] = {}
        self._unsound: set[str] = set()

    def name_of(self, certificate: bytes) -> str:
        """Return the name of the home with this certificate, or "" where it may not come in."""
        return self._now().get(sha256(certificate).hexdigest(), "")

    def names(self) -> list[str]:
        """Return the names of all that may come in."""
        return sorted(self._now().values())

    def _now(self) -> dict[str, str]:
        changed = self._folder.stat().st_mtime_ns
        if changed != self._read_at:
            found, unsound = {}, set()
            for path in self._folder.glob("*.pem"):
                try:
                    found[_fingerprint(path)] = path.stem
                except (OSError, ValueError):
                    unsound.add(path.name)
            for name in sorted(unsound - self._unsound):
                log.warning("%s: found no certificate in it, expected one; nobody comes in by it", name)
            self._names, self._unsound = found, unsound
            # what is not whole yet is looked at again
            self._read_at = -1 if unsound else changed
        return self._names


def _fingerprint(path: Path) -> str:
    return sha256(PEM_cert_to_DER_cert(path.read_text())).hexdigest()


def _sign(
    folder: Path,
    name: str,
    purpose: x509.ObjectIdentifier,
    place: tuple[Path, str, str],
    reached: Sequence[str] = (),
) -> x509.Certificate:
    """Make a key and a certificate of the authority for it, and keep both."""
    try:
        authority = x509.load_pem_x509_certificate((folder / CA).read_bytes())
        signer = load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    except OSError as error:
        raise EdgeNluError(
            f"{folder}: found no {CA} with {CA_KEY} there, expected both; "
            f"`fleet certificates init` makes them"
        ) from error
    assert isinstance(signer, EllipticCurvePrivateKey)
    key = generate_private_key(SECP256R1())
    begun = (
        _begun(_called(name), authority.subject, key, LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    if reached:
        begun = begun.add_extension(x509.SubjectAlternativeName([_reached(one) for one in reached]), False)
    made = begun.sign(signer, SHA256())
    _keep(*place, made, key)
    return made


def _begun(
    name: x509.Name, by: x509.Name, key: EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now + life)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    """Return what a key may be used for: to sign certificates, or to prove who somebody is."""
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _reached(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _keep(
    folder: Path, certificate: str, key: str, made: x509.Certificate, secret: EllipticCurvePrivateKey
) -> None:
    (folder / key).touch(0o600)
    (folder / key).write_bytes(
        secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    (folder / certificate).write_bytes(made.public_bytes(Encoding.PEM))
