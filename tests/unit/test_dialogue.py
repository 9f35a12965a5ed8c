"""A day is read as dialogues from what a hub sees: which wish, what was said anew, what went wrong."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from edge_nlu.errors import PackForeignError
from edge_nlu.learning.dialogue import PAUSE, Moved, Place, Turn, feature_names, runs_of
from edge_nlu.learning.goals import CORRECT
from edge_nlu.learning.hearing import SOUNDS_LIKE, Vocabulary, change, sounds_like, words_of
from edge_nlu.learning.verdicts import ANEW, FINE
from edge_nlu.models.dialogue import DIALOGUE, DialogueModel, packed, unpacked
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import MANIFEST, Pack
from edge_nlu.values import (
    Act,
    Answer,
    Candidate,
    Clause,
    Command,
    Decision,
    Exchange,
    Outcome,
    Slot,
    Understanding,
    Utterance,
    Wish,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAMP, FAN = "zigbee2mqtt/hall_wall_light", "zigbee2mqtt/hall_fan"
PLACE = Place({LAMP: "wall light", FAN: "fan"}, {LAMP: "hall", FAN: "hall", "panel": "hall"})
ON, OFF = Command(LAMP, (("state", True),)), Command(LAMP, (("state", False),))
NOT_KNOWN = Answer("I know no sconce here.")


def act(command: Command = ON) -> Act:
    return Act((Candidate(Wish("on", "power"), (command.device,), (command,), 1.0),), (command,), "It is on.")


def said(
    text: str, after_s: float, decision: Decision, why: str = FINE, thing: str = "", satellite: str = "panel"
) -> Turn:
    at = text.find(thing)
    slots = (Slot("device", at, at + len(thing), thing),) if thing else ()
    want = "off" if " off" in text else "on"
    read = Understanding(text, (), 1.0, slots, (Clause(0, len(text), want, "power", slots),))
    utterance = Utterance(f"{text} {after_s}", text, NOON + timedelta(seconds=after_s), satellite)
    told = decision.commands if isinstance(decision, Act) else ()
    before = tuple(Command(one.device, tuple((key, not held) for key, held in one.settings)) for one in told)
    ranked = decision.candidates if isinstance(decision, Act | Answer) else ()
    exchange = Exchange(utterance, read, decision, Outcome(), before, ranked)
    return Turn(exchange, why, vector(text))


def vector(text: str) -> np.ndarray:
    return np.frombuffer(ENCODER.understand(text).embedding, "<f4")


ENCODER = Encoder(Pack.open(Pack.default_path()))
FAILED = said("switch on the sconce", 0, NOT_KNOWN, ANEW, "sconce")
WORKED = said("switch on the hall wall light", 9, act(), FINE, "wall light")
LIT = Moved(NOON.timestamp() + 9.2, LAMP, "state", True)


def numbers(turns: list[Turn], moved: tuple[Moved, ...] = (), at: int = 0) -> dict[str, float]:
    """Return the numbers of a sentence in the run of the first one."""
    run = next(iter(runs_of(turns, moved, PLACE)))
    return dict(zip(feature_names()[0], run.each[at].tolist(), strict=True))


# ------------------------------------------------------------------------------------- what is heard


def test_a_word_heard_wrong_sounds_like_the_one_that_was_said() -> None:
    assert sounds_like("light", "like") > SOUNDS_LIKE > sounds_like("light", "fan")
    heard = change(words_of("turn on the like"), words_of("turn on the light"))
    assert (heard.kept, heard.swapped) == (0.75, 0.25)
    assert heard.alike > SOUNDS_LIKE
    assert change(words_of("turn on the sconce"), words_of("turn on the lamp")).alike < SOUNDS_LIKE


def test_what_a_home_says_every_day_tells_which_word_does_not_fit() -> None:
    daily = [words_of(f"turn {how} the {room} light") for how in ("on", "off") for room in ("hall", "attic")]
    odd = words_of("turn on the hall like")
    vocabulary = Vocabulary([*daily, odd], ["hall light"])
    assert vocabulary.usual(odd).mended > vocabulary.usual(daily[0]).mended == 0.0
    assert vocabulary.usual(odd).unknown == 0.2
    assert vocabulary.usual(daily[0]).unknown == 0.0
    assert vocabulary.usual(()).words == 0.0


# ------------------------------------------------------------------------------------------ in numbers


def test_a_run_ends_with_a_long_pause_and_at_its_satellite() -> None:
    late = said("turn on the fan", 9 + PAUSE.total_seconds() + 1, act())
    elsewhere = said("turn on the fan", 5, act(), satellite="other")
    runs = list(runs_of([FAILED, elsewhere, WORKED, late], (), PLACE))
    assert {run.turns for run in runs} == {(0, 2), (1,), (3,)}
    for run in runs:
        count = len(run.turns)
        assert run.each.shape == (count, len(feature_names()[0]))
        assert run.pairs.shape == (count, count, len(feature_names()[1]))


def test_no_name_and_no_id_is_among_the_numbers() -> None:
    def renamed(turn: Turn) -> Turn:
        told = turn.exchange.utterance
        whose = replace(told, id=told.id[::-1], satellite="other")
        return replace(turn, exchange=replace(turn.exchange, utterance=whose))

    place = replace(PLACE, rooms={**PLACE.rooms, "other": "hall"})
    [run] = runs_of([FAILED, WORKED], (LIT,), place)
    [other] = runs_of([renamed(FAILED), renamed(WORKED)], (LIT,), place)
    assert np.array_equal(run.each, other.each)
    assert np.array_equal(run.pairs, other.pairs)


def test_a_device_that_does_not_answer_and_a_hand_at_the_switch_show() -> None:
    assert numbers([FAILED, WORKED], (LIT,), at=1)["no echo"] == 0.0
    assert numbers([FAILED, WORKED], (), at=1)["no echo"] == 1.0
    by_hand = Moved(WORKED.at_s + 30, LAMP, "state", False)
    shown = numbers([WORKED], (LIT, by_hand))
    assert (shown["hand"], shown["hand back"]) == (1.0, 1.0)
    assert numbers([WORKED], (LIT,))["hand"] == 0.0


# ------------------------------------------------------------------------------------------ the model


def test_a_wish_said_anew_is_one_wish_and_another_is_another() -> None:
    model = DialogueModel.open(Pack.open(Pack.default_path()))
    assert model is not None
    usual = [said(f"switch o{how} the fan", 9000 + 900 * at, act(Command(FAN, (("state", how == "n"),))))
             for at, how in enumerate(("n", "ff", "n", "ff"))]  # fmt: skip
    moved = (LIT, *(Moved(turn.at_s + 1, FAN, "state", at % 2 == 0) for at, turn in enumerate(usual)))
    failed, worked, *others = model.read([FAILED, WORKED, *usual], moved, PLACE)
    assert (failed.goal, failed.rephrased) == (0, 1)
    assert (worked.goal, worked.rephrased) == (0, None)
    assert failed.reached > 0.5 < worked.worked
    assert (failed.failure, worked.failure) == ("thing not found", CORRECT)
    assert [one.goal for one in others] == [2, 3, 4, 5]


def test_a_pack_without_a_model_reads_no_days(tmp_path: Path) -> None:
    pack = Path(copytree(Pack.default_path(), tmp_path / "pack"))
    manifest = json.loads((pack / MANIFEST).read_text())
    del manifest["files"][DIALOGUE]
    (pack / MANIFEST).write_text(json.dumps(manifest))
    assert DialogueModel.open(Pack.open(pack)) is None


def test_a_model_with_other_numbers_is_refused(tmp_path: Path) -> None:
    pack = Pack.open(Path(copytree(Pack.default_path(), tmp_path / "pack")))
    with np.load(pack.folder / DIALOGUE) as file:
        stored = dict(file)
    stored["names.each"] = np.array([*stored["names.each"][1:], "zodiac"])
    written = io.BytesIO()
    np.savez(written, **stored)
    (pack.folder / DIALOGUE).write_bytes(written.getvalue())
    with pytest.raises(PackForeignError, match=r"other features \(act, zodiac\)"):
        DialogueModel.open(pack)


def test_weights_as_bytes_are_nearly_the_same() -> None:
    weights = {"in.w": np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32), "in.b": np.ones(5)}
    back = unpacked(packed(weights))
    assert back.keys() == weights.keys()
    assert np.abs(back["in.w"] - weights["in.w"]).max() < 0.02
    assert packed(weights)["in.w"].dtype == np.int8
