"""Faults, each of which breaks exactly one thing in the small world."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.auditor.small_world import (
    BY_WMS,
    COLD,
    MILK,
    RECEIVED,
    RICE,
    SOAP,
    WARM,
    NoonClock,
    Packed,
    SmallWorld,
    return_of,
    waybill,
)

A, B, C, D, F, G, H, J = (f"miniprogram/{no}" for no in "ABCDFGHJ")
A1, A2, B1, C1, D2, G1 = f"{A}/1", f"{A}/2", f"{B}/1", f"{C}/1", f"{D}/2", f"{G}/1"
G_BACK, J_BACK = return_of("G", 1), return_of("J", 1)
ABUSER = "薅羊毛"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is planted, the promise that it breaks, and words that the sentence must have."""

    name: str
    promise: int
    plant: Callable[[SmallWorld], object]
    words: tuple[str, ...]


def _change_life(world: SmallWorld, order_id: str, **changes: Any) -> None:
    world.lives[order_id] = replace(world.lives[order_id], **changes)


def _no_papers(world: SmallWorld) -> None:
    world.drop("nuonuo", "invoice", f"{F}/invoice")
    world.drop("kingdee", "voucher", "F")


def _paper(world: SmallWorld, kind: str, key: str) -> None:
    paper = {"amount_fen": 100, "status": "issued", "kind": kind}
    world.put("nuonuo", "invoice", key, paper)


def _second_blue(world: SmallWorld) -> None:
    """A second hot invoice and a red one against it: the money agrees, the papers do not."""
    _paper(world, "blue", f"{A}/invoice/2")
    _paper(world, "red", f"{A}/invoice/2/red")


def _left_though_cancelled(world: SmallWorld) -> None:
    """The goods of an order that was cancelled go out; carrier, stock and shop know of them."""
    world.amend("qimen", "delivery_order", B1, status="DELIVERED")
    world.amend("sf", "order", B1, status="live")
    world.relock(B1, state="shipped")
    world.shelf(WARM, SOAP, on_hand=RECEIVED - 2)
    world.tell("B", 1, 1)


def _left_otherwise(world: SmallWorld) -> None:
    """Four pieces go out where five were ordered, while the order is open."""
    goods = [{"sku": RICE, "quantity": 4}]
    world.amend("qimen", "delivery_order", C1, status="DELIVERED", items=goods)


def _left_twice(world: SmallWorld) -> None:
    """After a re-route that called nothing back, both parcels leave."""
    world.hand_over("E", once := Packed(no=1, warehouse=WARM, line_nos=(1,)))
    world.hand_over("E", again := Packed(no=2, warehouse=WARM, line_nos=(1,)))
    world.deliver("E", once)
    world.deliver("E", again)


def _still_to_be_picked(world: SmallWorld) -> None:
    _change_life(world, C, open=False)
    world.amend("erp", "order", f"{C}/erp", status="CANCELLED")
    world.amend("sf", "order", C1, status="cancelled")
    world.relock(C1, state="released")
    world.shelf(WARM, RICE, locked=0)


def _locked_beyond_receipts(world: SmallWorld) -> None:
    """More is promised than came in; the hub's own two figures agree."""
    world.relock(C1, quantity=RECEIVED + 5)
    world.shelf(WARM, RICE, locked=RECEIVED + 5)


def _lock_left_behind(world: SmallWorld) -> None:
    world.relock(B1, state="locked")
    world.shelf(WARM, SOAP, locked=1)


def _lock_of_nobody(world: SmallWorld) -> None:
    lock = ("miniprogram/X/1", MILK, COLD, 2, "locked", "")
    world.stock.execute("INSERT INTO stock_lock VALUES (?, ?, ?, ?, ?, ?)", lock)
    world.shelf(COLD, MILK, locked=2)


def _same_number_twice(world: SmallWorld) -> None:
    world.amend("sf", "order", B1, waybill=waybill(C1))
    world.amend("printer", "label", B1, waybill=waybill(C1))


