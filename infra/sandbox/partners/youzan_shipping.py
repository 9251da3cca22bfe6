"""Shipments that the hub tells Youzan of (protocols 3.3).

What the refusals' codes mean is told in several ways: 105000016 is an order or a company that
nobody knows, 105000003 a number that can not be taken; the longer ones are the vendor's as well.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_book import Book
from infra.sandbox.partners.youzan_shop import Shop
from infra.sandbox.partners.youzan_wire import YouzanSays
from infra.sandbox.partners.youzan_words import COMPANIES, line_of, oid

NUMBER = re.compile(r"[0-9A-Z]{8,32}")
YES = (1, "1", True, "true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is said to have left: which lines, with whom, under which number.

    Without a carrier (``is_no_express``) company and number are empty.
    """

    tid: str
    lines: Sequence[int]
    company: str
    number: str

    @property
    def key(self) -> str:
        """Its name in the ledger."""
        return f"{self.tid}/{self.number}"


@dataclass(frozen=True, slots=True)
class Shipping:
    """Keeps what left, each line once."""

    book: Book
    shop: Shop

    def confirm(self, asked: Doc) -> Doc:
        """Hear that lines of an order left; the same again is a yes, and counts."""
        order = self._order(asked)
        parcel = self._parcel(order, asked, self.book.left(order))
        numbers = {order["parcels"].get(str(line)) for line in parcel.lines}
        if numbers == {parcel.number}:
            self._tell_again(parcel)
            return {"is_success": True}
        if numbers - {None, parcel.number}:
            raise YouzanSays(105000003, "商品已用其他快递单号发货,请用修改物流接口")
        if order["standing"] != "due" or not set(parcel.lines) <= self.book.left(order):
            raise nothing_to_ship()
        with self.book.ledger.together():
            self._ship(parcel)
            self._announce(parcel)
        return {"is_success": True}

    def update(self, asked: Doc) -> Doc:
        """Hear that lines go under another number."""
        order = self._order(asked)
        on_their_way = {int(line) for line in order["parcels"]}
        parcel = self._parcel(order, asked, on_their_way)
        if not parcel.lines or not set(parcel.lines) <= on_their_way:
            raise YouzanSays(102570020, "商品尚未发货,不能修改物流")
        with self.book.ledger.together():
            if {order["parcels"][str(line)] for line in parcel.lines} == {parcel.number}:
                self._tell_again(parcel)
            else:
                self._take_out(order, parcel)
                self._ship(parcel)
        return {"is_success": True}

    def _order(self, asked: Doc) -> Doc:
        try:
            return self.book.order(str(asked.get("tid") or ""))
        except LookupError as e:
            raise YouzanSays(105000016, "订单不存在") from e

    def _parcel(self, order: Doc, asked: Doc, every: Iterable[int]) -> Parcel:
        named = _named_oids(asked.get("oids"))
        found = [line_of(order, each) for each in named]
        lines = sorted({line for line in found if line is not None}) if named else sorted(every)
        if None in found or not lines:
            raise nothing_to_ship()
        company, number = str(asked.get("out_stype") or ""), str(asked.get("out_sid") or "")
        if asked.get("is_no_express") in YES:
            company = number = ""
        else:
            _check(company, number)
        return Parcel(tid=order["order_no"], lines=lines, company=company, number=number)

    def _tell_again(self, parcel: Parcel) -> None:
        told = (self.book.ledger.get("shipment", parcel.key) or {})["told"]
        self.book.ledger.amend("shipment", parcel.key, told=told + 1)

    def _ship(self, parcel: Parcel) -> None:
        """Write a parcel down; one that is known holds more lines from now on."""
        tid, ledger = parcel.tid, self.book.ledger
        doc = {
            "order_no": tid,
            "carrier": parcel.company,
            "tracking_no": parcel.number,
            "lines": list(parcel.lines),
            "told": 1,
        }
        if not ledger.put("shipment", parcel.key, doc):
            known = (ledger.get("shipment", parcel.key) or {})["lines"]
            ledger.amend("shipment", parcel.key, lines=sorted({*known, *parcel.lines}))
        parcels = self.book.order(tid)["parcels"]
        leaving = {str(line): parcel.number for line in parcel.lines}
        self.book.change(tid, parcels={**parcels, **leaving})

    def _take_out(self, order: Doc, parcel: Parcel) -> None:
        """Take lines out of the parcels that they were in; an empty parcel is none."""
        for number in {order["parcels"][str(line)] for line in parcel.lines} - {parcel.number}:
            key = f"{parcel.tid}/{number}"
            lines = (self.book.ledger.get("shipment", key) or {})["lines"]
            rest = [line for line in lines if line not in parcel.lines]
            if rest:
                self.book.ledger.amend("shipment", key, lines=rest)
            else:
                self.book.ledger.drop("shipment", key)

    def _announce(self, parcel: Parcel) -> None:
        order = self.book.settle(parcel.tid)
        if order["standing"] == "shipped":
            self.shop.tell_brief(order, "trade_TradeSellerShip")
            return
        oids = ",".join(oid(parcel.tid, line) for line in parcel.lines)
        more = {"oids": oids, "express_id": parcel.company, "express_no": parcel.number}
        self.shop.tell_brief(order, "trade_TradePartlySellerShip", **more)


def nothing_to_ship() -> YouzanSays:
    """Say that there is nothing of the order that may leave."""
    return YouzanSays(102570020, "订单没有可发货的商品")


def _named_oids(given: object) -> list[str]:
    """Read ``oids``: a list, or a text with commas; nothing means the whole order."""
    named = given if isinstance(given, list) else str(given or "").split(",")
    oids = [str(each).strip() for each in named if str(each).strip()]
    if not all(each.isascii() and each.isdigit() for each in oids):
        raise YouzanSays(102599996, "oids 只能是数字,多个用英文逗号分隔")
    return oids


def _check(company: str, number: str) -> None:
    if not (company.isascii() and company.isdigit()) or int(company) not in COMPANIES:
        raise YouzanSays(105000016, f"物流公司 out_stype={company} 不存在")
    if NUMBER.fullmatch(number) is None:
        raise YouzanSays(105000003, "快递单号 out_sid 只能包含 8 到 32 位数字和大写字母")
