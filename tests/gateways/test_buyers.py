from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from domain.risk import Standing
from gateways.buyer_acts import BuyerActs
from gateways.buyers import Act, BuyerBook
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


def acts(hub: Engine) -> list[tuple[str, str, str]]:
    return [(act.act, act.by, act.reason) for act in reversed(BuyerActs(hub).of("k1"))]


def test_each_deed_is_on_record_once_however_often_it_is_told(
    buyers: BuyerBook, hub: Engine
) -> None:
    for _ in range(2):
        buyers.trip("k1", TOMORROW, "3 笔")
    for _ in range(2):
        buyers.card_sent("k1", TOMORROW)
        buyers.note("k1", Act.LOOK, TOMORROW, "看历史订单", "zhang")
    for _ in range(2):
        buyers.unfreeze("k1", "核实无误", "zhang")

    assert acts(hub) == [
        ("freeze", "guard", "3 笔"),
        ("card", "guard", "已发风控卡片"),
        ("look", "zhang", "看历史订单"),
        ("unfreeze", "zhang", "核实无误"),
    ]
    assert buyers.has_card("k1", TOMORROW)
    assert not buyers.has_card("k1", NOON)


def test_the_guard_never_shortens_what_a_person_has_said(buyers: BuyerBook, hub: Engine) -> None:
    week = TOMORROW + timedelta(days=6)
    buyers.freeze("k1", week, "拒收", "ops:li")

    buyers.trip("k1", TOMORROW, "3 笔")
    buyers.lapse("k1", "无人确认")

    assert buyers.standing("k1") == Standing(frozen_until=week, reason="拒收")
    assert acts(hub) == [("freeze", "ops:li", "拒收")]


def test_a_lapse_takes_back_what_the_guard_has_frozen(buyers: BuyerBook, hub: Engine) -> None:
    buyers.trip("k1", TOMORROW, "3 笔")

    buyers.lapse("k1", "无人确认")

    assert buyers.standing("k1") == FREE
    assert acts(hub)[-1] == ("lapse", "guard", "无人确认")


def test_only_who_is_frozen_now_is_listed(buyers: BuyerBook, time: list[datetime]) -> None:
    buyers.trip("k1", TOMORROW, "3 笔")
    time[0] = NOON + timedelta(hours=1)
    buyers.trip("k2", TOMORROW + timedelta(hours=1), "4 笔")
    buyers.trip("k3", TOMORROW, "5 笔")
    buyers.unfreeze("k3", "误判", "zhang")

    assert [each.buyer_key for each in buyers.frozen()] == ["k2", "k1"]
    time[0] = TOMORROW
    assert [each.buyer_key for each in buyers.frozen()] == ["k2"]
