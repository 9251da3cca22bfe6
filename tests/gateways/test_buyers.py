from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from domain.risk import Standing
from gateways.buyers import BuyerBook
from gateways.tables import BUYERS
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, tzinfo=UTC)
TOMORROW = NOON + timedelta(days=1)
FREE = Standing(frozen_until=None)


@pytest.fixture
def time() -> list[datetime]:
    return [NOON]


@pytest.fixture
def buyers(hub: Engine, time: list[datetime]) -> BuyerBook:
    return BuyerBook(hub, lambda: time[0])


def test_a_buyer_whom_nobody_knows_may_order(buyers: BuyerBook) -> None:
    assert buyers.standing("k1") == FREE


def test_a_frozen_buyer_waits_until_the_freeze_is_over(
    buyers: BuyerBook, time: list[datetime]
) -> None:
    buyers.freeze("k1", TOMORROW, "仅退款 3 次", "ops:li")

    assert buyers.standing("k1") == Standing(frozen_until=TOMORROW, reason="仅退款 3 次")
    assert buyers.standing("k2") == FREE
    time[0] = TOMORROW
    assert buyers.standing("k1") == FREE


def test_the_last_word_on_a_freeze_counts(buyers: BuyerBook) -> None:
    buyers.freeze("k1", TOMORROW, "仅退款 3 次", "ops:li")
    buyers.freeze("k1", TOMORROW + timedelta(days=6), "仅退款 4 次", "ops:wang")

    assert buyers.standing("k1") == Standing(
        frozen_until=TOMORROW + timedelta(days=6), reason="仅退款 4 次"
    )


def test_an_unfrozen_buyer_may_order_and_who_said_so_is_on_record(
    buyers: BuyerBook, hub: Engine
) -> None:
    buyers.freeze("k1", TOMORROW, "仅退款 3 次", "ops:li")

    buyers.unfreeze("k1", "核实无误", "ops:wang")

    assert buyers.standing("k1") == FREE
    with hub.begin() as connection:
        (row,) = connection.execute(select(BUYERS.c.by, BUYERS.c.reason, BUYERS.c.at)).all()
    assert tuple(row) == ("ops:wang", "核实无误", NOON)
