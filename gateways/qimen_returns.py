"""Tells the WMS through Qimen what comes back to it (protocols 10.1, ``returnorder.create``)."""

from collections.abc import Mapping

import httpx

from domain.comeback import ReturnOrder
from gateways.qimen_line import GOOD, QimenLine, logistics_code
from gateways.qimen_wire import CODES, Meaning
from gateways.qimen_xml import Tree
from settings import Qimen

RETURN = "THRK"  # 退货入库
# Who sends it is the buyer's own affair: the WMS finds it by the order that it came from.
SENDER = "退货"


class QimenReturns:
    """Announces returns; the return order's key is its code, so a second one finds the first."""

    def __init__(
        self, settings: Qimen, http: httpx.AsyncClient, codes: Mapping[str, Meaning] = CODES
    ) -> None:
        self._owner = settings.owner_code
        self._line = QimenLine(settings, http, codes)

    async def announce(self, order: ReturnOrder) -> None:
        """Announce a return.

        Raises:
            GatewayRefused: the WMS does not take it back, for example because it never left.
            GatewayBusy: no answer, or "come back later".
        """
        reply = await self._line.call("returnorder.create", _return_order(self._owner, order))
        if reply.meaning not in {Meaning.DONE, Meaning.KNOWN}:
            raise reply.refusal()


def _return_order(owner: str, order: ReturnOrder) -> Mapping[str, Tree]:
    head: dict[str, Tree] = {
        "returnOrderCode": order.key,
        "warehouseCode": order.warehouse,
        "orderType": RETURN,
        "preDeliveryOrderCode": order.delivery_key,
        "logisticsCode": logistics_code(order.carrier),
        "senderInfo": {"name": SENDER},
    }
    if order.number:
        head["expressCode"] = order.number
    lines: list[Mapping[str, Tree]] = [
        {
            "ownerCode": owner,
            "itemCode": item.sku,
            "planQty": str(item.quantity),
            "inventoryType": GOOD,
        }
        for item in order.items
    ]
    return {"returnOrder": head, "orderLines": {"orderLine": lines}}
