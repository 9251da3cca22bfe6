"""The cheapest way to fill an order: pure, and exact for ordinary orders.

What is minimised, in this order: pieces left unfilled, parcels, cost, warehouse rank.

Three decisions shape the search:

* A parcel holds one temperature band, since frozen and ambient goods do not share a box. So the
  bands are independent of each other, and each is solved alone.
* A line is filled whole by one depot, or waits. A line is the smallest thing that every later
  step (lock, re-route, shipment news) can name, so half a line could be shipped twice.
* Lines of the same article share its stock, so they are placed together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from domain.parcel import Band

# Beyond these the answer is still valid, but only good: it is marked as not exact.
MOST_DEPOTS = 12  # 4,095 sets of depots are looked through in some milliseconds
MOST_WAYS = 4_096  # to place the lines of one article; one line has as many ways as depots


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A warehouse, as far as choosing is concerned; ``cost_fen`` is for one parcel."""

    code: str
    cost_fen: int
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A line to be filled; ``sources`` are the depots that may serve it."""

    line_no: int
    sku: str
    band: Band
    quantity: int
    sources: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one depot packs in one box."""

    depot: str
    band: Band
    line_nos: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The answer; ``unfilled`` are the lines that stay open."""

    parts: tuple[Part, ...]
    unfilled: tuple[int, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to place the lines of an article: ``(line, depot's index)`` and what is left."""

    left: tuple[int, ...]
    placed: tuple[tuple[int, int], ...] = ()
    pieces: int = 0
    depots: int = 0  # a bit for each depot in use

    def with_line(self, want: Want, at: int) -> "_Way":
        left = (*self.left[:at], self.left[at] - want.quantity, *self.left[at + 1 :])
        placed = (*self.placed, (want.line_no, at))
        return _Way(left, placed, self.pieces + want.quantity, self.depots | 1 << at)


def cover(
    wants: Sequence[Want], depots: Iterable[Depot], stock: Mapping[tuple[str, str], int]
) -> Cover:
    """Choose what leaves from where.

    Args:
        wants: The lines, each with a quantity of at least one.
        depots: Every depot that a line names as a source.
        stock: Free pieces by ``(depot, sku)``; what is missing is zero.
    """
    ranked = sorted(depots, key=lambda depot: (depot.cost_fen, depot.rank, depot.code))
    answers = [
        _cover_band(band, [want for want in wants if want.band is band], ranked, stock)
        for band in Band
    ]
    return Cover(
        parts=tuple(sorted((p for a in answers for p in a.parts), key=lambda part: part.line_nos)),
        unfilled=tuple(sorted(line for answer in answers for line in answer.unfilled)),
        exact=all(answer.exact for answer in answers),
    )


def _cover_band(
    band: Band, wants: Sequence[Want], depots: Sequence[Depot], stock: Mapping[tuple[str, str], int]
) -> Cover:
    by_sku = sorted(wants, key=lambda want: (want.sku, want.line_no))
    groups = [list(group) for _, group in groupby(by_sku, key=lambda want: want.sku)]
    searched = [_ways(group, depots, stock) for group in groups]
    every = [ways for ways, _ in searched]
    chosen, proven = _choose(every, depots)
    placed = dict(line for ways in every for line in _best_within(ways, chosen).placed)
    return Cover(
        parts=tuple(_parts(band, placed, depots)),
        unfilled=tuple(want.line_no for want in wants if want.line_no not in placed),
        exact=proven and all(whole for _, whole in searched),
    )


def _ways(
    group: Sequence[Want], depots: Sequence[Depot], stock: Mapping[tuple[str, str], int]
) -> tuple[list[_Way], bool]:
    """List the ways to place these lines that fill the most pieces, and whether all were seen.

    Ways that leave the same stock behind are the same to everybody else; one of them is kept.
    """
    seen = [_Way(tuple(stock.get((depot.code, group[0].sku), 0) for depot in depots))]
    whole = True
    for want in group:
        usable = [at for at, depot in enumerate(depots) if depot.code in want.sources]
        longer = {way.left: way for way in seen}
        for way in seen:
            for at in usable:
                if way.left[at] >= want.quantity:
                    step = way.with_line(want, at)
                    longer.setdefault(step.left, step)
        fullest = sorted(longer.values(), key=lambda way: -way.pieces)
        seen, whole = fullest[:MOST_WAYS], whole and len(fullest) <= MOST_WAYS
    return [way for way in seen if way.pieces == seen[0].pieces], whole


def _choose(every: Sequence[Sequence[_Way]], depots: Sequence[Depot]) -> tuple[int, bool]:
    """Choose the fewest, then cheapest depots that allow each article one of its ways."""
    demands = {frozenset(way.depots for way in ways) for ways in every} - {frozenset({0})}
    useful = [at for at in range(len(depots)) if any(d >> at & 1 for ds in demands for d in ds)]
    if len(useful) > MOST_DEPOTS:
        return _grab(demands), False
    for size in range(len(useful) + 1):
        fits = (some for some in combinations(useful, size) if _meets(_bits(some), demands))
        best = min(fits, key=lambda some: _price(some, depots), default=None)
        if best is not None:
            return _bits(best), True
    raise AssertionError("all useful depots together allow every way")


def _grab(demands: Iterable[frozenset[int]]) -> int:
    """Take again and again the way that meets the most demands for each depot it adds."""
    chosen, still = 0, list(demands)
    while still:
        worth = {
            way: sum(_meets(chosen | way, [demand]) for demand in still)
            / (way & ~chosen).bit_count()
            for way in sorted({way for demand in still for way in demand})
        }
        chosen |= max(worth, key=worth.__getitem__)
        still = [demand for demand in still if not _meets(chosen, [demand])]
    return chosen


def _meets(chosen: int, demands: Iterable[frozenset[int]]) -> bool:
    return all(any(not way & ~chosen for way in demand) for demand in demands)


def _bits(some: Iterable[int]) -> int:
    return sum(1 << at for at in some)


def _price(some: Sequence[int], depots: Sequence[Depot]) -> tuple[int, int, Sequence[int]]:
    picked = [depots[at] for at in some]
    return sum(depot.cost_fen for depot in picked), sum(depot.rank for depot in picked), some


def _best_within(ways: Iterable[_Way], chosen: int) -> _Way:
    """Take the cheapest of the ways that stay within the chosen depots."""
    return min(
        (way for way in ways if not way.depots & ~chosen),
        key=lambda way: sorted(at for _, at in way.placed),
    )


def _parts(band: Band, placed: Mapping[int, int], depots: Sequence[Depot]) -> Iterable[Part]:
    for at in sorted(set(placed.values())):
        lines = sorted(line for line, depot in placed.items() if depot == at)
        yield Part(depot=depots[at].code, band=band, line_nos=tuple(lines))
