"""What the WMS pushes to the hub: an order has left, goods have arrived (protocols 10.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import httpx

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.qimen_wire import APP_KEY, CUSTOMER, OWNER, local_time, sign, tag
from infra.sandbox.push import Push, Pusher
from infra.sandbox.world import World

Goods = Sequence[tuple[str, int]]  # (sku, pieces)


@dataclass(frozen=True, slots=True)
class News:
    """Signs and pushes; each order and each receipt is told once."""

    world: World
    pusher: Pusher

    def order_left(self, code: str, order: Doc) -> None:
        """Push ``deliveryorder.confirm``, final, with the one package that left."""
        body = _confirmation(code, order, local_time(self.world.clock.now()))
        self._push("deliveryorder.confirm", f"OUT-{code}", body)

    def goods_arrived(self, warehouse: str, goods: Goods, code: str) -> None:
        """Push ``entryorder.confirm``, everything as planned."""
        self._push("entryorder.confirm", f"IN-{code}", _receipt(warehouse, goods, code))

    def goods_returned(self, code: str, order: Doc) -> None:
        """Push ``returnorder.confirm``, final, with what was found in it."""
        at = local_time(datetime.fromisoformat(order["received_at"]))
        self._push("returnorder.confirm", f"BACK-{code}", _return(code, order, at))

    def _push(self, method: str, key: str, body: str) -> None:
        content = f'<?xml version="1.0" encoding="utf-8"?><request>{body}</request>'.encode()
        query = {
            "method": method,
            "timestamp": local_time(self.world.clock.now()),
            "format": "xml",
            "app_key": APP_KEY,
            "v": "2.0",
            "sign_method": "md5",
            "customerId": CUSTOMER,
        }
        query["sign"] = sign(query, content)
        url = f"{self.world.hub_url}/hooks/qimen?{urlencode(query)}"
        self.pusher.send(key, Push(url=url, body=content, headers={"content-type": "text/xml"}))


def acknowledged(answer: httpx.Response) -> bool:
    """Read Qimen's "got it" out of the hub's answer."""
    return "<flag>success</flag>" in answer.text


def _confirmation(code: str, order: Doc, at: str) -> str:
    head = (
        tag("deliveryOrderCode", code)
        + tag("warehouseCode", order["warehouse"])
        + tag("orderType", "JYCK")
        + tag("status", "DELIVERED")
        + tag("outBizCode", f"OUT-{code}")
        + tag("confirmType", "0")
        + tag("operateTime", at)
    )
    items = "".join(
        f"<item>{tag('itemCode', item['sku'])}{tag('quantity', str(item['quantity']))}</item>"
        for item in order["items"]
    )
    carrier = tag("logisticsCode", order["logistics_code"]) + tag("expressCode", order["waybill"])
    return (
        f"<deliveryOrder>{head}</deliveryOrder>"
        f"<packages><package>{carrier}<items>{items}</items></package></packages>"
    )


def _receipt(warehouse: str, goods: Goods, code: str) -> str:
    head = (
        tag("entryOrderCode", code)
        + tag("ownerCode", OWNER)
        + tag("warehouseCode", warehouse)
        + tag("outBizCode", f"IN-{code}")
        + tag("confirmType", "0")
        + tag("status", "FULFILLED")
    )
    lines = "".join(
        f"<orderLine>{tag('itemCode', sku)}{tag('planQty', str(quantity))}"
        f"{tag('actualQty', str(quantity))}{tag('inventoryType', 'ZP')}</orderLine>"
        for sku, quantity in goods
    )
    return f"<entryOrder>{head}</entryOrder><orderLines>{lines}</orderLines>"


def _return(code: str, order: Doc, at: str) -> str:
    """Write the confirmation of a return; its fields are from memory."""
    head = (
        tag("returnOrderCode", code)
        + tag("returnOrderId", f"WMS-{code}")
        + tag("warehouseCode", order["warehouse"])
        + tag("outBizCode", f"BACK-{code}")
        + tag("orderType", "THRK")
        + tag("orderConfirmTime", at)
    )
    lines = "".join(
        f"<orderLine>{tag('itemCode', item['sku'])}{tag('actualQty', str(item['quantity']))}"
        f"{tag('inventoryType', item['inventory_type'])}</orderLine>"
        for item in order["received"]
    )
    return f"<returnOrder>{head}</returnOrder><orderLines>{lines}</orderLines>"
