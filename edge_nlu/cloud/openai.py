"""Ask a language model behind an OpenAI-compatible endpoint: `POST .../v1/chat/completions`, with tools.

Each want of the ontology is a function that the model may call, its slots a JSON schema. A model that calls
none answers in words. Whatever it calls that was not offered is refused.
"""

from __future__ import annotations

import json
from typing import Any, Final

from edge_nlu.cloud.replies import (
    EVERYWHERE,
    FILLING,
    MOST_FRAMES,
    SLOTS,
    Access,
    Post,
    Reply,
    Wishes,
    frame,
    json_post,
    spoken,
)

INSTRUCTION: Final = (
    "You help a home hub that did not understand a sentence. If the sentence wishes for something that a home"
    " hub can do, call one function for each wish, filled with words of the sentence. A hint is a wish:"
    " 'it is like a cave in here' wants more brightness. Otherwise answer it in one or two short"
    " sentences to be read out, without lists or markup. Names and numbers stand as <PERSON_1>, <ROOM_1>,"
    " <NUMBER_1> and the like: use them as they are. You cannot do anything yourself, so never say you did."
    " What functions are filled with: "
    + "; ".join(f"{name} is {about}" for name, about in SLOTS.items())
    + "."
)
LONGEST_TOKENS: Final = 200

_ABOUT: Final = {
    "on": "switch a thing or a function on",
    "off": "switch a thing or a function off",
    "set": "bring a property to a named value, mode, colour or source",
    "raise": "more of a property, no target named: brighter, warmer, louder, fresher air",
    "lower": "less of a property, no target named",
    "start": "let a machine begin its work",
    "ask": "tell the state of something at home",
    "find": "tell where a thing is, or let it ring",
    "dock": "send a robot home",
    "remove": "delete an alarm or a timer",
}


class OpenAI:
    """A chat endpoint with functions; the URL is the one that ends in `/v1`, or that of the endpoint."""

    repeatable = True

    def __init__(self, access: Access, wishes: Wishes) -> None:
        base = access.url.rstrip("/")
        self._url = base if base.endswith("/chat/completions") else f"{base}/chat/completions"
        self._token = access.token
        self._model = access.model
        self._wishes = wishes
        self._tools = [_tool(want, properties) for want, properties in wishes.items()]

    def post(self, text: str) -> Post:
        """Return the request that asks about a sentence."""
        asked: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}],
            "temperature": 0,
            "max_tokens": LONGEST_TOKENS,
        }
        if self._tools:
            asked |= {"tools": self._tools, "tool_choice": "auto"}
        return json_post(self._url, asked, self._token)

    def read(self, said: Any) -> Reply:
        """Return the functions that were called, as readings, or the words of the answer."""
        match said:
            case {"choices": [{"message": {"tool_calls": [_, *_] as calls}}, *_]}:
                if len(calls) > MOST_FRAMES:
                    raise ValueError(f"{len(calls)} functions called at once")
                return tuple(frame(*_called(call), self._wishes) for call in calls)
            case {"choices": [{"message": {"content": content}}, *_]}:
                return spoken(content)
        raise ValueError("no chat completion")


def _called(call: Any) -> tuple[Any, Any]:
    match call:
        case {"function": {"name": name, "arguments": str(arguments)}}:
            return name, json.loads(arguments or "{}")
        # some servers have unpacked them already
        case {"function": {"name": name, "arguments": dict(arguments)}}:
            return name, arguments
    raise ValueError("a function call without a name or arguments")


def _tool(want: str, properties: Any) -> dict[str, Any]:
    """Return a function for one want."""
    filled: dict[str, Any] = {name: {"type": "string"} for name in (*EVERYWHERE, *FILLING.get(want, ()))}
    filled["property"] = {"type": "string", "enum": list(dict.fromkeys([*properties, "unsaid"]))}
    return {
        "type": "function",
        "function": {
            "name": want,
            "description": _ABOUT.get(want, want),
            "parameters": {
                "type": "object",
                "properties": filled,
                "required": ["property"],
                "additionalProperties": False,
            },
        },
    }
