"""Send items to an inbox somewhere, which says for each when it has it.

An item goes out by `POST` under its key (`Idempotency-Key`). The inbox answers with a status below 300 once
the item is in its hands, also when it knew the key already; anything else leaves the item where it is. The
inbox of a fleet is shown a certificate, and has to have one of the fleet's own.
"""

from __future__ import annotations

from typing import Final

import urllib3

from edge_nlu.errors import UnreachableError
from edge_nlu.sync.choices import Shown
from edge_nlu.wire.outgoing import Item

_TIMEOUT: Final = urllib3.Timeout(connect=10.0, read=30.0)


class Inbox:
    """An inbox at an address; a fleet's is `shown` who this is."""

    def __init__(self, url: str, shown: Shown | None = None) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(
            *(1, None),
            maxsize=1,
            timeout=_TIMEOUT,
            retries=False,
            ca_certs=str(shown.ca) if shown else None,
            cert_file=str(shown.certificate) if shown else None,
            key_file=str(shown.key) if shown else None,
        )

    def send(self, item: Item) -> None:
        """Send an item, and return when the inbox has it; raise `UnreachableError` where it has not."""
        headers = {"Idempotency-Key": item.key, "Edge-Nlu-Kind": item.kind}
        try:
            answer = self._pool.request("POST", self._url, body=item.body, headers=headers, redirect=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UnreachableError(self._url, type(error).__name__) from error
        if answer.status >= 300:
            raise UnreachableError(self._url, f"status {answer.status}")
