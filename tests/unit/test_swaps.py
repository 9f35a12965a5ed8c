"""Sentences with other slot values are as whole as the ones they were made from."""

import pytest

from edge_nlu.values import Example, Slot
from edge_nlu_export.swaps import swapped, values

PLAY = Example(
    "e-1",
    "en-US",
    "play halo by beyonce now",
    "play_music",
    (Slot("song_name", 5, 9, "halo"), Slot("artist_name", 13, 20, "beyonce")),
)
PLAIN = Example("e-2", "en-US", "stop", "audio_volume_mute", ())
FILLS = {"song_name": ["yesterday", "blue moon"], "artist_name": ["abba", "the strokes"]}


@pytest.mark.parametrize("seed", range(20))
def test_every_slot_is_where_it_says(seed: int) -> None:
    for example in swapped([PLAY, PLAIN], FILLS, seed, 20):
        song, artist = example.slots or ()
        assert [example.text[slot.start : slot.end] for slot in (song, artist)] == [song.value, artist.value]
        assert example.text == f"play {song.value} by {artist.value} now"
        assert (song.type, artist.type, example.intent) == ("song_name", "artist_name", "play_music")
        assert song.value in ("halo", *FILLS["song_name"])


def test_most_sentences_are_new() -> None:
    made = list(swapped([PLAY], FILLS, 1, 200))
    assert sum(example.text != PLAY.text for example in made) > 180


def test_the_same_seed_makes_the_same_sentences() -> None:
    assert list(swapped([PLAY], FILLS, 1, 20)) == list(swapped([PLAY], FILLS, 1, 20))
    assert list(swapped([PLAY], FILLS, 1, 20)) != list(swapped([PLAY], FILLS, 2, 20))


def test_sentences_without_slots_make_none() -> None:
    assert list(swapped([PLAIN], FILLS, 1, 20)) == []


def test_a_slot_that_nothing_fills_stays() -> None:
    assert {example.text for example in swapped([PLAY], {}, 1, 5)} == {PLAY.text}


def test_values_come_from_sentences_first_and_then_from_the_dictionary() -> None:
    other = Example("o", "en", "add Hey Jude", slots=(Slot("track", 4, 12, "Hey Jude"),))
    words = [("halo", "noun.04", ""), ("Oslo", "noun.15", ""), ("sister", "noun.18", "")]
    found = values([[PLAY], [other]], words)
    assert found["song_name"] == ["halo", "hey jude"]
    assert found["place_name"] == ["oslo"]
    assert "relation" not in found
