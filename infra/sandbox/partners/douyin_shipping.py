"""How the Douyin shop is told of shipments (protocols 2.1; fields from the public SDK).

Ledger ``shipment`` by ``{order_no}/{tracking_no}``, as for every shop; with ``replaced``, the
numbers that it had before. Ledger ``request`` by ``request_id`` ``{content, pack_id}``.

A line goes whole: part of its pieces can not be told here, though the platform takes that. Nor do
we refuse to ship what a buyer wants refunded, as the platform does unless it is told to.
"""

from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_asked import text, text_or_none
from infra.sandbox.partners.douyin_gate import DouyinSays
from infra.sandbox.partners.douyin_news import News
from infra.sandbox.partners.douyin_orders import Orders, open_lines, status_of
from infra.sandbox.partners.douyin_parcels import (
    Label,
    check_shippable,
    pack_meant,
    pack_of,
    read_label,
    read_lines,
    read_order_no,
    told_of,
)
from infra.sandbox.partners.douyin_words import OrderStatus, Tag
from infra.sandbox.shop import now_ms

FIRST_PACK = 7_100_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Shipping:
    """Keeps what the hub says of parcels; the same said twice is one shipment, told twice."""

    orders: Orders
    news: News

    def add(self, asked: Doc) -> Doc:
        """``order.logisticsAdd``: one parcel with all that is not shipped yet."""
        order, label = self.orders.get(text(asked, "order_id")), read_label(asked)
        known = pack_of(order, label.tracking_no)
        lines = open_lines(order) if known is None else known["lines"]
        return {"pack_id": self._ship(order, label, lines)}

    def add_single(self, asked: Doc) -> Doc:
        """``order.logisticsAddSinglePack``: one parcel of a split order.

        A ``request_id`` that was seen is a yes when it said the same, and refused otherwise.
        """
        order, label = self.orders.get(read_order_no(asked)), read_label(asked)
        lines, request = read_lines(asked, order), text_or_none(asked, "request_id")
        known = None if request is None else self.orders.ledger.get("request", request)
        if known is None:
            return {"pack_id": self._ship(order, label, lines, request)}
        if known["content"] != _content(order, label, lines):
            said = f"request_id {request} 已用于另一次发货"
            raise DouyinSays(40003, "isv.idempotent-id-existed", said)
        self._told_again(order, label)
        return {"pack_id": known["pack_id"]}

    def edit(self, asked: Doc) -> Doc:
        """``order.logisticsEdit``: another number for a parcel.

        The platform's own form names no parcel. For an order with several we take ``pack_id`` or
        ``logistics_code_old``, the number before, beside it.
        """
        order, label = self.orders.get(text(asked, "order_id")), read_label(asked)
        known = pack_of(order, label.tracking_no)
        if known is not None and known["carrier"] == label.carrier:
            self._told_again(order, label)  # the answer was lost
        else:
            self._correct(order, pack_meant(order, asked), label)
        return {}

    def edit_by_pack(self, asked: Doc) -> Doc:
        """``order.logisticsEditByPack``: the same, where the parcel is always named."""
        text(asked, "pack_id")
        return self.edit(asked)

    def _ship(self, order: Doc, label: Label, lines: list[int], request: str | None = None) -> str:
        known = pack_of(order, label.tracking_no)
        if known is None or (known["carrier"], known["lines"]) != (label.carrier, lines):
            check_shippable(order, label, lines)
            return self._pack(order, label, lines, request)
        self._told_again(order, label)
        told: str = known["pack_id"]
        return told

    def _pack(self, order: Doc, label: Label, lines: list[int], request: str | None) -> str:
        ledger, number = self.orders.ledger, order["order_no"]
        pack_id = str(FIRST_PACK + ledger.count("shipment") + 1)
        with self.news.together() as tell:
            shipment = {"order_no": number, **label.doc(), "lines": lines, "told": 1}
            ledger.put("shipment", _key(order, label.tracking_no), shipment)
            if request is not None:
                content = _content(order, label, lines)
                ledger.put("request", request, {"content": content, "pack_id": pack_id})
            pack = {"pack_id": pack_id, **label.doc(), "lines": lines, "at": now_ms()}
            order = self.orders.amend(number, packs=[*order["packs"], pack])
            complete = status_of(order) is OrderStatus.SHIPPED
            tell(Tag.SHIPPED if complete else Tag.PARTLY_SHIPPED, told_of(order, pack))
        return pack_id

    def _correct(self, order: Doc, pack: Doc, label: Label) -> None:
        ledger, old = self.orders.ledger, pack["tracking_no"]
        pack = {**pack, **label.doc()}
        packs = [pack if known["tracking_no"] == old else known for known in order["packs"]]
        with self.news.together() as tell:
            shipment = ledger.get("shipment", _key(order, old)) or {}
            replaced = [*shipment.get("replaced", []), old]
            ledger.drop("shipment", _key(order, old))
            corrected = {**shipment, **label.doc(), "told": 1, "replaced": replaced}
            ledger.put("shipment", _key(order, label.tracking_no), corrected)
            order = self.orders.amend(order["order_no"], packs=packs)
            tell(Tag.LOGISTICS_CHANGED, told_of(order, pack))

    def _told_again(self, order: Doc, label: Label) -> None:
        """Count that a shipment was told once more; a number that was corrected since is gone."""
        key = _key(order, label.tracking_no)
        known = self.orders.ledger.get("shipment", key)
        if known is not None:
            self.orders.ledger.amend("shipment", key, told=known["told"] + 1)


def _key(order: Doc, tracking_no: str) -> str:
    return f"{order['order_no']}/{tracking_no}"


def _content(order: Doc, label: Label, lines: list[int]) -> list[object]:
    return [order["order_no"], label.carrier, label.tracking_no, lines]
