"""What every stock promises: the fake, SQLite, and MariaDB, also under a merchant's own names."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clock import utc_now
from domain.comeback import Pieces, Receipt
from domain.errors import GatewayRefused
from domain.parcel import Parcel
from settings import Stock, StockNames
from tests.gateways.shelves import Shelves, a_parcel, fake_shelves, sql_shelves
from tests.mariadb import mariadb

__all__ = ["mariadb"]

ODD_NAMES = StockNames(
    item_table="order", lock_table="Sperre", warehouse="ckdm", sku="key", on_hand="SL", locked="sd"
)
MARIADB = pytest.mark.mariadb
SERIAL = count()


@pytest.fixture(
    params=[
        "fake",
        "sqlite",
        "sqlite, odd names",
        pytest.param("mariadb", marks=MARIADB),
        pytest.param("mariadb, odd names", marks=MARIADB),
    ]
)
def shelves(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelves]:
    if request.param == "fake":
        yield fake_shelves()
        return
    url = f"sqlite:///{tmp_path / 'stock.sqlite'}"
    if "mariadb" in request.param:
        url = request.getfixturevalue("mariadb").create("stock")
    names = ODD_NAMES if "odd" in request.param else StockNames()
    with sql_shelves(Stock(url=url, names=names, through_wms=())) as opened:
        yield opened


def test_a_lock_takes_every_line(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5, "rice": 3})

    answer = shelves.stock.lock(a_parcel("1", ("tea", 2), ("rice", 3)))

    assert answer.locked
    assert shelves.books() == {("HZ-GS", "tea"): (5, 2), ("HZ-GS", "rice"): (3, 3)}


def test_a_parcel_that_is_short_of_one_line_locks_none(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5, "rice": 3})

    answer = shelves.stock.lock(a_parcel("1", ("tea", 2), ("salt", 1), ("rice", 4)))

    assert answer.short == ("rice", "salt")
    assert shelves.books() == {("HZ-GS", "tea"): (5, 0), ("HZ-GS", "rice"): (3, 0)}


def test_a_parcel_that_was_short_may_be_locked_when_goods_came_in(shelves: Shelves) -> None:
    parcel = a_parcel("1", ("tea", 2))
    assert shelves.stock.lock(parcel).short == ("tea",)

    shelves.stock.receive("HZ-GS", "tea", 1)
    shelves.stock.receive("HZ-GS", "tea", 1)

    assert shelves.stock.lock(parcel).locked
    assert shelves.books() == {("HZ-GS", "tea"): (2, 2)}


def test_lines_of_the_same_sku_are_locked_together(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})

    assert shelves.stock.lock(a_parcel("1", ("tea", 3), ("tea", 3))).short == ("tea",)
    assert shelves.stock.lock(a_parcel("2", ("tea", 3), ("tea", 2))).locked
    assert shelves.books() == {("HZ-GS", "tea"): (5, 5)}


def test_a_second_lock_finds_the_first(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 2})
    first = shelves.stock.lock(a_parcel("1", ("tea", 2)))

    second = shelves.stock.lock(a_parcel("1", ("tea", 2)))

    assert first == second
    assert shelves.books() == {("HZ-GS", "tea"): (2, 2)}


def test_what_ships_leaves_the_books_once(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5, "rice": 3})
    parcel = a_parcel("1", ("tea", 2), ("rice", 1))
    shelves.stock.lock(parcel)

    shelves.stock.ship(parcel)
    shelves.stock.ship(parcel)

    assert shelves.stock.lock(parcel).locked  # a late repetition finds its lock, and takes nothing
    assert shelves.books() == {("HZ-GS", "tea"): (3, 0), ("HZ-GS", "rice"): (2, 0)}


def test_what_is_released_is_free_once(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})
    parcel = a_parcel("1", ("tea", 2))
    shelves.stock.lock(parcel)
    shelves.stock.lock(a_parcel("2", ("tea", 3)))

    shelves.stock.release(parcel)
    shelves.stock.release(parcel)

    assert shelves.books() == {("HZ-GS", "tea"): (5, 3)}


def a_receipt(*goods: tuple[str, int]) -> Receipt:
    return Receipt(
        key="miniprogram/1/return/p1",
        event_id="BACK-1",
        warehouse="HZ-GS",
        goods=tuple(Pieces(sku=sku, quantity=quantity) for sku, quantity in goods),
        at=utc_now(),
    )


def test_what_came_back_is_on_the_shelf_again_once(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"rice": 3, "tea": 5})
    parcel = a_parcel("1", ("tea", 2), ("rice", 1))
    shelves.stock.lock(parcel)
    shelves.stock.ship(parcel)

    for _ in range(2):
        shelves.stock.put_back(a_receipt(("tea", 2), ("rice", 1)))

    assert shelves.books() == {("HZ-GS", "tea"): (5, 0), ("HZ-GS", "rice"): (3, 0)}


def test_an_article_on_two_lines_of_a_receipt_is_put_back_together(shelves: Shelves) -> None:
    shelves.stock.put_back(a_receipt(("tea", 2), ("rice", 1), ("tea", 3)))

    assert shelves.books() == {("HZ-GS", "tea"): (5, 0), ("HZ-GS", "rice"): (1, 0)}


def test_a_receipt_that_many_tell_at_once_counts_once(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shelves.stock.put_back, [a_receipt(("tea", 2))] * 16))

    assert shelves.books() == {("HZ-GS", "tea"): (3, 0)}


def test_a_receipt_of_nothing_changes_nothing(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})

    shelves.stock.put_back(a_receipt())

    assert shelves.books() == {("HZ-GS", "tea"): (5, 0)}


def test_what_was_released_is_never_locked_again_under_its_key(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})
    parcel = a_parcel("1", ("tea", 2))
    shelves.stock.lock(parcel)
    shelves.stock.release(parcel)

    assert shelves.stock.lock(parcel).short == ("tea",)
    assert shelves.stock.lock(a_parcel("1", ("tea", 2), no=2)).locked


def test_a_lock_that_comes_after_its_release_is_refused(shelves: Shelves) -> None:
    """The step was given up while its request was still on its way."""
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})
    parcel = a_parcel("1", ("tea", 2))

    shelves.stock.release(parcel)
    shelves.stock.release(parcel)

    assert shelves.stock.lock(parcel).short == ("tea",)
    assert shelves.books() == {("HZ-GS", "tea"): (5, 0)}


def test_what_was_shipped_is_not_given_back(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})
    parcel = a_parcel("1", ("tea", 2))
    shelves.stock.lock(parcel)
    shelves.stock.ship(parcel)

    shelves.stock.release(parcel)

    assert shelves.books() == {("HZ-GS", "tea"): (3, 0)}


def test_nothing_ships_that_is_not_locked(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5})
    released = a_parcel("1", ("tea", 2))
    shelves.stock.lock(released)
    shelves.stock.release(released)

    for parcel in (released, a_parcel("2", ("tea", 2))):
        with pytest.raises(GatewayRefused, match="not_locked"):
            shelves.stock.ship(parcel)

    assert shelves.books() == {("HZ-GS", "tea"): (5, 0)}


def test_the_snapshot_tells_what_is_free(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 5, "rice": 3, "salt": 9})
    shelves.stock.set_on_hand("HZ-XH", {"tea": 1})
    shelves.stock.lock(a_parcel("1", ("tea", 2), ("rice", 3)))
    shelves.stock.set_on_hand("HZ-GS", {"rice": 1})  # counted again: fewer than are promised

    free = shelves.stock.snapshot(["tea", "rice", "no such"])

    assert free == {("HZ-GS", "tea"): 3, ("HZ-GS", "rice"): 0, ("HZ-XH", "tea"): 1}


def test_sixteen_threads_sell_exactly_what_is_there(shelves: Shelves) -> None:
    shelves.stock.set_on_hand("HZ-GS", {"tea": 100, "rice": 1000})
    parcels = [a_parcel(str(n), ("tea", 1 + n % 2), ("rice", 1)) for n in range(160)]
    parcels += parcels[:40]  # pushed twice

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(shelves.stock.lock, parcels))

    locked = {
        parcel.key: parcel for parcel, answer in zip(parcels, answers, strict=True) if answer.locked
    }
    assert sum(_quantity(parcel, "tea") for parcel in locked.values()) == 100
    assert shelves.books() == {
        ("HZ-GS", "tea"): (100, 100),
        ("HZ-GS", "rice"): (1000, len(locked)),
    }


def test_threads_that_meet_head_on_all_come_through(shelves: Shelves) -> None:
    """Locks, shipments and releases of the same parcels at once: each parcel ends one way."""
    shelves.stock.set_on_hand("HZ-GS", {"tea": 40, "rice": 40})
    parcels = [a_parcel(str(n), ("tea", 1), ("rice", 1)) for n in range(40)]

    def live(parcel: Parcel) -> bool:
        shelves.stock.lock(parcel)
        try:
            shelves.stock.ship(parcel)
        except GatewayRefused:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        lives = [pool.submit(live, parcel) for parcel in parcels]
        for release in [pool.submit(shelves.stock.release, parcel) for parcel in parcels]:
            release.result()
        shipped = sum(each.result() for each in lives)

    assert shelves.books() == {
        ("HZ-GS", "tea"): (40 - shipped, 0),
        ("HZ-GS", "rice"): (40 - shipped, 0),
    }


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["lock", "ship", "release"]),
            st.integers(0, 5),
        ),
        max_size=30,
    ),
    packs=st.lists(
        st.lists(
            st.tuples(st.sampled_from(["tea", "rice", "salt"]), st.integers(1, 3)),
            min_size=1,
            max_size=4,
        ),
        min_size=6,
        max_size=6,
    ),
)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_order_of_events_breaks_the_books(
    shelves: Shelves, steps: list[tuple[str, int]], packs: list[list[tuple[str, int]]]
) -> None:
    warehouse = f"W{next(SERIAL)}"  # each example has a warehouse of its own
    shelves.stock.set_on_hand(warehouse, {"tea": 4, "rice": 4, "salt": 4})
    parcels = [a_parcel(f"{warehouse}-{n}", *p, warehouse=warehouse) for n, p in enumerate(packs)]
    held: set[int] = set()
    shipped: set[int] = set()

    for what, which in steps:
        try:
            answer = getattr(shelves.stock, what)(parcels[which])
        except GatewayRefused:
            assert which not in held | shipped
            continue
        if what == "lock" and answer.locked and which not in shipped:
            held.add(which)
        elif what == "ship":
            held.discard(which)
            shipped.add(which)
        elif what == "release":
            held.discard(which)

    for (where, sku), (on_hand, locked) in shelves.books().items():
        if where == warehouse:
            assert 0 <= locked <= on_hand
            assert locked == sum(_quantity(parcels[which], sku) for which in held)
            assert on_hand == 4 - sum(_quantity(parcels[which], sku) for which in shipped)


def _quantity(parcel: Parcel, sku: str) -> int:
    return sum(item.quantity for item in parcel.items if item.sku == sku)
