"""What the mini program's shop is told and asked: shipments, and its orders."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.miniprogram_gate import Answer, Declined
from infra.sandbox.partners.miniprogram_shop import Shop, shown

LARGEST_PAGE = 100
WORDS: Mapping[str, re.Pattern[str]] = {
    "event_id": re.compile(r"\S{1,128}"),
    "order_no": re.compile(r"\S{1,64}"),
    "status": re.compile(r"shipped"),
    "carrier": re.compile(r"[a-z0-9]{2,32}"),
    "tracking_no": re.compile(r"[0-9A-Z]{8,32}"),
}


@dataclass(frozen=True, slots=True)
class Counter:
    """Keeps what the shop was told of shipments."""

    ledger: Ledger
    shop: Shop

    def hear(self, news: Doc) -> Answer:
        """Hear of a shipment; an event that is known is a yes, and counts once."""
        _check_words(news, *WORDS)
        lines = news.get("lines")
        if not isinstance(lines, list) or not lines or any(type(no) is not int for no in lines):
            raise Declined(40003, "字段 lines 缺失或格式不对", 400)
        words = self._keep(news["event_id"], news)
        self.shop.left(news["order_no"])
        return Answer(subject=news["event_id"], words=words)

    def _keep(self, event_id: str, news: Doc) -> str:
        order = self.ledger.get("order", news["order_no"])
        if order is None:
            raise Declined(40401, f"订单 {news['order_no']} 不存在", 404, event_id)
        if not set(news["lines"]) <= set(range(1, len(order["items"]) + 1)):
            raise Declined(40003, "字段 lines 含有订单没有的行号", 400, event_id)
        shipment = {name: news[name] for name in ("order_no", "carrier", "tracking_no", "lines")}
        if self.ledger.put("shipment", event_id, {**shipment, "told": 1}):
            return "ok"
        known = self.ledger.get("shipment", event_id) or {}
        if shipment != {name: known[name] for name in shipment}:
            raise Declined(40901, f"事件 {event_id} 已登记为另一次发货", 409, event_id)
        self.ledger.amend("shipment", event_id, told=known["told"] + 1)
        return "duplicate"


@dataclass(frozen=True, slots=True)
class Register:
    """Tells the shop's orders to whoever missed a push."""

    ledger: Ledger

    def changed(self, asked: Doc) -> Answer:
        """Tell the orders that were paid or changed between two times, both included."""
        since, until = _whole(asked, "since_ms", 0), _whole(asked, "until_ms", 0)
        page, size = _whole(asked, "page", 1), _whole(asked, "size", 1, LARGEST_PAGE)
        found = [
            order
            for _, order in self.ledger.each("order")
            if since <= order["updated_at"] <= until or since <= order["paid_at"] <= until
        ]
        found.sort(key=lambda order: (order["updated_at"], order["order_no"]))
        orders = [shown(order) for order in found[(page - 1) * size : page * size]]
        return Answer(subject="", told={"total": len(found), "orders": orders})

    def detail(self, asked: Doc) -> Answer:
        """Tell one order as it stands now."""
        _check_words(asked, "order_no")
        number = asked["order_no"]
        order = self.ledger.get("order", number)
        if order is None:
            raise Declined(40401, f"订单 {number} 不存在", 404, number)
        return Answer(subject=number, told={"order": shown(order)})


def _check_words(asked: Doc, *names: str) -> None:
    for name in names:
        found = asked.get(name)
        if not isinstance(found, str) or WORDS[name].fullmatch(found) is None:
            raise Declined(40003, f"字段 {name} 缺失或格式不对", 400)


def _whole(asked: Doc, name: str, least: int, most: int = 2**53) -> int:
    found = asked.get(name)
    if type(found) is not int or not least <= found <= most:
        raise Declined(40003, f"字段 {name} 必须是 {least} 到 {most} 的整数", 400)
    return found
