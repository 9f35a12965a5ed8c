"""Make up what people say to a home, with what each sentence means.

The words and turns of phrase are data beside this package: `words/*.toml` holds lists, `phrases/*.txt` how
they are put together. A sentence is many small choices, so no two runs of the same seed differ and no
two seeds agree. Which scenario comes how often stands in `words/weights.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

from edge_nlu.values import Example
from edge_nlu_export.homespeak.grammar import Pattern, Weighted, read_grammar, weighted
from edge_nlu_export.homespeak.lexicon import Row, fresh_nouns, named_by_makers, read_lexicon
from edge_nlu_export.homespeak.ontology import (
    HELD_OUT,
    PROPERTIES,
    SLOTS,
    WANTS,
    is_held_out,
    without_article,
)
from edge_nlu_export.homespeak.scene import Scene, Vocabulary
from edge_nlu_export.homespeak.speech import (
    Told,
    addressed,
    asked_for,
    forbidden,
    hesitating,
    joined,
    written,
)

__all__ = ["HELD_OUT", "PROPERTIES", "SLOTS", "WANTS", "generate", "is_held_out", "vocabulary"]

_HERE = Path(__file__).parent
_TYPED_SHARE = 0.2


@cache
def _own_vocabulary() -> Vocabulary:
    return Vocabulary(read_grammar(sorted((_HERE / "phrases").glob("*.txt"))), read_lexicon(_HERE / "words"))


def vocabulary(extra_nouns: Sequence[str] = (), definitions: Sequence[str] = ()) -> Vocabulary:
    """Return our own words, with random nouns and product descriptions of makers where given."""
    own = _own_vocabulary()
    return Vocabulary(
        own.grammar, own.lexicon, fresh_nouns(extra_nouns, own.lexicon), named_by_makers(definitions)
    )


def generate(
    seed: int, count: int, *, extra_nouns: Sequence[str] = (), definitions: Sequence[str] = ()
) -> Iterator[Example]:
    """Yield labelled sentences, always the same for the same arguments.

    `extra_nouns` are words of a dictionary that may stand for unknown devices, `definitions` the
    descriptions of real products.
    """
    maker = _Maker(vocabulary(extra_nouns, definitions), Random(seed))
    made = 0
    while made < count:
        example = maker.example(f"home-{seed}-{made}")
        if example is not None:
            made += 1
            yield example


class _Maker:
    def __init__(self, words: Vocabulary, rng: Random) -> None:
        self.words = words
        self.rng = rng
        weights = words.lexicon.weights
        scenarios = words.grammar.scenarios
        self.scenarios = weighted((name, weight) for name, weight in weights.items())
        self.commands = weighted(
            (name, weight) for name, weight in weights.items() if name.startswith("command_")
        )
        unknown = set(weights) - set(scenarios) - set(_COMPOSED)
        if unknown or set(scenarios) - set(weights):
            raise ValueError(f"weights and scenarios differ: {unknown or set(scenarios) - set(weights)}")
        lists = words.lexicon.lists
        self.proper = frozenset(
            word for name in ("people", "proper") for text in lists[name] for word in text.split()
        )
        self.rows: dict[tuple[str, ...], Weighted[Row]] = {}

    def example(self, name: str) -> Example | None:
        """Return the next sentence, or None where it came out unfit."""
        scenario = self.scenarios.pick(self.rng.random())
        scene = Scene(self.words, self.rng, typed=self.rng.random() < _TYPED_SHARE)
        told = self._told(scene, scenario)
        if not told:
            return None
        if (not scene.typed and self.rng.random() < 0.035) or (scene.typed and self.rng.random() < 0.01):
            at = int(self.rng.random() * len(told))
            told[at] = hesitating(scene, told[at])
        text, clauses = written(scene, told, self.proper)
        if len(clauses) != len(told) or is_held_out(text):
            return None
        home = 0.0 if all(clause.want == "none" for clause in clauses) else 1.0
        clauses = tuple(without_article(clause) for clause in clauses)
        return Example(name, "en-US", text, home=home, clauses=clauses, group=scenario)

    def _told(self, scene: Scene, scenario: str) -> list[Told]:
        if scenario == "forbid":
            return [addressed(scene, forbidden(scene, self._command(scene)), 0.1)]
        if scenario == "several":
            return self._several(scene)
        told = self._clauses(scene, self.words.grammar.scenarios[scenario].pick(scene.chance()))
        if told[0].is_command:
            told[0] = asked_for(scene, told[0])
        if scenario not in ("none", "talk", "answers"):
            told[0] = addressed(scene, told[0])
        return told

    def _several(self, scene: Scene) -> list[Told]:
        count = 2 if scene.chance() < 0.75 else 3 if scene.chance() < 0.8 else 4
        parts = []
        for at in range(count):
            roll = scene.chance()
            if roll < 0.08 and at:
                parts.append(forbidden(scene, self._command(scene)))
            elif roll < 0.14:
                parts.append(
                    self._clauses(scene, self.words.grammar.scenarios["question"].pick(scene.chance()))[0]
                )
            else:
                parts.append(self._command(scene))
        if parts[0].is_command and parts[0].want != "leave":
            parts[0] = asked_for(scene, parts[0])
        return joined(scene, [addressed(scene, parts[0]), *parts[1:]])

    def _command(self, scene: Scene) -> Told:
        while True:
            scenario = self.words.grammar.scenarios[self.commands.pick(scene.chance())]
            patterns = scenario.pick(scene.chance())
            if len(patterns) == 1 and patterns[0].is_command:
                return self._clauses(scene, patterns)[0]

    def _clauses(self, scene: Scene, patterns: tuple[Pattern, ...]) -> list[Told]:
        return [self._clause(scene, pattern) for pattern in patterns]

    def _clause(self, scene: Scene, pattern: Pattern) -> Told:
        scene.begin(self._row(pattern.rows or ("others",)))
        out: list[str] = []
        pattern.write(scene, out)
        about = pattern.property
        if about == "*":
            about = scene.row.degree if scene.named else "unsaid"
        elif about == "~":
            about = scene.row.run if scene.named else "unsaid"
        return Told(pattern.want, about, "".join(out), is_command=pattern.is_command, has_room=scene.has_room)

    def _row(self, names: tuple[str, ...]) -> Row:
        if names not in self.rows:
            lexicon = self.words.lexicon
            rows = [lexicon.rows[row] for name in names for row in lexicon.lists.get(name, (name,))]
            self.rows[names] = weighted((row, lexicon.weights_of_rows.get(row.name, 1.0)) for row in rows)
        return self.rows[names].pick(self.rng.random())


# Scenarios made of others, so they have no lines of their own.
_COMPOSED = ("forbid", "several")
