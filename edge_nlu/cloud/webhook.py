"""Ask a service of one's own: the sentence goes out as `{"text": ...}`, and one of two things comes back.

`{"say": "..."}` is an answer; `{"wishes": [{"want": "raise", "property": "brightness", "room": "..."}]}` is
what was meant, in the terms of docs/ontology.md. An empty list of wishes says that it is none the wiser.
"""

from __future__ import annotations

from typing import Any

from edge_nlu.cloud.replies import MOST_FRAMES, Access, Post, Reply, Wishes, frame, json_post, spoken


class Webhook:
    """A service that may do whatever it likes with a sentence, so it is asked once, never twice."""

    repeatable = False

    def __init__(self, access: Access, wishes: Wishes) -> None:
        self._access = access
        self._wishes = wishes

    def post(self, text: str) -> Post:
        """Return the request that asks about a sentence."""
        return json_post(self._access.url, {"text": text}, self._access.token)

    def read(self, said: Any) -> Reply:
        """Return the answer, or what was meant."""
        match said:
            case {"wishes": list(wishes)} if len(wishes) <= MOST_FRAMES and all(
                isinstance(wish, dict) for wish in wishes
            ):
                return tuple(
                    frame(
                        wish.get("want"),
                        {name: of for name, of in wish.items() if name != "want"},
                        self._wishes,
                    )
                    for wish in wishes
                )
            case {"say": words}:
                return spoken(words)
        raise ValueError("neither words to say nor wishes")
