"""A small world for the auditor: orders as partners and the stock would have written them down.

Each ledger is written by the sandbox's own ledger, the stock by plain SQL.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from infra.auditor.audit import Findings, Life, StockNames, audit
from infra.sandbox.ledger import Doc, Ledger

MILK, RICE, SOAP = "10001", "20001", "30001"
BANDS = {MILK: "chilled", RICE: "ambient", SOAP: "ambient"}
WARM, COLD, BY_WMS = "HZ-GS", "HZ-SC", "HZ-YH"
RECEIVED = 10_000
LEDGERS = (
    "world",
    "miniprogram",
    "sf",
    "kuaidi100",
    "qimen",
    "printer",
    "nuonuo",
    "kingdee",
    "erp",
)
STOPS = ("collected", "in_transit", "out_for_delivery", "delivered")
TURNED = ("collected", "in_transit", "turned_back", "returned")
STOCK = """
CREATE TABLE stock_item (warehouse TEXT, sku TEXT, on_hand INTEGER, locked INTEGER, safety INTEGER,
                         PRIMARY KEY (warehouse, sku));
CREATE TABLE stock_lock (parcel_key TEXT, sku TEXT, warehouse TEXT, quantity INTEGER, state TEXT,
                         at TEXT, PRIMARY KEY (parcel_key, sku));
"""
HUB = """
CREATE TABLE write_off (order_id TEXT, subject TEXT, line_nos TEXT, `by` TEXT);
CREATE TABLE buyer_act (buyer_key TEXT, act TEXT, `by` TEXT, at TEXT);
CREATE TABLE order_book (order_id TEXT, buyer_key TEXT);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A parcel: its number in the order, where it leaves from, and the order's lines in it."""

    no: int
    warehouse: str
    line_nos: tuple[int, ...]
    carrier: str = "sf"


