"""A recipe being followed: its sentences, its labels and its student, as every stage needs them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from edge_nlu.labels import Labels
from edge_nlu.models.words import WordReader
from edge_nlu.values import Example
from edge_nlu_export import homespeak
from edge_nlu_export.corpora import (
    definitions,
    device_names,
    judging,
    kept_apart,
    labelled,
    same_text,
    texts,
    with_wish,
)
from edge_nlu_export.homespeak import handwritten
from edge_nlu_export.homespeak.asides import with_aside
from edge_nlu_export.homespeak.ontology import PROPERTIES, SLOTS, WANTS
from edge_nlu_export.likeness import LONGEST, Alike, frame_pairs, words_of
from edge_nlu_export.recipe import Recipe, Studying
from edge_nlu_export.slips import Slips, read_slips
from edge_nlu_export.student import FeatureReader, Shape, Student
from edge_nlu_export.swaps import swapped, values
from edge_nlu_export.targets import Target
from edge_nlu_export.targets import targets as make_targets
from edge_nlu_export.teacher import offline_default, width_of
from edge_nlu_export.train import Say

TUTORED = 2  # for each home-control sentence of an epoch, so many that the tutor was asked about
WRITTEN = 0.5  # share of home-control sentences that vary a written one
FRAMES = 400_000  # sentences in which those of the same frame are looked for
ASIDES = 0.08  # share that says something beside the wish


@dataclass
class Work:
    """A recipe being followed in a folder."""

    recipe: Recipe
    written: Path  # the recipe's own file
    data: Path
    folder: Path
    say: Say

    def source(self, name: str) -> Path:
        """Return a data path of the recipe."""
        return (self.written.parent if name.startswith((".", "..")) else self.data) / name

    def fingerprint(self) -> str:
        """Return a checksum of the recipe and of the files it names."""
        data = self.recipe.data
        named = (*data.labelled, *data.alike, *data.text, data.confusions, data.devices)
        checksum = hashlib.sha256(self.recipe.fingerprint().encode())
        for name in filter(None, named):
            source = self.source(name)
            for path in sorted(source.glob("*")) if source.is_dir() else [source]:
                if path.is_file():
                    checksum.update(path.read_bytes())
        return checksum.hexdigest()[:16]

    @cached_property
    def labelled(self) -> list[Example]:
        """Return the labelled sentences to learn from."""
        return [
            e for name in self.recipe.data.labelled for e in labelled(self.source(name)) if not kept_apart(e)
        ]

    @cached_property
    def check(self) -> list[Example]:
        """Return the tenth of the labelled sentences that choices are made by."""
        return [e for name in self.recipe.data.labelled for e in labelled(self.source(name)) if kept_apart(e)]

    def others(self, names: tuple[str, ...]) -> list[Example]:
        """Return the sentences of other sources, without any that choices are made or releases judged by."""
        apart = {same_text(e.text) for e in self.check}
        for name in self.recipe.data.labelled:
            apart |= {same_text(e.text) for e in judging(self.source(name))}
        found = [e for name in names for e in labelled(self.source(name))]
        return [e for e in found if same_text(e.text) not in apart]

    def texts(self) -> list[str]:
        """Return every sentence of the sources, each once."""
        data = self.recipe.data
        return texts([self.labelled, self.others(data.alike + data.text)])

    @cached_property
    def dictionary(self) -> list[tuple[str, str, str]]:
        """Return the words of the dictionary, none where there is no dictionary."""
        place = self.recipe.data.dictionary
        return list(definitions(Path(place))) if place else []

    @cached_property
    def labels(self) -> Labels:
        """Return what the pack will be able to say."""
        home = self.recipe.data.home > 0
        seen: dict[str, set[str]] = {}
        for example in self.labelled + self.check:
            if example.intent:
                seen.setdefault(example.intent, set()).update(slot.type for slot in example.slots or ())
        return Labels(
            intents=tuple(sorted(seen)),
            slots=tuple(sorted({slot for slots in seen.values() for slot in slots})),
            wants=tuple(WANTS) if home else (),
            properties=tuple(PROPERTIES) if home else (),
            home_slots=tuple(SLOTS) if home else (),
            embedding=self.recipe.student.meaning,
            seen_with={intent: tuple(sorted(slots)) for intent, slots in sorted(seen.items())},
        )

    @property
    def taught(self) -> Labels:
        """Return what teachers of public sentences say."""
        return Labels(self.labels.intents, self.labels.slots, seen_with=self.labels.seen_with)

    def tutored(self) -> list[Target]:
        """Return the home-control sentences that the tutor is asked about, always the same."""
        count = TUTORED * self.recipe.data.home
        return self.targets(self.home_sentences(self.recipe.seed + 99, count))

    @property
    def teacher_name(self) -> str:
        """Return the name or the folder of the encoder to start from."""
        return self.recipe.teacher.model or str(offline_default())

    @cached_property
    def pieces(self) -> list[str]:
        """Return the vocabulary that the first stage chose."""
        return (self.folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()

    @cached_property
    def slips(self) -> Slips:
        """Return the slips to train with."""
        learning, place = self.recipe.student, self.recipe.data.confusions
        return read_slips(self.source(place) if place else None, learning.typing, learning.hearing)

    def made_up(self, seed: int, count: int) -> list[Example]:
        """Return home-control sentences of the generator alone."""
        return list(homespeak.generate(seed, count, extra_nouns=self.nouns, definitions=self.device_names))

    @cached_property
    def nouns(self) -> list[str]:
        """Return words for things that people make."""
        return [word for word, kind, _ in self.dictionary if kind == "noun.06" and word.islower()]

    def home_sentences(self, seed: int, count: int) -> list[Example]:
        """Return home-control sentences, generated and written."""
        by_hand = int(WRITTEN * count)
        made = self.made_up(seed, count - by_hand)
        rng = random.Random(seed)
        return [
            with_aside(example, rng) if example.home and rng.random() < ASIDES else example
            for example in (*made, *handwritten.variations(seed, by_hand, self.nouns))
        ]

    @cached_property
    def device_names(self) -> list[str]:
        """Return what makers call their devices, none where the recipe names no definitions."""
        place = self.recipe.data.devices
        return device_names(self.source(place)) if place else []

    def fresh_student(self) -> Student:
        """Return the student before it learned anything."""
        learning: Studying = self.recipe.student
        torch.manual_seed(self.recipe.seed)
        shape = Shape(
            len(self.pieces),
            learning.buckets,
            learning.embedding,
            learning.width,
            learning.blocks,
            learning.dropout,
        )
        return Student(shape, self.labels, width_of(self.teacher_name))

    def feature_reader(self) -> FeatureReader:
        """Return what turns sentences into the student's features."""
        return FeatureReader(WordReader(self.pieces, self.recipe.student.buckets))

    def pool(self) -> list[Target]:
        """Return the sentences with labels, then those that only teachers label, always the same."""
        data = self.recipe.data
        others = self.others(data.alike + data.text)
        fills = values([self.labelled, others], self.dictionary)
        # the same for every seed, so that students of one recipe differ by their own luck alone
        fresh = swapped(self.labelled, fills, 1, data.swaps)
        without = [Example(e.id, e.locale, e.text) for e in [*others, *fresh]]
        return [
            t
            for t in self.targets(self.labelled) + make_targets(without, self.labels)
            if len(t.words) <= LONGEST
        ]

    def targets(self, examples: list[Example]) -> list[Target]:
        """Return the targets of sentences, with what their intents say of a home."""
        return [
            t for t in make_targets([with_wish(e) for e in examples], self.labels) if len(t.words) <= LONGEST
        ]

    def pairs(self) -> dict[str, list[Alike]]:
        """Return pairs that mean the same, by kind: written wishes and rewordings, generated frames."""
        if not self.recipe.data.home:
            return {}
        made = self.home_sentences(self.recipe.seed + 77, FRAMES)
        return {**handwritten.pairs(), "frames": frame_pairs(made, self.recipe.seed)}

    def defined(self) -> list[Alike]:
        """Return things that people make, each beside what a dictionary says it is."""
        things = [(word, gloss) for word, kind, gloss in self.dictionary if kind == "noun.06"]
        return [Alike(words_of(gloss), words_of(word), (word,)) for word, gloss in things if gloss]


def different(read: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the texts as words, each once, without those that have none."""
    return [words for words in dict.fromkeys(words_of(text) for text in read) if words]
