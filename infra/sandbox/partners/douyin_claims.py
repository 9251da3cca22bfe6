"""Claims at the Douyin shop: what buyers ask, what the hub answers, what the platform does.

A claim's key in the ledger is the platform's own number of it. Beside what every shop keeps, an
``after_sale`` has the platform's ``type`` and ``status``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_claim_papers import lines_meant, refund_status, told
from infra.sandbox.partners.douyin_claim_steps import REFUNDED, SENT_BACK, WITHDRAWN, Step
from infra.sandbox.partners.douyin_news import News, Tell
from infra.sandbox.partners.douyin_orders import Orders, shipped_lines
from infra.sandbox.partners.douyin_shop import cancelled
from infra.sandbox.partners.douyin_words import NAME, ClaimStatus, ClaimType, Tag
from infra.sandbox.shop import (
    BUYER_CLAIMED,
    BUYER_WITHDREW,
    GOODS_SENT_BACK,
    MONEY_RETURNED,
    kind_offered,
    may_claim,
    now_ms,
)
from infra.sandbox.world import World

FIRST_CLAIM = 7_200_000_000_000_000_000
LARGEST_ID = 2**63 - 1
OPEN = ("asked", "agreed", "returning")
OVER = ("refunded", "withdrawn")

# How a stage is told: the message's tag, and what its own time is called there.
TOLD: Mapping[Tag, str] = {
    Tag.REFUND_ASKED: "apply_time",
    Tag.REFUND_AGREED: "agree_time",
    Tag.RETURN_AGREED: "agree_time",
    Tag.REFUND_REFUSED: "refuse_time",
    Tag.RETURN_REFUSED: "refuse_time",
    Tag.REFUNDED: "success_time",
    Tag.CLAIM_CLOSED: "close_time",
}


@dataclass(frozen=True, slots=True)
class Claims:
    """Keeps claims; money moves only when the hub agrees or the platform decides."""

    orders: Orders
    news: News

    def listen(self, world: World) -> None:
        """Hear of buyers and of the platform."""
        world.listen(BUYER_CLAIMED, self.claim)
        world.listen(BUYER_WITHDREW, self.withdraw)
        world.listen(MONEY_RETURNED, self.return_money)
        world.listen(GOODS_SENT_BACK, self.send_back)

    def find(self, claim_id: str) -> Doc | None:
        """Look a claim up."""
        return self.orders.ledger.get("after_sale", claim_id)

    async def claim(self, deed: Doc) -> None:
        """Open a claim; the same told twice is one."""
        order = self.orders.find(deed["order_no"]) if deed["channel"] == NAME else None
        claim_id, now = claim_number(deed["claim"]), now_ms()
        if order is None or not may_claim(self.orders.ledger, {**deed, "claim": claim_id}):
            return
        told_by_buyer = ("order_no", "amount_fen", "lines", "reason")
        shipped = shipped_lines(order) & set(lines_meant(deed, order))
        deed = {**deed, "kind": kind_offered(deed["kind"], bool(shipped))}
        claim = {
            **{name: deed[name] for name in told_by_buyer},
            "kind": deed["kind"],
            "stage": "asked",
            "type": int(_type(deed, order)),
            "status": int(ClaimStatus.TO_AGREE),
            "created_at": now,
            "updated_at": now,
        }
        with self.news.together() as tell:
            if self.orders.ledger.put("after_sale", claim_id, claim):
                self._tell(tell, claim_id, claim, (Tag.REFUND_ASKED,))

    async def send_back(self, news: Doc) -> None:
        """Hear that a buyer handed the goods to a carrier."""
        claim = self.find(news["claim_id"]) if news["channel"] == NAME else None
        if claim is not None and claim["stage"] == "agreed":
            with self.news.together() as tell:
                self.step(tell, news["claim_id"], SENT_BACK)

    async def withdraw(self, deed: Doc) -> None:
        """Let the buyer think better of it."""
        claim = self._claim_of(deed)
        if claim is not None and claim["stage"] in (*OPEN, "refused"):
            with self.news.together() as tell:
                self.step(tell, claim_number(deed["claim"]), WITHDRAWN)

    async def return_money(self, deed: Doc) -> None:
        """Refund without asking anybody, as the platform may."""
        claim = self._claim_of(deed)
        if claim is not None and claim["stage"] not in OVER:
            with self.news.together() as tell:
                self.step(tell, claim_number(deed["claim"]), REFUNDED)

    def answered(self, claim_id: str) -> None:
        """Note when the merchant first said something."""
        if "answered_at" not in (self.find(claim_id) or {}):
            self.orders.ledger.amend("after_sale", claim_id, answered_at=now_ms())

    def step(self, tell: Tell, claim_id: str, step: Step) -> None:
        """Take a claim further; call it among what is written together."""
        ledger = self.orders.ledger
        known = self.find(claim_id) or {}
        claim = ledger.amend(
            "after_sale",
            claim_id,
            stage=step.stage,
            status=int(step.status),
            updated_at=max(now_ms(), known["updated_at"] + 1),
        )
        if step.stage == "refunded":
            refund = {name: claim[name] for name in ("order_no", "amount_fen")}
            ledger.put("refund", claim_id, refund)
        self._tell(tell, claim_id, claim, step.tags)

    def _claim_of(self, deed: Doc) -> Doc | None:
        return self.find(claim_number(deed["claim"])) if deed["channel"] == NAME else None

    def _tell(self, tell: Tell, claim_id: str, claim: Doc, tags: tuple[Tag, ...]) -> None:
        """Write the claim onto its order as well, and tell of both."""
        before = self.orders.get(claim["order_no"])
        order = self._mark(before, claim)
        for tag in tags:
            tell(tag, told(claim_id, claim, order, TOLD[tag]))
        if order["standing"] == "cancelled" and before["standing"] != "cancelled":
            tell(Tag.CANCELLED, cancelled(order))

    def _mark(self, order: Doc, claim: Doc) -> Doc:
        """Note a claim on its lines; what is paid back before it is shipped is closed.

        An allowance, a part of what was paid for the lines, closes nothing.
        """
        lines = lines_meant(claim, order)
        info = {
            "after_sale_status": claim["status"],
            "after_sale_type": claim["type"],
            "refund_status": int(refund_status(claim)),
        }
        changes: Doc = {"claims": {**order["claims"], **{str(no): info for no in lines}}}
        paid_fen = sum(order["items"][no - 1]["paid_amount"] for no in lines)
        if claim["stage"] == "refunded" and claim["amount_fen"] >= paid_fen:
            refunded = set(lines) - shipped_lines(order)
            changes["closed"] = sorted({*order["closed"], *refunded})
        return self.orders.amend(order["order_no"], **changes)


def claim_number(claim: object) -> str:
    """Tell the platform's number of a claim; one that is no number gets one of its own."""
    named = str(claim)
    if named.isascii() and named.isdecimal() and int(named) <= LARGEST_ID:
        return str(int(named))
    return str(FIRST_CLAIM + int(md5(named.encode()).hexdigest()[:12], 16))


def _type(deed: Doc, order: Doc) -> ClaimType:
    match deed["kind"]:
        case "return":
            return ClaimType.RETURN
        case "exchange":
            return ClaimType.EXCHANGE
        case _:
            shipped = shipped_lines(order) & set(lines_meant(deed, order))
            return ClaimType.REFUND_AFTER_SHIPPING if shipped else ClaimType.REFUND_BEFORE_SHIPPING
