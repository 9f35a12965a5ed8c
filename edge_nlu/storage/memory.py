"""What was learned in this home, in memory and in the journal's file.

Looking something up touches no disk. What was taught is written at once, since somebody was told that
it is kept; what is counted on the side is written when an exchange is finished.
"""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final, get_args

from edge_nlu.interfaces import Home
from edge_nlu.learning.exploring import SELDOM, is_asked, propensity
from edge_nlu.learning.habits import Habits
from edge_nlu.learning.head import Head
from edge_nlu.learning.instead import instead
from edge_nlu.learning.judge import acted, took_back
from edge_nlu.learning.nearest import Nearest
from edge_nlu.learning.occasions import Cause, Occasion, by_hand, cause_of, occasions_of
from edge_nlu.learning.ranker import Followed, Ranker
from edge_nlu.learning.rewording import (
    SpeakingOn,
    Turned,
    follows,
    leans,
    stands,
    turned,
    turned_to_hand,
    wording,
)
from edge_nlu.learning.rules import Kind, Source, spared
from edge_nlu.learning.sharing import Shared
from edge_nlu.learning.teach import forgotten, phrase_key
from edge_nlu.learning.verdicts import (
    AGAIN,
    COMPLAINTS,
    DISOBEYED,
    FINE,
    HALVED_AFTER,
    INTERRUPTED,
    LONGEST,
    RARELY,
    RIGHT,
    Judge,
    Verdict,
    doubtful,
)
from edge_nlu.learning.ways import followed_up, in_vain
from edge_nlu.steps import say
from edge_nlu.steps.care import risky
from edge_nlu.steps.rewrite import rewrite
from edge_nlu.storage.journal import SqliteJournal, Statement
from edge_nlu.storage.labelled import head_in
from edge_nlu.storage.wordings import Wordings
from edge_nlu.values import (
    Act,
    Command,
    Device,
    DeviceId,
    Exchange,
    Held,
    Lesson,
    Report,
    Taken,
    Understanding,
    Utterance,
    Wish,
)

# what a device reports so soon after it was told is the echo of that
ECHO: Final = timedelta(seconds=60)
FAILED_KEPT: Final = 4
# where it tells less that somebody speaks on, nobody would know what was done in vain
TELLING: Final = 0.6
# as many are kept; by then a habit has long faded, and the start stays quick
KEPT: Final = {
    "occasions WHERE by_hand = 0": 4000,
    "occasions WHERE by_hand = 1": 2000,
    "causes": 4000,
    "worked": 4000,
}


@dataclass(frozen=True, slots=True)
class _Last:
    """The last exchange at a satellite, and what was counted of it."""

    exchange: Exchange
    counted: tuple[Occasion, ...] = ()
    settled: bool = False


