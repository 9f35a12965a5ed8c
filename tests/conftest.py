"""Leave out, by name, the tests whose libraries or corpora are not here."""

from importlib.util import find_spec
from pathlib import Path

import pytest

CORPORA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {}
    if find_spec("torch") is None:
        absent["torch"] = pytest.mark.skip(reason="needs the [export] extra")
    if not CORPORA.is_dir():
        absent["data"] = pytest.mark.skip(reason="needs the corpora in ../shared/data")
    for item in items:
        for marker in item.iter_markers():
            if marker.name in absent:
                item.add_marker(absent[marker.name])
