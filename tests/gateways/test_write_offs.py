"""Who gave up which goods: kept once, for ever, on SQLite and on MariaDB."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from domain.order import OrderId
from domain.ruling import WriteOff
from gateways.write_offs import LONGEST_NAME, WriteOffBook
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

NOON = datetime(2026, 2, 6, 12, 0, 0, 250_000, tzinfo=UTC)
LOSS = WriteOff(
    order_id=OrderId("douyin/6921"),
    subject="7200001",
    line_nos=(1, 3),
    amount_fen=1990,
    by="王敏",
    reason="快递丢失,金额小,不追",
    at=NOON,
)


@pytest.fixture
def book(hub: Engine) -> WriteOffBook:
    return WriteOffBook(hub)


def test_a_loss_is_kept_as_it_was_told(book: WriteOffBook) -> None:
    book.keep(LOSS)

    assert book.since(NOON) == [LOSS]


def test_the_first_word_on_a_loss_stands(book: WriteOffBook) -> None:
    book.keep(LOSS)

    book.keep(LOSS)
    book.keep(replace(LOSS, by="李雷", reason="再说一次", at=NOON + timedelta(hours=1)))

    assert book.since(NOON) == [LOSS]


def test_each_claim_and_each_parcel_is_a_loss_of_its_own(book: WriteOffBook) -> None:
    parcel = replace(LOSS, subject="douyin/6921/1", at=NOON + timedelta(minutes=1))
    elsewhere = replace(LOSS, order_id=OrderId("douyin/6922"), at=NOON + timedelta(minutes=2))

    for loss in (LOSS, parcel, elsewhere):
        book.keep(loss)

    assert book.since(NOON) == [elsewhere, parcel, LOSS]


def test_older_losses_are_left_out(book: WriteOffBook) -> None:
    book.keep(LOSS)

    assert book.since(NOON + timedelta(seconds=1)) == []


def test_a_name_that_is_too_long_is_cut_and_the_loss_is_kept(book: WriteOffBook) -> None:
    book.keep(replace(LOSS, by="规则 " + "长" * 100))

    (kept,) = book.since(NOON)
    assert kept.by == ("规则 " + "长" * 100)[:LONGEST_NAME]
