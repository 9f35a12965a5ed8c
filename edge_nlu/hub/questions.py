"""Have somebody outside asked what the hub could not answer or understand, while the house goes on.

A question waits in a thread of its own; the hub's thread handles other sentences meanwhile, and what came of
the question is told to it in between. What is sent is written down before it leaves, and what cannot be
written down does not leave. A service that does not answer is left alone for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from edge_nlu.cloud.asking import Asker, Came
from edge_nlu.cloud.breaker import Breaker
from edge_nlu.cloud.mask import Masked, mask
from edge_nlu.cloud.meant import agree, reading
from edge_nlu.cloud.replies import Post, Spoken
from edge_nlu.errors import StorageError
from edge_nlu.hub.desk import Desk
from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Context, Home, Understander
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.values import Answer, Ask, AskCloud, Exchange, Understanding, Wish

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""Questions that may be on their way; one more is answered at home."""
LONGEST_TEXT: Final = 500
"""Letters of a sentence that is asked about."""

Meant: TypeAlias = Understanding | Answer | None
Then: TypeAlias = Callable[[Meant], None]


class Questions:
    """The way from what the hub cannot do by itself to somebody outside, and back.

    `private` are words that the owner never lets out; without any such list sentences leave word for word.
    """

    def __init__(
        self,
        name: str,
        asker: Asker,
        private: Sequence[str] | None,
        understander: Understander,
        context: Context,
        journal: SqliteJournal,
        desk: Desk,
        clock: SystemClock,
    ) -> None:
        self.name = name
        self._asker = asker
        self._private = private
        self._understander = understander
        self._context = context
        self._journal = journal
        self._desk = desk
        self._clock = clock
        self._asked = 0
        self._breaker = Breaker(journal.mark(self._mark) or 0.0)

    def ask(self, exchange: Exchange, until: float, then: Then) -> bool:
        """Ask about an exchange until a moment of the monotonic clock, or return False: it stays as it is.

        `then` hears in the hub's thread what was meant or answered, or None.
        """
        at = self._clock.now()
        if not _is_open(exchange) or self._asked >= AT_ONCE or not self._breaker.lets_ask(at.timestamp()):
            return False
        home = self._context.snapshot(at)
        read = exchange.understanding
        masked = Masked(read.text) if self._private is None else mask(read, home, self._private)
        post = self._asker.cloud.post(masked.text)
        said = exchange.utterance.id
        row = (at.timestamp(), said, urlsplit(post.url).netloc.rpartition("@")[2], masked.text)
        try:
            self._journal.keep([(_SENT, (*row, len(post.body)))])
        except StorageError as error:
            log.warning("nothing is asked outside: %s", error)
            self._breaker.trying = False
            return False
        self._asked += 1

        def work() -> None:
            came = self._asker.ask(post, until)
            self._desk.note(lambda: self._take(came, post, said, masked, then))

        Thread(target=work, name="question", daemon=True).start()
        return True

    def _take(self, came: Came, post: Post, said: str, masked: Masked, then: Then) -> None:
        """Take in what came of a question, in the hub's thread."""
        self._asked -= 1
        self._journal.put_off([(_TIMES, (came.sent, came.sent * len(post.body), said))])
        now = self._clock.now()
        before = self._breaker.state(now.timestamp())
        if came.reply is not None:
            self._breaker.answered()
        else:
            self._breaker.failed(now.timestamp())
        if (after := self._breaker.state(now.timestamp())) != before:
            log.warning("%s is %s", self.name, "back" if after == "closed" else f"left alone: {came.trouble}")
            self._journal.put_off([(_REST, (self._mark, self._breaker.rest_until))])
        elif came.reply is None:
            log.info("%s did not help: %s", self.name, came.trouble)
        then(self._meant(came, masked, self._context.snapshot(now)))

    def _meant(self, came: Came, masked: Masked, home: Home) -> Meant:
        if came.reply is None:
            return None
        if isinstance(came.reply, Spoken):
            return Answer(masked.restored(came.reply.say))
        try:
            theirs = reading(came.reply, masked, home)
        except ValueError as error:
            log.info("%s read what cannot be meant here: %s", self.name, error)
            return None
        # our own model also tells what lies near in meaning
        ours = self._understander.understand(theirs.text)
        return ours if agree(ours, theirs) else theirs

    @property
    def _mark(self) -> str:
        return f"rests {self.name}"


def _is_open(exchange: Exchange) -> bool:
    """Return whether an exchange came to nothing that the hub could answer or understand."""
    read = exchange.understanding
    if not 0 < len(read.text) <= LONGEST_TEXT or read.truncated:
        return False
    match exchange.decision:
        # without a wish it only asks what else to do
        case AskCloud() | Ask(why="unsure", options=(), wish=Wish()):
            return True
    return False


_SENT: Final = (
    "INSERT INTO sent (at_s, utterance, receiver, kind, text, bytes, times)"
    " VALUES (?, ?, ?, 'question', ?, ?, 1)"
)
_TIMES: Final = "UPDATE sent SET times = ?, bytes = ? WHERE utterance = ?"
_REST: Final = "INSERT OR REPLACE INTO marks VALUES (?, ?)"
