"""Build a hub from its settings; nobody else knows all parts.

A part that cannot be had (a folder that is no pack, a port in use, a second hub in this state folder) is
told before anything is listened to. Whoever builds a hub runs it too: the journal is used by one thread.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from edge_nlu.errors import SettingsError, StorageError
from edge_nlu.hub.admission import Admission, leave_deadly, opened
from edge_nlu.hub.answerer import Answerer
from edge_nlu.hub.apart import apart
from edge_nlu.hub.checked import nearest, place_of
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.desk import Desk
from edge_nlu.hub.door import Door
from edge_nlu.hub.ears import Ear
from edge_nlu.hub.hands import BridgeHands
from edge_nlu.hub.inbox import Inbox
from edge_nlu.hub.inquiries import Inquiries
from edge_nlu.hub.inuse import InUse
from edge_nlu.hub.nightly import Night
from edge_nlu.hub.outside import chosen_cloud, questions
from edge_nlu.hub.parts import installed, load, pack_id
from edge_nlu.hub.records import Records
from edge_nlu.hub.reports import Reports
from edge_nlu.hub.service import ServiceManager, SystemClock
from edge_nlu.hub.settings import BridgeChoice, Settings, check_federated, path_of
from edge_nlu.hub.timed import WhileClockIsSet
from edge_nlu.hub.upkeep import Upkeep
from edge_nlu.interfaces import Bridge, Understander
from edge_nlu.learning.rules import Source
from edge_nlu.learning.sharing import Shared
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.layout import Layout
from edge_nlu.storage.meanings import Meanings
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.storage.packs import INCOMING, Packs
from edge_nlu.storage.shared import FILE as SHARED
from edge_nlu.storage.shared import read_shared
from edge_nlu.transport.broker import Transport, publishable
from edge_nlu.values import Satellite
from edge_nlu.wire.lessons import forget_lessons
from edge_nlu.wire.outgoing import share

if TYPE_CHECKING:
    from edge_nlu.hub.sharing import Sharing
    from edge_nlu.hub.teaching import Teaching
    from edge_nlu.models.encoder import Encoder

log = logging.getLogger(__name__)

JOURNAL, CONTEXT, PACKS, OUTGOING = "journal.sqlite3", "context.sqlite3", "packs", "outgoing"
# so many bad lines of a file are told one by one
TOLD = 5
_SOURCES: Mapping[str, tuple[Source, ...]] = {
    "off": (),
    "home": ("home", "cloud"),
    "shared": ("shared",),
    "both": ("home", "cloud", "shared"),
}


def assemble(
    settings: Settings,
    *,
    folder: Path | None,
    transport: Transport | None = None,
    understander: Understander | None = None,
    clock: SystemClock | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Hub:
    """Return a hub that keeps what it learns in a folder, or nothing without one."""
    check(settings)
    clock = clock or SystemClock()
    transport = transport or broker(settings)
    packs = packs_in(settings, folder) if understander is None else None
    understander = understander or reader(settings, packs)
    bridges = chosen_bridges(settings.bridges, settings.file)
    context = home(settings)
    journal, learned = kept(settings, folder)
    weights: dict[str, float] = {}
    use_pack(understander, context, journal, learned, weights)
    memory = WhileClockIsSet(learned, clock)
    hands = BridgeHands(bridges, transport, settings.limits.expiry_s)
    line = Pipeline(understander, context, memory, journal, hands, weights)
    limits = settings.limits
    desk = Desk(limits.queue, Inbox(limits.inbox_mb << 20))
    asked = questions(settings, understander, context, journal, desk, clock)
    answerer = Answerer(settings, desk, line, hands, clock, asked)
    inquiries = Inquiries(limits.inquiries_per_s, hands.inquire)
    reports = Reports(bridges, context, memory, clock, (answerer.echoes.see, inquiries.see))
    saved = folder / CONTEXT if folder is not None else None
    outgoing = folder / OUTGOING if folder is not None else None
    records = Records(journal, learned, context, saved, outgoing)
    admission = None
    if packs is not None and isinstance(understander, InUse):
        admission = admitting(settings, packs, understander, journal)
        understander.changed.append(lambda: use_pack(understander, context, journal, learned, weights))
        records.admission = admission
    door = Door(folder, desk, records.answer)
    told = (
        sharing(settings, folder, journal, learned, context, understander),
        teaching(settings, folder, journal, understander),
    )
    tells = [one.tell for one in told if one is not None]
    if outgoing is not None and tells:
        _share(outgoing, settings)
    night = Night(journal, learned, context, understander, clock, _rooms(settings), tells, apart)
    upkeep = Upkeep(settings, context, journal, inquiries, clock, saved, door, admission, night)
    return Hub(
        transport, desk, reports, answerer, upkeep, ears(settings, transport), ServiceManager(environment)
    )


def kept(settings: Settings, folder: Path | None) -> tuple[SqliteJournal, HomeMemory]:
    """Return the journal in a folder, or in memory without one, and what was learned."""
    path = folder / JOURNAL if folder is not None else None
    journal = SqliteJournal(path, largest_mb=settings.journal.size_mb)
    shared = _shared(folder) if folder is not None else []
    memory = HomeMemory(
        *(journal, _rooms(settings)),
        hints=settings.learning.hints,
        questions=settings.learning.questions,
        shared=shared,
        sources=_SOURCES[settings.learning.wordings],
    )
    return journal, memory


def _shared(folder: Path) -> list[Shared]:
    """Return the rewordings of other homes that lie in a folder, and tell what is wrong with others."""
    shared, wrong = read_shared(folder / SHARED)
    for error in wrong[:TOLD]:
        log.warning("%s", error)
    return shared


def _rooms(settings: Settings) -> dict[str, str]:
    """Return which room each satellite stands in."""
    return {one.id: one.room for one in settings.home.satellites}


def check(settings: Settings) -> None:
    """Raise a `SettingsError` for what only shows when settings are looked at together."""
    base = settings.mqtt.base
    if not publishable(base) or base.strip("/ ") != base:
        place = place_of(settings.file, ("mqtt", "base"))
        raise SettingsError(place, repr(base), "the beginning of a topic, as edge-nlu, without + or #")
    if settings.mqtt.tls.on:
        for name in ("ca", "cert", "key"):
            file = getattr(settings.mqtt.tls, name)
            if file and not path_of(file).is_file():
                raise SettingsError(place_of(settings.file, ("mqtt", "tls", name)), repr(file), "a file")
    chosen_bridges(settings.bridges, settings.file)
    if settings.board:
        _session_options(settings.board)
    settings.password()
    check_federated(settings)
    if settings.cloud.backend:
        chosen_cloud(settings)


def chosen_bridges(chosen: Mapping[str, BridgeChoice], file: str = "") -> list[Bridge]:
    """Return a bridge for each base topic of every convention that is installed and not switched off."""
    known = installed()
    for name in chosen:
        if name not in known:
            place = place_of(file, ("bridges", name))
            raise SettingsError(place, "a convention that no bridge speaks", nearest(name, known))
    made: list[Bridge] = []
    for name, where in known.items():
        choice = chosen.get(name, BridgeChoice())
        if choice.on:
            bridge = load(where)
            try:
                made += [bridge(base) for base in choice.bases] or [bridge()]
            except TypeError as error:
                place = place_of(file, ("bridges", name))
                raise SettingsError(
                    place, "a base topic", "true or false: it finds its topics itself"
                ) from error
    for one in made:
        if isinstance(one, Yielding):
            one.leave_to_others(
                base for name, choice in chosen.items() if name != one.name for base in choice.bases
            )
    return made


@runtime_checkable
class Yielding(Protocol):
    """A bridge that is told of devices to which others speak directly, and leaves them to those."""

    name: str

    def leave_to_others(self, bases: Iterable[str]) -> None:
        """Leave devices that tell under these topics to others."""
        ...


def home(settings: Settings) -> HomeContext:
    """Return the home as the settings describe it, still without devices."""
    own = path_of(settings.profiles) if settings.profiles else None
    return HomeContext(appliance_profiles(own), with_rooms_as_satellites(settings.home))


def with_rooms_as_satellites(layout: Layout) -> Layout:
    """Return a layout in which a satellite that is called like a room stands in it.

    In Hermes a site is a room as a rule, and there it need not be said twice.
    """
    known = {satellite.id for satellite in layout.satellites}
    rooms = (*layout.rooms, *(one.room for one in layout.satellites))
    more = tuple(Satellite(room, room) for room in dict.fromkeys(rooms) if room and room not in known)
    return replace(layout, satellites=(*layout.satellites, *more))


def broker(settings: Settings, *, silently: bool = False) -> Transport:
    """Return the connection to the broker, not yet made; a silent one does not say that the hub is there."""
    from edge_nlu.transport.paho import Access, PahoTransport

    mqtt = settings.mqtt
    tls = {
        name: str(path_of(file)) if (file := getattr(mqtt.tls, name)) else ""
        for name in ("ca", "cert", "key")
    }
    return PahoTransport(
        Access(
            host=mqtt.host,
            port=mqtt.port,
            user=mqtt.user,
            password=settings.password(),
            client_id=mqtt.client_id or f"{mqtt.base}-{socket.gethostname()}",
            protocol=mqtt.protocol,
            keepalive_s=mqtt.keepalive_s,
            status="" if silently else f"{mqtt.base}/status",
            tls=mqtt.tls.on,
            largest_bytes=settings.limits.message_mb << 20,
            **tls,
        )
    )


def use_pack(
    understander: Understander,
    context: HomeContext,
    journal: SqliteJournal,
    learned: HomeMemory,
    weights: dict[str, float],
) -> None:
    """Let all that goes by the model's numbers begin anew with the pack that is read with now."""
    from edge_nlu.models.heads import head_of, weights_of
    from edge_nlu.models.ranker import ranker_of

    context.meanings = Meanings(lambda text: understander.understand(text).embedding)
    journal.pack = pack_id(understander)
    learned.read_with(ranker_of(understander), head_of(understander))
    weights.clear()
    weights.update(weights_of(understander))
    pack = getattr(understander, "pack", None)
    learned.wordings.lend(_shared(pack.folder) if pack is not None else ())