def _never_received(world: SmallWorld) -> None:
    """A refunded parcel is announced as a return, and never comes."""
    world.amend("qimen", "return_order", G_BACK, status="ACCEPT", received=[])
    world.stock.execute("DELETE FROM stock_lock WHERE parcel_key = ?", (G_BACK,))
    world.shelf(WARM, SOAP, on_hand=RECEIVED - 3)


def _called_back_and_gone(world: SmallWorld) -> None:
    """A parcel turns back on the road, and no warehouse ever sees it."""
    world.drop("qimen", "return_order", J_BACK)
    world.stock.execute("DELETE FROM stock_lock WHERE parcel_key = ?", (J_BACK,))
    world.shelf(COLD, MILK, on_hand=RECEIVED - 3)


def _announced_twice(world: SmallWorld) -> None:
    again = return_of("G", 101)
    world.copy("qimen", "return_order", G_BACK, again)
    world.amend("qimen", "return_order", again, status="ACCEPT", received=[])


def _more_back_than_left(world: SmallWorld) -> None:
    """Three pieces come back of a parcel of two; the stock believes it."""
    goods = [{"sku": SOAP, "quantity": 3, "inventory_type": "ZP"}]
    world.amend("qimen", "return_order", G_BACK, received=goods)
    world.relock(G_BACK, quantity=3)
    world.shelf(WARM, SOAP, on_hand=RECEIVED)


def _not_put_back(world: SmallWorld) -> None:
    world.stock.execute("DELETE FROM stock_lock WHERE parcel_key = ?", (G_BACK,))
    world.shelf(WARM, SOAP, on_hand=RECEIVED - 3)


def _red_without_refund(world: SmallWorld) -> None:
    """Somebody takes back a part of an invoice, and books it, though no money went back."""
    world.redden("A", 100)


def _red_unbooked(world: SmallWorld) -> None:
    world.drop("kingdee", "voucher", "G/R1")


def _never_frozen(world: SmallWorld) -> None:
    world.hub.execute("DELETE FROM buyer_act")


def _frozen_too_early(world: SmallWorld) -> None:
    world.hub.execute("DELETE FROM buyer_act")
    world.freeze(f"key of {ABUSER}", NoonClock().now() - timedelta(minutes=5))


def _entries(world: SmallWorld, debit_fen: int, credit_fen: int) -> None:
    entries = [
        {"debit_fen": debit_fen, "credit_fen": 0},
        {"debit_fen": 0, "credit_fen": credit_fen},
    ]
    world.amend("kingdee", "voucher", "A", entries=entries)


def _not_issued_yet(world: SmallWorld) -> None:
    world.amend("nuonuo", "invoice", f"{F}/invoice", status="issuing")
    world.drop("kingdee", "voucher", "F")


