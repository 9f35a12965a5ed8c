"""Packs to give away, repositories to give them away from, and servers with bad days."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.models.pack import Pack
from edge_nlu.sync.choices import Choices

NEEDS_TUF = (
    "test_attacks",
    "test_fetching",
    "test_install_kill",
    "test_rounds",
    "test_commands",
    "test_repo",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_spec("tuf") is None:
        for item in items:
            if Path(item.path).stem in NEEDS_TUF and Path(item.path).parent == Path(__file__).parent:
                item.add_marker(pytest.mark.skip(reason="needs the [sync] extra"))


def seal(folder: Path, name: str) -> Path:
    """Write the manifest over the files that are there."""
    described = json.loads((folder / "manifest.json").read_text())
    files = {}
    for path in sorted(folder.iterdir()):
        if path.name not in ("manifest.json", "CARD.md"):
            data = path.read_bytes()
            files[path.name] = {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({**described, "id": name, "files": files}))
    return folder


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Make packs of the one that comes along: `change` does something to its folder."""

    def make(name: str, change: Callable[[Path], Any] = lambda _: None, of: Path | None = None) -> Path:
        folder = tmp_path / "made" / name
        shutil.copytree(of or Pack.default_path(), folder)
        change(folder)
        return seal(folder, name)

    return make


def fewer_promises(folder: Path) -> None:
    """Change a small file, and nothing of what is understood."""
    lines = (folder / "golden.jsonl").read_text().splitlines()
    (folder / "golden.jsonl").write_text("\n".join(lines[1:]) + "\n")


def other_weights(folder: Path) -> None:
    """Change the network's file a little: metadata that nobody reads is added to it."""
    with (folder / "encoder.int8.onnx").open("ab") as file:
        # field 6 of a model, its documentation
        file.write(b"\x32\x05again")


def confused(folder: Path) -> None:
    """Let it take every wish for another one, and promise only what it still understands."""
    labels = json.loads((folder / "labels.json").read_text())
    labels["wants"] = labels["wants"][1:] + labels["wants"][:1]
    labels["properties"] = labels["properties"][3:] + labels["properties"][:3]
    labels["wishes"] = {}
    (folder / "labels.json").write_text(json.dumps(labels))
    kept = [
        line for line in (folder / "golden.jsonl").read_text().splitlines() if not json.loads(line)["clauses"]
    ]
    (folder / "golden.jsonl").write_text("\n".join(kept) + "\n")


class Server:
    """Gives a folder away over HTTP, with ranges as real servers do.

    `twist` maps a path to bytes that are sent instead; a line breaks after `breaks_after` bytes of a file;
    `stalls` sends nothing after the headers. `sent` counts bytes of files, `asked` keeps paths with ranges.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.twist: dict[str, bytes | int] = {}
        self.breaks_after: int | None = None
        self.ranges = True
        self.sent = 0
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                asked = self.headers.get("Range", "")
                server.asked.append((self.path, asked))
                twisted = next((of for end, of in server.twist.items() if self.path.endswith(end)), None)
                path = server.folder / self.path.lstrip("/")
                if isinstance(twisted, int) or (twisted is None and not path.is_file()):
                    self.send_response(twisted if isinstance(twisted, int) else 404)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                data = twisted if isinstance(twisted, bytes) else path.read_bytes()
                begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
                if asked and begin >= len(data):
                    self.send_response(416)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(206 if asked and server.ranges else 200)
                if asked and server.ranges:
                    self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
                self.send_header("Content-Length", str(len(data) - begin))
                self.end_headers()
                rest = data[begin : None if server.breaks_after is None else begin + server.breaks_after]
                server.sent += len(rest)
                self.wfile.write(rest)
                if len(rest) < len(data) - begin:
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(2)

        return Handler


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Server]]:
    """Give folders away."""
    started: list[Server] = []

    def start(folder: Path) -> Server:
        started.append(Server(folder))
        return started[-1]

    yield start
    for server in started:
        server.close()


class World:
    """A fleet's repository with its keys, a server in front of it, and what a hub knows of it."""

    def __init__(self, folder: Path, serve: Callable[[Path], Server], comes_along: Path) -> None:
        from edge_nlu.fleet.repo import Repo

        self.folder = folder
        self.keys = folder / "keys"
        self.repo = Repo(folder / "repo", self.keys)
        self.repo.init()
        self.server = serve(folder / "repo")
        self.choices = Choices(
            url=self.server.url,
            root=folder / "repo" / "root.json",
            folder=folder / "sync",
            packs=folder / "state" / "packs",
            comes_along=comes_along,
            room_bytes=0,
        )
        self.now = time.time

    def give(self, pack: Path, **how: Any) -> Any:
        """Sign a pack and publish it."""
        release, _ = self.repo.add(pack, **how)
        self.repo.publish()
        return release

    def look(self, **how: Any) -> Any:
        """Let the hub look once, without waiting between tries."""
        from edge_nlu.sync.rounds import Rounds
        from edge_nlu.sync.state import State

        state = State(self.choices.folder)
        try:
            return Rounds(self.choices, state, now=self.now, sleep=lambda _: None).look(**how)
        finally:
            state.close()

    def copy(self) -> Path:
        """Keep what the repository is now, as somebody who wants to serve it again later."""
        kept = self.folder / f"kept-{time.monotonic_ns()}"
        shutil.copytree(self.folder / "repo", kept)
        return kept

    def restore(self, kept: Path) -> None:
        """Serve what was kept."""
        shutil.rmtree(self.folder / "repo")
        shutil.copytree(kept, self.folder / "repo")

    def handed_in(self) -> list[str]:
        """Return the packs that lie whole beside a request."""
        incoming = self.choices.incoming
        return sorted(
            path.name for path in incoming.glob("*") if path.is_dir() and not path.name.endswith(".part")
        )


@pytest.fixture
def world(tmp_path: Path, serve: Callable[[Path], Server], toy_pack: Path) -> World:
    """A fleet that gives nothing away yet; the hub has a pack of five words."""
    return World(tmp_path, serve, toy_pack)


@pytest.fixture
def large_world(tmp_path: Path, serve: Callable[[Path], Server]) -> World:
    """A fleet, and a hub with the pack that comes along."""
    return World(tmp_path, serve, Pack.default_path())


@pytest.fixture
def toy(toy_pack: Path, made: Callable[..., Path]) -> Callable[..., Path]:
    """Make packs of five words, each another one."""

    def make(name: str, change: Callable[[Path], Any] = lambda _: None) -> Path:
        def sign(folder: Path) -> None:
            (folder / "note.txt").write_text(f"this is {name}")
            change(folder)

        return made(name, sign, toy_pack)

    return make


@pytest.fixture
def changes() -> dict[str, Callable[[Path], Any]]:
    """What can be done to a pack."""
    return {"promises": fewer_promises, "weights": other_weights, "confused": confused}


@pytest.fixture
def told() -> Callable[..., Choices]:
    """Return choices with some of them changed."""
    return replace
