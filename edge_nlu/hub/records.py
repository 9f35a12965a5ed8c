"""Forget what a hub has kept, undo what it has learned, go back to a pack, for whoever asks on this machine.

A hub that runs holds what it learned in memory and would write it back, so it does these things itself; where
none runs, the command does them in the same way, under the hub's lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.admission import Admission
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.forgetting import FORGET_OFFERED, Which, count, forget
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.learned import undo
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import Device
from edge_nlu.wire.lessons import forget_lessons
from edge_nlu.wire.outgoing import withdraw

# a name of fewer letters, or a bare number, would be found in texts that are about something else
SHORTEST: Final = 3


class Records:
    """All that is kept: the journal, what was learned, the home in memory and in its file, if it has one.

    In `outgoing` lies what was made of it for others; `admission` is who takes in packs, if the hub does.
    """

    def __init__(
        self,
        journal: SqliteJournal,
        memory: HomeMemory,
        context: HomeContext,
        saved: Path | None,
        outgoing: Path | None,
    ) -> None:
        self._journal = journal
        self._memory = memory
        self._context = context
        self._saved = saved
        self._outgoing = outgoing
        self.admission: Admission | None = None

    def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is asked, and return what came of it."""
        match asked:
            case {"do": "settle"}:
                self._journal.flush()
                return {}
            case {"do": "count"}:
                which, _ = self._which(asked)
                return {"rows": count(self._journal, which), "names": which.names}
            case {"do": "forget"}:
                return self._forget(*self._which(asked))
            case {"do": "undo", "items": items, "day": day}:
                self._withdraw()
                undone = undo(self._journal, items, day)
                self._memory.read()
                return {"undone": undone}
            case {"do": "go back"} if self.admission is not None:
                return self.admission.go_back()
        raise EdgeNluError(f"found a request to do {asked.get('do')!r}, which no hub of this version knows")

    def _forget(self, which: Which, devices: tuple[Device, ...]) -> dict[str, Any]:
        self._withdraw()
        rows = forget(self._journal, which)
        self._memory.read()
        home = self._context.snapshot(datetime.now().astimezone())
        everything = which == Which()
        self._context.forget(home.all_devices() if everything else [device.id for device in devices])
        if self._saved is not None:
            self._saved.with_name(f"{self._saved.name}.damaged").unlink(missing_ok=True)
            if warning := self._context.save(self._saved):
                raise EdgeNluError(warning)
        left = [device.id for device in devices if self._context.snapshot(home.at).device(device.id)]
        return {"rows": rows, "names": which.names, "still_there": left}

    def _withdraw(self) -> None:
        """Take back what was made for others; first, so that cut off here nothing counts as forgotten yet."""
        if self._outgoing is not None:
            forget_lessons(self._outgoing)
            withdraw(self._outgoing)
        # so that no words follow of what was offered before
        self._journal.keep([FORGET_OFFERED])

    def _which(self, asked: Mapping[str, Any]) -> tuple[Which, tuple[Device, ...]]:
        """Return what is meant, with the device where it is one of this home."""
        person, device = str(asked.get("person") or ""), str(asked.get("device") or "")
        since, until = (
            datetime.fromisoformat(at) if (at := asked.get(name)) else None for name in ("since", "until")
        )
        found = self._called(device) if device else ()
        names = (person, device, *(name for one in found for name in self._own_names(one)))
        spoken = (name.replace("_", " ") for name in names)
        return Which(tuple(dict.fromkeys(filter(None, (*names, *spoken)))), since, until), found

    def _called(self, name: str) -> tuple[Device, ...]:
        """Return the device of this home that has an id or a name, if there is one."""
        wanted = name.casefold()
        found = [one for one in self._devices() if wanted in [own.casefold() for own in _names(one)]]
        if len(found) > 1:
            ids = ", ".join(device.id for device in found)
            raise EdgeNluError(
                f"device {name}: found {len(found)} that are called so, expected one; name one of {ids}"
            )
        return tuple(found)

    def _own_names(self, device: Device) -> list[str]:
        """Return the names of a device that say nothing of another."""
        others = [
            f" {own.casefold()} " for one in self._devices() if one.id != device.id for own in _names(one)
        ]
        return [
            own
            for own in _names(device)
            if len(own) >= SHORTEST
            and not own.isdigit()
            and not any(f" {own.casefold()} " in other for other in others)
        ]

    def _devices(self) -> list[Device]:
        home = self._context.snapshot(datetime.now().astimezone())
        return [device for own in home.all_devices() if (device := home.device(own)) is not None]


def _names(device: Device) -> tuple[str, ...]:
    return tuple(dict.fromkeys((device.id, *device.ids, device.name, *device.aliases)))
