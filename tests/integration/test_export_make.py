"""A whole recipe, from sentences to a pack that understands, with a teacher and a student of toy size."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import DataError, EdgeNluError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import score

pytestmark = pytest.mark.torch

ROOMS = ["kitchen", "hall", "attic", "garage", "study", "cellar", "porch", "den"]
SONGS = ["blue moon", "yesterday", "summertime", "thunder road", "halo", "jolene"]
FRAMES = ["turn off the lights in the", "please play", "what is the weather in", "now", "today"]
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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "toy"
    folder.mkdir()
    rng = random.Random(1)
    for part, count in (("train", 240), ("dev", 40)):
        with gzip.open(folder / f"{part}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(sentence(rng, number)) + "\n" for number in range(count))
    return folder.parent


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.set_num_threads(1)  # more would wait for each other longer than such small models take
    folder = tmp_path_factory.mktemp("teacher")
    letters = [prefix + letter for letter in "abcdefghijklmnopqrstuvwxyz0123456789" for prefix in ("", "##")]
    words = sorted({word for text in (*ROOMS, *SONGS, *CITIES) for word in text.split()})
    words += [word for text in FRAMES for word in text.split()]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *dict.fromkeys(words)]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
    )
    torch.manual_seed(1)
    BertModel(config).save_pretrained(folder)
    return folder


LEARNING = ("vocabulary", "prepare", "teach", "label", "tutor", "attune", "meanings", "distil")
STUDENT = """
[student]
pieces = 120
buckets = 64
embedding = 24
width = 24
blocks = 1
meaning = 8
batch = 32
epochs = 10
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, teacher: Path) -> Path:
    path = tmp_path_factory.mktemp("recipes") / "toy.toml"
    teaching = f'[teacher]\nmodel = "{teacher}"\nadapt = 1\nepochs = 4\nrate = 1e-3\n'
    path.write_text(
        f'name = "toy"\n[data]\nlabelled = ["toy"]\nswaps = 100\n{teaching}{STUDENT}prepare = 1\nembed = 1\n'
    )
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, teacher: Path) -> Path:
    """A recipe whose student learns without a teacher, so that little comes before it."""
    path = tmp_path_factory.mktemp("recipes") / "alone.toml"
    teaching = f'[teacher]\nmodel = "{teacher}"\nseeds = []\n'
    path.write_text(
        f'name = "alone"\n[data]\nlabelled = ["toy"]\nswaps = 0\n{teaching}{STUDENT}prepare = 0\n'
    )
    return path


def all_stages() -> tuple[str, ...]:
    from edge_nlu_export.make import STAGES

    return STAGES


def follow(recipe: Path, data: Path, folder: Path, stages: tuple[str, ...]) -> list[str]:
    """Run the stages, and return what was said."""
    from edge_nlu_export import make
    from edge_nlu_export.recipe import read_recipe

    said: list[str] = []
    make.follow(make.Work(read_recipe(recipe), recipe, data, folder, said.append), stages)
    return said


def weights(folder: Path) -> dict[str, Any]:
    import torch

    return dict(torch.load(folder / "student.pt", weights_only=True))


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all(bool((left[name] == right[name]).all()) for name in left)


