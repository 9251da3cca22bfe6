"""Claims at the Youzan shop: buyers ask, the merchant agrees or refuses, the platform pays back.

Once a return is agreed on, the buyer sends the goods back (``infra.sandbox.buyer_returns``).
"""

from dataclasses import dataclass
from typing import Any

from infra.sandbox.buyer_returns import goods_may_come
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_book import Book
from infra.sandbox.partners.youzan_news import News
from infra.sandbox.partners.youzan_shop import Shop
from infra.sandbox.partners.youzan_wire import YouzanSays
from infra.sandbox.partners.youzan_words import NAME
from infra.sandbox.shop import kind_offered, may_claim, now_ms
from infra.sandbox.world import World

OPEN = ("asked", "agreed", "returning")
OVER = ("refunded", "withdrawn")


@dataclass(frozen=True, slots=True)
class Claims:
    """Follows every claim from its first word to its last."""

    world: World
    book: Book
    shop: Shop
    news: News

    async def ask(self, deed: Doc) -> None:
        """Hear what a buyer wants back; a claim is opened once."""
        order = self.book.order(deed["order_no"])
        if not may_claim(self.book.ledger, deed):
            return
        at_ms = now_ms()
        asked = {name: deed[name] for name in ("order_no", "amount_fen", "reason")}
        asked["kind"] = kind_offered(deed["kind"], bool(order["parcels"]))
        dates = {"created_at": at_ms, "updated_at": at_ms}
        claim: Doc = {**asked, "lines": list(deed.get("lines") or []), "stage": "asked", **dates}
        with self.book.ledger.together():
            if self.book.ledger.put("after_sale", deed["claim"], claim):
                known = [*order["claims"], deed["claim"]]
                order = self.book.change(order["order_no"], claims=known)
                self.news.tell_claim("BuyerCreated", order, deed["claim"], claim)

    async def withdraw(self, deed: Doc) -> None:
        """Close a claim at the buyer's wish."""
        if self.book.claim(deed["claim"])["stage"] in (*OPEN, "refused"):
            with self.book.ledger.together():
                self._step(deed["claim"], "RefundClosed", stage="withdrawn")

    async def pay_back(self, deed: Doc) -> None:
        """Return the money over everybody's head, as the platform may."""
        if self.book.claim(deed["claim"])["stage"] not in OVER:
            with self.book.ledger.together():
                self._refund(deed["claim"], "RefundSuccess")

    async def send_back(self, news: Doc) -> None:
        """Hear that the buyer handed the goods to a carrier."""
        refund_id = news["claim_id"]
        if self.book.claim(refund_id)["stage"] == "agreed":
            parcel = {"company": 3, "number": news["number"]}
            with self.book.ledger.together():
                self._step(refund_id, "RefundBuyerReturnGoods", stage="returning", sent_back=parcel)

    def agree(self, refund_id: str) -> None:
        """Let the merchant agree: the money goes back, or the goods may come.

        From memory: whoever has agreed to a return may pay before the buyer has sent anything, as
        when a carrier brought the parcel back by itself.

        Raises:
            YouzanSays: the claim does not wait for the merchant.
        """
        claim = self.book.claim(refund_id)
        with self.book.ledger.together():
            self._answered(refund_id)
            match claim["stage"], claim["kind"]:
                case ("asked", "refund_only") | ("agreed" | "returning", "return"):
                    self._refund(refund_id, "RefundSellerAgree")
                case "asked", _:
                    self._step(refund_id, "RefundSellerAgreeReturnGoods", stage="agreed")
                    goods_may_come(self.world, NAME, claim["order_no"], refund_id)
                case _:
                    raise overtaken()

    def refuse(self, refund_id: str) -> None:
        """Let the merchant refuse: the claim, or the goods that came back.

        Raises:
            YouzanSays: the claim does not wait for the merchant.
        """
        kinds = {"asked": "RefundSellerRefuse", "returning": "RefundSellerRefuseBuyerReturnGoods"}
        kind = kinds.get(self.book.claim(refund_id)["stage"])
        if kind is None:
            raise overtaken()
        with self.book.ledger.together():
            self._answered(refund_id)
            self._step(refund_id, kind, stage="refused")

    def _answered(self, refund_id: str) -> None:
        """Note when the merchant first said something."""
        if "answered_at" not in self.book.claim(refund_id):
            self.book.ledger.amend("after_sale", refund_id, answered_at=now_ms())

    def _refund(self, refund_id: str, kind: str) -> None:
        claim = self._step(refund_id, kind, stage="refunded")
        tid = claim["order_no"]
        back = {"order_no": tid, "amount_fen": claim["amount_fen"]}
        self.book.ledger.put("refund", refund_id, back)
        before = self.book.order(tid)["standing"]
        order = self.book.settle(tid)
        if order["standing"] == "cancelled" and before != "cancelled":
            self.shop.tell_closed(order)

    def _step(self, refund_id: str, kind: str, **changes: Any) -> Doc:  # noqa: ANN401 - JSON values
        claim = self.book.change_claim(refund_id, **changes)
        self.news.tell_claim(kind, self.book.order(claim["order_no"]), refund_id, claim)
        return claim


def overtaken() -> YouzanSays:
    """Say that somebody was faster."""
    return YouzanSays(102010002, "操作过期,请刷新后确认最新退款状态")