def packs_in(settings: Settings, folder: Path | None) -> Packs | None:
    """Return the packs of a hub; one that is told which pack to use, or keeps nothing, takes in no other."""
    return Packs(folder / PACKS) if folder is not None and not settings.pack else None


def reader(settings: Settings, packs: Packs | None = None) -> Understander:
    """Return the pack in use, or that of the settings, opened as is best on its board."""
    if packs is None:
        return _opening(settings)(path_of(settings.pack) if settings.pack else _comes_along())
    try:
        leave_deadly(packs)
    except OSError as error:
        log.warning("%s: cannot be written (%s); the hub starts all the same", packs.folder, error)
    return InUse(opened(packs, _opening(settings), _comes_along()))


def sharing(
    settings: Settings,
    folder: Path | None,
    journal: SqliteJournal,
    learned: HomeMemory,
    context: HomeContext,
    understander: Understander,
) -> Sharing | None:
    """Return who tells a fleet what this home has learned; nobody, unless the settings say so."""
    chosen = settings.sync
    if folder is None or not chosen.tells_a_fleet:
        return None
    from edge_nlu.hub.sharing import Sharing

    return Sharing(
        *(journal, learned.wordings, context, understander, folder / OUTGOING),
        private=settings.cloud.private,
        wordings=chosen.wordings,
        weeks=chosen.weeks,
    )


