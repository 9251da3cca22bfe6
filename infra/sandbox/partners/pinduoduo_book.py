"""Pinduoduo's orders and claims: how they change, and that each change is pushed (protocols 1.4).

Beside what every shop keeps (``infra.sandbox.shop``), an ``order`` has ``claims``, the ids of the
claims about it; ``carrier``, ``tracking_no`` and ``shipped_at`` of its parcel and ``extras``, those
of further ones; ``former``, its receivers before the buyer moved. An ``after_sale`` has the
``protocol`` in which it was opened, and the number under which the goods were ``sent_back``.
"""

from dataclasses import dataclass
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.pinduoduo_claims import push_content
from infra.sandbox.partners.pinduoduo_outbox import Outbox
from infra.sandbox.partners.pinduoduo_words import MALL_ID, OPEN
from infra.sandbox.shop import now_ms


@dataclass(frozen=True, slots=True)
class Book:
    """Keeps orders and claims; whoever calls commits a change and its push at once."""

    ledger: Ledger
    outbox: Outbox

    def order(self, number: str) -> Doc:
        """Look an order up.

        Raises:
            LookupError: The shop never sold it.
        """
        order = self.ledger.get("order", number)
        if order is None:
            raise LookupError(f"pinduoduo has no order {number}")
        return order

    def claim(self, claim_id: str) -> Doc:
        """Look a claim up.

        Raises:
            LookupError: Nobody ever opened it.
        """
        claim = self.ledger.get("after_sale", claim_id)
        if claim is None:
            raise LookupError(f"pinduoduo has no claim {claim_id}")
        return claim

    def claims_of(self, order: Doc) -> list[Doc]:
        """Tell the claims about an order, oldest first."""
        return [self.claim(claim_id) for claim_id in order["claims"]]

    def refunded_fen(self, order: Doc) -> int:
        """Add up what went back to the buyer."""
        paid = (self.ledger.get("refund", claim_id) for claim_id in order["claims"])
        return sum(refund["amount_fen"] for refund in paid if refund is not None)

    def change(self, order: Doc, **changes: Any) -> Doc:  # noqa: ANN401 - JSON values
        """Change an order; each change is later than the one before."""
        at = max(now_ms(), order["updated_at"] + 1)
        return self.ledger.amend("order", order["order_no"], **changes, updated_at=at)

    def ship(self, order: Doc, carrier: int, tracking_no: str) -> None:
        """Note that the merchant shipped an order."""
        parcel = {"carrier": carrier, "tracking_no": tracking_no, "shipped_at": now_ms()}
        self.push_trade("TradeSellerShip", self.change(order, standing="shipped", **parcel))

    def pay(self, claim_id: str, operation: int) -> None:
        """Refund a claim that is not over, once; the platform may overrule a refusal."""
        claim = self.claim(claim_id)
        if claim["stage"] in (*OPEN, "refused"):
            paid = {"order_no": claim["order_no"], "amount_fen": claim["amount_fen"]}
            self.ledger.put("refund", claim_id, paid)
            self._step(claim_id, "refunded", "RefundAgreeAgreement", operation)

    def close(self, claim_id: str, operation: int) -> None:
        """Close a claim that is open without a refund."""
        if self.claim(claim_id)["stage"] in (*OPEN, "refused"):
            self._step(claim_id, "withdrawn", "RefundClosed", operation)

    def agree_to_return(self, claim_id: str, operation: int) -> None:
        """Let the buyer send the goods back, once."""
        if self.claim(claim_id)["stage"] == "asked":
            self.answered(claim_id)
            self._step(claim_id, "agreed", "RefundAgreeAgreement", operation)

    def send_back(self, claim_id: str, number: str, operation: int) -> None:
        """Note that the goods are on their way back, and under which number."""
        if self.claim(claim_id)["stage"] == "agreed":
            self.ledger.amend("after_sale", claim_id, sent_back=number)
            self._step(claim_id, "returning", "RefundBuyerReturnGoods", operation)

    def refuse(self, claim_id: str, operation: int) -> None:
        """Refuse a claim, or the goods that came back."""
        if self.claim(claim_id)["stage"] in ("asked", "returning"):
            self.answered(claim_id)
            self._step(claim_id, "refused", "RefundClosed", operation)

    def answered(self, claim_id: str) -> None:
        """Note when the merchant first said something."""
        if "answered_at" not in self.claim(claim_id):
            self.ledger.amend("after_sale", claim_id, answered_at=now_ms())

    def _step(self, claim_id: str, stage: str, push: str, operation: int) -> None:
        at = max(now_ms(), self.claim(claim_id)["updated_at"] + 1)
        claim = self.ledger.amend("after_sale", claim_id, stage=stage, updated_at=at)
        self.change(self.order(claim["order_no"]))
        self.push_claim(push, claim_id, claim, operation)

    def push_trade(self, kind: str, order: Doc) -> None:
        """Push that an order changed; a push does not say how."""
        content = {"mall_id": MALL_ID, "tid": order["order_no"]}
        self.outbox.post(f"pdd_trade_{kind}", order["order_no"], order["updated_at"], content)

    def push_claim(self, kind: str, claim_id: str, claim: Doc, operation: int) -> None:
        """Push that somebody, ``operation`` says who, changed a claim."""
        content = push_content(claim_id, claim, operation)
        self.outbox.post(f"pdd_refund_{kind}", claim_id, claim["updated_at"], content)
