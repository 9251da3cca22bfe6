"""The cheapest cover, against a search that simply tries everything."""

from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cover import MOST_DEPOTS, Cover, Depot, Want, cover
from domain.parcel import Band

Stock = Mapping[tuple[str, str], int]
Score = tuple[int, int, int, int]

CODES = ("A", "B", "C", "D")
BANDS = {"x": Band.AMBIENT, "y": Band.AMBIENT, "z": Band.CHILLED}


def test_one_warehouse_that_has_all_beats_two_cheaper_ones() -> None:
    answer = cover(
        [a_want(1, "x", 1, "AC"), a_want(2, "y", 1, "BC")],
        [a_depot("A", 1), a_depot("B", 1), a_depot("C", 99)],
        {("A", "x"): 1, ("B", "y"): 1, ("C", "x"): 1, ("C", "y"): 1},
    )

    assert [("C", (1, 2))] == [(part.depot, part.line_nos) for part in answer.parts]


def test_more_pieces_filled_beats_fewer_parcels() -> None:
    answer = cover(
        [a_want(1, "x", 5, "A"), a_want(2, "y", 1, "B")],
        [a_depot("A", 1), a_depot("B", 1)],
        {("A", "x"): 5, ("B", "y"): 1},
    )

    assert 2 == len(answer.parts)
    assert () == answer.unfilled


def test_frozen_and_ambient_goods_do_not_share_a_box() -> None:
    answer = cover(
        [a_want(1, "x", 1, "A"), a_want(2, "z", 1, "A")],
        [a_depot("A", 1)],
        {("A", "x"): 1, ("A", "z"): 1},
    )

    assert [Band.AMBIENT, Band.CHILLED] == [part.band for part in answer.parts]


def test_a_line_is_never_torn_between_two_warehouses() -> None:
    answer = cover(
        [a_want(1, "x", 5, "AB")],
        [a_depot("A", 1), a_depot("B", 1)],
        {("A", "x"): 3, ("B", "x"): 3},
    )

    assert (1,) == answer.unfilled
    assert () == answer.parts


def test_two_lines_of_one_article_do_not_sell_the_same_piece() -> None:
    """A gift line names the same article as the line that is paid for."""
    answer = cover(
        [a_want(1, "x", 3, "A"), a_want(2, "x", 2, "A")], [a_depot("A", 1)], {("A", "x"): 4}
    )

    assert (2,) == answer.unfilled


@pytest.mark.parametrize(
    ("left", "right", "chosen"),
    [
        ((10, 2), (11, 1), "A"),  # cost comes before rank
        ((10, 2), (10, 1), "B"),
        ((10, 1), (10, 1), "A"),  # then the code, so that the answer is always the same
    ],
)
def test_how_a_tie_is_broken(left: tuple[int, int], right: tuple[int, int], chosen: str) -> None:
    answer = cover(
        [a_want(1, "x", 1, "AB")],
        [a_depot("B", *right), a_depot("A", *left)],
        {("A", "x"): 1, ("B", "x"): 1},
    )

    assert [chosen] == [part.depot for part in answer.parts]


def test_beyond_the_limit_the_answer_is_whole_but_not_called_exact() -> None:
    many = [f"W{number:02}" for number in range(MOST_DEPOTS + 3)]
    wants = [
        Want(
            line_no=no, sku=f"s{no}", band=Band.FROZEN, quantity=1, sources=frozenset({code, "W00"})
        )
        for no, code in enumerate(many, 1)
    ]
    stock = {(code, want.sku): 1 for want in wants for code in want.sources}

    answer = cover(wants, [a_depot(code, 1) for code in many], stock)

    assert not answer.exact
    assert () == answer.unfilled
    assert ["W00"] == [part.depot for part in answer.parts]


