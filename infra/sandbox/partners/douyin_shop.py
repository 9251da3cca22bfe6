"""What buyers and the platform do to the Douyin shop's orders, each with its message."""

from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_news import News, about
from infra.sandbox.partners.douyin_orders import Orders
from infra.sandbox.partners.douyin_papers import PAID_BY_ALIPAY
from infra.sandbox.partners.douyin_receivers import receiver_msg
from infra.sandbox.partners.douyin_words import NAME, OrderStatus, Tag, epoch_s
from infra.sandbox.shop import (
    BUYER_CANCELLED,
    BUYER_MOVED,
    BUYER_ORDERED,
    REVIEW_BEGAN,
    REVIEW_ENDED,
)
from infra.sandbox.world import World

CANCEL_REASON = "不想要了"
NOT_SHIPPED = ("pending", "due")


@dataclass(frozen=True, slots=True)
class Shop:
    """Sells. What no longer makes sense, such as a cancel after shipping, changes nothing."""

    orders: Orders
    news: News

    def listen(self, world: World) -> None:
        """Hear of buyers."""
        world.listen(BUYER_ORDERED, self.sell)
        world.listen(BUYER_MOVED, self.move)
        world.listen(BUYER_CANCELLED, self.cancel)
        world.listen(REVIEW_BEGAN, self.begin_review)
        world.listen(REVIEW_ENDED, self.end_review)

    async def sell(self, sample: Doc) -> None:
        """Take a buyer's order; a number is sold once."""
        if sample["channel"] != NAME:
            return
        with self.news.together() as tell:
            if not self.orders.add(sample):
                return
            order = self.orders.get(sample["order_no"])
            at = epoch_s(order["paid_at"])
            created = about(order, create_time=at)
            tell(Tag.CREATED, {**created, "order_status": int(OrderStatus.TO_PAY)})
            tell(Tag.PAID, _paid(order))

    async def move(self, deed: Doc) -> None:
        """Send an order to another address."""
        order = self._not_shipped(deed)
        if order is None:
            return
        former = [*order["former"], order["receiver"]]
        with self.news.together() as tell:
            changes = {"receiver": deed["receiver"], "former": former}
            order = self.orders.amend(order["order_no"], **changes)
            told = receiver_msg(order["receiver"])
            at = epoch_s(order["updated_at"])
            tell(Tag.RECEIVER_CHANGED, about(order, receiver_msg=told, update_time=at))

    async def cancel(self, deed: Doc) -> None:
        """Close an order that was not shipped; what was paid goes back."""
        order = self._not_shipped(deed)
        if order is None or order["packs"]:
            return
        number = order["order_no"]
        with self.news.together() as tell:
            order = self.orders.amend(number, standing="cancelled", cancel_reason=CANCEL_REASON)
            back_fen = order["pay_amount"] - self._refunded_fen(number)
            refund = {"order_no": number, "amount_fen": back_fen}
            self.orders.ledger.put("refund", f"{number}/cancelled", refund)
            tell(Tag.CANCELLED, cancelled(order))

    async def begin_review(self, deed: Doc) -> None:
        """Let the platform look at an order first."""
        order = self._not_shipped(deed)
        if order is not None and order["standing"] == "due":
            with self.news.together() as tell:
                order = self.orders.amend(order["order_no"], standing="pending")
                tell(Tag.TO_BE_PROCESSED, about(order))

    async def end_review(self, deed: Doc) -> None:
        """Let an order go on."""
        order = self._not_shipped(deed)
        if order is not None and order["standing"] == "pending":
            with self.news.together() as tell:
                tell(Tag.PAID, _paid(self.orders.amend(order["order_no"], standing="due")))

    def _not_shipped(self, deed: Doc) -> Doc | None:
        if deed["channel"] != NAME:
            return None
        order = self.orders.find(deed["order_no"])
        return order if order is not None and order["standing"] in NOT_SHIPPED else None

    def _refunded_fen(self, number: str) -> int:
        refunds = self.orders.ledger.each("refund")
        return sum(doc["amount_fen"] for _, doc in refunds if doc["order_no"] == number)


def cancelled(order: Doc) -> Doc:
    """Say that an order was closed."""
    at, why = epoch_s(order["updated_at"]), order.get("cancel_reason", "")
    return about(order, cancel_reason=why, cancel_time=at)


def _paid(order: Doc) -> Doc:
    at, paid_fen = epoch_s(order["paid_at"]), order["pay_amount"]
    return about(order, pay_time=at, pay_type=PAID_BY_ALIPAY, pay_amount=paid_fen, store_id=0)
