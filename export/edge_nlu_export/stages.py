"""The stages of a recipe, in order: each takes what the ones before left in the work folder."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import Score, judge, score
from edge_nlu.storage.profiles import hub_profile
from edge_nlu_export import attune as attuning
from edge_nlu_export import card as cards
from edge_nlu_export import distil as learning
from edge_nlu_export import onnx as network
from edge_nlu_export import teach as classroom
from edge_nlu_export import verify as promises
from edge_nlu_export.calibrate import cool_sentence, temperature
from edge_nlu_export.card import CardFacts, Result, Source, write_card
from edge_nlu_export.corpora import imagined, judging
from edge_nlu_export.distil import Lesson
from edge_nlu_export.files import write_arrays, write_text
from edge_nlu_export.heads import at_home
from edge_nlu_export.homespeak import handwritten
from edge_nlu_export.homespeak.ontology import WANTS
from edge_nlu_export.lessons import join_rows, mean_answers, plain, split_rows
from edge_nlu_export.likeness import words_of
from edge_nlu_export.meaning import Half, Meaning, directions, shortened
from edge_nlu_export.packing import ASSISTANT, write_pack
from edge_nlu_export.promises import read_report
from edge_nlu_export.student import Student, read
from edge_nlu_export.targets import Target, targets
from edge_nlu_export.teacher import Reader, Teacher
from edge_nlu_export.train import Schedule, write_state
from edge_nlu_export.vocabulary import choose_pieces
from edge_nlu_export.work import Work, different


def vocabulary(work: Work) -> None:
    """Choose the pieces the student keeps."""
    tokenizer = Reader(work.teacher_name).tokenizer
    known = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    read = [words_of(text) for text in work.texts()]
    if work.recipe.data.home:
        read += [words_of(example.text) for example in work.made_up(work.recipe.seed, 20000)]
    chosen = choose_pieces(known, read, work.recipe.student.pieces)
    write_text(work.folder / "vocabulary.txt", "\n".join(chosen))


def prepare(work: Work) -> None:
    """Prepare the student's body on plain text."""
    recipe = work.recipe
    if not recipe.student.prepare:
        return
    rng = np.random.default_rng(recipe.seed)
    read = work.texts()
    if recipe.data.home:
        read += [example.text for example in work.made_up(recipe.seed, 20000)]
    sentences = different(read + _definitions(work, rng, recipe.data.definitions))
    work.say(f"{len(sentences)} texts")
    meaning = Meaning(work.teacher_name)
    whole, by_word = meaning.of(sentences)
    along = _directions(work, whole, rng)
    write_arrays(work.folder / "along.npz", along=along)
    student = work.fresh_student()
    alone = np.stack(
        [vectors[0] for vectors in meaning.of([(piece.removeprefix("##"),) for piece in work.pieces])[1]]
    )
    student.start_table(alone.astype(np.float32))
    lessons = [
        Lesson(plain(words), embedding=shortened(vector, along), states=states)
        for words, vector, states in zip(sentences, whole, by_word, strict=True)
    ]
    schedule = Schedule(recipe.student.prepare, recipe.student.batch, recipe.student.rate, warm_up=0.05)
    learning.prepare(
        student, work.feature_reader(), lessons, work.slips, schedule, recipe.seed, work.folder, work.say
    )
    _save(student, work.folder / "prepared.pt")


