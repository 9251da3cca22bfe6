"""Remembers what was told lately, so that carriers who repeat themselves wake nobody twice."""

from collections import OrderedDict
from collections.abc import Hashable

ROOM = 50_000  # a few days of turning points at 10,000 parcels a day; some 10 MB


class Told:
    """What this process has told. Lost at a restart, which is harmless: orders know it already."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._facts: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, fact: Hashable) -> bool:
        return fact in self._facts

    def add(self, fact: Hashable) -> None:
        """Remember a fact once it was told; the oldest is forgotten when there is no room."""
        self._facts[fact] = None
        if len(self._facts) > self._room:
            self._facts.popitem(last=False)
