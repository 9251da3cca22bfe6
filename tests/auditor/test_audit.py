"""The auditor sees nothing wrong in a true world, and whatever is planted in it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.auditor.audit import StockNames, audit
from infra.auditor.stock import read_stock
from infra.mariadb import Mariadb
from tests.auditor.planted import FAULTS, Fault
from tests.auditor.small_story import tell_small_story
from tests.auditor.small_world import (
    COLD,
    MILK,
    RICE,
    WARM,
    Packed,
    SmallWorld,
)
from tests.mariadb import mariadb  # noqa: F401 - a fixture


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SmallWorld]:
    small = SmallWorld(tmp_path)
    tell_small_story(small)
    yield small
    small.close()


def test_a_true_world_has_no_mismatch(world: SmallWorld) -> None:
    findings = world.audit()

    assert findings.mismatches == ()
    assert [verdict.no for verdict in findings.verdicts] == [1, 2, 3, 4, 5, 6]
    assert all(verdict.checks > 0 for verdict in findings.verdicts)
    assert findings.checks == sum(verdict.checks for verdict in findings.verdicts)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_seen_by_its_promise_alone(world: SmallWorld, fault: Fault) -> None:
    fault.plant(world)

    findings = world.audit()

    broken = {verdict.no for verdict in findings.verdicts if verdict.mismatches}
    assert broken == {fault.promise}, findings.mismatches
    assert any(
        all(words in sentence for words in fault.words) for sentence in findings.mismatches
    ), findings.mismatches


def test_every_promise_has_a_planted_fault() -> None:
    assert {fault.promise for fault in FAULTS} == {1, 2, 3, 4, 5, 6}


def test_the_findings_read_the_same_for_scripts(world: SmallWorld) -> None:
    world.lives.pop("miniprogram/E")

    told = json.loads(json.dumps(world.audit().as_json()))

    assert told["checks"] == sum(promise["checks"] for promise in told["promises"])
    assert [promise["mismatches"] for promise in told["promises"]] == [1, 0, 0, 0, 0, 0]
    assert told["mismatches"] == [
        "承诺 1 订单不丢不重:订单 miniprogram/E:渠道有这张订单,中枢没有它的生命"
    ]


def test_an_order_that_is_not_due_needs_no_life(world: SmallWorld) -> None:
    world.amend("miniprogram", "order", "E", due=False)
    world.lives.pop("miniprogram/E")

    assert world.audit().mismatches == ()


def test_where_there_is_no_erp_nothing_is_missing_in_it(world: SmallWorld) -> None:
    for key, _ in list(world.ledgers["erp"].each("order")):
        world.drop("erp", "order", key)

    assert world.audit().mismatches == ()


def test_a_refund_with_its_red_letter_agrees(world: SmallWorld) -> None:
    world.refund("A", 850, 2)  # an allowance: less than was paid for the line
    world.redden("A", 850)

    assert world.audit().mismatches == ()


def test_a_refund_of_a_line_that_never_left_needs_no_red_letter(world: SmallWorld) -> None:
    world.refund("F", 990, 2)

    assert world.audit().mismatches == ()


def test_telling_the_same_event_again_is_no_second_shipment(world: SmallWorld) -> None:
    world.amend("miniprogram", "shipment", "miniprogram/A/1", told=2)

    assert world.audit().mismatches == ()


def test_a_parcel_on_the_road_counts_once_though_its_lock_still_stands(world: SmallWorld) -> None:
    """It left by the WMS's books; the hub books it out at the first scan."""
    receipt = f"first/{WARM}/{RICE}"
    world.amend("world", "receipt", receipt, quantity=9)  # 2 A, 1 F, 1 H, 5 C: no more
    world.shelf(WARM, RICE, on_hand=5)
    world.amend("qimen", "delivery_order", "miniprogram/C/1", status="DELIVERED")

    assert world.audit().mismatches == ()


def test_goods_that_are_just_coming_in_are_no_mismatch(world: SmallWorld) -> None:
    """The receipt is written before the shelf is filled."""
    world.put("world", "short", MILK, {"wave": 1})
    receipt = {"warehouse": COLD, "sku": MILK, "quantity": 500}
    world.put("world", "receipt", f"again/{COLD}/{MILK}", receipt)
    assert len(world.audit().mismatches) == 1

    coming = {"what": "goods_in", "due": "", "payload": {"wave": 1, "attempt": 1}}
    world.put("world", "agenda", "goods_in/1", coming)
    assert world.audit().mismatches == ()


