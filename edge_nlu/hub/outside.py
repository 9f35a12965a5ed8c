"""Build the way to somebody outside from the settings; only a hub that has one loads what it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from edge_nlu.errors import SettingsError
from edge_nlu.hub.checked import nearest, place_of
from edge_nlu.hub.desk import Desk
from edge_nlu.hub.parts import CLOUDS, installed, load
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Settings
from edge_nlu.interfaces import Context, Understander
from edge_nlu.storage.journal import SqliteJournal

if TYPE_CHECKING:
    from edge_nlu.hub.questions import Questions


def questions(
    settings: Settings,
    understander: Understander,
    context: Context,
    journal: SqliteJournal,
    desk: Desk,
    clock: SystemClock,
) -> Questions | None:
    """Return the way to the cloud of the settings; none where nobody is to be asked."""
    chosen = settings.cloud
    if not chosen.backend:
        return None
    from edge_nlu.cloud.asking import Asker, Patience
    from edge_nlu.cloud.meant import offered
    from edge_nlu.cloud.replies import Access
    from edge_nlu.hub.questions import Questions

    labels = getattr(getattr(understander, "pack", None), "labels", None)
    wishes = offered(labels.wishes) if labels is not None else {}
    cloud = chosen_cloud(settings)(Access(chosen.url, settings.token(), chosen.model), wishes)
    asker = Asker(cloud, Patience(chosen.connect_s, chosen.first_byte_s, chosen.deadline_s))
    private = chosen.private if chosen.mask else None
    return Questions(chosen.backend, cloud, asker, private, understander, context, journal, desk, clock)


def chosen_cloud(settings: Settings) -> Callable[..., Any]:
    """Return the backend of the settings; raise a `SettingsError` where it cannot be used."""
    chosen, known = settings.cloud, installed(group=CLOUDS)
    if chosen.backend not in known:
        place = place_of(settings.file, ("cloud", "backend"))
        raise SettingsError(place, repr(chosen.backend), nearest(chosen.backend, known))
    address = urlsplit(chosen.url)
    if address.scheme not in ("http", "https") or not address.hostname:
        place = place_of(settings.file, ("cloud", "url"))
        raise SettingsError(place, repr(chosen.url), "an address, as https://models.example/v1")
    settings.token()
    return load(known[chosen.backend])
