"""A training that was killed and goes on ends with exactly the weights of an unbroken one."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_nlu.labels import Labels
from edge_nlu.models.words import WordReader

if TYPE_CHECKING:
    from torch import Tensor

pytestmark = pytest.mark.torch

EPOCHS = 4
Weights = dict[str, "Tensor"]
Within = Callable[[int], None]


class PowerCutError(Exception):
    """The lights went out."""


def cut_in(epoch: int, batch: int) -> Within:
    """Return what cuts the power at the batch of an epoch that has 5 of them."""
    left = [(epoch - 1) * 5 + batch]

    def within(_: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise PowerCutError

    return within


def never(_: int) -> None:
    pass


def trained(folder: Path, within: Within = never) -> Weights:
    import torch
    from torch import nn

    from edge_nlu_export.train import Schedule, fit

    torch.set_num_threads(1)  # more would wait for each other longer than such a small model takes
    torch.manual_seed(7)
    model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.3), nn.Linear(8, 1))

    def of_epoch(epoch: int) -> list[list[float]]:
        rng = random.Random(epoch)
        return [[rng.random() for _ in range(3)] for _ in range(40)]

    def loss_of(batch: list[list[float]]) -> Tensor:
        within(len(batch))
        rows = torch.tensor(batch)
        return ((model(rows).squeeze(-1) - rows.sum(-1)) ** 2).mean()

    schedule = Schedule(EPOCHS, 8, 0.01)
    fit(model, of_epoch, loss_of, len, schedule, 1, folder / "fit.pt", lambda _: None)
    return model.state_dict()


def same(left: Weights, right: Weights) -> bool:
    return all(bool((left[name] == right[name]).all()) for name in left)


@pytest.mark.parametrize(("epoch", "batch"), [(1, 3), (2, 3), (EPOCHS, 5)])
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path: Path, epoch: int, batch: int) -> None:
    unbroken = trained(tmp_path / "unbroken")
    with pytest.raises(PowerCutError):
        trained(tmp_path / "broken", cut_in(epoch, batch))
    assert same(trained(tmp_path / "broken"), unbroken)


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    finished = trained(tmp_path)
    assert same(trained(tmp_path, cut_in(1, 1)), finished)


def test_every_epoch_says_how_it_went(tmp_path: Path) -> None:
    import torch

    from edge_nlu_export.train import Schedule, fit

    model, said = torch.nn.Linear(1, 1), list[str]()
    fit(
        model, lambda _: [1.0] * 4, lambda batch: model(torch.tensor([batch]).T).mean() ** 2, lambda _: 1,
        Schedule(2, 2, 0.1), 1, tmp_path / "fit.pt", said.append, lambda: "all is well",
    )  # fmt: skip
    assert [line.partition("  ")[0] for line in said] == ["epoch 1/2", "epoch 2/2"]
    assert all(line.endswith("min left  all is well") for line in said)


def test_batches_hold_every_sentence_once_and_sentences_of_like_length() -> None:
    from edge_nlu_export.train import batches

    items = ["a" * random.Random(number).randrange(1, 30) + str(number) for number in range(103)]
    made = list(batches(items, 8, len, 1))
    assert sorted(item for batch in made for item in batch) == sorted(items)
    assert sum(max(map(len, batch)) - min(map(len, batch)) for batch in made) / len(made) < 6
    assert made == list(batches(items, 8, len, 1))
    assert made != list(batches(items, 8, len, 2))


def distilled(folder: Path, epoch_of_the_cut: int = 0) -> Weights:
    import torch

    from edge_nlu.values import Example, Slot
    from edge_nlu_export.distil import Lesson, distil
    from edge_nlu_export.slips import Slips
    from edge_nlu_export.student import FeatureReader, Shape, Student
    from edge_nlu_export.targets import targets
    from edge_nlu_export.train import Schedule

    labels = Labels(("lights_off", "lights_on"), ("house_place",), embedding=4)
    place = (Slot("house_place", 22, 26, "hall"),)
    said = [
        Example("e", "en", f"lights {way:3} now in the hall", f"lights_{way}", place) for way in ("on", "off")
    ]
    items = [Lesson(target) for target in targets(said * 8, labels)]
    torch.set_num_threads(1)
    torch.manual_seed(3)
    student = Student(Shape(4, 16, embedding=8, width=8, blocks=1), labels, teacher_width=4)

    def lessons(epoch: int) -> list[Lesson]:
        if epoch_of_the_cut and epoch + 1 == epoch_of_the_cut:
            raise PowerCutError
        return items

    distil(
        student, FeatureReader(WordReader(["on", "off", "lamp", "turn"], 16)), lessons,
        Slips(0.5, 0.3), Schedule(3, 4, 0.01), 1, folder,
        lambda _: None, str,
    )  # fmt: skip
    return student.state_dict()


def test_a_killed_student_hears_the_same_slips_when_it_goes_on(tmp_path: Path) -> None:
    unbroken = distilled(tmp_path / "unbroken")
    with pytest.raises(PowerCutError):
        distilled(tmp_path / "broken", epoch_of_the_cut=2)
    assert same(distilled(tmp_path / "broken"), unbroken)


@pytest.fixture
def full() -> Path:
    """A device that is always full."""
    path = Path("/dev/full")
    if not path.exists():
        pytest.skip("needs /dev/full")
    return path


def test_a_full_disk_is_told_as_one(tmp_path: Path, full: Path) -> None:
    import torch

    from edge_nlu_export.train import write_state

    (tmp_path / "student.pt.part").symlink_to(full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_state(tmp_path / "student.pt", {"weights": torch.zeros(100_000)})
    assert caught.value.errno == errno.ENOSPC
    assert not (tmp_path / "student.pt").exists()