class HomeMemory:
    """Habits, lessons and rewordings of one home; `rooms` tells which room a satellite stands in.

    `shared` are rewordings of other homes; only those of the `sources` are used. `learns` tells whether those
    of this home are among them.
    """

    def __init__(
        self,
        journal: SqliteJournal,
        rooms: Mapping[str, str] | None = None,
        *,
        hints: bool = False,
        questions: bool = True,
        shared: Iterable[Shared] = (),
        sources: Collection[Source] = get_args(Source),
    ) -> None:
        self.ranker: Ranker | None = None
        # of the pack, learned in many homes
        self._of_many: Head | None = None
        self._nearest = Nearest()
        self.learns = "home" in sources
        self._journal = journal
        self._hints = hints
        self._questions = questions
        self._wondered: datetime | None = None
        self.times_read = 0
        self._rooms = rooms or {}
        self.wordings = Wordings(journal, self._place, shared, sources)
        self.read()

    def read_with(self, ranker: Ranker | None, head: Head | None) -> None:
        """Go by ranker and head of another pack, and let go of what is kept in the numbers of the old one."""
        self.ranker = ranker
        self._of_many = head
        self._nearest = Nearest()

    def read(self) -> None:
        """Read what the journal holds; anew where somebody took something out of it."""
        self.times_read += 1
        journal = self._journal
        journal.keep(_surplus(table, kept) for table, kept in KEPT.items())
        self._habits = habits_in(journal.each_row)
        self.heads = head_in(journal.rows)
        self._taught = [Lesson(*row) for row in journal.rows(_LESSONS)]
        self.wordings.read()
        self._speaking_on = SpeakingOn([journal.mark(name) or 0.0 for name in _SPEAKING_ON])
        self._judge = Judge(journal.rows(_JUDGED, (HALVED_AFTER,))[::-1])
        self._for: dict[str, tuple[Lesson, ...]] = {}
        self._last: dict[str, _Last] = {}
        self._failed: dict[str, deque[Exchange]] = {}
        self._told: dict[DeviceId, datetime] = {}
        self._noticed: OrderedDict[tuple[DeviceId, str], Occasion] = OrderedDict()

    # ------------------------------------------------------------------------------- looking up

    def usual(
        self, wish: Wish, devices: Sequence[DeviceId], utterance: Utterance
    ) -> Sequence[tuple[Command, float]]:
        """Return what these devices are usually told at such a time by this person, with how sure that is.

        The surest comes first. Without devices it is anything that is usual here at such a time.
        """
        return self._habits.usual(wish, devices, utterance, self._place(utterance))

    def lessons(self, user: str) -> Sequence[Lesson]:
        """Return what holds for this person, in the order in which it does: the first of a phrase counts.

        Their own comes first, then what was taught for the whole home, then phrases and names that
        others taught; the latest first in each. What others like best is not among them.
        """
        found = self._for.get(user)
        if found is None:
            latest = self._taught[::-1]
            own = [lesson for lesson in latest if lesson.user == user]
            home = [lesson for lesson in latest if user and not lesson.user]
            others = [x for x in latest if x.user not in ("", user) and x.kind != "favourite"]
            found = self._for[user] = (*own, *home, *others)
        return found

    def teachings(self, user: str) -> Sequence[Lesson]:
        """Return what this person taught and what was taught for the whole home, the latest first."""
        return tuple(lesson for lesson in reversed(self._taught) if lesson.user in ("", user))

    def rewording(self, utterance: Utterance) -> Taken | None:
        """Return the wording that people turn to when this one fails, where that is known."""
        return self.wordings.taken(utterance) if self._speaking_on.telling >= TELLING else None

    def instead(
        self, tried: Exchange, home: Home, attempt: Callable[[str], Exchange | None]
    ) -> Exchange | None:
        """Return what comes of saying otherwise what came to nothing, where that leads to something."""
        if self.ranker is None or self._speaking_on.telling < TELLING:
            return None

        def follow(kind: Kind, said: str) -> Followed | None:
            return self.wordings.likeliest(kind, said, tried.utterance)

        return instead(tried, home, self.ranker, follow, self._nearest.near, attempt)

    def reread(self, read: Understanding, utterance: Utterance) -> Understanding:
        """Return a sentence as people here mean it, or the very same where it is read rightly."""
        own = self.heads.get(self._journal.pack) if self.learns and self.heads else None
        if (own is None and self._of_many is None) or spared(utterance.id):
            return read
        meant = read if own is None else own.reread(read)
        return self._of_many.reread(read) if meant is read and self._of_many is not None else meant

    def afterthought(self, exchange: Exchange, home: Home) -> str:
        """Return what else is worth saying after an act, mostly nothing: whether it did it, or a hint."""
        if self._questions and self._wonders(exchange, home):
            self._wondered = exchange.utterance.at
            return "Did that do it?"
        usual = self._habits.next(exchange) if self._hints else None
        return say.hint(usual, home) if usual is not None else ""

    def _wonders(self, exchange: Exchange, home: Home) -> bool:
        """Return whether it is worth a question if an act was right; most often it is not."""
        said = exchange.utterance
        silent = None if self._wondered is None else abs(said.at - self._wondered)
        if doubtful(exchange, home):
            return silent is None or silent >= RARELY
        if (silent is not None and silent < SELDOM) or risky(exchange.decision, home):
            return False
        likely = propensity(exchange, lambda: self.wordings.times_worked(said.text))
        if likely is None:
            return False
        asked = is_asked(said.id, likely)
        self._journal.put_off([(_PROPENSITY, (likely if asked else 1 - likely, said.id))])
        return asked

    # --------------------------------------------------------------------------------- learning

    def learn(self, lessons: Sequence[Lesson], utterance: Utterance) -> None:
        """Keep what was taught, or forget it; it is on the disk when this returns."""
        kept = list(self._taught)
        statements: list[Statement] = []
        for lesson in lessons:
            if lesson.kind == "forget":
                gone = forgotten(lesson, kept)
                self.wordings.take_back(wording(lesson.phrase))
            else:
                whose = (lesson.user, utterance.user)
                key = phrase_key(lesson.phrase)
                gone = tuple(
                    other
                    for other in kept
                    if other.kind == lesson.kind and other.user in whose and phrase_key(other.phrase) == key
                )
            kept = [other for other in kept if other not in gone]
            statements += map(_dropping, gone)
            if lesson.kind != "forget":
                kept.append(lesson)
                statements.append(_keeping(lesson, utterance))
        self._journal.keep(statements)
        self._taught = kept
        self._for.clear()

    def explained(self, failing: Exchange, working: Exchange) -> None:
        """Learn in which words somebody outside put an utterance that had failed, and that worked."""
        self.wordings.explained(Turned(failing, working))

    def observe(self, exchange: Exchange) -> None:
        """Learn from an exchange, and from what it says about the one before."""
        self._count_noticed(exchange.utterance.at)
        satellite = exchange.utterance.satellite
        last = self._last.get(satellite)
        if last is not None:
            back = took_back(exchange, last.exchange)
            if back or not last.settled:
                self._settle(last, self._judge.next(last.exchange, exchange), exchange)
            if back and not last.settled:
                self._take_back(last)
        counted = self._count(exchange) if acted(exchange) else ()
        self._compare(exchange)
        self._put_down(exchange, self._judge.at_once(exchange))
        self._last[satellite] = _Last(exchange, counted)

    def _settle(self, last: _Last, verdict: Verdict, later: Exchange | None = None) -> None:
        """Put down how an exchange went now that something followed, and learn from that."""
        exchange = last.exchange
        self._put_down(exchange, verdict)
        vain = later is not None and in_vain(exchange, later, self._judge.within)
        well = verdict.why in (FINE, RIGHT) and not vain
        if vain or verdict.why not in _TELLS_NOTHING:
            self.wordings.went(exchange, well=well)
        if self.learns and well and stands(exchange):
            self._nearest.works(exchange.understanding)
        if well == acted(exchange) and later is not None and not leans(exchange):
            self._speaking_on.count(failed=not well, spoke_on=follows(exchange, later, self._judge.within))
            self._journal.put_off(
                (_MARK, counted) for counted in zip(_SPEAKING_ON, self._speaking_on.counted, strict=True)
            )
        # what was done is not wrong for somebody who speaks on at once, nor words for a thing that is deaf
        blamed = verdict.why in COMPLAINTS or not (acted(exchange) or verdict.why == DISOBEYED)
        if not well and blamed and not leans(exchange):
            self._failed.setdefault(exchange.utterance.satellite, deque(maxlen=FAILED_KEPT)).append(exchange)

    def noticed(self, device: Device, report: Report, at: datetime) -> None:
        """Learn from what a device reports, where somebody may have done it by hand.

        It counts only after a while: an echo may come in before it is known that the device was told.
        """
        self._count_noticed(at)
        self._journal.noticed(report, at)
        if report.value is None:
            return
        self._see_put_back(report, at)
        if (cause := cause_of(device, report.key, report.value)) is not None:
            self._went_on(cause, at)
        occasion = by_hand(device, report.key, report.value, at)
        if occasion is not None:
            self._noticed[device.id, report.key] = occasion
            self._noticed.move_to_end((device.id, report.key))

    def _see_put_back(self, report: Report, at: datetime) -> None:
        """Take back what was learned of an act that somebody undoes by hand."""
        told = self._told.get(report.device)
        if told is None or at - told > LONGEST:
            return
        for satellite, last in self._last.items():
            before = {(one.device, key): held for one in last.exchange.before for key, held in one.settings}
            said_at = last.exchange.utterance.at
            if last.settled or said_at != told or before.get((report.device, report.key)) != report.value:
                continue
            gone = (at - said_at).total_seconds()
            if (verdict := self._judge.put_back(last.exchange, gone)) is not None:
                self._settle(last, verdict)
                self._take_back(last)
                self._last[satellite] = replace(last, settled=True)

    def _put_down(self, exchange: Exchange, verdict: Verdict) -> None:
        """Have it written down how likely it is that an exchange went well."""
        after_s = verdict.after_s or None
        self._journal.put_off([(_VERDICT, (verdict.well, verdict.why, after_s, exchange.utterance.id))])

    def _went_on(self, cause: Cause, at: datetime) -> None:
        if self._habits.went_on(cause, at):
            value = json.dumps(cause.value)
            self._journal.put_off(
                [(_CAUSE, (at.isoformat(), at.timestamp(), cause.device, cause.key, value))]
            )

    def _count_noticed(self, now: datetime) -> None:
        """Count what was done by hand a while ago, without the echoes of what devices were told."""
        # in the order noticed, so most of the time one look tells that nothing is due
        noticed = takewhile(lambda one: abs(now - one[1].at) > ECHO, self._noticed.items())
        due = [key for key, _ in noticed]
        for key in due:
            occasion = self._noticed.pop(key)
            told = self._told.get(occasion.command.device)
            if told is not None and abs(occasion.at - told) <= ECHO:
                continue
            if (counted := self._habits.add(occasion)) is not None:
                self._journal.put_off([_counting(counted)])
            for last in self._last.values():
                if turned_to_hand(last.exchange, occasion):
                    self.wordings.turned_to_hand(last.exchange, occasion)

    def _count(self, exchange: Exchange) -> tuple[Occasion, ...]:
        for command in exchange.decision.commands if isinstance(exchange.decision, Act) else ():
            self._told[command.device] = exchange.utterance.at
        found = occasions_of(exchange, self._place(exchange.utterance))
        counted = tuple(one for occasion in found if (one := self._habits.add(occasion)) is not None)
        self._journal.put_off(map(_counting, counted))
        for occasion in found:
            for key, value in filter(_is_switch, occasion.command.settings):
                self._went_on(Cause(occasion.command.device, key, value), occasion.at)
        return counted

    def _compare(self, exchange: Exchange) -> None:
        """Learn from a sentence that worked, and from those before it that did not."""
        said = rewrite(exchange.utterance.text, self.lessons(exchange.utterance.user))
        if exchange.taken is None and exchange.understanding.text != said:
            # what worked are words of somebody outside; nobody here turned to them
            return
        satellite, telling = exchange.utterance.satellite, self._speaking_on.telling
        found = [
            one
            for earlier in self._failed.get(satellite, ())
            if (one := turned(earlier, exchange, self._judge.within, weight=telling)) is not None
        ]
        for one in found:
            self.wordings.turned(one)
        last = self._last[satellite].exchange if satellite in self._last else None
        seen = [one.failing for one in found]
        if last is not None and last not in seen and followed_up(last, exchange, self._judge.within):
            self.wordings.also(Turned(last, exchange, telling))
        if found or (acted(exchange) and not leans(exchange)):
            self._failed.pop(satellite, None)

    def _take_back(self, last: _Last) -> None:
        for occasion in reversed(last.counted):
            self._habits.take_back(occasion)
        if last.counted:
            said = last.exchange.utterance.id
            self._journal.put_off([("DELETE FROM occasions WHERE utterance = ?", (said,))])

    def _place(self, utterance: Utterance) -> str:
        return self._rooms.get(utterance.satellite) or utterance.satellite


