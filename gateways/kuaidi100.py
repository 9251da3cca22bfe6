"""Every carrier but SF, through kuaidi100: book, cancel, subscribe, ask (protocols 8.1).

Protocols 8.1 gives the label interface's call form but not its fields. Assumed here, after the
vendor's public clients: ``order`` takes ``recMan`` and ``sendMan``, answers ``data.kuaidinum`` and
``data.bulkpen``, and answers the same ``orderId`` with the same number again; ``cancel`` finds an
order by the same ``orderId``. ``interceptOrder`` is told who pays by both names that are in use.
The codes for "nothing to cancel" and "too late to call back" are assumed too.
"""

import httpx

from domain.clock import utc_now
from domain.comeback import Interception
from domain.errors import GatewayRefused
from domain.parcel import Dispatch, Scan, Waybill
from gateways.carrier_forms import Text, Wire
from gateways.kuaidi100_call import (
    SERVER_BUSY,
    SERVER_FAILED,
    SERVER_FAILED_TOO,
    Kuaidi100Service,
    data_of,
)
from gateways.kuaidi100_track import Track
from settings import Kuaidi100, Label

# The same number means different things: 501 is "subscribed before" when one subscribes, and
# 500 is "no trace yet" when one asks.
LABEL_BUSY = frozenset({SERVER_FAILED, SERVER_FAILED_TOO, SERVER_BUSY})
SUBSCRIBE_BUSY = frozenset({SERVER_FAILED, SERVER_BUSY})
QUERY_BUSY = frozenset({SERVER_FAILED_TOO, SERVER_BUSY})
SUBSCRIBED_BEFORE = "501"
NO_TRACE_YET = "500"
NOTHING_TO_CANCEL = frozenset({"404", "409"})  # never booked, or cancelled before
TOO_LATE_TO_STOP = frozenset({"410", "411"})  # at the door, or a carrier that stops nothing

WITH_STATE_CODES = "4"
SENDER = "1"
PAYMENT_FIELDS = ("payType", "interceptPayType")  # protocols 8.1, and the vendor's own clients


class Order(Wire):
    """A booked order: the carrier's number and what its sorting belt reads."""

    kuaidinum: str
    bulkpen: Text = ""


class OrderAnswer(Wire):
    """The envelope around an order."""

    data: Order


class Nothing(Wire):
    """An answer whose verdict is all that matters."""


class Kuaidi100Carriers:
    """Carriers by kuaidi100's codes, such as ``zhongtong``. The parcel's key is its order id."""

    def __init__(self, settings: Kuaidi100, sender: Label, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._sender = sender
        self._service = Kuaidi100Service(settings, http)

    async def book(self, dispatch: Dispatch) -> Waybill:
        """Get the parcel's waybill and subscribe to its scans; both are found when repeated.

        Raises:
            GatewayRefused: the carrier does not take the parcel, or its order was cancelled, or
                the subscription is not allowed.
            GatewayBusy: no answer; the next call finds what this one did.
        """
        raw = await self._service.label("order", self._order(dispatch))
        order = data_of(raw, OrderAnswer, LABEL_BUSY).data
        waybill = Waybill(
            carrier=dispatch.parcel.carrier,
            number=order.kuaidinum,
            route_code=order.bulkpen,
            at=utc_now(),
        )
        await self._subscribe(waybill, dispatch.receiver.phone)
        return waybill

    async def cancel(self, dispatch: Dispatch) -> None:
        """Cancel the parcel's order; one that never was, or is cancelled, is as good as done.

        Raises:
            GatewayRefused: the carrier has the parcel already.
            GatewayBusy: no answer; ask again.
        """
        message = {
            "kuaidicom": dispatch.parcel.carrier,
            "kuaidinum": dispatch.number,
            "orderId": dispatch.parcel.key,
            "reason": "订单取消",
        }
        try:
            data_of(await self._service.label("cancel", message), Nothing, LABEL_BUSY)
        except GatewayRefused as refused:
            if refused.code not in NOTHING_TO_CANCEL:
                raise

    async def intercept(self, dispatch: Dispatch) -> Interception:
        """Have the carrier bring the parcel back to us; the scans tell whether it did.

        So no callback is asked for: it would tell the same, and only to whoever has a door for it.

        Raises:
            GatewayRefused: the carrier does not know the parcel, or it was cancelled.
            GatewayBusy: no answer; ask again.
        """
        message = {
            "kuaidicom": dispatch.carrier,
            "kuaidinum": dispatch.number,
            "orderId": dispatch.parcel.key,
            "interceptType": "RETURN_SEND_ADDR",
            "orderRole": SENDER,
            **dict.fromkeys(PAYMENT_FIELDS, "MONTHLY"),
        }
        try:
            data_of(await self._service.label("interceptOrder", message), Nothing, LABEL_BUSY)
        except GatewayRefused as refused:
            if refused.code not in TOO_LATE_TO_STOP:
                raise
            return Interception.TOO_LATE
        return Interception.ACCEPTED

    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]:
        """Tell the whole trace, oldest first; empty while the carrier has scanned nothing."""
        message = {
            "com": waybill.carrier,
            "num": waybill.number,
            "phone": phone_tail,
            "resultv2": WITH_STATE_CODES,
            "order": "asc",
        }
        try:
            return data_of(await self._service.query(message), Track, QUERY_BUSY).scans()
        except GatewayRefused as refused:
            if refused.code == NO_TRACE_YET:
                return ()
            raise

    async def _subscribe(self, waybill: Waybill, phone: str) -> None:
        parameters = {
            "callbackurl": self._settings.callback_url,
            "salt": self._settings.salt.get_secret_value(),
            "resultv2": WITH_STATE_CODES,
            "phone": phone,
        }
        message = {
            "company": waybill.carrier,
            "number": waybill.number,
            "parameters": parameters,
        }
        try:
            data_of(await self._service.subscribe(message), Nothing, SUBSCRIBE_BUSY)
        except GatewayRefused as refused:
            if refused.code != SUBSCRIBED_BEFORE:
                raise

    def _order(self, dispatch: Dispatch) -> dict[str, object]:
        parcel = dispatch.parcel
        return {
            "printType": "NON",  # we print the label ourselves
            "kuaidicom": parcel.carrier,
            "orderId": parcel.key,
            "recMan": _to(dispatch),
            "sendMan": self._from(),
            "cargo": parcel.items[0].name,
            "count": 1,
            "weight": parcel.weight_g / 1000,  # kg
            "payType": "MONTHLY",
        }

    def _from(self) -> dict[str, object]:
        return {
            "name": self._sender.sender_name,
            "mobile": self._sender.sender_phone,
            "printAddr": self._sender.sender_address,
        }


def _to(dispatch: Dispatch) -> dict[str, object]:
    receiver = dispatch.receiver
    return {
        "name": receiver.name,
        "mobile": receiver.phone,
        "province": receiver.province,
        "city": receiver.city,
        "district": receiver.district,
        "addr": receiver.address,
        "printAddr": f"{receiver.province}{receiver.city}{receiver.district}{receiver.address}",
    }
