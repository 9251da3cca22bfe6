"""What SF's services do once a call is believed (protocols 4.2)."""

from collections.abc import Callable
from typing import Any

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.carriage import (
    CANCELLED,
    Booking,
    Cancelling,
    Carriage,
    Stopping,
)
from infra.sandbox.partners.sf_words import scan_row

CARRIER = "shunfeng"
SENDER, RECEIVER = "1", "2"  # clients send numbers, or the same as text
CANCEL = "2"
RETURN_TO_SENDER = "2"
CANNOT_BE_STOPPED = "8253"  # nobody names SF's code for it; this one is ours
BY_ORDER = "2"
MATCHED = 2
PHONE_TAIL = 4
MONTHLY_CARD_DIGITS = 10

# What each side of an order must tell, and SF's code when it does not.
NEEDED_OF_SENDER = {"address": "1010", "contact": "1011"}
NEEDED_OF_RECEIVER = {"address": "1014", "contact": "1015"}


class SfSays(Exception):
    """A refusal in SF's own words."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class SfDesk:
    """Answers SF's services with their ``msgData``; a service that is not here is not granted."""

    def __init__(self, carriage: Carriage) -> None:
        self._carriage = carriage
        self.services: dict[str, Callable[[Doc], Doc]] = {
            "EXP_RECE_CREATE_ORDER": self.create,
            "EXP_RECE_SEARCH_ORDER_RESP": self.search,
            "EXP_RECE_UPDATE_ORDER": self.update,
            "EXP_RECE_SEARCH_ROUTES": self.routes,
            "EXP_RECE_WANTED_INTERCEPT": self.intercept,
        }

    def create(self, asked: Doc) -> Doc:
        """Take an order; an id that was used before is refused, also when it was cancelled."""
        order_id = _order_id(asked)
        known = self._carriage.order(order_id)
        if known is not None and known["status"] == CANCELLED:
            raise SfSays("8037", "订单已消单,订单号不可重复使用")
        if known is not None:
            raise SfSays("8016", "重复下单")
        receiver = _checked_contacts(asked)
        _check_cargo_and_card(asked)
        booking = Booking(
            order_id=order_id,
            carrier=CARRIER,
            receiver_district=str(receiver.get("county", "")),
            phone_tail=_phone(receiver)[-PHONE_TAIL:],
        )
        return _told(order_id, self._carriage.book(booking))

    def search(self, asked: Doc) -> Doc:
        """Tell an order that was taken before."""
        order_id = _order_id(asked)
        order = self._carriage.order(order_id)
        if order is None:
            raise SfSays("6150", "找不到该订单")
        if order["status"] == CANCELLED:
            raise SfSays("8037", "订单已消单")
        return _told(order_id, order)

    def update(self, asked: Doc) -> Doc:
        """Confirm an order, or cancel it."""
        order_id = _order_id(asked)
        if str(asked.get("dealType")) == CANCEL:
            self._cancel(order_id)
        order = self._carriage.order(order_id)
        if order is None:
            raise SfSays("6150", "找不到该订单")
        return {
            "orderId": order_id,
            "resStatus": MATCHED,
            "waybillNoInfoList": _numbers(order["waybill"]),
        }

    def intercept(self, asked: Doc) -> Doc:
        """Bring a parcel back to its sender; no other wish is served here."""
        number, wish = str(asked.get("waybillNo") or ""), str(asked.get("serviceCode") or "")
        if not number or wish != RETURN_TO_SENDER:
            raise SfSays("S0002", "waybillNo 或 serviceCode 缺失或不支持")
        if str(asked.get("role")) != SENDER or not asked.get("payMode"):
            raise SfSays("S0002", "role 或 payMode 缺失或不支持")
        match self._carriage.intercept(number):
            case Stopping.UNKNOWN:
                raise SfSays("6150", "找不到该订单")
            case Stopping.TOO_LATE:
                raise SfSays(CANNOT_BE_STOPPED, "快件已派送或已签收,不支持拦截")
            case Stopping.DONE:
                return {"waybillNo": number}

    def routes(self, asked: Doc) -> Doc:
        """Tell scans by number, to whoever knows the end of the receiver's phone."""
        told = asked.get("trackingNumber") or []
        numbers = [told] if isinstance(told, str) else told
        if not numbers:
            raise SfSays("8013", "未传入运单号")
        if len(numbers) > 10:  # noqa: PLR2004 - SF's limit for one call
            raise SfSays("8003", "查询单号超过最大限制")
        tail = str(asked.get("checkPhoneNo", ""))
        if str(asked.get("trackingType")) == BY_ORDER:
            numbers = [
                (self._carriage.order(number) or {}).get("waybill", "") for number in numbers
            ]
        return {"routeResps": [self._routes_of(str(number), tail) for number in numbers]}

    def _cancel(self, order_id: str) -> None:
        match self._carriage.cancel(order_id):
            case Cancelling.UNKNOWN:
                raise SfSays("8024", "未下单")
            case Cancelling.ALREADY:
                raise SfSays("8037", "订单已消单")
            case Cancelling.ON_ITS_WAY:
                raise SfSays("8168", "存在路由信息,不能消单")
            case Cancelling.DONE:
                pass

    def _routes_of(self, number: str, tail: str) -> Doc:
        route = self._carriage.route(number)
        known = route is not None and route["phone_tail"] == tail
        scans = route["routes"] if route is not None and known else []
        return {"mailNo": number, "routes": [scan_row(scan) for scan in scans]}


def _order_id(asked: Doc) -> str:
    order_id = str(asked.get("orderId") or "")
    if not order_id:
        raise SfSays("S0002", "订单号不能为空")
    return order_id


def _checked_contacts(asked: Doc) -> Doc:
    """Tell the receiver once both sides are complete."""
    sides: dict[str, Doc] = {
        str(side.get("contactType")): side for side in asked.get("contactInfoList") or []
    }
    sender, receiver = sides.get(SENDER, {}), sides.get(RECEIVER, {})
    for side, needed in ((sender, NEEDED_OF_SENDER), (receiver, NEEDED_OF_RECEIVER)):
        for name, code in needed.items():
            if not side.get(name):
                raise SfSays(code, f"{name} 不能为空")
    if not _phone(receiver):
        raise SfSays("1016", "到件方电话不能为空")
    return receiver


def _check_cargo_and_card(asked: Doc) -> None:
    cargo = asked.get("cargoDetails") or []
    if not cargo or not all(piece.get("name") for piece in cargo):
        raise SfSays("1023", "托寄物品名不能为空")
    card = str(asked.get("monthlyCard") or "")
    if card and not (card.isdigit() and len(card) == MONTHLY_CARD_DIGITS):
        raise SfSays("6126", "月结卡号不合法")


def _phone(side: Doc) -> str:
    return str(side.get("mobile") or side.get("tel") or "")


def _numbers(waybill: str) -> list[dict[str, Any]]:
    return [{"waybillType": 1, "waybillNo": waybill}]


def _told(order_id: str, order: Doc) -> Doc:
    """Write an order as SF tells it."""
    label = {"destRouteLabel": f"571W-{order['waybill'][-3:]}", "proName": "顺丰标快"}
    return {
        "orderId": order_id,
        "originCode": "571",
        "destCode": "571",
        "filterResult": 2,
        "remark": "",
        "waybillNoInfoList": _numbers(order["waybill"]),
        "routeLabelInfo": [{"code": "1000", "routeLabelData": label}],
    }