def _definitions(work: Work, rng: np.random.Generator, count: int) -> list[str]:
    """Return definitions drawn from the dictionary, the nouns they are of, and sentences about such."""
    drawn: list[str] = []
    for number in rng.permutation(len(work.dictionary))[:count].tolist():
        word, kind, gloss = work.dictionary[number]
        drawn += [gloss, word] if kind.startswith("noun") else [gloss]
    return drawn + list(imagined(work.dictionary, int(rng.integers(2**31)), len(drawn) // 5))


def teach(work: Work) -> None:
    """Make the teachers."""
    recipe, how = work.recipe, work.recipe.teacher
    alike = [e for e in work.others(recipe.data.alike) if e.intent in work.labels.intents]
    items, check = targets(work.labelled + alike, work.taught), targets(work.check, work.taught)
    plain_words = different(work.texts())
    for seed in how.seeds:
        path = work.folder / f"teacher-{seed}.pt"
        if path.exists():
            continue
        torch.manual_seed(seed)
        teacher, reader = Teacher(work.teacher_name, work.taught), Reader(work.teacher_name)
        within = work.folder / f"teacher-{seed}"
        if how.adapt:
            work.say(f"teacher {seed}: adapting to {len(plain_words)} sentences")
            classroom.adapt(
                teacher,
                reader,
                plain_words,
                Schedule(how.adapt, how.batch, how.rate),
                seed,
                within,
                work.say,
            )
        work.say(f"teacher {seed}: {len(items)} labelled sentences")
        schedule = Schedule(how.epochs, how.batch, how.rate, how.head_rate)
        classroom.teach(teacher, reader, lambda _: items, schedule, seed, within, work.say, check)
        _save(teacher, path)


def label(work: Work) -> None:
    """Ask the teachers about every sentence that students learn from."""
    recipe, labels = work.recipe, work.taught
    if not recipe.teacher.seeds:
        return
    gathered = work.pool()
    sentences = [target.words for target in gathered]
    reader, opinions = Reader(work.teacher_name), []
    for seed in recipe.teacher.seeds:
        teacher = Teacher(work.teacher_name, labels)
        teacher.load_state_dict(torch.load(work.folder / f"teacher-{seed}.pt", weights_only=True))
        work.say(f"teacher {seed} reads {len(sentences)} sentences")
        opinions.append(classroom.answer(teacher, reader, sentences))
    intents, slots = mean_answers(opinions, labels.sentence["intent"], labels.word["slot"])
    joined, lengths = join_rows(slots)
    write_arrays(work.folder / "opinions.npz", intents=np.stack(intents), slots=joined, lengths=lengths)


def tutor(work: Work) -> None:
    """Make a teacher for wishes at home, and ask it about sentences that students learn from."""
    recipe, how = work.recipe, work.recipe.teacher
    if not how.tutor or not recipe.data.home:
        return
    labels = at_home(work.labels)
    torch.manual_seed(recipe.seed)
    teacher, reader = Teacher(work.teacher_name, labels), Reader(work.teacher_name)

    def items(epoch: int) -> list[Target]:
        return work.targets(work.home_sentences(recipe.seed * 1000 + 500 + epoch, recipe.data.home))

    schedule = Schedule(how.tutor, how.batch, how.rate, how.head_rate)
    classroom.teach(teacher, reader, items, schedule, recipe.seed, work.folder / "tutor", work.say)
    _save(teacher, work.folder / "tutor.pt")
    sentences = [target.words for target in work.tutored()]
    work.say(f"the tutor reads {len(sentences)} sentences")
    rows = [found.words.numpy().astype(np.float16) for found in classroom.answer(teacher, reader, sentences)]
    joined, lengths = join_rows(rows)
    write_arrays(work.folder / "tutored.npz", rows=joined, lengths=lengths)


def attune(work: Work) -> None:
    """Attune the untouched teacher to what means the same at home."""
    how, seed = work.recipe.teacher, work.recipe.seed
    pairs = work.pairs()
    if not how.attune or not pairs:
        return
    rng = np.random.default_rng(seed + 2)
    read = [
        words
        for words in different([*work.texts(), *_definitions(work, rng, work.recipe.data.definitions)])
        if len(words) < 16
    ]
    drawn = [read[number] for number in rng.permutation(len(read))[:9000].tolist()]
    work.say(", ".join(f"{len(alike)} {kind}" for kind, alike in pairs.items()))
    meaning = Meaning(work.teacher_name)
    schedule = Schedule(how.attune, 1, how.attune_rate)
    attuning.attune(meaning, pairs, drawn, work.slips.surely(0.3), schedule, seed, work.folder, work.say)
    _save(meaning.encoder, work.folder / "attuned.pt")


def meanings(work: Work) -> None:
    """Ask the attuned teacher what many kinds of texts mean."""
    recipe, seed = work.recipe, work.recipe.seed
    if not recipe.student.meaning or not recipe.teacher.seeds:
        return
    rng = np.random.default_rng(seed + 1)
    read = work.texts() + [example.text for example in work.home_sentences(seed + 1, 20000)]
    sentences = dict.fromkeys(different(read + _definitions(work, rng, recipe.data.definitions // 3)))
    sentences |= {
        words: None for alike in work.pairs().values() for pair in alike for words in (pair.said, pair.meant)
    }
    work.say(f"{len(sentences)} texts")
    attuned = work.folder / "attuned.pt"
    whole, _ = Meaning(work.teacher_name, attuned if recipe.teacher.attune else None).of(list(sentences))
    along = _directions(work, whole, rng)
    write_text(work.folder / "meanings.txt", "\n".join(" ".join(words) for words in sentences))
    short = np.stack([shortened(vector, along) for vector in whole])
    write_arrays(work.folder / "meanings.npz", vectors=short, along=along)


def _directions(work: Work, vectors: Sequence[Half], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return the directions of the teacher's vectors that the embedding keeps."""
    sample = [vectors[number] for number in rng.permutation(len(vectors))[:20000].tolist()]
    return directions(sample, max(1, work.recipe.student.meaning))


def _meant(work: Work) -> dict[tuple[str, ...], Half]:
    """Return what `meanings` left."""
    if not (work.folder / "meanings.npz").exists():
        return {}
    vectors = np.load(work.folder / "meanings.npz")["vectors"]
    lines = (work.folder / "meanings.txt").read_text(encoding="utf-8").split("\n")
    return {tuple(line.split(" ")): vector for line, vector in zip(lines, vectors, strict=True)}


def tutored(work: Work) -> list[Lesson]:
    """Return home-control sentences with what the tutor thinks of them, none where there was no tutor."""
    if not work.recipe.teacher.tutor or not work.recipe.data.home:
        return []
    kept = np.load(work.folder / "tutored.npz")
    rows = split_rows(kept["rows"], kept["lengths"])
    return [Lesson(target, wish=row) for target, row in zip(work.tutored(), rows, strict=True)]


def distil(work: Work) -> None:
    """Let the student learn everything at once."""
    recipe, how = work.recipe, work.recipe.student
    student, reader = work.fresh_student(), work.feature_reader()
    if recipe.student.prepare:
        student.load_state_dict(torch.load(work.folder / "prepared.pt", weights_only=True))
    meant = _meant(work)
    if recipe.student.prepare and meant:
        # what means the same at home differs in other directions than plain text does
        before, after = (np.load(work.folder / name)["along"] for name in ("along.npz", "meanings.npz"))
        student.turn_meaning(torch.from_numpy(after.T @ before))
    texts = list(meant)
    fixed = [Lesson(target) for target in work.pool()]
    if recipe.teacher.seeds:
        kept = np.load(work.folder / "opinions.npz")
        opinions = zip(fixed, kept["intents"], split_rows(kept["slots"], kept["lengths"]), strict=True)
        for lesson, intent, slots in opinions:
            lesson.intent, lesson.slots, lesson.embedding = intent, slots, meant.get(lesson.target.words)
    else:
        fixed = [lesson for lesson in fixed if lesson.target.intent >= 0]
    check = work.targets(work.check)

    asked = tutored(work)
    from_tutor = recipe.data.home * 2 // 3 if asked else 0

    def lessons(epoch: int) -> list[Lesson]:
        rng = random.Random(recipe.seed * 1000 + epoch)
        generated = work.home_sentences(recipe.seed * 1000 + epoch, recipe.data.home - from_tutor)
        drawn = rng.sample(texts, min(how.plain, len(texts)))
        return [
            *fixed,
            *(Lesson(target) for target in work.targets(generated)),
            *rng.sample(asked, from_tutor),
            *(Lesson(plain(words), embedding=meant[words]) for words in drawn),
        ]

    def after_epoch() -> str:
        return classroom.quick_score(
            read(student, reader, [item.words for item in check]), check, work.labels
        )

    table_rate = how.table_rate if how.prepare else how.rate
    schedule = Schedule(how.epochs, how.batch, how.rate, table_rate=table_rate, warm_up=0.05)
    learning.distil(
        student,
        reader,
        lessons,
        work.slips,
        schedule,
        recipe.seed,
        work.folder,
        work.say,
        after_epoch,
        work.pairs().get("frames", ()) if meant else (),
    )
    _save(student, work.folder / "student.pt")


def embed(work: Work) -> None:
    """Train what is added to the student's embedding."""
    recipe = work.recipe
    student = work.fresh_student()
    student.load_state_dict(torch.load(work.folder / "student.pt", weights_only=True))
    if recipe.student.embed:
        lessons = [Lesson(plain(words), embedding=vector) for words, vector in _meant(work).items()]
        schedule = Schedule(recipe.student.embed, recipe.student.batch, recipe.student.rate, warm_up=0.05)
        reader = work.feature_reader()
        learning.embed(
            student,
            reader,
            lessons,
            {**work.pairs(), "things": work.defined()},
            work.slips,
            schedule,
            recipe.seed,
            work.folder,
            work.say,
        )
    _save(student, work.folder / "embedded.pt")


def onnx(work: Work) -> None:
    """Set how sure the student is by sentences it did not learn from, and write its network."""
    student = work.fresh_student()
    student.load_state_dict(torch.load(work.folder / "embedded.pt", weights_only=True))
    _calibrate(work, student)
    network.write_onnx(student, work.folder / "full.onnx")


def quantize(work: Work) -> None:
    """Make the network small."""
    network.quantize(work.folder / "full.onnx", work.folder / "int8.onnx")
    size = (work.folder / "int8.onnx").stat().st_size
    work.say(f"{size / 1e6:.2f} MB, from {(work.folder / 'full.onnx').stat().st_size / 1e6:.2f} MB")


def pack(work: Work) -> None:
    """Put the pack together."""
    recipe, home = work.recipe, bool(work.labels.wants)
    labels = replace(work.labels, wishes=_known_wishes(work)) if home else work.labels
    # every thirtieth of the written sentences, so that each topic promises something
    promises = [*ASSISTANT, *(example.text for example in handwritten.sentences()[::30] if home)]
    write_pack(
        work.folder / "pack",
        recipe.name,
        recipe.locale,
        work.folder / "int8.onnx",
        work.pieces,
        recipe.student.buckets,
        labels,
        promises,
    )


def verify(work: Work) -> None:
    """Say of each promise whether the pack keeps it, and refuse a pack that does not."""
    default, made = Pack.default_path(), Pack.open(work.folder / "pack").id
    in_use = Pack.open(default).id if default.exists() else ""
    replaces = not work.recipe.first and in_use.startswith(f"{work.recipe.name}-") and in_use != made
    report = promises.verify(
        work.folder / "pack",
        work.folder / "full.onnx",
        work.check,
        hub_profile(work.recipe.hub),
        current=default if replaces else None,
    )
    for line in report.lines():
        work.say(line)
    write_text(work.folder / "verify.json", json.dumps(report.as_dict(), indent=1))
    report.require()


def card(work: Work) -> None:
    """Write the card, judged by sentences that nothing was chosen by."""
    recipe = work.recipe
    pack = Pack.open(work.folder / "pack")
    encoder = Encoder(pack)
    results = {}
    for name in recipe.data.labelled:
        if examples := judging(work.source(name)):
            results[name] = Result.of(Score(tuple(judge(examples, encoder))))
    for name in recipe.data.judged:
        results[Path(name).stem] = Result.of(score([work.source(name)], encoder, pack))
    facts = CardFacts(
        info=pack.info(),
        about=recipe.about,
        sources=_sources(work),
        recipe=work.written.read_text(encoding="utf-8"),
        fingerprint=recipe.fingerprint(),
        seed=recipe.seed,
        results=results,
        report=read_report(work.folder / "verify.json", work.folder / "pack"),
        weaknesses=recipe.weaknesses,
        versions={name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime", "numpy")},
    )
    write_card(work.folder / "card.md", facts)


def _sources(work: Work) -> list[Source]:
    data = work.recipe.data
    named = " ".join((*data.labelled, *data.alike, *data.text))
    used = {
        cards.MASSIVE: "massive" in named,
        cards.NLU_EVALUATION: "nlu-evaluation" in named,
        cards.SNIPS: "snips" in named,
        cards.CONFUSIONS: bool(data.confusions),
        cards.WORDNET: bool(work.dictionary),
        cards.DEVICES: bool(data.devices),
        cards.TEACHER: not work.recipe.teacher.model,
        cards.OWN_SENTENCES: data.home > 0,
    }
    return [source for source, is_used in used.items() if is_used]


def _known_wishes(work: Work) -> dict[str, tuple[str, ...]]:
    """Return for each want the properties that it can be of, as the sentences have them."""
    examples = [*work.home_sentences(work.recipe.seed, 40000), *handwritten.sentences()]
    found: dict[str, set[str]] = {}
    for clause in (clause for example in examples for clause in example.clauses or ()):
        found.setdefault(clause.want, set()).add(clause.property)
    return {want: tuple(sorted(found[want])) for want in WANTS if want in found}


def _calibrate(work: Work, student: Student) -> None:
    reader, labels = work.feature_reader(), work.labels
    check = [target for target in work.targets(work.check) if target.intent >= 0]
    answers = read(student, reader, [target.words for target in check])
    scores = [answer.sentence[labels.sentence["intent"]].numpy() for answer in answers]
    found = {"intent": temperature(scores, [target.intent for target in check])}
    cool_sentence(student, "intent", found["intent"])
    work.say(f"temperature {found}")


def _save(model: torch.nn.Module, path: Path) -> None:
    write_state(path, model.state_dict())
