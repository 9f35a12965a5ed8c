"""Make a pack out of another one with small files exchanged or put in: what a release of heads gives away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from edge_nlu.errors import EdgeNluError
from edge_nlu.models.pack import MANIFEST, Pack


def repacked(base: Path, place: Path, files: Mapping[str, bytes]) -> Pack:
    """Write the pack of a folder to another place with these files in it; its id follows from all of them."""
    pack = Pack.open(base)
    if place.exists():
        raise EdgeNluError(f"{place}: found something there, expected nothing; name another folder")
    place.mkdir(parents=True)
    for name in pack.files:
        if name not in files:
            shutil.copyfile(base / name, place / name)
    for name, data in files.items():
        (place / name).write_bytes(data)
    manifest = json.loads((base / MANIFEST).read_bytes())
    for name, data in files.items():
        manifest["files"][name] = {"size_bytes": len(data), "sha256": sha256(data).hexdigest()}
    held = json.dumps(dict(sorted(manifest["files"].items())), sort_keys=True)
    manifest["id"] = f"{pack.id.rpartition('-')[0] or pack.id}-{sha256(held.encode()).hexdigest()[:8]}"
    (place / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return Pack.open(place)
