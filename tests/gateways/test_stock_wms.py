"""A warehouse whose stock is read through its WMS, beside one whose stock is in the database."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.clock import utc_now
from domain.comeback import Pieces, Receipt
from domain.errors import GatewayBusy
from gateways.stock_mirror import Mirror
from settings import Stock
from tests.gateways.shelves import Shelves, a_parcel, sql_shelves

WMS, OURS = "HZ-YH", "HZ-GS"


class Wms:
    """Counts what is on its shelves, and who asked."""

    def __init__(self) -> None:
        self.pieces = {"tea": 5}
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.silent = False

    def quantities(self, warehouse: str, skus: Iterable[str]) -> dict[str, int]:
        self.asked.append((warehouse, tuple(skus)))
        if self.silent:
            raise GatewayBusy("qimen", "no answer")
        return {sku: self.pieces[sku] for sku in skus if sku in self.pieces}


@pytest.fixture
def wms() -> Wms:
    return Wms()


@pytest.fixture
def doubtful(wms: Wms, tmp_path: Path) -> Iterator[Shelves]:
    """A stock that believes the WMS for no time at all."""
    url = f"sqlite:///{tmp_path / 'stock.sqlite'}"
    with sql_shelves(Stock(url=url, through_wms=(WMS,), wms_cache_seconds=0), wms) as shelves:
        yield shelves


@pytest.fixture
def trusting(wms: Wms, tmp_path: Path) -> Iterator[Shelves]:
    """A stock that believes the WMS for an hour."""
    url = f"sqlite:///{tmp_path / 'stock.sqlite'}"
    with sql_shelves(Stock(url=url, through_wms=(WMS,), wms_cache_seconds=3600), wms) as shelves:
        yield shelves


def test_the_wms_says_what_is_there(doubtful: Shelves) -> None:
    assert doubtful.stock.snapshot(["tea", "rice"]) == {(WMS, "tea"): 5, (WMS, "rice"): 0}
    assert doubtful.stock.lock(a_parcel("1", ("tea", 6), warehouse=WMS)).short == ("tea",)
    assert doubtful.stock.lock(a_parcel("2", ("tea", 5), warehouse=WMS)).locked


def test_our_own_warehouses_are_not_asked_about(doubtful: Shelves, wms: Wms) -> None:
    doubtful.stock.set_on_hand(OURS, {"tea": 1})

    assert doubtful.stock.lock(a_parcel("1", ("tea", 1), warehouse=OURS)).locked
    assert [] == wms.asked


def test_locks_are_counted_against_what_the_wms_says_now(doubtful: Shelves, wms: Wms) -> None:
    doubtful.stock.lock(a_parcel("1", ("tea", 3), warehouse=WMS))
    wms.pieces["tea"] = 4  # one was sold past us

    assert doubtful.stock.snapshot(["tea"]) == {(WMS, "tea"): 1}
    assert doubtful.stock.lock(a_parcel("2", ("tea", 2), warehouse=WMS)).short == ("tea",)


def test_what_the_wms_knows_to_be_gone_is_not_taken_off_twice(doubtful: Shelves, wms: Wms) -> None:
    """It sent the parcel and counts less already, before the confirmation reaches us."""
    parcel = a_parcel("1", ("tea", 5), warehouse=WMS)
    doubtful.stock.lock(parcel)
    wms.pieces["tea"] = 0
    assert doubtful.stock.snapshot(["tea"]) == {(WMS, "tea"): 0}

    doubtful.stock.ship(parcel)

    assert doubtful.books() == {(WMS, "tea"): (0, 0)}
    wms.pieces["tea"] = 8  # new goods
    assert doubtful.stock.snapshot(["tea"]) == {(WMS, "tea"): 8}


def test_what_came_back_to_a_wms_is_counted_by_the_wms(doubtful: Shelves, wms: Wms) -> None:
    goods = (Pieces(sku="tea", quantity=2),)
    doubtful.stock.snapshot(["tea"])
    receipt = Receipt(key="m/1/return/p1", event_id="1", warehouse=WMS, goods=goods, at=utc_now())

    doubtful.stock.put_back(receipt)

    assert doubtful.books() == {(WMS, "tea"): (5, 0)}
    wms.pieces["tea"] = 7
    assert doubtful.stock.snapshot(["tea"]) == {(WMS, "tea"): 7}


def test_an_answer_is_believed_for_a_while(trusting: Shelves, wms: Wms) -> None:
    trusting.stock.snapshot(["tea"])
    trusting.stock.snapshot(["tea", "rice"])
    trusting.stock.lock(a_parcel("1", ("tea", 1), ("rice", 1), warehouse=WMS))

    assert wms.asked == [(WMS, ("tea",)), (WMS, ("rice",))]


def test_an_old_answer_is_asked_for_again(wms: Wms) -> None:
    clock = [0.0]
    mirror = Mirror(Stock(through_wms=(WMS,), wms_cache_seconds=2), wms, lambda: clock[0])
    written: list[dict[str, int]] = []

    for clock[0] in (0.0, 1.9, 2.0):
        mirror.refresh(WMS, ["tea"], lambda _, pieces: written.append(pieces))

    assert written == [{"tea": 5}, {"tea": 5}]


def test_an_answer_that_could_not_be_written_is_not_believed(wms: Wms) -> None:
    mirror = Mirror(Stock(through_wms=(WMS,)), wms, lambda: 0.0)

    def broken(warehouse: str, pieces: dict[str, int]) -> None:
        raise GatewayBusy("stock", f"{warehouse} {pieces}")

    with pytest.raises(GatewayBusy):
        mirror.refresh(WMS, ["tea"], broken)
    mirror.refresh(WMS, ["tea"], lambda _, __: None)

    assert len(wms.asked) == 2


def test_nothing_is_routed_to_a_wms_that_is_silent(doubtful: Shelves, wms: Wms) -> None:
    doubtful.stock.set_on_hand(OURS, {"tea": 1})
    doubtful.stock.snapshot(["tea"])
    wms.silent = True

    assert doubtful.stock.snapshot(["tea"]) == {(OURS, "tea"): 1}


def test_nothing_is_locked_at_a_wms_that_is_silent(doubtful: Shelves, wms: Wms) -> None:
    wms.silent = True

    with pytest.raises(GatewayBusy):
        doubtful.stock.lock(a_parcel("1", ("tea", 1), warehouse=WMS))

    assert {} == doubtful.books()


def test_a_silent_wms_does_not_keep_a_parcel_locked(doubtful: Shelves, wms: Wms) -> None:
    parcel = a_parcel("1", ("tea", 1), warehouse=WMS)
    doubtful.stock.lock(parcel)
    wms.silent = True

    doubtful.stock.release(parcel)

    assert doubtful.books() == {(WMS, "tea"): (5, 0)}


def test_sixteen_threads_sell_exactly_what_the_wms_has(doubtful: Shelves) -> None:
    parcels = [a_parcel(str(n), ("tea", 1), warehouse=WMS) for n in range(32)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(doubtful.stock.lock, parcels))

    assert sum(answer.locked for answer in answers) == 5
