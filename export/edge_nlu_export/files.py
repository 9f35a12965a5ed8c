"""Write files that others may read, each whole or absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nlu.durable import ANYBODYS, put_whole, whole


def write_text(path: Path, text: str) -> None:
    """Write text."""
    put_whole(path, text.encode(), ANYBODYS)


def write_arrays(path: Path, **arrays: npt.NDArray[np.generic]) -> None:
    """Write arrays by their names."""
    with whole(path, ANYBODYS) as file:
        np.savez(file, allow_pickle=False, **arrays)
