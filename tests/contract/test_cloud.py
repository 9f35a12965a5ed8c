"""What every installed cloud keeps to, whatever it is told."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.cloud.replies import LONGEST_ANSWER, LONGEST_WORDS, MOST_FRAMES, SLOTS, Access, Cloud, Spoken
from edge_nlu.hub.parts import CLOUDS, installed, load

WISHES = {"on": ("power", "swing"), "raise": ("brightness",), "unlock": ("lock",)}
ACCESS = Access("https://models.example/v1", "secret-token", "small")
NAMES = sorted(installed(group=CLOUDS))

words = st.text(max_size=20) | st.sampled_from(
    [*WISHES, *SLOTS, "power", "unsaid", "say", "wishes", "query_answer"]
)
OF_CHATS = ("choices", "message", "content", "tool_calls", "function", "name", "arguments")
OF_OTHERS = ("response", "response_type", "speech", "plain", "say", "wishes", "want", "property", "device")
keys = st.sampled_from((*OF_CHATS, *OF_OTHERS))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | words, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(params=NAMES)
def cloud(request: pytest.FixtureRequest) -> Cloud:
    made: Cloud = load(installed(group=CLOUDS)[request.param])(ACCESS, WISHES)
    return made


def test_it_is_found_as_it_is_installed() -> None:
    entries = metadata.entry_points(group=CLOUDS)
    assert installed(group=CLOUDS) == {entry.name: entry.value for entry in sorted(entries)}
    assert {"openai", "homeassistant", "webhook"} <= set(NAMES)


def test_a_sentence_goes_to_the_named_place_and_the_token_stays_out_of_it(cloud: Cloud) -> None:
    post = cloud.post("how tall is <PERSON_1>")
    assert urlsplit(post.url).netloc == "models.example"
    assert "how tall is <PERSON_1>" in json.dumps(json.loads(post.body), ensure_ascii=False)
    assert "secret-token" not in post.url + post.body.decode()
    assert post.headers["Authorization"] == "Bearer secret-token"
    assert post.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("name", NAMES)
@given(said=anything)
def test_whatever_comes_back_is_an_answer_or_refused(name: str, said: Any) -> None:
    cloud = load(installed(group=CLOUDS)[name])(ACCESS, WISHES)
    for told in (said, {"choices": [{"message": said}]}, {"wishes": [said]}, {"response": said}):
        try:
            reply = cloud.read(told)
        except ValueError:
            continue
        if isinstance(reply, Spoken):
            assert 0 < len(reply.say) <= LONGEST_ANSWER + 3
            continue
        assert len(reply) <= MOST_FRAMES
        for frame in reply:
            assert frame.want in WISHES
            assert frame.property in (*WISHES[frame.want], "unsaid")
            assert set(frame.slots) <= set(SLOTS)
            assert all(0 < len(words) <= LONGEST_WORDS for words in frame.slots.values())
