"""A whole recipe, from sentences to a pack that understands, with a teacher and a student of toy size."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from edge_nlu.errors import DataError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import score

pytestmark = pytest.mark.torch

ROOMS = ["kitchen", "hall", "attic", "garage", "study", "cellar", "porch", "den"]
SONGS = ["blue moon", "yesterday", "summertime", "thunder road", "halo", "jolene"]
CITIES = ["paris", "rome", "oslo", "lima", "cairo", "berlin"]


def sentence(rng: random.Random, number: int) -> dict[str, object]:
    kind, before, values, intent = rng.choice(
        [
            ("house_place", "turn off the lights in the ", ROOMS, "iot_hue_lightoff"),
            ("song_name", "please play ", SONGS, "play_music"),
            ("place_name", "what is the weather in ", CITIES, "weather_query"),
        ]
    )
    value = rng.choice(values)
    slot = {"start": len(before), "end": len(before) + len(value), "type": kind, "value": value}
    text = before + value + rng.choice(["", " now", " today"])
    return {"id": f"t{number}", "locale": "en-US", "text": text, "intent": intent, "slots": [slot]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "toy"
    folder.mkdir(parents=True)
    rng = random.Random(1)
    for part, count in (("train", 240), ("dev", 40)):
        with gzip.open(folder / f"{part}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(sentence(rng, number)) + "\n" for number in range(count))
    return tmp_path / "data"


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path / "teacher"
    folder.mkdir()
    letters = [prefix + letter for letter in "abcdefghijklmnopqrstuvwxyz0123456789" for prefix in ("", "##")]
    words = sorted({word for text in (*ROOMS, *SONGS, *CITIES) for word in text.split()})
    words += "turn off the lights in please play what is weather now today on lamp".split()
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *dict.fromkeys(words)]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def recipe(tmp_path: Path, teacher: Path) -> Path:
    path = tmp_path / "toy.toml"
    path.write_text(
        f"""
        name = "toy"
        [data]
        labelled = ["toy"]
        swaps = 100
        home = 300
        [teacher]
        model = "{teacher}"
        adapt = 1
        epochs = 4
        rate = 1e-3
        [student]
        pieces = 120
        buckets = 64
        embedding = 24
        width = 24
        blocks = 1
        meaning = 8
        prepare = 1
        epochs = 10
        batch = 32
        """
    )
    return path


def made(recipe: Path, data: Path, folder: Path, said: list[str], stages: tuple[str, ...] | None = None) -> Path:
    from edge_nlu_export.make import STAGES, Work, follow
    from edge_nlu_export.recipe import read_recipe

    follow(Work(read_recipe(recipe), data, folder, said.append), stages or STAGES)
    return folder / "pack"


def test_a_recipe_makes_a_pack_that_understands_and_goes_on_where_it_stopped(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    made(recipe, data, tmp_path / "work", said, ("vocabulary", "prepare", "teach"))
    pack = Pack.open(made(recipe, data, tmp_path / "work", said))
    assert [line for line in said if line.endswith("done before")] == [
        "[1/10] vocabulary: done before",
        "[2/10] prepare: done before",
        "[3/10] teach: done before",
    ]
    figures = score([data / "toy" / "dev.jsonl.gz"], Encoder(pack), pack).as_dict()
    assert figures["intent_accuracy"] > 0.9
    assert figures["slot_f1"] > 0.6
    assert (tmp_path / "work" / "card.md").read_text().startswith("# ")


def test_a_bad_line_is_named_before_anything_is_trained(recipe: Path, data: Path, tmp_path: Path) -> None:
    with gzip.open(data / "toy" / "train.jsonl.gz", "at", encoding="utf-8") as file:
        file.write('{"text": "turn", "slots": [{"start": 9, "end": 12, "type": "x"}]}\n')
    with pytest.raises(DataError, match="line 241"):
        made(recipe, data, tmp_path / "work", [])
    assert not list((tmp_path / "work").glob("*.pt"))
