"""Write files beside their place and rename them there, so that each is whole or absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to; it stands in its place once all of it is on the disk."""
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write text."""
    with whole(path) as file:
        file.write(text.encode())


def write_arrays(path: Path, **arrays: npt.NDArray[np.generic]) -> None:
    """Write arrays by their names."""
    with whole(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
