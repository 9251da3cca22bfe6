"""The WMS through Qimen: hand a parcel over, and call it back (protocols 10.1).

Its signature and envelope are in ``qimen_wire``, its pushes to us in ``qimen_door``, the stock it
keeps in ``qimen_stock``. The parcel's key is the order code, and the WMS refuses a second order of
the same code: so a call whose answer was lost is simply made again.
"""

from collections.abc import Mapping

import httpx

from domain.clock import utc_now
from domain.errors import GatewayRefused
from domain.handover import CallBack, HandOver, HandOverAnswer
from domain.money import yuan
from domain.order import Receiver
from domain.parcel import Dispatch, Item, Waybill
from gateways.qimen_line import GOOD, QimenLine, logistics_code
from gateways.qimen_wire import CODES, Meaning
from gateways.qimen_xml import PARTNER, Tree, write_time
from settings import Qimen

SALE = "JYCK"  # 交易出库: goods leave because they were sold


class QimenWarehouses:
    """Speaks to every warehouse behind one Qimen endpoint.

    ``codes`` tells what this WMS's error codes mean.
    """

    def __init__(
        self, settings: Qimen, http: httpx.AsyncClient, codes: Mapping[str, Meaning] = CODES
    ) -> None:
        self._settings = settings
        self._line = QimenLine(settings, http, codes)

    async def create(self, dispatch: Dispatch) -> HandOverAnswer:
        """Create the delivery order; a second call finds the first.

        Returns:
            ``REFUSED`` with the WMS's words when this warehouse can not send the parcel.

        Raises:
            GatewayRefused: signature, form or figures are wrong.
            GatewayBusy: no answer, or "come back later".
        """
        reply = await self._line.call(
            "deliveryorder.create", _delivery_order(self._settings, dispatch)
        )
        match reply.meaning:
            case Meaning.DONE | Meaning.KNOWN:
                return HandOverAnswer(outcome=HandOver.ACCEPTED, reason="", at=utc_now())
            case Meaning.CANNOT_SEND:
                return HandOverAnswer(outcome=HandOver.REFUSED, reason=reply.words, at=utc_now())
            case _:
                raise reply.refusal()

    async def cancel(self, dispatch: Dispatch) -> CallBack:
        """Call the parcel back; an order that the WMS never saw is ``CANCELLED``.

        Raises:
            GatewayRefused: signature or form are wrong.
            GatewayBusy: no answer, or "come back later".
        """
        reply = await self._line.call("order.cancel", _cancellation(self._settings, dispatch))
        match reply.meaning:
            case Meaning.DONE | Meaning.UNKNOWN_ORDER:
                return CallBack.CANCELLED
            case Meaning.TOO_LATE:
                return CallBack.TOO_LATE
            case _:
                raise reply.refusal()


def _delivery_order(settings: Qimen, dispatch: Dispatch) -> Mapping[str, Tree]:
    parcel, waybill = dispatch.parcel, _waybill_of(dispatch)
    # Qimen wants three times but only sorts by them; the parcel came to be with its waybill.
    at = write_time(waybill.at)
    head: Mapping[str, Tree] = {
        "deliveryOrderCode": parcel.key,
        "orderType": SALE,
        "warehouseCode": parcel.warehouse,
        "sourcePlatformCode": "OTHERS",
        "createTime": at,
        "placeOrderTime": at,
        "operateTime": at,
        "shopNick": settings.shop_nick,
        "totalAmount": yuan(sum(item.paid_fen for item in parcel.items)),
        "logisticsCode": logistics_code(waybill.carrier),
        "expressCode": waybill.number,
        "receiverInfo": _receiver(dispatch.receiver),
    }
    lines = [_order_line(settings.owner_code, parcel.order_id, item) for item in parcel.items]
    return {"deliveryOrder": head, "orderLines": {"orderLine": lines}}


def _waybill_of(dispatch: Dispatch) -> Waybill:
    if dispatch.waybill is None:
        raise GatewayRefused(PARTNER, "expressCode", "包裹还没有运单号,请先取运单再交仓")
    return dispatch.waybill


def _receiver(receiver: Receiver) -> Mapping[str, Tree]:
    return {
        "name": receiver.name,
        "mobile": receiver.phone,
        "province": receiver.province,
        "city": receiver.city,
        "area": receiver.district,
        "detailAddress": receiver.address,
    }


def _order_line(owner: str, order: str, item: Item) -> Mapping[str, Tree]:
    return {
        "orderLineNo": str(item.line_no),
        "sourceOrderCode": order,
        "ownerCode": owner,
        "itemCode": item.sku,
        "itemName": item.name,
        "inventoryType": GOOD,
        "planQty": str(item.quantity),
        "actualPrice": yuan(_fen_per_piece(item)),
    }


def _fen_per_piece(item: Item) -> int:
    """Price one piece, rounded to the fen; the order's ``totalAmount`` stays exact."""
    return (2 * item.paid_fen + item.quantity) // (2 * item.quantity)


def _cancellation(settings: Qimen, dispatch: Dispatch) -> Mapping[str, Tree]:
    return {
        "warehouseCode": dispatch.parcel.warehouse,
        "ownerCode": settings.owner_code,
        "orderCode": dispatch.parcel.key,
        "orderType": SALE,
        "cancelReason": "订单取消或改派",
    }
