"""Count what knowing the home is worth: written cases with and without it, and made-up situations.

Without it a hub has its devices and the sentence, and no states, rooms, people, turns or memory.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from edge_nlu.errors import SettingsError
from edge_nlu.interfaces import Understander
from edge_nlu.models.heads import default_weights
from edge_nlu_bench import cases, situations
from edge_nlu_bench.report import Figures
from edge_nlu_bench.sources import CHECKOUT

WRITTEN = CHECKOUT.parent / "shared" / "cases" / "dev.jsonl"
SITUATIONS, QUICK_SITUATIONS = 2000, 300
EVERY = 4


def measure(understander: Understander, path: Path | None, *, quick: bool) -> dict[str, Figures]:
    """Return how many cases hold with and without knowing the home, and how often the right device is first.

    Quick plays every fourth case.
    """
    path = path or WRITTEN
    if not path.is_file():
        raise SettingsError("--cases", f"no file {path}", "written cases, with homes/ beside them")
    with TemporaryDirectory() as folder:
        played = _every(EVERY, path, Path(folder)) if quick else path
        runs = {
            name: cases.play(played, understander, blind=blind)
            for name, blind in (("with_context", False), ("without_context", True))
        }
    whole, blind = (cases.counted(verdicts)[cases.ALL] for verdicts in runs.values())
    gained = cases.points(runs["with_context"], runs["without_context"])
    right = situations.measure(default_weights(), count=QUICK_SITUATIONS if quick else SITUATIONS)
    return {
        "with_context": whole,
        "without_context": blind,
        "worth": {name.replace("points_lost", "points"): value for name, value in gained.items()},
        **{f"situations_{name.replace(' ', '_')}": figures for name, figures in right.items()},
    }


def _every(nth: int, path: Path, folder: Path) -> Path:
    """Return a file with every so-manieth case, and the homes beside it."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.strip()]
    (folder / "homes").symlink_to((path.parent / "homes").absolute())
    some = folder / path.name
    some.write_text("".join(lines[::nth]), encoding="utf-8")
    return some
