"""Follow a recipe stage by stage, from data to a verified pack with its card.

Every stage leaves its results in the work folder and then a note that it is done, with a checksum
of the recipe and of the data. A run that was killed, or whose disk was full, goes on with the first
stage that has no such note; a changed recipe starts again.
"""

from __future__ import annotations

import errno
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from edge_nlu.errors import EdgeNluError
from edge_nlu.labels import Labels
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import Score, judge, score
from edge_nlu.models.words import WordReader, split_words
from edge_nlu.storage.profiles import hub_profile
from edge_nlu.values import Example
from edge_nlu_export import card, homespeak
from edge_nlu_export.calibrate import cool_sentence, temperature
from edge_nlu_export.card import CardFacts, Result, Source, write_card
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
from edge_nlu_export.distil import Lesson, Pair, distil, embed, prepare
from edge_nlu_export.homespeak import handwritten
from edge_nlu_export.homespeak.asides import with_aside
from edge_nlu_export.homespeak.ontology import PROPERTIES, SLOTS, WANTS
from edge_nlu_export.lessons import (
    join_rows,
    mean_answers,
    mixed,
    plain,
    split_rows,
    write_arrays,
    write_text,
)
from edge_nlu_export.meaning import Meaning, directions, shortened
from edge_nlu_export.onnx import quantize, write_onnx
from edge_nlu_export.packing import ASSISTANT, write_pack
from edge_nlu_export.promises import read_report
from edge_nlu_export.recipe import Recipe, Studying
from edge_nlu_export.slips import Slips, read_slips
from edge_nlu_export.student import FeatureReader, Shape, Student, read
from edge_nlu_export.swaps import swapped, values
from edge_nlu_export.targets import Target, targets
from edge_nlu_export.teach import adapt, answer, quick_score, teach
from edge_nlu_export.teacher import Reader, Teacher, offline_default, width_of
from edge_nlu_export.train import Say, Schedule, write_state
from edge_nlu_export.verify import verify
from edge_nlu_export.vocabulary import choose_pieces

LONGEST = 32  # words of a sentence that training reads
WRITTEN = 0.4  # share of home-control sentences that vary a written one
ASIDES = 0.08  # share that says something beside the wish
STAGES = (
    "vocabulary", "prepare", "teach", "label", "distil", "meanings", "embed",
    "onnx", "quantize", "pack", "verify", "card",
)  # fmt: skip


class DiskFullError(EdgeNluError):
    """The disk filled up while a pack was made; what was finished is kept."""

    def __init__(self, folder: Path, stage: str) -> None:
        super().__init__(
            f"no space left on the disk of {folder} in stage {stage}; free some space and run the same "
            f"command again: it goes on with this stage"
        )