@pytest.mark.parametrize("partner", ["world", "miniprogram", "sf", "kuaidi100", "nuonuo"])
def test_a_missing_ledger_is_one_clear_sentence(world: SmallWorld, partner: str) -> None:
    for file in (world.var / "sandbox").glob(f"{partner}.sqlite*"):
        file.unlink()

    findings = world.audit()

    assert findings.checks == 0
    (sentence,) = findings.mismatches
    assert f"{partner}.sqlite" in sentence
    assert "lifeline up" in sentence


def test_a_file_that_is_no_ledger_is_one_clear_sentence(world: SmallWorld) -> None:
    for file in (world.var / "sandbox").glob("sf.sqlite*"):
        file.unlink()
    (world.var / "sandbox" / "sf.sqlite").write_text("not a database, but long enough" * 40)

    (sentence,) = world.audit().mismatches

    assert "sf.sqlite 打不开" in sentence


def test_a_document_without_its_field_is_named(world: SmallWorld) -> None:
    world.put("sf", "order", "miniprogram/A/9", {"status": "live"})

    (sentence,) = world.audit().mismatches

    assert "order miniprogram/A/9" in sentence
    assert "waybill" in sentence


def test_a_missing_stock_database_is_one_clear_sentence(world: SmallWorld) -> None:
    findings = audit(world.var, f"sqlite:///{world.var}/none.sqlite", ())

    (sentence,) = findings.mismatches
    assert "none.sqlite" in sentence
    assert not (world.var / "none.sqlite").exists()


def test_a_stock_table_of_another_name_is_found(world: SmallWorld) -> None:
    world.stock.execute("ALTER TABLE stock_item RENAME TO kucun")
    world.stock.execute("ALTER TABLE kucun RENAME COLUMN on_hand TO `order`")

    named = world.audit(StockNames(item_table="kucun", on_hand="order"))
    (unnamed,) = world.audit().mismatches

    assert named.mismatches == ()
    assert "stock.names" in unnamed


def test_a_name_that_is_no_word_never_reaches_the_database(world: SmallWorld) -> None:
    names = StockNames(item_table="stock_item; DROP TABLE stock_lock")

    (sentence,) = audit(world.var, f"sqlite:///{world.stock_file}", (), names).mismatches

    assert "DROP TABLE" in sentence
    assert world.stock.execute("SELECT count(*) FROM stock_lock").fetchone() != (0,)


@pytest.mark.mariadb
def test_the_stock_is_read_from_mariadb_too(world: SmallWorld, mariadb: Mariadb) -> None:  # noqa: F811 - the fixture
    url = mariadb.create("audited")
    _copy_stock(world, mariadb)

    there = read_stock(url, StockNames())

    here = read_stock(f"sqlite:///{world.stock_file}", StockNames())
    assert set(there.shelves) == set(here.shelves)
    assert set(there.locks) == set(here.locks)
    assert there.locks


def test_the_audit_leaves_every_file_as_it_was(world: SmallWorld) -> None:
    before = _contents(world)
    world.audit()
    assert _contents(world) == before


def test_five_hundred_orders_are_all_looked_at(tmp_path: Path) -> None:
    world = SmallWorld(tmp_path)
    for n in range(500):
        no = f"MP7-{n:05d}"
        world.sell(no, (RICE, 2, 3000), (MILK, 1, 1250))
        for parcel in (
            Packed(no=1, warehouse=WARM, line_nos=(1,)),
            Packed(no=2, warehouse=COLD, line_nos=(2,), carrier="kuaidi100"),
        ):
            world.hand_over(no, parcel)
            world.deliver(no, parcel)
        world.bill(no, 4850)
        world.live(no)

    findings = world.audit()
    world.close()

    assert findings.mismatches == ()
    assert findings.checks > 500 * 20


def _contents(world: SmallWorld) -> list[list[tuple[object, ...]]]:
    tables = [ledger.each(kind) for ledger in world.ledgers.values() for kind in ledger.kinds()]
    return [list(table) for table in tables] + [
        world.stock.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own words
        for table in ("stock_item", "stock_lock")
    ]


def _copy_stock(world: SmallWorld, server: Mariadb) -> None:
    connection = server.connect("audited")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE stock_item (warehouse VARCHAR(32), sku VARCHAR(64), on_hand INT,"
            " locked INT, safety INT)"
        )
        cursor.execute(
            "CREATE TABLE stock_lock (parcel_key VARCHAR(110), sku VARCHAR(64),"
            " warehouse VARCHAR(32), quantity INT, state VARCHAR(16), at VARCHAR(32))"
        )
        items = world.stock.execute("SELECT * FROM stock_item").fetchall()
        locks = world.stock.execute("SELECT * FROM stock_lock").fetchall()
        cursor.executemany("INSERT INTO stock_item VALUES (%s, %s, %s, %s, %s)", items)
        cursor.executemany("INSERT INTO stock_lock VALUES (%s, %s, %s, %s, %s, %s)", locks)
        connection.commit()
