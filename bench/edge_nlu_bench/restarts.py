"""Kill the process that empties the queue, again and again at random moments, and count what became of items.

Real processes: an inbox over HTTP that notes what it gets before it says so, a hub that goes on handing out
items, and children that take in and send until they are killed. In the end each item that was handed out must
have arrived once: none lost, none taken for two. Killing a process is not cutting the power: what the system
has been given it writes, so the disk may be one of memory.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from edge_nlu_bench.report import Report

MEMORY = Path("/dev/shm")
LONGEST_S = 0.03
"""Until a child is killed, at most; it sends a handful in that time."""
WORKING = 0.8


def queue_figures(restarts: int = 1000) -> Report:
    """Return what became of the items over so many restarts."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        place = Path(folder)
        inbox = subprocess.Popen(
            [sys.executable, "-m", __name__, "inbox", folder], stdout=subprocess.PIPE, text=True
        )
        assert inbox.stdout is not None
        try:
            url = inbox.stdout.readline().strip()
            begun = time.monotonic()
            killing = [sys.executable, "-m", __name__, "kill", folder, url, str(restarts)]
            told = json.loads(subprocess.run(killing, check=True, capture_output=True, text=True).stdout)
            spent = time.monotonic() - begun
        finally:
            inbox.kill()
            inbox.wait()
        heard = Counter((place / "heard").read_text(encoding="utf-8").split())
        kept = Counter((place / "kept").read_text(encoding="utf-8").split())
        handed = set(told)
    return {
        "queue": {
            "restarts": restarts,
            "items": len(handed),
            "lost": len(handed - set(kept)),
            "twice": sum(1 for key in kept if kept[key] > 1),
            "unknown": len(set(kept) - handed),
            "sent_again_under_the_same_key": sum(heard.values()) - len(heard),
            "seconds": round(spent, 1),
        }
    }


def _inbox(folder: Path) -> None:
    """Serve an inbox, and print where it is."""
    known: set[str] = set()
    heard, kept = (folder / "heard").open("a"), (folder / "kept").open("a")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers["Idempotency-Key"]
            # cut off in the middle of a request
            if json.loads(body or b"null") != {"kind": self.headers["Edge-Nlu-Kind"]}:
                self.send_error(400)
                return
            print(key, file=heard, flush=True)
            if key not in known:
                known.add(key)
                print(key, file=kept, flush=True)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Quiet(HTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Say nothing of those who were killed while they spoke."""

    server = Quiet(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


def _kill(folder: Path, url: str, restarts: int) -> None:
    """Hand out items while children send them and are killed; print the keys of those handed out."""
    from edge_nlu.sync.inbox import Inbox
    from edge_nlu.sync.queue import QUEUE, Queue, deliver, take_in
    from edge_nlu.wire.outgoing import KINDS, hand_out, handed_out

    outgoing, file = folder / "outgoing", folder / QUEUE
    rng = random.Random(1)
    handed: list[str] = []

    def send_all(ready: int | None) -> None:
        queue = Queue(file)
        inbox = Inbox(url)
        if ready is not None:
            os.write(ready, b".")
        while True:
            take_in(queue, outgoing, time.time())
            deliver(queue, outgoing, inbox.send, url, time.time)
            if ready is None and not list(handed_out(outgoing)) and not queue.waiting():
                return
            time.sleep(0.001)

    for _ in range(restarts):
        opened, ready = os.pipe()
        child = os.fork()
        if child == 0:
            send_all(ready)
        # some are killed while they open the queue, most while they take in and send
        if rng.random() < WORKING:
            os.read(opened, 1)
        end = time.monotonic() + rng.uniform(0, LONGEST_S)
        while time.monotonic() < end:
            kind = rng.choice(KINDS)
            handed.append(hand_out(outgoing, kind, json.dumps({"kind": kind}).encode()))
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(opened)
        os.close(ready)
    send_all(None)
    print(json.dumps(handed))


if __name__ == "__main__":
    if sys.argv[1] == "inbox":
        _inbox(Path(sys.argv[2]))
    else:
        _kill(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
