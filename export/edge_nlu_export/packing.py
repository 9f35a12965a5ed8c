"""Put a pack together: network, vocabulary, labels, golden sentences, and the manifest over them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from edge_nlu.labels import Labels
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.golden import write_golden
from edge_nlu.models.pack import FORMAT, GOLDEN, LABELS, MANIFEST, VOCABULARY, Pack
from edge_nlu_export.files import write_text

ENCODER, CARD = "encoder.int8.onnx", "CARD.md"
ASSISTANT = (
    "what will the weather be like on sunday",
    "wake me up at half past six tomorrow",
    "play some quiet piano music",
    "send anna an email that i am late",
    "what is the capital of portugal",
    "add oat milk to the shopping list",
    "how long does it take to walk to the station",
    "tell me a joke",
    "turn the volume down",
    "what is on my calendar this afternoon",
)
"""What people ask any assistant, promised beside wishes for the home."""


def write_pack(
    folder: Path,
    name: str,
    locale: str,
    encoder: Path,
    pieces: Sequence[str],
    buckets: int,
    labels: Labels,
    promises: Sequence[str],
) -> None:
    """Write a pack into a folder; the manifest comes last, so a pack that was cut short is none.

    What the pack understands of `promises` becomes its golden sentences.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    (folder / GOLDEN).unlink(missing_ok=True)
    (folder / ENCODER).write_bytes(encoder.read_bytes())
    write_text(folder / VOCABULARY, "\n".join(pieces))
    write_text(folder / LABELS, json.dumps(labels.to_json(), separators=(",", ":")))
    seal(folder, name, locale, buckets)
    write_golden(Encoder(Pack.open(folder)), promises, folder / GOLDEN)
    seal(folder, name, locale, buckets)


def seal(folder: Path, name: str, locale: str, buckets: int) -> None:
    """Write the manifest over the files that are there; the id follows from what they hold."""
    names = {path.name for path in folder.iterdir()} - {MANIFEST}
    _write_manifest(folder, names, name, locale, buckets)


def _write_manifest(folder: Path, names: Collection[str], name: str, locale: str, buckets: int) -> None:
    files = {}
    for file in sorted(names):
        data = (folder / file).read_bytes()
        files[file] = {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    manifest = {
        "format": FORMAT,
        "id": f"{name}-{digest[:8]}",
        "locale": locale,
        "encoder": ENCODER,
        "buckets": buckets,
        "files": files,
    }
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1))


def put(folder: Path, name: str, data: bytes) -> None:
    """Put a file into a pack that is whole, or another in its place; its card, if any, says how it is now."""
    pack = Pack.open(folder)
    (folder / MANIFEST).unlink()
    (folder / name).write_bytes(data)
    _write_manifest(folder, {*pack.files, name}, pack.id.rpartition("-")[0], pack.locale, pack.buckets)
    now, card = Pack.open(folder), folder / CARD
    if card.is_file():
        size = f"| size | {now.size_bytes / 1e6:.2f} MB in {len(now.files)} files |"
        text = card.read_text(encoding="utf-8")
        text = re.sub(r"^\| size \| .* files \|$", size, text, count=1, flags=re.MULTILINE)
        write_text(card, re.sub(r"^# .*", f"# {now.id}", text, count=1))
