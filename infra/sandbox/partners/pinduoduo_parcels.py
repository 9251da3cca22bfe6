"""How a merchant tells Pinduoduo what it shipped (protocols 1.2)."""

import re

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_asked import Asked
from infra.sandbox.partners.pinduoduo_book import Book
from infra.sandbox.partners.pinduoduo_desk import known_order
from infra.sandbox.partners.pinduoduo_gate import business_fault
from infra.sandbox.partners.pinduoduo_words import CARRIERS

FIRST, AGAIN = 1, 2  # of redelivery_type
SPLIT = 1  # of extra_track_type: one order, several parcels
REFUSED_STANDINGS = {"cancelled": "订单已取消,不能发货", "pending": "订单审核中,不能发货"}


class ParcelDesk:
    """Hears of parcels; every number is kept once, with how often it was told."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def send(self, asked: Asked) -> Doc:
        """``pdd.logistics.online.send``: first, or again with another number."""
        order = known_order(self._book, asked.text("order_sn"))
        carrier = _carrier(asked, "logistics_id")
        tracking_no = _tracking_no(asked, "tracking_number")
        if asked.one_of("redelivery_type", (FIRST, AGAIN), FIRST) == FIRST:
            self._send_first(order, carrier, tracking_no)
        else:
            self._send_again(order, carrier, tracking_no)
        self._count(order, carrier, tracking_no)
        return {"is_success": True}

    def add(self, asked: Asked) -> Doc:
        """``pdd.order.upload.extra.logistics``: further parcels of an order that was shipped.

        Documented is ``tracking_number`` for each; ``track_no`` is what memory says of it, and is
        taken as well.
        """
        order = known_order(self._book, asked.text("order_sn"))
        asked.one_of("extra_track_type", (SPLIT, 2, 3), SPLIT)
        if not order["tracking_no"]:
            raise business_fault("订单未发货,不能上传额外运单")
        for row in asked.each("extra_track_list"):
            name = "track_no" if row.knows("track_no") else "tracking_number"
            self._add(order, _carrier(row, "shipping_id"), _tracking_no(row, name))
        return {"success": True}

    def _send_first(self, order: Doc, carrier: int, tracking_no: str) -> None:
        if order["tracking_no"]:
            if (order["carrier"], order["tracking_no"]) != (carrier, tracking_no):
                raise business_fault(f"订单已发货,运单号 {order['tracking_no']};修改请用重新发货")
            return
        if order["standing"] in REFUSED_STANDINGS:
            raise business_fault(REFUSED_STANDINGS[order["standing"]])
        self._book.ship(order, carrier, tracking_no)

    def _send_again(self, order: Doc, carrier: int, tracking_no: str) -> None:
        """Take another number in place of the one that is known."""
        if not order["tracking_no"]:
            raise business_fault("订单未发货,不能修改运单号")
        if (order["carrier"], order["tracking_no"]) != (carrier, tracking_no):
            self._book.ledger.drop("shipment", _key(order, order["tracking_no"]))
            self._book.change(order, carrier=carrier, tracking_no=tracking_no)

    def _add(self, order: Doc, carrier: int, tracking_no: str) -> None:
        known = self._book.order(order["order_no"])
        extra = {"carrier": carrier, "tracking_no": tracking_no}
        if extra not in known["extras"]:
            self._book.change(known, extras=[*known["extras"], extra])
        self._count(known, carrier, tracking_no)

    def _count(self, order: Doc, carrier: int, tracking_no: str) -> None:
        """Keep a shipment, and how often it was told."""
        key = _key(order, tracking_no)
        told = (self._book.ledger.get("shipment", key) or {"told": 0})["told"]
        shipment = {"order_no": order["order_no"], "tracking_no": tracking_no, "lines": []}
        self._book.ledger.put("shipment", key, shipment)
        self._book.ledger.amend("shipment", key, carrier=str(carrier), told=told + 1)


def _key(order: Doc, tracking_no: str) -> str:
    return f"{order['order_no']}/{tracking_no}"


def _carrier(asked: Asked, name: str) -> int:
    carrier = asked.whole(name)
    if carrier not in CARRIERS:
        raise business_fault(f"快递公司编号不存在:{name}={carrier}")
    return carrier


def _tracking_no(asked: Asked, name: str) -> str:
    number = asked.text(name)
    if re.fullmatch(r"[0-9A-Z]{8,32}", number) is None:
        raise business_fault(f"运单号格式不正确:{name}")
    return number
