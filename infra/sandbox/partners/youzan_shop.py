"""The Youzan shop's days: what buyers and the platform do to its orders, and whom it tells."""

from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_book import Book
from infra.sandbox.partners.youzan_news import Message, News
from infra.sandbox.partners.youzan_trades import Trades
from infra.sandbox.partners.youzan_words import (
    NAME,
    CloseType,
    changed_ms,
    clock,
    status_of,
)
from infra.sandbox.shop import now_ms

MOVED = "买家修改了收货地址"
REVIEW = "平台风控审核中,请暂停发货"


@dataclass(frozen=True, slots=True)
class Shop:
    """Sells, and follows what happens to an order but for its claims and parcels."""

    book: Book
    trades: Trades
    news: News

    async def sell(self, sample: Doc) -> None:
        """Take a buyer's order; it is told while it is still in its transient state."""
        if sample["channel"] != NAME:
            return
        with self.book.ledger.together():
            order = self.book.sell(sample)
            if order is not None:
                self._tell_whole(order, "trade_TradeBuyerPay", order["paid_at"])
                self._tell_whole(order, "trade_TradePaid", order["paid_at"] + 1)

    async def move(self, deed: Doc) -> None:
        """Send a parcel that has not left to another address; the platform notes it as a memo."""
        tid = deed["order_no"]
        order = self.book.order(tid)
        if order["standing"] not in ("pending", "due"):
            return
        with self.book.ledger.together():
            receiver = {**order["receiver"], **deed["receiver"]}
            self._tell_memo(self.book.change(tid, receiver=receiver, memo=MOVED))

    async def cancel(self, deed: Doc) -> None:
        """Close an order of which nothing has left."""
        tid = deed["order_no"]
        order = self.book.order(tid)
        if order["standing"] not in ("pending", "due") or order["parcels"]:
            return
        with self.book.ledger.together():
            closed = self.book.change(tid, standing="cancelled", close_type=CloseType.BY_THE_BUYER)
            self.tell_closed(closed)

    async def begin_review(self, deed: Doc) -> None:
        """Forbid shipping for now."""
        if self.book.order(deed["order_no"])["standing"] == "due":
            with self.book.ledger.together():
                changed = self.book.change(deed["order_no"], standing="pending", memo=REVIEW)
                self._tell_memo(changed)

    async def end_review(self, deed: Doc) -> None:
        """Allow it again; Youzan tells that as a sale."""
        if self.book.order(deed["order_no"])["standing"] == "pending":
            with self.book.ledger.together():
                order = self.book.change(deed["order_no"], standing="due", memo="")
                at_ms = max(now_ms(), order["updated_at"])
                self._tell_whole(order, "trade_TradeBuyerPay", at_ms)

    def tell_closed(self, order: Doc) -> None:
        """Say that an order is closed, and why."""
        refunded = order["close_type"] == CloseType.REFUNDED
        self.tell_brief(
            order,
            "trade_TradeClose",
            close_type=int(order["close_type"]),
            close_reason="全额退款" if refunded else "买家取消",
        )

    def tell_brief(self, order: Doc, kind: str, **more: object) -> None:
        """Say no more than what the kind is about."""
        at_ms = max(now_ms(), order["updated_at"])
        told = {"tid": order["order_no"], "update_time": clock(changed_ms(order, at_ms)), **more}
        self._tell(order, kind, told, at_ms)

    def _tell_memo(self, order: Doc) -> None:
        self.tell_brief(order, "trade_TradeMemoModified", trade_memo=order["memo"])

    def _tell_whole(self, order: Doc, kind: str, at_ms: int) -> None:
        self._tell(order, kind, self.trades.data(order, at_ms), at_ms)

    def _tell(self, order: Doc, kind: str, content: Doc, at_ms: int) -> None:
        self.news.tell(
            Message(
                kind=kind,
                tid=order["order_no"],
                content=content,
                version=at_ms,
                status=status_of(order, at_ms),
            )
        )
