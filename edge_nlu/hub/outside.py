"""Build the way to somebody outside from the settings; only a hub that has one loads what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from edge_nlu.errors import SettingsError
from edge_nlu.hub.checked import nearest, place_of
from edge_nlu.hub.desk import Desk
from edge_nlu.hub.parts import CLOUDS, installed, load
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Settings, path_of
from edge_nlu.interfaces import Context, Understander
from edge_nlu.storage.journal import SqliteJournal

if TYPE_CHECKING:
    from edge_nlu.hub.questions import Questions

_NAMED_AT_HOME: Final = (".local", ".lan", ".home", ".home.arpa", ".internal")
_ADDRESS_AT_HOME: Final = re.compile(r"(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.")


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
    return Questions(chosen.backend, asker, private, understander, context, journal, desk, clock)


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


def oddities(settings: Settings) -> Iterator[str]:
    """Yield what can be used but is hardly meant."""
    cloud, address = settings.cloud, urlsplit(settings.cloud.url)
    host = address.hostname or ""
    if cloud.url and not cloud.backend:
        yield "there is a cloud.url, but no cloud.backend, so nobody is asked"
    if cloud.backend and not _is_at_home(host) and address.scheme == "http":
        yield f"cloud.url goes to {host} unencrypted; https://... keeps others from reading along"
    if cloud.backend and not _is_at_home(host) and not cloud.mask:
        yield f"cloud.mask is false, so names and numbers leave the house, to {host}"
    if cloud.token_file and path_of(cloud.token_file).stat().st_mode & 0o077:
        yield f"{cloud.token_file} can be read by others on this machine; chmod 600 it"


def _is_at_home(host: str) -> bool:
    """Return whether a host is one of this house: a plain name, one of its network, or such an address."""
    named = "." not in host or host.endswith(_NAMED_AT_HOME)
    return named or _ADDRESS_AT_HOME.match(host) is not None