def test_thirty_lines_of_one_article_are_still_placed_in_full() -> None:
    wants = [a_want(no, "x", no % 4 + 1, "ABCD") for no in range(1, 31)]
    need = sum(want.quantity for want in wants)

    answer = cover(wants, [a_depot(code, 1) for code in CODES], {("D", "x"): need})

    assert () == answer.unfilled


@st.composite
def small_orders(draw: st.DrawFn) -> tuple[list[Want], list[Depot], Stock]:
    some = st.frozensets(st.sampled_from(CODES))
    skus = draw(st.lists(st.sampled_from("xxyz"), min_size=1, max_size=5))
    wants = [
        Want(
            line_no=no,
            sku=sku,
            band=BANDS[sku],
            quantity=draw(st.integers(1, 4)),
            sources=draw(some),
        )
        for no, sku in enumerate(skus, 1)
    ]
    depots = [a_depot(code, draw(st.integers(0, 3)), draw(st.integers(0, 2))) for code in CODES]
    stock = {(code, sku): draw(st.integers(0, 6)) for code in CODES for sku in BANDS}
    return wants, depots, stock


@settings(max_examples=400, deadline=None)
@given(small_orders())
def test_no_search_finds_a_better_cover(case: tuple[list[Want], list[Depot], Stock]) -> None:
    wants, depots, stock = case

    answer = cover(wants, depots, stock)

    placed = {line: part.depot for part in answer.parts for line in part.line_nos}
    assert answer.exact
    assert allowed(wants, placed, stock)
    assert {want.line_no for want in wants} - placed.keys() == set(answer.unfilled)
    assert score(answer, wants, depots) == best_of_all(wants, depots, stock)


@settings(max_examples=100, deadline=None)
@given(small_orders())
def test_the_order_of_things_changes_nothing(case: tuple[list[Want], list[Depot], Stock]) -> None:
    wants, depots, stock = case

    assert cover(wants, depots, stock) == cover(wants, depots[::-1], stock)


def a_want(no: int, sku: str, quantity: int, sources: str) -> Want:
    return Want(line_no=no, sku=sku, band=BANDS[sku], quantity=quantity, sources=frozenset(sources))


def a_depot(code: str, cost_fen: int, rank: int = 0) -> Depot:
    return Depot(code=code, cost_fen=cost_fen, rank=rank)


def allowed(wants: Sequence[Want], placed: Mapping[int, str], stock: Stock) -> bool:
    taken: dict[tuple[str, str], int] = {}
    for want in wants:
        if (depot := placed.get(want.line_no)) is not None:
            taken[depot, want.sku] = taken.get((depot, want.sku), 0) + want.quantity
            if depot not in want.sources:
                return False
    return all(pieces <= stock.get(spot, 0) for spot, pieces in taken.items())


def score(answer: Cover, wants: Sequence[Want], depots: Sequence[Depot]) -> Score:
    by_code = {depot.code: depot for depot in depots}
    used = [by_code[part.depot] for part in answer.parts]
    unfilled = sum(want.quantity for want in wants if want.line_no in answer.unfilled)
    return (
        unfilled,
        len(used),
        sum(depot.cost_fen for depot in used),
        sum(depot.rank for depot in used),
    )


def best_of_all(wants: Sequence[Want], depots: Sequence[Depot], stock: Stock) -> Score:
    """Try every way to give every line to some depot, or to none."""
    by_code = {depot.code: depot for depot in depots}
    scores = []
    for choice in product([None, *CODES], repeat=len(wants)):
        placed = {w.line_no: code for w, code in zip(wants, choice, strict=True) if code}
        if not allowed(wants, placed, stock):
            continue
        used = {(placed[w.line_no], w.band) for w in wants if w.line_no in placed}
        boxes = [by_code[code] for code, _ in used]
        unfilled = sum(want.quantity for want in wants if want.line_no not in placed)
        cost, rank = sum(box.cost_fen for box in boxes), sum(box.rank for box in boxes)
        scores.append((unfilled, len(boxes), cost, rank))
    return min(scores)
