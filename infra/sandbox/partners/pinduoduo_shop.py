"""Pinduoduo's shop: what buyers and the platform do to its orders (``infra.sandbox.shop``)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from infra.sandbox import shop
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_book import Book
from infra.sandbox.partners.pinduoduo_claims import BUYER, DOCUMENTED, SYSTEM
from infra.sandbox.partners.pinduoduo_words import NAME
from infra.sandbox.world import World

NOT_SHIPPED = ("pending", "due")
NEW: Doc = {
    "due": True,
    "standing": "due",
    "claims": [],
    "carrier": 0,
    "tracking_no": "",
    "shipped_at": None,
    "extras": [],
    "former": [],
}


@dataclass(frozen=True, slots=True)
class Shop:
    """Hears what is done in the world to this shop's orders; each deed is safe to repeat."""

    world: World
    book: Book

    def listen(self) -> None:
        """Begin to hear."""
        deeds: dict[str, Callable[[Doc], None]] = {
            shop.BUYER_ORDERED: self.sell,
            shop.BUYER_CLAIMED: self.claim,
            shop.BUYER_WITHDREW: self.withdraw,
            shop.MONEY_RETURNED: self.return_money,
            shop.GOODS_SENT_BACK: self.send_back,
            shop.BUYER_MOVED: self.move,
            shop.BUYER_CANCELLED: self.cancel,
            shop.REVIEW_BEGAN: self.begin_review,
            shop.REVIEW_ENDED: self.end_review,
        }
        for event, deed in deeds.items():
            self.world.listen(event, self._ours(deed))

    def _ours(self, deed: Callable[[Doc], None]) -> Callable[[Doc], Awaitable[None]]:
        async def heard(payload: Doc) -> None:
            if payload["channel"] == NAME:
                with self.book.ledger.together():
                    deed(payload)

        return heard

    def sell(self, order: Doc) -> None:
        """Take a buyer's order."""
        at = shop.now_ms()
        sold = {**order, **NEW, "paid_at": at, "updated_at": at}
        if self.book.ledger.put("order", order["order_no"], sold):
            self.book.push_trade("TradeConfirmed", sold)

    def claim(self, asked: Doc) -> None:
        """Open a claim about lines of an order, or about all of it."""
        order, claim_id, at = self.book.order(asked["order_no"]), str(asked["claim"]), shop.now_ms()
        if not set(asked["lines"]) <= set(range(1, len(order["items"]) + 1)):
            raise LookupError(f"pinduoduo order {order['order_no']} has not these lines")
        if len(asked["lines"]) not in (0, 1, len(order["items"])):
            raise LookupError("a pinduoduo claim is about one article or about the whole order")
        if not shop.may_claim(self.book.ledger, {**asked, "claim": claim_id}):
            return
        claim = {
            **{name: asked[name] for name in ("order_no", "amount_fen", "lines", "reason")},
            "kind": shop.kind_offered(asked["kind"], bool(order["tracking_no"])),
            "stage": "asked",
            "created_at": at,
            "updated_at": at,
            "protocol": shop.protocol_of(self.world, NAME, DOCUMENTED),
        }
        if self.book.ledger.put("after_sale", claim_id, claim):
            self.book.change(order, claims=[*order["claims"], claim_id])
            self.book.push_claim("RefundCreated", claim_id, claim, BUYER)

    def withdraw(self, asked: Doc) -> None:
        """Close a claim at the buyer's wish."""
        self.book.close(str(asked["claim"]), BUYER)

    def return_money(self, asked: Doc) -> None:
        """Refund a claim without asking anybody."""
        self.book.pay(str(asked["claim"]), SYSTEM)

    def send_back(self, news: Doc) -> None:
        """Hear that a buyer handed the goods to a carrier."""
        self.book.send_back(str(news["claim_id"]), str(news["number"]), BUYER)

    def move(self, asked: Doc) -> None:
        """Change the address of what was not shipped yet."""
        order = self.book.order(asked["order_no"])
        moved = {**order["receiver"], **asked["receiver"]}
        if order["standing"] in NOT_SHIPPED and moved != order["receiver"]:
            former = [*order["former"], order["receiver"]]
            changed = self.book.change(order, receiver=moved, former=former)
            self.book.push_trade("TradeLogisticsAddressChanged", changed)

    def cancel(self, asked: Doc) -> None:
        """Close what was not shipped yet.

        A paid order is closed by giving its money back: claims that are open give way to one about
        everything that was not refunded yet, and that one is paid. There is no push that says more.
        """
        order = self.book.order(asked["order_no"])
        if order["standing"] not in NOT_SHIPPED:
            return
        self.book.change(order, standing="cancelled")
        for claim_id in order["claims"]:
            self.book.close(claim_id, SYSTEM)
        left_fen = order["pay_amount"] - self.book.refunded_fen(order)
        if left_fen > 0:
            self._give_back(order["order_no"], left_fen)

    def begin_review(self, asked: Doc) -> None:
        """Forbid to ship an order for now."""
        self._review(asked["order_no"], "due", "pending")

    def end_review(self, asked: Doc) -> None:
        """Allow to ship it."""
        self._review(asked["order_no"], "pending", "due")

    def _review(self, number: str, before: str, after: str) -> None:
        order = self.book.order(number)
        if order["standing"] == before:
            changed = self.book.change(order, standing=after)
            self.book.push_trade("TradeRiskChanged", changed)

    def _give_back(self, number: str, amount_fen: int) -> None:
        claim_id = f"9{number.rpartition('-')[2]}"
        whole = {"kind": "refund_only", "lines": [], "reason": "买家取消订单"}
        self.claim({"order_no": number, "claim": claim_id, "amount_fen": amount_fen, **whole})
        self.book.pay(claim_id, SYSTEM)
