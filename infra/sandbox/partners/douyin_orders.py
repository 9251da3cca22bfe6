"""The Douyin shop's orders as its ledger keeps them, and what follows from it.

Beside what every shop keeps (``infra.sandbox.shop``) an ``order`` has:

- ``open_id``: who bought; ``former``: receivers that it had before it was moved.
- ``packs``: ``{pack_id, carrier, tracking_no, lines, at}``, ``at`` in Unix milliseconds.
- ``closed``: lines, counted from 1, that were refunded before they were shipped.
- ``claims``: by line, what ``after_sale_info`` says of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.douyin_gate import DouyinSays
from infra.sandbox.partners.douyin_seal import open_id
from infra.sandbox.partners.douyin_words import OrderStatus
from infra.sandbox.shop import now_ms

# Lines have numbers of their own, the first the order's; so far apart that no order has them.
BETWEEN_LINES = 100_000_000


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders in the ledger."""

    ledger: Ledger

    def find(self, number: str) -> Doc | None:
        """Look an order up."""
        return self.ledger.get("order", number)

    def get(self, number: str) -> Doc:
        """Tell an order; refuse whoever asks for one that is not there."""
        order = self.find(number)
        if order is None:
            raise DouyinSays(50002, "isv.business-failed", f"订单 {number} 不存在")
        return order

    def each(self) -> Iterator[Doc]:
        """Tell all orders, oldest first."""
        for _, order in self.ledger.each("order"):
            yield order

    def add(self, sample: Doc) -> bool:
        """Keep a new order that is paid; ``False`` when its number was sold before."""
        now = now_ms()
        kept: Doc = {
            **sample,
            "standing": "due",
            "due": True,
            "paid_at": now,
            "updated_at": now,
            "open_id": open_id(sample["receiver"]["phone"]),
            "former": [],
            "packs": [],
            "closed": [],
            "claims": {},
        }
        return self.ledger.put("order", sample["order_no"], kept)

    def amend(self, number: str, **changes: Any) -> Doc:  # noqa: ANN401 - JSON values
        """Change an order, let its standing follow, and tell what it says now."""
        order = {**self.get(number), **changes}
        standing = _standing(order)
        follows = {"standing": standing, "due": standing not in ("pending", "cancelled")}
        return self.ledger.amend("order", number, **{**changes, **follows, "updated_at": now_ms()})


def status_of(order: Doc) -> OrderStatus:
    """Tell the platform's word for where an order stands."""
    match order["standing"]:
        case "pending":
            return OrderStatus.PAID
        case "cancelled":
            return OrderStatus.CANCELLED
        case "shipped":
            return OrderStatus.SHIPPED
        case "delivered":
            return OrderStatus.COMPLETED
        case _:
            return OrderStatus.PARTLY_SHIPPED if order["packs"] else OrderStatus.PREPARING


def status_of_line(order: Doc, no: int) -> OrderStatus:
    """Tell the same of one line."""
    if no in order["closed"]:
        return OrderStatus.CANCELLED
    if no in shipped_lines(order):
        return OrderStatus.COMPLETED if order["standing"] == "delivered" else OrderStatus.SHIPPED
    whole = status_of(order)
    return OrderStatus.PREPARING if whole is OrderStatus.PARTLY_SHIPPED else whole


def lines_of(order: Doc) -> range:
    """Count an order's lines, from 1."""
    return range(1, len(order["items"]) + 1)


def shipped_lines(order: Doc) -> set[int]:
    """Tell the lines that are in a pack."""
    return {no for pack in order["packs"] for no in pack["lines"]}


def open_lines(order: Doc) -> list[int]:
    """Tell the lines that are still to be shipped."""
    done = shipped_lines(order) | set(order["closed"])
    return [no for no in lines_of(order) if no not in done]


def line_id(number: str, no: int) -> int:
    """Tell the platform's number of a line."""
    return int(number) + (no - 1) * BETWEEN_LINES


def line_ids(order: Doc, lines: Iterable[int] | None = None) -> list[int]:
    """Tell the numbers of some lines, or of all."""
    chosen = lines_of(order) if lines is None else lines
    return [line_id(order["order_no"], no) for no in chosen]


def _standing(order: Doc) -> str:
    """Let an order close with its last line; a review holds what is still to be shipped."""
    said: str = order["standing"]
    if said in ("cancelled", "delivered") or open_lines(order):
        return said
    return "shipped" if order["packs"] else "cancelled"