def habits_in(rows: Callable[[str], Iterable[tuple[Any, ...]]]) -> Habits:
    """Return the habits that a journal holds; `rows` returns what a query finds there."""
    return Habits(
        (one for row in rows(_OCCASIONS) if (one := _occasion(row)) is not None),
        (found for row in rows(_CAUSES) if (found := _cause(row)) is not None),
    )


_OCCASIONS: Final = (
    "SELECT at, want, property, device, settings, user, place, utterance, by_hand"
    " FROM occasions ORDER BY number"
)
_CAUSES: Final = "SELECT at, device, key, value FROM causes ORDER BY number"
_CAUSE: Final = "INSERT INTO causes (at, at_s, device, key, value) VALUES (?, ?, ?, ?, ?)"
_LESSONS: Final = "SELECT kind, phrase, meaning, user, device FROM lessons ORDER BY number"
_VERDICT: Final = "UPDATE exchanges SET well = ?, why = ?, shown_after_s = ? WHERE id = ?"
_PROPENSITY: Final = "UPDATE exchanges SET propensity = ? WHERE id = ?"
_JUDGED: Final = (
    "SELECT why, shown_after_s FROM exchanges WHERE shown_after_s IS NOT NULL ORDER BY number DESC LIMIT ?"
)
_TELLS_NOTHING: Final = frozenset([INTERRUPTED, AGAIN, DISOBEYED])
_MARK: Final = "INSERT OR REPLACE INTO marks VALUES (?, ?)"
_SPEAKING_ON: Final = tuple(
    f"speaking on, {of}" for of in ("failures", "after failures", "successes", "after successes")
)


