"""Answer requests, one after the other, and say afterwards when a device did not obey.

Whatever a request is, somebody gets an answer to it: too long, too late, one too many, or a sentence over
which something broke. The same request twice is acted on once and answered twice. About what the hub can
neither answer nor understand somebody outside may be asked; the request stays open, and the next is handled.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.answers import answer_of, busy, error_of, failure_of
from edge_nlu.hub.desk import Answer, Desk, Reply, Request
from edge_nlu.hub.echo import Echoes, Failure
from edge_nlu.hub.hands import DENIED, BridgeHands
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Settings
from edge_nlu.pipeline import Pipeline
from edge_nlu.steps import say
from edge_nlu.values import AskCloud, Exchange, Outcome, Understanding, Utterance

if TYPE_CHECKING:
    from edge_nlu.hub.questions import Meant, Questions

log = logging.getLogger(__name__)

REMEMBERED = 64
"""Answers kept, for a request that comes twice."""

Answered = Callable[[Request, Answer], None]


@dataclass(slots=True)
class _Open:
    """Requests for one exchange, about which somebody outside is asked."""

    requests: list[Request]
    exchange: Exchange
    begun: float


class Answerer:
    """The way from a request to its answer."""

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        line: Pipeline,
        hands: BridgeHands,
        clock: SystemClock,
        questions: Questions | None = None,
    ) -> None:
        self._limits = settings.limits
        self._deadline_s = settings.cloud.deadline_s
        self._questions = questions
        self._open: dict[str, _Open] = {}
        self._tells_text = settings.log.text
        self._desk = desk
        self._line = line
        self._hands = hands
        self._clock = clock
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self.echoes = Echoes(settings.limits.echo_s)
        self.also: Sequence[Answered] = ()

    def ask(
        self,
        text: str,
        reply: Reply,
        *,
        id: str = "",
        satellite: str = "",
        user: str = "",
        only_read: bool = False,
    ) -> None:
        """Take a request from any thread, or turn it away at once."""
        request = Request(id or uuid4().hex, text, satellite, user, reply, only_read, monotonic())
        most = self._limits.text_letters
        if len(text) > most:
            self.reply(
                request, error_of(request.id, f"{len(text)} letters, expected {most} at most", say.too_long())
            )
        elif not text.strip():
            self.reply(request, error_of(request.id, "nothing was said", say.nothing_heard()))
        elif not self._desk.ask(request):
            self.reply(request, busy(request.id))

    def handle(self, request: Request) -> None:
        """Handle a request that was taken; whatever happens, the next one can be handled."""
        known = self._answers.get(request.id)
        if known is not None:
            self.reply(request, known)
        elif request.id in self._open:
            self._open[request.id].requests.append(request)
        elif monotonic() - request.asked > self._limits.wait_s:
            self.reply(request, error_of(request.id, "waited too long", say.too_late()))
        else:
            self._try([request], lambda: self._read(request) if request.only_read else self._act(request))

    def reply(self, request: Request, answer: Answer, understanding: Understanding | None = None) -> None:
        """Answer whoever asked, and whoever wants to know; that one of them breaks stops nobody else."""
        try:
            request.reply(answer, understanding)
        except Exception:  # as above
            log.exception("the answer to request %s broke its ear", request.id)
        for also in self.also:
            try:
                also(request, answer)
            except Exception:  # as above
                log.exception("the answer to request %s broke an ear", request.id)

    def look(self) -> None:
        """Tell of devices that did not obey."""
        for failure in self.echoes.failures(monotonic()):
            self._tell_failure(failure)

    def denied(self, topic: str) -> None:
        """Take note that the broker did not take a command on this topic."""
        device = self._hands.told_on(topic)
        if device is not None:
            self.echoes.refuse(device, DENIED)

    def turn_all_away(self) -> None:
        """Tell those who wait that nobody will come any more."""
        for request in self._desk.turn_away():
            self.reply(request, busy(request.id))
        for own in list(self._open):
            self._close(own, None)

    def _try(self, requests: Sequence[Request], work: Callable[[], None]) -> None:
        """Do something about requests; if it breaks, that is their answer."""
        self._hands.sent = []
        try:
            work()
        except Exception as error:  # the house must go on
            trouble = str(error) if isinstance(error, EdgeNluError) else type(error).__name__
            log.exception("request %s could not be handled", requests[0].id)
            spoken = say.broken(told=bool(self._hands.sent))
            for request in requests:
                self.reply(request, error_of(request.id, trouble, spoken))

    def _act(self, request: Request) -> None:
        at = self._clock.now()
        begun = perf_counter()
        utterance = Utterance(request.id, request.text, at, request.satellite, request.user)
        exchange = self._line.handle(utterance)
        if exchange is None:
            spoken = say.broken(told=False)
            self.reply(request, error_of(request.id, "this request was handled before", spoken))
        elif self._questions is None or not self._questions.ask(
            exchange, request.asked + self._deadline_s, lambda meant: self._close(request.id, meant)
        ):
            self._finish([request], exchange, begun)
        else:
            self._open[request.id] = _Open([request], exchange, begun)

    def _close(self, own: str, meant: Meant) -> None:
        """Answer an open request with what somebody outside knew, or else with what the hub has to say."""
        waits = self._open.pop(own, None)
        if waits is None:
            return

        def work() -> None:
            exchange = waits.exchange
            if meant is not None:
                exchange = self._line.explained(exchange, meant)
            elif isinstance(exchange.decision, AskCloud):
                exchange = replace(exchange, decision=AskCloud(say.nobody_helped()))
            self._finish(waits.requests, exchange, waits.begun, asked=True)

        self._try(waits.requests, work)

    def _finish(
        self, requests: Sequence[Request], exchange: Exchange, begun: float, *, asked: bool = False
    ) -> None:
        milliseconds = (perf_counter() - begun) * 1000
        exchange = replace(exchange, milliseconds=round(milliseconds, 3))
        home = self._line.context.snapshot(exchange.utterance.at)
        answer = answer_of(exchange, self._hands.sent, home, milliseconds)
        if asked and self._questions is not None:
            answer["asked"] = self._questions.name
        first = requests[0]
        self._answers[first.id] = answer
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        self.echoes.expect(first, exchange, home, monotonic())
        for request in requests:
            self.reply(request, answer, exchange.understanding)
        self._log(first, answer)
        self._conclude(exchange)

    def _conclude(self, exchange: Exchange) -> None:
        """Keep what came of an exchange that was answered: if that breaks, it is not answered once more."""
        try:
            self._line.conclude(exchange)
        except Exception:  # as above
            log.exception("what came of request %s could not be kept", exchange.utterance.id)

    def _read(self, request: Request) -> None:
        begun = perf_counter()
        understanding = self._line.understander.understand(request.text)
        milliseconds = round((perf_counter() - begun) * 1000, 3)
        request.reply({"id": request.id, "decision": "read", "milliseconds": milliseconds}, understanding)

    def _tell_failure(self, failure: Failure) -> None:
        exchange = failure.exchange
        home = self._line.context.snapshot(self._clock.now())
        answer = failure_of(exchange, failure.devices, home)
        log.warning("%s: %s", answer["id"], answer["say"])
        self.reply(failure.request, answer)
        outcome = _without(exchange, failure)
        exchange = replace(exchange, outcome=outcome)
        self._line.context.remember(exchange)
        self._line.journal.finish(exchange)

    def _log(self, request: Request, answer: Answer) -> None:
        said = f" {request.text!r}" if self._tells_text else ""
        log.info(
            "%s%s: %s %s %s %.2f, %.1f ms",
            *(request.id, said, answer["decision"], answer["intent"], ",".join(answer["targets"])),
            *(answer["confidence"], answer["milliseconds"]),
        )


def _without(exchange: Exchange, failure: Failure) -> Outcome:
    """Return the outcome as it turned out."""
    failed = {device for device, _ in failure.devices}
    sent = tuple(device for device in exchange.outcome.sent if device not in failed)
    return Outcome(sent, (*exchange.outcome.failed, *failure.devices))