FAULTS = (
    Fault("an order without a life", 1, lambda w: w.lives.pop("miniprogram/E"), ("miniprogram/E",)),
    Fault("an order with two lives", 1, lambda w: _change_life(w, A, runs=2), (A, "2 段")),
    Fault("a life without an order", 1, lambda w: w.live("X"), ("miniprogram/X",)),
    Fault("no invoice", 2, _no_papers, (F, "0.00 元", "21.00 元")),
    Fault(
        "invoiced more than the money kept",
        2,
        lambda w: w.refund("A", 850, 2),
        (A, "48.50 元", "40.00 元"),
    ),
    Fault(
        "a red letter that nobody was refunded for",
        2,
        _red_without_refund,
        (A, "47.50 元", "48.50 元"),
    ),
    Fault("refunded, and out for good", 2, _never_received, (G, SOAP, "2 件", "核销")),
    Fault(
        "refunded and lost, and nobody wrote it off",
        2,
        lambda w: w.hub.execute("DELETE FROM write_off"),
        (H, SOAP, "1 件", "核销"),
    ),
    Fault(
        "written off by nobody",
        2,
        lambda w: w.hub.execute("UPDATE write_off SET `by` = ''"),
        (H, SOAP, "核销"),
    ),
    Fault("called back, and never received", 2, _called_back_and_gone, (J, MILK, "1 件", "核销")),
    Fault(
        "a parcel that turned back, nobody knows where to",
        2,
        _called_back_and_gone,
        (f"{J}/1", "没有签收记录"),
    ),
    Fault("an abuser goes on", 2, _never_frozen, (ABUSER, "没有被冻结")),
    Fault("frozen before the third claim", 2, _frozen_too_early, (ABUSER, "之前就被冻结")),
    Fault(
        "frozen without a third claim",
        2,
        lambda w: w.amend("world", "abuser", ABUSER, third_claim_at=None),
        (ABUSER, "之前就被冻结"),
    ),
    Fault(
        "an honest buyer is frozen",
        2,
        lambda w: w.freeze("somebody", NoonClock().now()),
        ("没有滥用退款", "somebody"),
    ),
    Fault("an invoice that is not issued yet", 2, _not_issued_yet, (F, "0.00 元")),
    Fault("out of the house though cancelled", 2, _left_though_cancelled, (B, B1, WARM)),
    Fault("out of the house, but not as ordered", 2, _left_otherwise, (C, RICE, "4 件")),
    Fault("out of the house twice", 2, _left_twice, ("miniprogram/E", SOAP, "3 件")),
    Fault("over, and still to be picked", 2, _still_to_be_picked, (C, C1, WARM)),
    Fault(
        "more left than came in",
        3,
        lambda w: w.amend("world", "receipt", f"first/{BY_WMS}/{MILK}", quantity=1),
        (D2, BY_WMS, MILK, "超卖 1 件"),
    ),
    Fault("more promised than came in", 3, _locked_beyond_receipts, (C1, WARM, "超卖 9 件")),
    Fault(
        "locked is not the sum of the locks",
        3,
        lambda w: w.shelf(WARM, RICE, locked=6),
        (C1, WARM, RICE, "6 件", "5 件"),
    ),
    Fault(
        "on hand is not what was received less what left",
        3,
        lambda w: w.shelf(WARM, RICE, on_hand=RECEIVED - 2),
        (A1, WARM, RICE),
    ),
    Fault(
        "less than nothing on hand",
        3,
        lambda w: w.shelf(BY_WMS, MILK, on_hand=-1),
        (BY_WMS, "-1 件"),
    ),
    Fault("a lock outlives its order", 3, _lock_left_behind, (B, B1, WARM)),
    Fault("back in the house, and not on its shelf", 3, _not_put_back, (G, G_BACK, "2 件")),
    Fault("a lock of no order", 3, _lock_of_nobody, ("miniprogram/X", COLD, MILK)),
    Fault("less booked than left", 3, lambda w: w.relock(D2, quantity=1), (D, D2, BY_WMS)),
    Fault(
        "a second live waybill",
        4,
        lambda w: w.put("kuaidi100", "order", C1, {"waybill": "78001", "status": "live"}),
        (C, C1, "78001"),
    ),
    Fault("one number for two parcels", 4, _same_number_twice, (B1, C1, waybill(C1))),
    Fault(
        "left under a cancelled waybill",
        4,
        lambda w: w.amend("sf", "order", A1, status="cancelled"),
        (A, A1, waybill(A1)),
    ),
    Fault(
        "a waybill left over",
        4,
        lambda w: w.amend("sf", "order", B1, status="live"),
        (B, B1, waybill(B1)),
    ),
    Fault("a second label", 4, lambda w: w.copy("printer", "label", C1, "again"), (C, C1, "2 张")),
    Fault(
        "a label with a number of nobody's",
        4,
        lambda w: w.amend("printer", "label", C1, waybill="SF0"),
        (C, C1, "SF0"),
    ),
    Fault(
        "two hand-overs of one parcel",
        4,
        lambda w: w.copy("qimen", "delivery_order", C1, f"{C}/2"),
        (C1, f"{C}/2", waybill(C1)),
    ),
    Fault("two hot invoices", 4, _second_blue, (A, "2 张蓝票")),
    Fault(
        "the same fact booked twice",
        4,
        lambda w: w.copy("kingdee", "voucher", "A", "again"),
        (A, f"{A}/voucher/sale", "2 张凭证"),
    ),
    Fault("one parcel announced back twice", 4, _announced_twice, (G1, G_BACK, "2 张退货单")),
    Fault("more back than left", 4, _more_back_than_left, (G1, "出库 2 件", "收货 3 件")),
    Fault(
        "a red letter beyond its invoice",
        4,
        lambda w: _paper(w, "red", f"{C}/invoice/red/1"),
        (C, "1.00 元", "超过蓝票"),
    ),
    Fault(
        "a refund booked without its red letter",
        4,
        lambda w: w.book("A/R9", f"{A}/voucher/refund/9", -100),
        (A, "没有", "1.00 元"),
    ),
    Fault("a red letter not booked", 4, _red_unbooked, (G, "25.80 元", "没有")),
    Fault("a sale not booked", 4, lambda w: w.drop("kingdee", "voucher", "A"), (A, "48.50 元")),
    Fault(
        "a voucher not audited",
        4,
        lambda w: w.amend("kingdee", "voucher", "A", status="B"),
        (A, "PZ1", "B"),
    ),
    Fault("a voucher out of balance", 4, lambda w: _entries(w, 4850, 4849), (A, "48.49 元")),
    Fault("a voucher of another amount", 4, lambda w: _entries(w, 4800, 4800), (A, "48.00 元")),
    Fault(
        "a voucher without an invoice",
        4,
        lambda w: w.book("B", f"{B}/voucher/sale", 990),
        (B, "9.90 元"),
    ),
    Fault(
        "an order that the ERP never saw",
        4,
        lambda w: w.drop("erp", "order", f"{A}/erp"),
        (A, "ERP 里没有"),
    ),
    Fault(
        "an order twice in the ERP",
        4,
        lambda w: w.copy("erp", "order", f"{C}/erp", f"{C}/erp/again"),
        (C, "ERP 里有 2 张"),
    ),
    Fault(
        "an order that nobody audited",
        4,
        lambda w: w.amend("erp", "order", f"{A}/erp", status="WAIT_AUDIT"),
        (A, "WAIT_AUDIT"),
    ),
    Fault(
        "a cancelled order that the ERP still expects",
        4,
        lambda w: w.amend("erp", "order", f"{B}/erp", status="AUDITED"),
        (B, "应为已作废"),
    ),
    Fault(
        "a shipment not told",
        5,
        lambda w: w.drop("miniprogram", "shipment", A2),
        (A, A2, waybill(A2)),
    ),
    Fault(
        "a shipment told twice",
        5,
        lambda w: w.copy("miniprogram", "shipment", A1, f"{A1}/again"),
        (A, waybill(A1), "2 次"),
    ),
    Fault(
        "told another number",
        5,
        lambda w: w.amend("miniprogram", "shipment", A1, tracking_no="SF0"),
        (A, A1, "SF0", waybill(A1)),
    ),
    Fault(
        "told other lines",
        5,
        lambda w: w.amend("miniprogram", "shipment", A1, lines=[2]),
        (A, A1, WARM, "[2]"),
    ),
    Fault("told of what stayed in the house", 5, lambda w: w.tell("B", 1, 1), (B, B1)),
    Fault(
        "milk from a warm warehouse",
        6,
        lambda w: w.amend("world", "warehouse", COLD, bands=["ambient"]),
        (A, MILK, "冷藏", COLD),
    ),
    Fault(
        "an article whose band nobody knows",
        6,
        lambda w: w.drop("world", "sku", RICE),
        (A, RICE, WARM),
    ),
)