def _surplus(table: str, kept: int) -> Statement:
    """Return what drops the oldest of a table, in the order written: a clock may have been wrong."""
    joined = "AND" if "WHERE" in table else "WHERE"
    oldest = f"SELECT number FROM {table} ORDER BY number DESC LIMIT 1 OFFSET ?"
    return f"DELETE FROM {table} {joined} number <= ({oldest})", (kept,)


def _occasion(row: tuple[Any, ...]) -> Occasion | None:
    at, want, prop, device, settings, user, place, utterance, hand = row
    try:
        command = Command(device, tuple((str(key), value) for key, value in json.loads(settings)))
        when = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return None
    return Occasion(when, want, prop, command, user, place, utterance, by_hand=bool(hand))


def _is_switch(setting: tuple[str, Held]) -> bool:
    return isinstance(setting[1], bool)


def _cause(row: tuple[Any, ...]) -> tuple[datetime, Cause] | None:
    at, device, key, value = row
    try:
        return datetime.fromisoformat(at), Cause(device, key, json.loads(value))
    except ValueError:
        return None


def _counting(occasion: Occasion) -> Statement:
    return (
        "INSERT INTO occasions"
        " (utterance, at, at_s, want, property, device, settings, user, place, by_hand)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(occasion.utterance, occasion.at.isoformat(), occasion.at.timestamp(), occasion.want),
            *(
                occasion.property,
                occasion.command.device,
                json.dumps(occasion.command.settings),
                occasion.user,
            ),
            *(occasion.place, int(occasion.by_hand)),
        ),
    )


def _keeping(lesson: Lesson, said: Utterance) -> Statement:
    return (
        "INSERT INTO lessons (at, at_s, kind, phrase, meaning, user, device, said_by, utterance)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(said.at.isoformat(), said.at.timestamp(), lesson.kind, lesson.phrase, lesson.meaning),
            *(lesson.user, lesson.device, said.user, said.id),
        ),
    )


def _dropping(lesson: Lesson) -> Statement:
    return (
        "DELETE FROM lessons WHERE (kind, phrase, meaning, user, device) = (?, ?, ?, ?, ?)",
        (lesson.kind, lesson.phrase, lesson.meaning, lesson.user, lesson.device),
    )
