"""A connection that breaks while MASSIVE is fetched costs only what was still to come."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edge_nlu_export.massive import FetchError, fetch

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(BaseHTTPRequestHandler):
    """Sends the content from where it is asked to, and hangs up early the first time."""

    asked: list[str | None]

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.asked.append(wanted)
        self.send_response(416 if begin == len(CONTENT) else 206 if wanted else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        self.wfile.write(CONTENT[begin:] if len(self.asked) > 1 else CONTENT[: len(CONTENT) // 2])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[HTTPServer]:
    Publisher.asked = []
    with HTTPServer(("127.0.0.1", 0), Publisher) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_fetching_goes_on_where_it_was_cut_off(publisher: HTTPServer, tmp_path: Path) -> None:
    address, place = f"http://127.0.0.1:{publisher.server_port}/massive.tar.gz", tmp_path / "massive.tar.gz"
    with pytest.raises(FetchError, match=f"ended {len(CONTENT) // 2} bytes too early"):
        fetch(address, SHA256, place)
    assert not place.exists()
    fetch(address, SHA256, place)
    assert place.read_bytes() == CONTENT
    assert Publisher.asked == [None, f"bytes={len(CONTENT) // 2}-"]


def test_what_was_there_already_is_only_checked(publisher: HTTPServer, tmp_path: Path) -> None:
    place = tmp_path / "massive.tar.gz"
    (tmp_path / "massive.tar.gz.part").write_bytes(CONTENT)
    fetch(f"http://127.0.0.1:{publisher.server_port}/massive.tar.gz", SHA256, place)
    assert place.read_bytes() == CONTENT
