"""What kuaidi100's interfaces do once a call is believed (protocols 8.1).

Protocols 8.1 names no fields for the label interface; they are those of the vendor's public
clients, and so is ``interceptPayType``. Nobody names the codes 404, 409 and 410: they are ours, for
"never booked", "cancelled" and "too late to be called back".
"""

from collections.abc import Callable
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.carriage import (
    CANCELLED,
    Booking,
    Cancelling,
    Carriage,
    Stopping,
)
from infra.sandbox.partners.kuaidi100_words import NUMBERS, track

LONGEST_NUMBER = 32
PHONE_TAIL = 4
ASKS_FOR_PHONE = "shunfeng"
PAYERS = ("SHIPPER", "CONSIGNEE", "THIRDPARTY", "MONTHLY")


class Kuaidi100Says(Exception):
    """A refusal in kuaidi100's own words."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class Kuaidi100Desk:
    """Books and cancels labels, keeps subscriptions, tells traces."""

    def __init__(self, carriage: Carriage, ledger: Ledger) -> None:
        self._carriage = carriage
        self._ledger = ledger
        self.label_methods: dict[str, Callable[[Doc], Doc]] = {
            "order": self.order,
            "cancel": self.cancel,
            "interceptOrder": self.intercept,
        }

    def order(self, asked: Doc) -> Doc:
        """Give a label; the same order id gets the same number again."""
        order_id, carrier = _needed(asked, "orderId"), _needed(asked, "kuaidicom")
        if carrier not in NUMBERS:
            raise Kuaidi100Says("400", f"不支持的快递公司:{carrier}")
        order = self._carriage.order(order_id)
        if order is None:
            order = self._carriage.book(_booking(order_id, carrier, asked))
        if order["status"] == CANCELLED:
            raise Kuaidi100Says("409", "该订单号已取消,不可重复使用")
        return _told(order_id, order)

    def cancel(self, asked: Doc) -> Doc:
        """Give a label back, as long as the parcel was not collected."""
        match self._carriage.cancel(_needed(asked, "orderId")):
            case Cancelling.UNKNOWN:
                raise Kuaidi100Says("404", "订单不存在")
            case Cancelling.ALREADY:
                raise Kuaidi100Says("409", "订单已取消")
            case Cancelling.ON_ITS_WAY:
                raise Kuaidi100Says("400", "快件已揽收,不能取消")
            case Cancelling.DONE:
                return {}

    def intercept(self, asked: Doc) -> Doc:
        """Have the carrier bring a parcel back to its sender (protocols 8.1)."""
        number = _needed(asked, "kuaidinum")
        if _needed(asked, "kuaidicom") not in NUMBERS or len(number) > LONGEST_NUMBER:
            raise Kuaidi100Says("400", "提交的数据不完整:kuaidicom 或 kuaidinum")
        if _needed(asked, "interceptType") != "RETURN_SEND_ADDR":
            raise Kuaidi100Says("400", "不支持的 interceptType")
        if _needed(asked, "payType") not in PAYERS:
            raise Kuaidi100Says("400", "不支持的 payType")
        match self._carriage.intercept(number):
            case Stopping.UNKNOWN:
                raise Kuaidi100Says("404", "订单不存在")
            case Stopping.TOO_LATE:
                raise Kuaidi100Says("410", "快件已派送或已签收,无法拦截")
            case Stopping.DONE:
                return {"kuaidinum": number}

    def subscribe(self, asked: Doc) -> None:
        """Keep where the scans of a number are to be pushed."""
        carrier, number = _needed(asked, "company"), _needed(asked, "number")
        if carrier not in NUMBERS:
            raise Kuaidi100Says("700", "订阅方的订阅数据存在错误:不支持的快递公司")
        parameters = asked.get("parameters") or {}
        subscription = {
            "carrier": carrier,
            "callback_url": _needed(parameters, "callbackurl"),
            "salt": parameters.get("salt"),
        }
        if not self._ledger.put("subscription", number, subscription):
            raise Kuaidi100Says("501", "重复订阅")

    def query(self, asked: Doc) -> Doc:
        """Tell a trace; a number without one has no result yet."""
        carrier, number = _needed(asked, "com"), _needed(asked, "num")
        route = self._carriage.route(number)
        if route is None or route["carrier"] != carrier or not route["routes"]:
            raise Kuaidi100Says("500", "查询无结果,请隔段时间再查")
        phone = str(asked.get("phone") or "")
        if carrier == ASKS_FOR_PHONE and phone[-PHONE_TAIL:] != route["phone_tail"]:
            raise Kuaidi100Says("408", "快递公司参数异常:验证码错误")
        return track(number, route, newest_first=asked.get("order") != "asc")


def _needed(asked: Doc, name: str) -> str:
    value = str(asked.get(name) or "")
    if not value:
        raise Kuaidi100Says("400", f"提交的数据不完整:{name}")
    return value


def _booking(order_id: str, carrier: str, asked: Doc) -> Booking:
    receiver = asked.get("recMan") or {}
    phone = str(receiver.get("mobile") or receiver.get("tel") or "")
    if not (receiver.get("name") and phone):
        raise Kuaidi100Says("400", "提交的数据不完整:recMan")
    if not (receiver.get("printAddr") or receiver.get("addr")):
        raise Kuaidi100Says("400", "提交的数据不完整:recMan.printAddr")
    if not (asked.get("sendMan") or {}).get("name"):
        raise Kuaidi100Says("400", "提交的数据不完整:sendMan")
    return Booking(
        order_id=order_id,
        carrier=carrier,
        receiver_district=str(receiver.get("district") or ""),
        phone_tail=phone[-PHONE_TAIL:],
    )


def _told(order_id: str, order: Doc) -> dict[str, Any]:
    number = order["waybill"]
    return {
        "taskId": f"T{number}",
        "kuaidinum": number,
        "childNum": "",
        "returnNum": "",
        "label": "",
        "bulkpen": f"571-{number[-3:]}",
        "kdComOrderNum": order_id,
    }
