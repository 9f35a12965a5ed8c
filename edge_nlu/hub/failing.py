"""Tell from a terminal what failed in the last days, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edge_nlu.hub.assemble import CONTEXT, home
from edge_nlu.hub.commands import settings_of
from edge_nlu.hub.keeping import journal_of
from edge_nlu.learning.failures import Failure, failures, summed_up
from edge_nlu.storage.reading import reading


def failed_lately(file: Path | None, days: int) -> list[Failure]:
    """Return what failed in these days, as the journal of these settings tells, the latest last."""
    settings = settings_of(file)
    journal = journal_of(settings)
    context = home(settings)
    if (kept := settings.state_folder() / CONTEXT).is_file():
        context.load(kept)
    now = datetime.now().astimezone()
    seen = context.snapshot(now)
    devices = (seen.device(own) for own in seen.all_devices())
    names = {device.id: device.name for device in devices if device is not None}
    with reading(journal) as opened:
        return failures(opened.judged(now - timedelta(days=days)), names)


def lines(found: Sequence[Failure]) -> Iterator[str]:
    """Yield all in one sentence, and then each failure with what shows it, the latest first."""
    yield summed_up(found)
    for one in reversed(found):
        sure = f" ({one.sure:.0%} sure)" if one.sure is not None else ""
        yield f'{one.at:%Y-%m-%d %H:%M}  {one.place or "somewhere"}: "{one.text}"'
        yield f"    {one.stage}{sure}: {one.why}"


def as_dict(found: Sequence[Failure]) -> dict[str, Any]:
    """Return failures as docs/learning.md describes them."""
    told = [{**asdict(one), "at": one.at.isoformat()} for one in found]
    return {"summary": summed_up(found), "failures": told}