@dataclass
class Work:
    """A recipe being followed in a folder."""

    recipe: Recipe
    written: Path  # the recipe's own file
    data: Path
    folder: Path
    say: Say

    # what the stages share

    def source(self, name: str) -> Path:
        """Return a data path of the recipe."""
        return (self.written.parent if name.startswith((".", "..")) else self.data) / name

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
        """Return what teachers say; home control needs none, its sentences come with their meaning."""
        return Labels(self.labels.intents, self.labels.slots, seen_with=self.labels.seen_with)

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

    def home_sentences(self, seed: int, count: int) -> list[Example]:
        """Return generated home-control sentences."""
        nouns = [word for word, kind, _ in self.dictionary if kind == "noun.06" and word.islower()]
        by_hand = int(WRITTEN * count)
        made = homespeak.generate(seed, count - by_hand, extra_nouns=nouns, definitions=self.device_names)
        rng = random.Random(seed)
        return [
            with_aside(example, rng) if example.home and rng.random() < ASIDES else example
            for example in (*made, *handwritten.variations(seed, by_hand))
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

    # the stages

    def vocabulary(self) -> None:
        """Choose the pieces the student keeps."""
        tokenizer = Reader(self.teacher_name).tokenizer
        known = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
        read = [
            _words(text)
            for text in texts([self.labelled, self.others(self.recipe.data.alike + self.recipe.data.text)])
        ]
        if self.recipe.data.home:
            read += [_words(example.text) for example in self.home_sentences(self.recipe.seed, 20000)]
        chosen = choose_pieces(known, read, self.recipe.student.pieces)
        write_text(self.folder / "vocabulary.txt", "\n".join(chosen))

    def prepare(self) -> None:
        """Prepare the student's body on plain text."""
        recipe = self.recipe
        if not recipe.student.prepare:
            return
        rng = np.random.default_rng(recipe.seed)
        read = texts([self.labelled, self.others(recipe.data.alike + recipe.data.text)])
        if recipe.data.home:
            read += [example.text for example in self.home_sentences(recipe.seed, 20000)]
        drawn = rng.permutation(len(self.dictionary))[: recipe.data.definitions]
        for number in drawn.tolist():
            word, kind, gloss = self.dictionary[number]
            read.append(gloss)
            if kind.startswith("noun"):
                read.append(word)
        sentences = [words for words in dict.fromkeys(_words(text) for text in read) if words]
        self.say(f"{len(sentences)} texts")
        meaning = Meaning(self.teacher_name)
        whole, by_word = meaning.of(sentences)
        sample = rng.permutation(len(whole))[:20000]
        along = directions([whole[number] for number in sample.tolist()], max(1, recipe.student.meaning))
        write_arrays(self.folder / "along.npz", along=along)
        student = self.fresh_student()
        alone = np.stack(
            [vectors[0] for vectors in meaning.of([(piece.removeprefix("##"),) for piece in self.pieces])[1]]
        )
        student.start_table(alone.astype(np.float32))
        lessons = [
            Lesson(plain(words), embedding=shortened(vector, along), states=states)
            for words, vector, states in zip(sentences, whole, by_word, strict=True)
        ]
        schedule = Schedule(recipe.student.prepare, recipe.student.batch, recipe.student.rate, warm_up=0.05)
        prepare(student, self.feature_reader(), lessons, schedule, recipe.seed, self.folder, self.say)
        _save(student, self.folder / "prepared.pt")

    def teach(self) -> None:
        """Make the teachers."""
        recipe, teaching = self.recipe, self.recipe.teacher
        alike = [e for e in self.others(recipe.data.alike) if e.intent in self.labels.intents]
        items, check = targets(self.labelled + alike, self.taught), targets(self.check, self.taught)
        plain_words = [
            words
            for text in texts([self.labelled, self.others(recipe.data.alike + recipe.data.text)])
            if (words := _words(text))
        ]
        for seed in teaching.seeds:
            path = self.folder / f"teacher-{seed}.pt"
            if path.exists():
                continue
            torch.manual_seed(seed)
            teacher, reader = Teacher(self.teacher_name, self.taught), Reader(self.teacher_name)
            within = self.folder / f"teacher-{seed}"
            if teaching.adapt:
                self.say(f"teacher {seed}: adapting to {len(plain_words)} sentences")
                adapt(
                    teacher,
                    reader,
                    plain_words,
                    Schedule(teaching.adapt, teaching.batch, teaching.rate),
                    seed,
                    within,
                    self.say,
                )
            self.say(f"teacher {seed}: {len(items)} labelled sentences")
            schedule = Schedule(teaching.epochs, teaching.batch, teaching.rate, teaching.head_rate)
            teach(teacher, reader, items, schedule, seed, within, self.say, check)
            _save(teacher, path)

    def label(self) -> None:
        """Ask the teachers about every sentence that students learn from."""
        recipe, labels = self.recipe, self.taught
        if not recipe.teacher.seeds:
            return
        gathered = self.pool()
        sentences = [target.words for target in gathered]
        reader, opinions = Reader(self.teacher_name), []
        for seed in recipe.teacher.seeds:
            teacher = Teacher(self.teacher_name, labels)
            teacher.load_state_dict(torch.load(self.folder / f"teacher-{seed}.pt", weights_only=True))
            self.say(f"teacher {seed} reads {len(sentences)} sentences")
            opinions.append(answer(teacher, reader, sentences))
        intents, slots = mean_answers(opinions, labels.sentence["intent"], labels.word["slot"])
        along = np.load(self.folder / "along.npz")["along"]
        whole, _ = Meaning(self.teacher_name).of(sentences)
        joined, lengths = join_rows(slots)
        write_arrays(
            self.folder / "opinions.npz",
            intents=np.stack(intents),
            slots=joined,
            lengths=lengths,
            embeddings=np.stack([shortened(vector, along) for vector in whole]),
        )

    def pool(self) -> list[Target]:
        """Return the sentences with labels, then those that only teachers label, always the same."""
        data = self.recipe.data
        others = self.others(data.alike + data.text)
        fills = values([self.labelled, others], self.dictionary)
        # the same for every seed, so that students of one recipe differ by their own luck alone
        fresh = swapped(self.labelled, fills, 1, data.swaps)
        without = [Example(e.id, e.locale, e.text) for e in [*others, *fresh]]
        return [
            t for t in self._targets(self.labelled) + targets(without, self.labels) if len(t.words) <= LONGEST
        ]

    def distil(self) -> None:
        """Let the student learn everything at once."""
        recipe = self.recipe
        student, reader = self.fresh_student(), self.feature_reader()
        if recipe.student.prepare:
            student.load_state_dict(torch.load(self.folder / "prepared.pt", weights_only=True))
        fixed = [Lesson(target) for target in self.pool()]
        if recipe.teacher.seeds:
            kept = np.load(self.folder / "opinions.npz")
            for lesson, intent, slots, embedding in zip(
                fixed,
                kept["intents"],
                split_rows(kept["slots"], kept["lengths"]),
                kept["embeddings"],
                strict=True,
            ):
                lesson.intent, lesson.slots, lesson.embedding = intent, slots, embedding
        else:
            fixed = [lesson for lesson in fixed if lesson.target.intent >= 0]
        check = self._targets(self.check)

        def lessons(epoch: int) -> list[Lesson]:
            seed = recipe.seed * 1000 + epoch
            fresh = [Lesson(target) for target in self._targets(self.home_sentences(seed, recipe.data.home))]
            return mixed(fixed, fresh, seed)

        def after_epoch() -> str:
            return quick_score(read(student, reader, [item.words for item in check]), check, self.labels)

        learning = recipe.student
        schedule = Schedule(
            learning.epochs, learning.batch, learning.rate, warm_up=0.05, average=learning.average
        )
        distil(
            student,
            reader,
            lessons,
            self._pairs(),
            self.slips,
            schedule,
            recipe.seed,
            self.folder,
            self.say,
            after_epoch,
        )
        _save(student, self.folder / "student.pt")

    def meanings(self) -> None:
        """Ask the untouched teacher what many kinds of texts mean."""
        data, seed = self.recipe.data, self.recipe.seed
        if not self.recipe.student.embed:
            return
        rng = np.random.default_rng(seed + 1)
        read = texts([self.labelled, self.others(data.alike + data.text)])
        read += [example.text for example in self.home_sentences(seed + 1, 40000)]
        read += [text for pair in handwritten.pairs() for text in pair]
        for number in rng.permutation(len(self.dictionary))[: data.definitions].tolist():
            word, kind, gloss = self.dictionary[number]
            read += [gloss, word] if kind.startswith("noun") else [gloss]
        sentences = [words for words in dict.fromkeys(_words(text) for text in read) if words]
        self.say(f"{len(sentences)} texts")
        along = np.load(self.folder / "along.npz")["along"]
        whole, _ = Meaning(self.teacher_name).of(sentences)
        write_text(self.folder / "meanings.txt", "\n".join(" ".join(words) for words in sentences))
        write_arrays(self.folder / "meanings.npz", vectors=np.stack([shortened(v, along) for v in whole]))

    def embed(self) -> None:
        """Train what is added to the student's embedding."""
        recipe = self.recipe
        student = self.fresh_student()
        student.load_state_dict(torch.load(self.folder / "student.pt", weights_only=True))
        if recipe.student.embed:
            vectors = np.load(self.folder / "meanings.npz")["vectors"]
            lines = (self.folder / "meanings.txt").read_text(encoding="utf-8").split("\n")
            lessons = [
                Lesson(plain(tuple(line.split(" "))), embedding=v)
                for line, v in zip(lines, vectors, strict=True)
            ]
            schedule = Schedule(recipe.student.embed, recipe.student.batch, recipe.student.rate, warm_up=0.05)
            reader = self.feature_reader()
            embed(
                student,
                reader,
                lessons,
                self._pairs(),
                self.slips,
                schedule,
                recipe.seed,
                self.folder,
                self.say,
            )
        _save(student, self.folder / "embedded.pt")

    def onnx(self) -> None:
        """Set how sure the student is by sentences it did not learn from, and write its network."""
        student = self.fresh_student()
        student.load_state_dict(torch.load(self.folder / "embedded.pt", weights_only=True))
        self._calibrate(student)
        write_onnx(student, self.folder / "full.onnx")

    def quantize(self) -> None:
        """Make the network small."""
        quantize(self.folder / "full.onnx", self.folder / "int8.onnx")
        size = (self.folder / "int8.onnx").stat().st_size
        self.say(f"{size / 1e6:.2f} MB, from {(self.folder / 'full.onnx').stat().st_size / 1e6:.2f} MB")

    def pack(self) -> None:
        """Put the pack together."""
        recipe, home = self.recipe, bool(self.labels.wants)
        labels = replace(self.labels, wishes=self._known_wishes()) if home else self.labels
        # every thirtieth of the written sentences, so that each topic promises something
        promises = [*ASSISTANT, *(example.text for example in handwritten.sentences()[::30] if home)]
        write_pack(
            self.folder / "pack",
            recipe.name,
            recipe.locale,
            self.folder / "int8.onnx",
            self.pieces,
            recipe.student.buckets,
            labels,
            promises,
        )

    def verify(self) -> None:
        """Say of each promise whether the pack keeps it, and refuse a pack that does not."""
        default = Pack.default_path()
        replaces = default.exists() and Pack.open(default).id.startswith(f"{self.recipe.name}-")
        report = verify(
            self.folder / "pack",
            self.folder / "full.onnx",
            self.check,
            hub_profile(self.recipe.hub),
            current=default if replaces else None,
        )
        for line in report.lines():
            self.say(line)
        write_text(self.folder / "verify.json", json.dumps(report.as_dict(), indent=1))
        report.require()

    def card(self) -> None:
        """Write the card, judged by sentences that nothing was chosen by."""
        recipe = self.recipe
        pack = Pack.open(self.folder / "pack")
        encoder = Encoder(pack)
        results = {}
        for name in recipe.data.labelled:
            if examples := judging(self.source(name)):
                results[name] = Result.of(Score(tuple(judge(examples, encoder))))
        for name in recipe.data.judged:
            results[Path(name).stem] = Result.of(score([self.source(name)], encoder, pack))
        facts = CardFacts(
            info=pack.info(),
            about=recipe.about,
            sources=self._sources(),
            recipe=self.written.read_text(encoding="utf-8"),
            fingerprint=recipe.fingerprint(),
            seed=recipe.seed,
            results=results,
            report=read_report(self.folder / "verify.json", self.folder / "pack"),
            weaknesses=recipe.weaknesses,
            versions={
                name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime", "numpy")
            },
        )
        write_card(self.folder / "card.md", facts)

    def _sources(self) -> list[Source]:
        data = self.recipe.data
        named = " ".join((*data.labelled, *data.alike, *data.text))
        used = {
            card.MASSIVE: "massive" in named,
            card.NLU_EVALUATION: "nlu-evaluation" in named,
            card.SNIPS: "snips" in named,
            card.CONFUSIONS: bool(data.confusions),
            card.WORDNET: bool(self.dictionary),
            card.DEVICES: bool(data.devices),
            card.TEACHER: not self.recipe.teacher.model,
            card.OWN_SENTENCES: data.home > 0,
        }
        return [source for source, is_used in used.items() if is_used]

    def _known_wishes(self) -> dict[str, tuple[str, ...]]:
        """Return for each want the properties that it can be of, as the sentences have them."""
        examples = [*self.home_sentences(self.recipe.seed, 40000), *handwritten.sentences()]
        found: dict[str, set[str]] = {}
        for clause in (clause for example in examples for clause in example.clauses or ()):
            found.setdefault(clause.want, set()).add(clause.property)
        return {want: tuple(sorted(found[want])) for want in WANTS if want in found}

    def _calibrate(self, student: Student) -> None:
        reader, labels = self.feature_reader(), self.labels
        check = [target for target in self._targets(self.check) if target.intent >= 0]
        answers = read(student, reader, [target.words for target in check])
        scores = [answer.sentence[labels.sentence["intent"]].numpy() for answer in answers]
        found = {"intent": temperature(scores, [target.intent for target in check])}
        cool_sentence(student, "intent", found["intent"])
        self.say(f"temperature {found}")

    def _targets(self, examples: list[Example]) -> list[Target]:
        return [t for t in targets([with_wish(e) for e in examples], self.labels) if len(t.words) <= LONGEST]

    def _pairs(self) -> list[Pair]:
        if not self.recipe.data.home:
            return []
        return [(_words(said), _words(meant)) for said, meant in handwritten.pairs()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in split_words(text, LONGEST)[0])


def _save(model: torch.nn.Module, path: Path) -> None:
    write_state(path, model.state_dict())


def follow(work: Work, stages: Sequence[str], *, again: bool = False) -> None:
    """Run those stages that are not done yet, each followed by a note that it is."""
    work.folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    for number, stage in enumerate(stages, 1):
        note = work.folder / f"{stage}.done"
        print_ = work.recipe.fingerprint()
        if not again and note.exists() and note.read_text(encoding="utf-8") == print_:
            work.say(f"[{number}/{len(stages)}] {stage}: done before")
            continue
        work.say(f"[{number}/{len(stages)}] {stage}")
        try:
            getattr(work, stage)()
            write_text(note, print_)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFullError(work.folder, stage) from error
            raise
    work.say(f"all done in {(time.monotonic() - begun) / 60:.1f} min")
