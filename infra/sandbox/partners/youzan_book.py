"""What the Youzan shop keeps of an order and of its claims (``infra.sandbox.shop``).

An ``order`` holds more than the sample: ``open_id`` names the buyer, ``close_type`` and ``memo``
are Youzan's, ``parcels`` tells each line's number on its way, ``consigned_at`` when the last line
left, ``claims`` the ids of its claims. Every change is dated later than the one before, so that a
date is a version, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.youzan_words import CloseType, open_id
from infra.sandbox.shop import now_ms

LIVE = ("due", "shipped", "delivered")  # an order that stands there has a life at the hub


@dataclass(frozen=True, slots=True)
class Book:
    """Orders and claims, and how they hang together."""

    ledger: Ledger

    def sell(self, sample: Doc) -> Doc | None:
        """Write a new order down; ``None`` when it is there already."""
        paid_at = now_ms()
        order = {
            **sample,
            "due": True,
            "standing": "due",
            "paid_at": paid_at,
            "updated_at": paid_at,
            "open_id": open_id(sample["receiver"]["phone"]),
            "close_type": CloseType.NOT_CLOSED,
            "memo": "",
            "parcels": {},
            "consigned_at": None,
            "claims": [],
        }
        return order if self.ledger.put("order", sample["order_no"], order) else None

    def order(self, tid: str) -> Doc:
        """Look an order up.

        Raises:
            LookupError: the shop never sold it.
        """
        order = self.ledger.get("order", tid)
        if order is None:
            raise LookupError(f"youzan has no order {tid}")
        return order

    def change(self, tid: str, **changes: Any) -> Doc:  # noqa: ANN401 - JSON values
        """Change an order."""
        order = {**self.order(tid), **changes}
        dated = max(now_ms(), order["updated_at"] + 1)
        due = order["standing"] in LIVE
        return self.ledger.amend("order", tid, **changes, due=due, updated_at=dated)

    def claim(self, refund_id: str) -> Doc:
        """Look a claim up.

        Raises:
            LookupError: nobody ever asked for it.
        """
        claim = self.ledger.get("after_sale", refund_id)
        if claim is None:
            raise LookupError(f"youzan has no claim {refund_id}")
        return claim

    def change_claim(self, refund_id: str, **changes: Any) -> Doc:  # noqa: ANN401 - the same
        """Change a claim; its order changes with it."""
        claim = self.claim(refund_id)
        dated = max(now_ms(), claim["updated_at"] + 1)
        self.change(claim["order_no"])
        return self.ledger.amend("after_sale", refund_id, **changes, updated_at=dated)

    def claims(self, order: Doc) -> list[tuple[str, Doc]]:
        """Tell an order's claims, oldest first."""
        return [(refund_id, self.claim(refund_id)) for refund_id in order["claims"]]

    def left(self, order: Doc) -> set[int]:
        """Tell the lines whose money stays with the shop, counted from 1."""
        refunded = [
            set(lines_of(order, claim))
            for _, claim in self.claims(order)
            if claim["stage"] == "refunded" and claim["amount_fen"] >= _paid_fen(order, claim)
        ]
        return set(lines_of(order, None)).difference(*refunded)

    def settle(self, tid: str) -> Doc:
        """Close an order that is refunded altogether; ship one whose lines have all left."""
        order = self.order(tid)
        left, on_their_way = self.left(order), {int(line) for line in order["parcels"]}
        if order["standing"] == "cancelled":
            return order
        if not left:
            return self.change(tid, standing="cancelled", close_type=CloseType.REFUNDED)
        if left <= on_their_way and order["standing"] == "due":
            return self.change(tid, standing="shipped", consigned_at=now_ms())
        return order


def lines_of(order: Doc, claim: Doc | None) -> Sequence[int]:
    """Tell the lines that a claim is about; without a claim, all."""
    every = range(1, len(order["items"]) + 1)
    return (claim["lines"] if claim else None) or every


def paid_fen(order: Doc, line: int) -> int:
    """Tell what was paid for a line."""
    paid: int = order["items"][line - 1]["paid_amount"]
    return paid


def _paid_fen(order: Doc, claim: Doc) -> int:
    return sum(paid_fen(order, line) for line in lines_of(order, claim))
