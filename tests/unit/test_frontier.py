"""Packs side by side, as figures and as a picture."""

from xml.etree import ElementTree

import pytest

from edge_nlu.models.pack import Pack
from edge_nlu_bench.frontier import LINES, measure, plot

FOUND = {
    "small-1": {"megabytes": 1.0, "cpu_p50_ms": 0.2, "massive": 0.6, "seen": 0.8, "unseen": 0.7},
    "large-2": {"megabytes": 9.0, "cpu_p50_ms": 0.8, "massive": 0.7, "seen": 0.9, "unseen": 0.8},
}


def circles(picture: str) -> list[dict[str, float]]:
    found = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}circle")
    return [{key: float(circle.attrib[key]) for key in ("cx", "cy", "r")} for circle in found]


def test_the_slower_stands_right_the_better_higher_the_larger_is_larger() -> None:
    dots = circles(plot(FOUND))
    assert len(dots) == len(FOUND) * len(LINES)
    for small, large in zip(dots[::2], dots[1::2], strict=True):
        assert small["cx"] < large["cx"]
        assert small["cy"] > large["cy"]
        assert small["r"] < large["r"]


def test_the_names_are_written() -> None:
    words = " ".join(ElementTree.fromstring(plot(FOUND)).itertext())
    assert "small: 0.20 ms, 1.0 MB" in words


@pytest.mark.data
def test_a_pack_is_measured() -> None:
    pack = Pack.open(Pack.default_path())
    figures = measure([pack], None, rounds=1)[pack.id]
    assert figures["megabytes"] == round(pack.size_bytes / 1e6, 3)
    assert all(0.5 < float(figures[line]) < 1 for line in LINES)
    assert float(figures["cpu_p50_ms"]) > 0
