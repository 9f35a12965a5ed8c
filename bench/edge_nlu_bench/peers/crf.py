"""TF-IDF with logistic regression for the intent, and a conditional random field for the slots."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edge_nlu_bench.peers.told import Read, Row, Span, main

WORD = re.compile(r"\S+")


def learn(rows: Sequence[Row], model: Path) -> None:
    """Learn the intents and slots of rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn_crfsuite import CRF  # type: ignore[import-not-found]

    texts = [row["text"].lower() for row in rows]
    both = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
    )
    intents = make_pipeline(both, LogisticRegression(C=20, max_iter=300))
    intents.fit(texts, [row["intent"] for row in rows])
    slots: Any = CRF(c1=0.05, c2=0.05, max_iterations=60)
    slots.fit([features(row["text"]) for row in rows], [tags(row) for row in rows])
    model.write_bytes(pickle.dumps((intents, slots)))


def opened(model: Path) -> Read:
    """Return the model, ready to read."""
    intents, slots = pickle.loads(model.read_bytes())

    def read(text: str) -> tuple[str, Sequence[Span]]:
        intent = str(intents.predict([text.lower()])[0])
        return intent, list(spans(text, slots.predict_single(features(text))))

    return read


def features(text: str) -> list[dict[str, object]]:
    """Return what the field goes by, word by word."""
    words = text.lower().split()
    found = []
    for at, word in enumerate(words):
        seen: dict[str, object] = {"bias": 1.0, "digit": any(letter.isdigit() for letter in word)}
        seen |= {f"begin{n}": word[:n] for n in (2, 3)} | {f"end{n}": word[-n:] for n in (2, 3)}
        for step in (-2, -1, 0, 1, 2):
            beside = words[at + step] if 0 <= at + step < len(words) else "-"
            seen[f"word{step}"] = beside
        seen["pair-1"] = f"{seen['word-1']} {word}"
        seen["pair+1"] = f"{word} {seen['word1']}"
        found.append(seen)
    return found


def tags(row: Row) -> list[str]:
    """Return for each word whether it begins a slot, goes on with one, or is in none."""
    found = []
    for word in WORD.finditer(row["text"]):
        inside = [slot for slot in row["slots"] if slot["start"] < word.end() and word.start() < slot["end"]]
        begins = inside and inside[0]["start"] >= word.start()
        found.append(f"{'B' if begins else 'I'}-{inside[0]['type']}" if inside else "O")
    return found


def spans(text: str, told: Sequence[str]) -> Iterator[Span]:
    """Yield the slots that tags tell."""
    kind, start, end = "", 0, 0
    for word, tag in zip(WORD.finditer(text), told, strict=True):
        if kind and tag == f"I-{kind}":
            end = word.end()
            continue
        if kind:
            yield kind, start, end
        kind = tag[2:]
        start, end = word.span()
    if kind:
        yield kind, start, end


if __name__ == "__main__":
    main(learn, opened)
