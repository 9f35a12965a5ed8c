"""The errors that edge-nlu raises, for whoever has to put things right.

    EdgeNluError
    ├── SettingsError            a setting has a value that cannot be used
    ├── ExtraMissingError        a command needs a library that is not installed
    ├── PackError                a model pack cannot be used
    │   ├── PackMissingError     there is none at that place
    │   ├── PackDamagedError     a file in it is not the one that was packed
    │   ├── PackForeignError     it is whole, but not one that this version can read
    │   └── PackRefusedError     it works, but broke a promise that every pack must keep
    ├── UpdateError              a new pack did not come; the one in use goes on
    │   ├── UpdateRefusedError   what was offered is not what was signed, or not for this hub
    │   └── UnreachableError     the repository could not be asked, or the line broke
    ├── RoundRefusedError        a task or an update of a round is not one that can be used
    ├── StorageError             something could not be written down, or not read back
    └── DataError                a line of a data file cannot be used

Each says which thing, what was found, what was expected and what to do now, in one sentence.
Not understanding somebody is not among them: that is a value like any other.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


class EdgeNluError(Exception):
    """Something that whoever runs edge-nlu can put right."""


class SettingsError(EdgeNluError):
    """A setting has a value that cannot be used; the command line then ends with 2."""

    def __init__(self, setting: str, found: str, expected: str) -> None:
        super().__init__(f"setting {setting}: found {found}, expected {expected}; change it and start again")
        self.setting = setting
        self.found = found
        self.expected = expected


class ExtraMissingError(EdgeNluError):
    """A command needs a library that comes with an extra which is not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(
            f"{module} is not installed, and this needs it; run `pip install 'edge-nlu[{extra}]'`"
        )
        self.module = module
        self.extra = extra


class PackError(EdgeNluError):
    """A model pack cannot be used; what was in use before still can."""


class PackMissingError(PackError):
    """There is no model pack where one was expected."""

    def __init__(self, pack: Path) -> None:
        super().__init__(
            f"model pack {pack}: found no manifest.json there, expected the folder of a pack; "
            f"name one with --pack"
        )
        self.pack = pack


class PackDamagedError(PackError):
    """A file in the pack does not match the manifest."""

    def __init__(self, pack: Path, file: str, expected: str, found: str) -> None:
        super().__init__(
            f"model pack {pack.name}: {file} is damaged: found {_short(found)}, "
            f"manifest says {_short(expected)}; fetch the pack again"
        )
        self.pack = pack
        self.file = file
        self.expected = expected
        self.found = found


class PackForeignError(PackError):
    """The pack is whole, but its format, version or labels are not ones that this version knows."""

    def __init__(self, pack: Path, found: str, expected: str) -> None:
        super().__init__(
            f"model pack {pack.name}: found {found}, expected {expected}; "
            f"use a pack made for this version of edge-nlu, or update edge-nlu"
        )
        self.pack = pack
        self.found = found
        self.expected = expected


class PackRefusedError(PackError):
    """A pack was verified and broke a promise."""

    def __init__(self, pack: Path, promise: str, found: str, limit: str) -> None:
        super().__init__(
            f"model pack {pack.name}: broke the promise {promise!r}: found {found}, limit {limit}; "
            f"do not release it: use the pack before it, or make this one better"
        )
        self.pack = pack
        self.promise = promise
        self.found = found
        self.limit = limit


class UpdateError(EdgeNluError):
    """A new pack did not come; the one in use goes on."""


class UpdateRefusedError(UpdateError):
    """What was offered is not what was signed, or not for this hub."""

    def __init__(self, what: str, found: str, expected: str) -> None:
        super().__init__(
            f"{what}: found {found}, expected {expected}; nothing was taken in, the pack in use goes on"
        )
        self.what = what
        self.found = found
        self.expected = expected


class UnreachableError(UpdateError):
    """The repository could not be asked, or the line broke; what came so far is kept."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: cannot be fetched now ({reason}); it is tried again later")
        self.url = url
        self.reason = reason


class RoundRefusedError(EdgeNluError):
    """A task or an update of a round is not one that can be used; the round goes on without it."""

    def __init__(self, what: str, found: str, expected: str) -> None:
        super().__init__(f"{what}: found {found}, expected {expected}; the round goes on without it")
        self.what = what
        self.found = found
        self.expected = expected


class StorageError(EdgeNluError):
    """Something could not be written down, or not read back; what was written before still stands."""

    def __init__(self, file: Path | str, found: str, expected: str, advice: str) -> None:
        super().__init__(f"{file}: found {found}, expected {expected}; {advice}")
        self.file = file
        self.found = found
        self.expected = expected
        self.advice = advice


class DataError(EdgeNluError):
    """A line of a data file cannot be used; line 0 is the file as a whole."""

    def __init__(self, file: Path, line: int, problem: str, expected: str) -> None:
        place = f"{file}, line {line}" if line else f"{file}"
        super().__init__(f"{place}: {problem}; expected {expected}; mend it and run the command again")
        self.file = file
        self.line = line
        self.problem = problem
        self.expected = expected


def require(*modules: str, extra: str) -> None:
    """Return if top-level modules are installed, else raise `ExtraMissingError` naming their extra.

    It only looks and never imports: on some boards importing a heavy library ends the process.
    """
    for module in modules:
        if find_spec(module) is None:
            raise ExtraMissingError(module, extra)


def _short(found: str) -> str:
    """Return what was found, a checksum by its first digits."""
    return f"sha256 {found[:12]}" if len(found) == 64 else found