class NoonClock:
    """The world's time stands still."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 4, tzinfo=UTC)


@dataclass
class SmallWorld:
    """Everything outside, and the engine's list of lives."""

    var: Path
    lives: dict[str, Life] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folder = self.var / "sandbox"
        self.ledgers = {name: Ledger(folder / f"{name}.sqlite", NoonClock()) for name in LEDGERS}
        self.stock_file = self.var / "stock.sqlite"
        self.stock = sqlite3.connect(self.stock_file, isolation_level=None)
        self.stock.execute("PRAGMA journal_mode=WAL")
        self.stock.execute("PRAGMA synchronous=OFF")
        self.stock.executescript(STOCK)
        self.hub_file = self.var / "hub.sqlite"
        self.hub = sqlite3.connect(self.hub_file, isolation_level=None)
        self.hub.executescript(HUB)
        self._fill_warehouses()

    def close(self) -> None:
        for ledger in self.ledgers.values():
            ledger.close()
        self.stock.close()
        self.hub.close()

    def audit(self, names: StockNames | None = None) -> Findings:
        stock, hub = f"sqlite:///{self.stock_file}", f"sqlite:///{self.hub_file}"
        lives = list(self.lives.values())
        return audit(self.var, stock, lives, names or StockNames(), hub_url=hub)

    def put(self, ledger: str, kind: str, key: str, doc: Doc) -> None:
        assert self.ledgers[ledger].put(kind, key, doc)

    def amend(self, ledger: str, kind: str, key: str, **changes: object) -> None:
        self.ledgers[ledger].amend(kind, key, **changes)

    def drop(self, ledger: str, kind: str, key: str) -> None:
        assert self.ledgers[ledger].get(kind, key) is not None
        self.ledgers[ledger].drop(kind, key)

    def copy(self, ledger: str, kind: str, key: str, to: str) -> None:
        doc = self.ledgers[ledger].get(kind, key)
        assert doc is not None
        self.put(ledger, kind, to, doc)

    def shelf(self, warehouse: str, sku: str, **figures: int) -> None:
        """Write another figure on a shelf."""
        for column, pieces in figures.items():
            statement = f"UPDATE stock_item SET {column} = ? WHERE warehouse = ? AND sku = ?"  # noqa: S608 - our own words
            assert self.stock.execute(statement, (pieces, warehouse, sku)).rowcount == 1

    def relock(self, parcel_key: str, **changes: int | str) -> None:
        """Write something else into a parcel's only lock."""
        for column, value in changes.items():
            statement = f"UPDATE stock_lock SET {column} = ? WHERE parcel_key = ?"  # noqa: S608 - our own words
            assert self.stock.execute(statement, (value, parcel_key)).rowcount == 1

    # How an order goes.

    def live(self, no: str, *, is_open: bool = False, waits: bool = False) -> None:
        order_id = f"miniprogram/{no}"
        self.lives[order_id] = Life(order_id=order_id, open=is_open, waits_for_person=waits, runs=1)

    def sell(self, no: str, *lines: tuple[str, int, int], freight: int = 600) -> None:
        """Lines are SKU, pieces, and what was paid for all of them."""
        items = [{"sku": s, "name": s, "quantity": n, "paid_amount": paid} for s, n, paid in lines]
        paid = sum(paid for _, _, paid in lines) + freight
        order = {"order_no": no, "items": items, "freight": freight, "pay_amount": paid}
        self.put("miniprogram", "order", no, {**order, "due": True})

    def lock(self, no: str, parcel: Packed) -> None:
        for sku, pieces in self._goods(no, parcel):
            row = (f"miniprogram/{no}/{parcel.no}", sku, parcel.warehouse, pieces)
            self.stock.execute("INSERT INTO stock_lock VALUES (?, ?, ?, ?, 'locked', '')", row)
            self._move(parcel.warehouse, sku, locked=pieces)

    def hand_over(self, no: str, parcel: Packed) -> None:
        """Lock, book, print, and give to the WMS."""
        key = f"miniprogram/{no}/{parcel.no}"
        number = waybill(key)
        booking = {"waybill": number, "carrier": parcel.carrier, "status": "live"}
        self.lock(no, parcel)
        self.put(parcel.carrier, "order", key, booking)
        self.put(parcel.carrier, "route", number, {"order_id": key, "routes": []})
        label = {"printer": f"printer-{parcel.warehouse}", "parcel_key": key, "waybill": number}
        self.put("printer", "label", key, label)
        items = [{"sku": sku, "quantity": pieces} for sku, pieces in self._goods(no, parcel)]
        order = {"warehouse": parcel.warehouse, "status": "ACCEPT", "waybill": number}
        self.put("qimen", "delivery_order", key, {**order, "items": items})

    def call_back(self, no: str, parcel: Packed) -> None:
        key = f"miniprogram/{no}/{parcel.no}"
        self.amend("qimen", "delivery_order", key, status="CANCELED")
        self.amend(parcel.carrier, "order", key, status="cancelled")
        self._settle(no, parcel, "released")

    def deliver(self, no: str, parcel: Packed) -> None:
        key = f"miniprogram/{no}/{parcel.no}"
        self.tell(no, parcel.no, *parcel.line_nos)
        self.amend("qimen", "delivery_order", key, status="DELIVERED")
        scans = [{"stop": stop, "at": ""} for stop in STOPS]
        self.amend(parcel.carrier, "route", waybill(key), routes=scans)
        self._settle(no, parcel, "shipped")

    def turn_back(self, no: str, parcel: Packed) -> None:
        """Let a parcel leave, and its carrier bring it back before it reaches anybody."""
        key = f"miniprogram/{no}/{parcel.no}"
        self.tell(no, parcel.no, *parcel.line_nos)
        self.amend("qimen", "delivery_order", key, status="DELIVERED")
        scans = [{"stop": stop, "at": ""} for stop in TURNED]
        self.amend(parcel.carrier, "route", waybill(key), routes=scans)
        self.amend(parcel.carrier, "order", key, intercepted=True)
        self._settle(no, parcel, "shipped")

    def tell(self, no: str, parcel_no: int, *line_nos: int) -> None:
        key = f"miniprogram/{no}/{parcel_no}"
        shipment = {"order_no": no, "tracking_no": waybill(key), "lines": line_nos, "told": 1}
        self.put("miniprogram", "shipment", key, shipment)

    def bill(self, no: str, amount_fen: int) -> None:
        paper = {"amount_fen": amount_fen, "status": "issued", "kind": "blue"}
        self.put("nuonuo", "invoice", f"miniprogram/{no}/invoice", paper)
        self.book(no, f"miniprogram/{no}/voucher/sale", amount_fen)
        self.relay(no, "AUDITED")

    def refund(self, no: str, amount_fen: int, *line_nos: int) -> None:
        """Give money back for some lines, or for the whole order."""
        claim = f"R{self.ledgers['miniprogram'].count('refund') + 1}"
        self.put("miniprogram", "after_sale", claim, {"lines": line_nos})
        self.put("miniprogram", "refund", claim, {"order_no": no, "amount_fen": amount_fen})

    def redden(self, no: str, amount_fen: int) -> None:
        """Take a part of an invoice back, and book that."""
        claim = f"R{self.ledgers['miniprogram'].count('refund')}"
        red = {"amount_fen": amount_fen, "status": "issued", "kind": "red"}
        self.put("nuonuo", "invoice", f"miniprogram/{no}/invoice/red/{claim}", red)
        self.book(f"{no}/{claim}", f"miniprogram/{no}/voucher/refund/{claim}", -amount_fen)

    def take_back(self, no: str, parcel: Packed) -> None:
        """Let the warehouse that sent a parcel receive it again, and the stock book it."""
        key, code = f"miniprogram/{no}/{parcel.no}", return_of(no, parcel.no)
        goods = self._goods(no, parcel)
        received = [{"sku": s, "quantity": n, "inventory_type": "ZP"} for s, n in goods]
        order = {"delivery_order": key, "warehouse": parcel.warehouse, "status": "FULFILLED"}
        self.put("qimen", "return_order", code, {**order, "received": received})
        for sku, pieces in goods:
            row = (code, sku, parcel.warehouse, pieces)
            self.stock.execute("INSERT INTO stock_lock VALUES (?, ?, ?, ?, 'returned', '')", row)
            self._move(parcel.warehouse, sku, locked=0, on_hand=pieces)

    def abuse(self, name: str, *nos: str, frozen_at: datetime | None) -> None:
        """Let a buyer claim for these orders; the third claim is at noon."""
        orders = [f"miniprogram/{no}" for no in nos]
        at = NoonClock().now()
        abuser = {"orders": orders, "third_claim_at": at.isoformat()}
        self.put("world", "abuser", name, abuser)
        for order_id in orders:
            self.hub.execute("INSERT INTO order_book VALUES (?, ?)", (order_id, f"key of {name}"))
        if frozen_at is not None:
            self.freeze(f"key of {name}", frozen_at)

    def freeze(self, buyer_key: str, at: datetime) -> None:
        """Let the guard freeze somebody."""
        act = (buyer_key, "freeze", "guard", at.replace(tzinfo=None).isoformat(" "))
        self.hub.execute("INSERT INTO buyer_act VALUES (?, ?, ?, ?)", act)

    def write_off(self, no: str, *line_nos: int, by: str = "店长") -> None:
        """Let somebody bear the loss of goods that are paid back and out."""
        loss = (f"miniprogram/{no}", f"claim/{no}", json.dumps(line_nos), by)
        self.hub.execute("INSERT INTO write_off VALUES (?, ?, ?, ?)", loss)

    def relay(self, no: str, status: str) -> None:
        """Show the ERP an order, and let it stand there."""
        number = f"XSDD{self.ledgers['erp'].count('order') + 1}"
        order = {"platform": "miniprogram", "platformOrderNo": no, "orderNo": number}
        self.put("erp", "order", f"miniprogram/{no}/erp", {**order, "status": status})

    def book(self, no: str, reference: str, amount_fen: int) -> None:
        entries = [
            {"debit_fen": amount_fen, "credit_fen": 0},
            {"debit_fen": 0, "credit_fen": amount_fen - 100},
            {"debit_fen": 0, "credit_fen": 100},
        ]
        number = f"PZ{self.ledgers['kingdee'].count('voucher') + 1}"
        voucher = {"number": number, "reference": reference, "status": "C", "entries": entries}
        self.put("kingdee", "voucher", no, voucher)

    def _settle(self, no: str, parcel: Packed, state: str) -> None:
        key = f"miniprogram/{no}/{parcel.no}"
        self.stock.execute("UPDATE stock_lock SET state = ? WHERE parcel_key = ?", (state, key))
        for sku, pieces in self._goods(no, parcel):
            gone = pieces if state == "shipped" else 0
            self._move(parcel.warehouse, sku, locked=-pieces, on_hand=-gone)

    def _move(self, warehouse: str, sku: str, *, locked: int, on_hand: int = 0) -> None:
        statement = (
            "UPDATE stock_item SET locked = locked + ?, on_hand = on_hand + ?"
            " WHERE warehouse = ? AND sku = ?"
        )
        done = self.stock.execute(statement, (locked, on_hand, warehouse, sku))
        assert done.rowcount == 1

    def _goods(self, no: str, parcel: Packed) -> Iterable[tuple[str, int]]:
        order = self.ledgers["miniprogram"].get("order", no) or {}
        items = (order["items"][line_no - 1] for line_no in parcel.line_nos)
        return [(item["sku"], item["quantity"]) for item in items]

    def _fill_warehouses(self) -> None:
        for code, bands, stock in (
            (WARM, ["ambient"], "database"),
            (COLD, ["chilled"], "database"),
            (BY_WMS, ["chilled", "frozen"], "wms"),
        ):
            self.put("world", "warehouse", code, {"bands": bands, "stock": stock})
            for sku in (sku for sku, band in BANDS.items() if band in bands):
                receipt = {"warehouse": code, "sku": sku, "quantity": RECEIVED}
                self.put("world", "receipt", f"first/{code}/{sku}", receipt)
                self.stock.execute(
                    "INSERT INTO stock_item VALUES (?, ?, ?, 0, 0)", (code, sku, RECEIVED)
                )
        for sku, band in BANDS.items():
            self.put("world", "sku", sku, {"band": band})


def return_of(no: str, parcel_no: int) -> str:
    """Tell the code under which a parcel that was called back is announced."""
    return f"miniprogram/{no}/return/p{parcel_no}"


def waybill(parcel_key: str) -> str:
    """Make up the number of a parcel's waybill."""
    return f"SF{parcel_key.partition('/')[2]}".replace("/", "-")
