"""Arrays by name as one piece of bytes (`.npz`), read back as if whoever wrote them meant harm."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import numpy as np

_BEGIN: Final = b"PK\x03\x04"
_BROKEN: Final = (OSError, EOFError, LookupError, TypeError, NotImplementedError, SyntaxError, MemoryError)


def packed(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays as they are stored."""
    body = BytesIO()
    np.savez(body, **arrays)
    return body.getvalue()


def unpacked(body: bytes, most_bytes: int) -> dict[str, Any]:
    """Return the arrays in some bytes, all numbers finite; raise ValueError where that is not what they hold.

    No more is unpacked than may be in it, whatever it says of itself, and nothing in it is run.
    """
    import zipfile

    if len(body) > most_bytes:
        raise ValueError(f"more than {most_bytes} bytes")
    if not body.startswith(_BEGIN):
        raise ValueError("no file of arrays")
    try:
        with np.load(BytesIO(body), allow_pickle=False) as stored:
            if sum(one.file_size for one in stored.zip.infolist()) > most_bytes:
                raise ValueError(f"more than {most_bytes} bytes of arrays")
            arrays = {name: stored[name] for name in stored.files}
    except (*_BROKEN, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}"[:100]) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name[:40]!r}, which is no array")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name[:40]} with numbers that are none, or endless")
    return arrays
