"""What the MES has made for an order, and which lines may therefore go."""

from collections import Counter
from collections.abc import Sequence

from domain.opening import MadeNews
from domain.order import Line


class Production:
    """Adds completions up; each counts once, however often it is told."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._completions: dict[tuple[str, str], MadeNews] = {}  # one may bring several articles

    def hear(self, news: MadeNews) -> bool:
        """Keep a completion; ``False`` when it is known, or makes no further line ready."""
        before = self.ready()
        self._completions.setdefault((news.completion_id, news.sku), news)
        return self.ready() != before

    def ready(self) -> tuple[int, ...]:
        """Tell the lines whose pieces are all made; lines of the same article in their order."""
        made = Counter[str]()
        for news in self._completions.values():
            made[news.sku] += news.quantity
        ready = list[int]()
        for line in self._lines:
            if made[line.sku] >= line.quantity:
                made[line.sku] -= line.quantity
                ready.append(line.no)
        return tuple(ready)
