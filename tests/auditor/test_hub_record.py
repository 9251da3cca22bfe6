"""The auditor's own SQL fits the hub's tables, on SQLite and on MariaDB."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from domain.order import OrderId
from domain.ruling import WriteOff
from gateways.buyers import BuyerBook
from gateways.tables import ORDERS
from gateways.write_offs import WriteOffBook
from infra.auditor import records
from infra.auditor.hub import HubRecord, read_hub
from infra.auditor.source import Unreadable
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, tzinfo=UTC)
ORDER = OrderId("douyin/6921")


def _record(hub: Engine) -> HubRecord:
    return read_hub(hub.url.render_as_string(hide_password=False))


def test_what_was_written_off_is_read(hub: Engine) -> None:
    loss = WriteOff(
        order_id=ORDER,
        subject="7200001",
        line_nos=(1, 3),
        amount_fen=1990,
        by="王敏",
        reason="丢失",
        at=NOON,
    )
    WriteOffBook(hub).keep(loss)

    (read,) = _record(hub).write_offs

    assert read == records.WriteOff(order_id=ORDER, subject="7200001", lines=(1, 3), by="王敏")


def test_only_what_the_guard_froze_is_read(hub: Engine) -> None:
    buyers = BuyerBook(hub, lambda: NOON)
    buyers.trip("k1", NOON + timedelta(days=1), "3 笔")
    buyers.freeze("k2", NOON + timedelta(days=1), "拒收", "ops:li")

    assert _record(hub).freezes == (records.Freeze(buyer_key="k1", at=NOON),)


def test_the_buyer_of_an_order_is_read(hub: Engine) -> None:
    order = {"order_id": ORDER, "channel": "douyin", "number": "6921", "received_at": NOON}
    with hub.begin() as connection:
        connection.execute(insert(ORDERS), {**order, "buyer_key": "k1"})

    assert _record(hub).buyers == {ORDER: "k1"}


def test_where_no_hub_is_told_nothing_is_on_record() -> None:
    assert read_hub("") == HubRecord()


def test_a_hub_that_is_not_there_is_one_clear_sentence() -> None:
    with pytest.raises(Unreadable, match=r"中枢库.*hub\.url"):
        read_hub("sqlite:////nowhere/hub.sqlite")
