"""Keep which names stand under which word, so that a home of ten thousand devices stays small.

Most words of names belong to one or two devices, a few to thousands. A set for each word would cost
more than the devices do, so one name is kept as it is, a few as a tuple, and only many as a dictionary,
which also keeps the order they came in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

_FEW = 16
_Bag: TypeAlias = "str | tuple[str, ...] | dict[str, None]"


class Index:
    """Names by word; adding and taking out cost the same however many there are."""

    __slots__ = ("_bags",)

    def __init__(self) -> None:
        self._bags: dict[str, _Bag] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._bags

    def __iter__(self) -> Iterator[str]:
        return iter(self._bags)

    def get(self, word: str) -> Collection[str]:
        """Return the names under a word, in the order they came."""
        bag = self._bags.get(word, ())
        return (bag,) if isinstance(bag, str) else bag

    def add(self, word: str, name: str) -> bool:
        """Put a name under a word; return whether the word is new."""
        bag = self._bags.get(word)
        if bag is None:
            self._bags[word] = name
            return True
        if isinstance(bag, dict):
            bag[name] = None
            return False
        names = (bag,) if isinstance(bag, str) else bag
        if name not in names:
            self._bags[word] = (*names, name) if len(names) < _FEW else dict.fromkeys((*names, name))
        return False

    def remove(self, word: str, name: str) -> bool:
        """Take a name from a word; return whether the word is gone with it."""
        bag = self._bags.get(word)
        if isinstance(bag, dict):
            bag.pop(name, None)
            if len(bag) <= _FEW // 2:
                self._bags[word] = tuple(bag)
            return False
        names = () if bag is None else (bag,) if isinstance(bag, str) else bag
        left = tuple(other for other in names if other != name)
        if left:
            self._bags[word] = left[0] if len(left) == 1 else left
            return False
        return self._bags.pop(word, None) is not None
