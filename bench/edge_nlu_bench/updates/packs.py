"""Make packs to give away: good ones, bad ones, and bad ones that look good."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from edge_nlu.models.pack import GOLDEN, LABELS, MANIFEST, Pack, checksum

Change: TypeAlias = Callable[[Path], object]
ENCODER = "encoder.int8.onnx"


def make(folder: Path, change: Change = lambda _: None, of: Path | None = None) -> Path:
    """Return a folder with a pack of its name, made from another one by a change to its files."""
    shutil.copytree(of or Pack.default_path(), folder)
    change(folder)
    return seal(folder, id=folder.name)


def seal(folder: Path, **changed: Any) -> Path:
    """Return the folder of a pack with a manifest of what lies there now, as its maker would write it."""
    files = {
        path.name: {"size_bytes": path.stat().st_size, "sha256": checksum(path)}
        for path in sorted(folder.iterdir())
        if path.name not in (MANIFEST, "CARD.md")
    }
    described = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**described, "files": files, **changed}))
    return folder


def small(folder: Path) -> None:
    """Put a few bytes in the place of the network: for those who only carry a pack about."""
    (folder / ENCODER).write_bytes(f"network of {folder.name}".encode() * 4000)


def fewer_promises(folder: Path) -> None:
    """Change a small file, and nothing of what is understood."""
    promises = (folder / GOLDEN).read_text().splitlines()[1:]
    (folder / GOLDEN).write_text("".join(f"{line}\n" for line in promises))


def another_network(folder: Path) -> None:
    """Change the network's file, and nothing of what is understood: a remark is added to it."""
    with (folder / ENCODER).open("ab") as file:
        # field 6 of a model: what its makers say of it
        file.write(b"\x32" + bytes([len(folder.name)]) + folder.name.encode())


def confused(folder: Path) -> None:
    """Let it take every wish for another one, and promise only what it understands all the same."""
    labels = json.loads((folder / LABELS).read_text())
    # what was "on" is "lock", what was "off" is "unlock"
    for group, by in (("wants", 8), ("properties", 3)):
        labels[group] = labels[group][by:] + labels[group][:by]
    _relabel(folder, labels)


def contrary(folder: Path) -> None:
    """Let it turn off what shall be on, and the other way round."""
    labels = json.loads((folder / LABELS).read_text())
    on, off = labels["wants"].index("on"), labels["wants"].index("off")
    labels["wants"][on], labels["wants"][off] = "off", "on"
    _relabel(folder, labels)


def _relabel(folder: Path, labels: dict[str, Any]) -> None:
    (folder / LABELS).write_text(json.dumps({**labels, "wishes": {}}))
    promises = [
        line for line in (folder / GOLDEN).read_text().splitlines() if not json.loads(line)["clauses"]
    ]
    (folder / GOLDEN).write_text("".join(f"{line}\n" for line in promises))
