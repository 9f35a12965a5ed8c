"""Ask Home Assistant's conversation agent: `POST /api/conversation/process`.

It answers in words, and may do things in its own home by itself: that is between it and its owner. So it is
asked once, never twice.
"""

from __future__ import annotations

from typing import Any

from edge_nlu.cloud.replies import Access, Post, Reply, Wishes, json_post, spoken


class HomeAssistant:
    """Home Assistant; `model` names one of its agents, else its own choice answers."""

    repeatable = False

    def __init__(self, access: Access, wishes: Wishes) -> None:  # noqa: ARG002 - it reads in its own terms
        base = access.url.rstrip("/").removesuffix("/api")
        self._url = f"{base}/api/conversation/process"
        self._token = access.token
        self._agent = access.model

    def post(self, text: str) -> Post:
        """Return the request that asks about a sentence."""
        agent = {"agent_id": self._agent} if self._agent else {}
        return json_post(self._url, {"text": text, "language": "en", **agent}, self._token)

    def read(self, said: Any) -> Reply:
        """Return the words of the answer; one that says it did not understand is none."""
        match said:
            case {"response": {"response_type": "error"}}:
                return ()
            case {
                "response": {
                    "response_type": "action_done" | "query_answer",
                    "speech": {"plain": {"speech": words}},
                }
            }:
                return spoken(words)
        raise ValueError("no answer of a conversation")