@pytest.fixture(scope="module")
def unbroken(alone: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The weights of a student whose training nothing disturbed."""
    folder = tmp_path_factory.mktemp("unbroken")
    follow(alone, data, folder, LEARNING)
    return weights(folder)


def test_a_recipe_makes_a_pack_that_understands_and_goes_on_where_it_stopped(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    follow(recipe, data, tmp_path, LEARNING[:3])
    said = follow(recipe, data, tmp_path, all_stages())
    assert [line for line in said if line.endswith("done before")] == [
        "[1/14] vocabulary: done before",
        "[2/14] prepare: done before",
        "[3/14] teach: done before",
    ]
    pack = Pack.open(tmp_path / "pack")
    figures = score([data / "toy" / "dev.jsonl.gz"], Encoder(pack), pack).as_dict()
    assert figures["intent_accuracy"] > 0.9
    assert figures["slot_f1"] > 0.6
    assert (tmp_path / "card.md").read_text().startswith(f"# {pack.id}")


def test_a_student_that_nothing_prepared_follows_its_teachers(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    unprepared = tmp_path / "unprepared.toml"
    unprepared.write_text(recipe.read_text().replace("prepare = 1", "prepare = 0\nplain = 20"))
    follow(unprepared, data, tmp_path / "work", LEARNING)
    assert weights(tmp_path / "work")


def test_attuning_brings_together_what_means_the_same(teacher: Path, tmp_path: Path) -> None:
    import numpy as np

    from edge_nlu_export.attune import attune
    from edge_nlu_export.likeness import Alike
    from edge_nlu_export.meaning import Meaning
    from edge_nlu_export.slips import Slips
    from edge_nlu_export.train import Schedule

    pairs = [Alike(("turn", "off", "the", room), ("now", "in", "the", room), (room,)) for room in ROOMS]
    texts = [(city,) for city in CITIES]
    meaning = Meaning(str(teacher))

    def apart() -> float:
        """Return by how much the right partner is nearer than the others are on average."""
        said, meant = (
            np.stack(meaning.of([getattr(pair, side) for pair in pairs])[0]).astype(np.float32)
            for side in ("said", "meant")
        )
        near = said @ meant.T
        return float(near.diagonal().mean() - near.mean())

    before = apart()
    attune(meaning, {"rooms": pairs}, texts, Slips(0, 0), Schedule(1, 1, 3e-3), 1, tmp_path, lambda _: None)
    assert apart() > 2 * before


def test_a_student_follows_a_tutor(teacher: Path, data: Path, tmp_path: Path) -> None:
    import torch

    from edge_nlu_export import stages
    from edge_nlu_export.distil import tutor_loss
    from edge_nlu_export.heads import gold
    from edge_nlu_export.recipe import read_recipe
    from edge_nlu_export.work import Work

    written = tmp_path / "tutored.toml"
    teaching = f'[teacher]\nmodel = "{teacher}"\nseeds = []\ntutor = 1\n'
    written.write_text(f'name = "tutored"\n[data]\nlabelled = ["toy"]\nhome = 40\n{teaching}{STUDENT}')
    work = Work(read_recipe(written), written, data, tmp_path, lambda _: None)
    stages.vocabulary(work)
    stages.tutor(work)
    lessons = stages.tutored(work)
    assert len(lessons) == len(work.tutored()) > 40
    student, reader = work.fresh_student(), work.feature_reader()
    optimizer = torch.optim.Adam(student.parameters(), 1e-2)
    heard = [[(word, place) for place, word in enumerate(lesson.target.words)] for lesson in lessons]
    features, mask = reader.batch([lesson.target.words for lesson in lessons])
    losses = []
    for _ in range(20):
        right = gold([lesson.target for lesson in lessons])
        loss = tutor_loss(student(features, mask), right, lessons, heard, work.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert losses[-1] < 0.8 * losses[0]  # what the tutor is unsure of stays


def test_a_changed_recipe_starts_again(alone: Path, data: Path, tmp_path: Path) -> None:
    follow(alone, data, tmp_path / "work", LEARNING)
    changed = tmp_path / "changed.toml"
    changed.write_text(alone.read_text().replace("epochs = 10", "epochs = 3"))
    said = follow(changed, data, tmp_path / "work", LEARNING)
    assert not [line for line in said if line.endswith("done before")]
    assert any(line.startswith("epoch 1/3") for line in said)


def test_a_killed_run_goes_on_with_its_epoch_and_ends_the_same(
    alone: Path, data: Path, tmp_path: Path, unbroken: dict[str, Any]
) -> None:
    arguments = ["export", "make", str(alone), "--data", str(data), "--work", str(tmp_path), "--threads", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "edge_nlu", *arguments], stdout=subprocess.PIPE, text=True, env=environment
    ) as run:
        assert run.stdout is not None
        assert any("epoch 3/10" in line for line in run.stdout)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    assert not (tmp_path / "alone" / "student.pt").exists()
    said = follow(alone, data, tmp_path / "alone", LEARNING)
    assert sum(line.endswith("done before") for line in said) == 7
    assert not [line for line in said if line.startswith(("epoch 1/", "epoch 2/", "epoch 3/"))]
    assert same(weights(tmp_path / "alone"), unbroken)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with too little space for a training."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    size = ["-t", "tmpfs", "-o", "size=96k", "tmpfs", str(folder)]
    if mount is None or os.geteuid() != 0 or subprocess.run([mount, *size], capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_with_more_space_the_run_goes_on(
    alone: Path, data: Path, small_disk: Path, unbroken: dict[str, Any]
) -> None:
    with pytest.raises(EdgeNluError, match=r"no space left on the disk of .* in stage distil"):
        follow(alone, data, small_disk / "alone", LEARNING)
    assert not (small_disk / "alone" / "distil.pt").exists()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert (
        sum(line.endswith("done before") for line in follow(alone, data, small_disk / "alone", LEARNING)) == 7
    )
    assert same(weights(small_disk / "alone"), unbroken)


def test_a_bad_line_is_named_before_anything_is_trained(recipe: Path, data: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(data, tmp_path / "data")
    with gzip.open(folder / "toy" / "train.jsonl.gz", "at", encoding="utf-8") as file:
        file.write('{"text": "turn", "slots": [{"start": 9, "end": 12, "type": "x"}]}\n')
    with pytest.raises(DataError, match="line 241"):
        follow(recipe, folder, tmp_path / "work", all_stages())
    assert not list((tmp_path / "work").glob("*.pt"))