def teaching(
    settings: Settings, folder: Path | None, journal: SqliteJournal, understander: Understander
) -> Teaching | None:
    """Return who puts down what a fleet's heads may be trained with; nobody, unless the settings say so."""
    if folder is None:
        return None
    chosen = settings.sync.federated
    if not chosen.server:
        # what was put down for a fleet that is no longer named goes at once
        forget_lessons(folder / OUTGOING)
        return None
    from edge_nlu.hub.teaching import Teaching

    keep = timedelta(days=chosen.keep_days)
    return Teaching(journal, understander, folder / OUTGOING, chosen.heads, keep)


def _share(outgoing: Path, settings: Settings) -> None:
    """Let sync take what is handed out; a hub that may not do that does the rest all the same."""
    try:
        share(outgoing, settings.sync_folder())
    except StorageError as error:
        log.warning("%s", error)


def admitting(settings: Settings, packs: Packs, in_use: InUse, journal: SqliteJournal) -> Admission:
    """Return who takes in packs."""
    return Admission(
        packs,
        settings.sync_folder() / INCOMING,
        in_use,
        journal,
        _opening(settings),
        _comes_along(),
        board=settings.board,
        trial_turns=settings.sync.trial_turns,
    )


def _comes_along() -> Path:
    from edge_nlu.models.pack import Pack

    return Pack.default_path()


def _opening(settings: Settings) -> Callable[[Path], Encoder]:
    """Return how packs are opened."""
    from edge_nlu.models.encoder import Encoder, Session
    from edge_nlu.models.heads import check_heads
    from edge_nlu.models.pack import Pack

    session = Session(**_session_options(settings.board)) if settings.board else Session()

    def opened_in(folder: Path) -> Encoder:
        encoder = Encoder(Pack.open(folder), session)
        # what else is read from a pack, and could be of another version
        check_heads(encoder)
        return encoder

    return opened_in


def _session_options(board: str) -> dict[str, Any]:
    """Return how a pack is best opened on a board; a hub that names none carries no hub profiles."""
    from edge_nlu.storage.profiles import hub_profile

    best = hub_profile(board).session
    return {option.name: getattr(best, option.name).value for option in fields(best)}


def ears(settings: Settings, transport: Transport) -> list[Ear]:
    """Return the ears that are on."""
    chosen: list[Ear] = []
    if settings.ears.hermes.on:
        from edge_nlu.hub.ears.hermes import HermesEar

        hermes = settings.ears.hermes
        chosen.append(HermesEar(transport, handles=hermes.role == "handler", sites=hermes.sites))
    if settings.ears.wyoming.on:
        from edge_nlu.hub.ears.wyoming import WyomingEar

        wyoming = settings.ears.wyoming
        chosen.append(
            WyomingEar(
                wyoming.host,
                wyoming.port,
                satellites=[one.id for one in settings.home.satellites],
                most=settings.limits.connections,
                wait_s=settings.limits.wait_s,
            )
        )
    if settings.ears.mqtt.on:
        from edge_nlu.hub.ears.mqtt import MqttEar

        taken = tuple(topic for ear in chosen for topic in ear.topics())
        chosen.append(MqttEar(settings.mqtt.base, transport, taken))
    return chosen
