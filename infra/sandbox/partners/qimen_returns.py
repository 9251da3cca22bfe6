"""What comes back to the warehouses behind the WMS: announced, opened, put on the shelf.

Ledger ``qimen``, kind ``return_order``, key = its code: ``{warehouse, delivery_order, status,
express, items: [{sku, quantity}], received: [{sku, quantity, inventory_type}], received_at}``;
status is ACCEPT or FULFILLED. Kind ``arrival`` keeps what is at the gate: ``waybill/{number}`` is a
parcel that a carrier brought back, ``claim/{order}/{claim}`` what a buyer sent, with its ``goods``;
only what has come is received, however much was announced.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from infra.sandbox.goods import pieces_of
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.partners.qimen_wire import Code, Declined, Form, answered, tag
from infra.sandbox.shop import GOODS_CAME_BACK, PARCEL_CAME_BACK

OPENED_AFTER = timedelta(hours=2)
OPEN = "open_return"  # on the agenda
ORDER_TYPES = ("THRK", "HHRK")


@dataclass(frozen=True, slots=True)
class ReturnDesk:
    """Takes in what was announced and has come; one without the other waits."""

    floor: WarehouseFloor

    def listen(self) -> None:
        """Begin to hear of what comes back."""
        world = self.floor.world
        world.listen(PARCEL_CAME_BACK, self.parcel_came)
        world.listen(GOODS_CAME_BACK, self.goods_came)
        world.on_agenda(OPEN, self.open)

    def create(self, form: Form) -> tuple[Response, str]:
        """``returnorder.create``: of a parcel that this WMS has sent out itself."""
        code, order = _read_order(form)
        ledger = self.floor.ledger
        if ledger.get("return_order", code) is not None:
            raise Declined(Code.DUPLICATE, f"单据 {code} 已存在")
        sent = ledger.get("delivery_order", order["delivery_order"])
        if sent is None or sent["status"] != "DELIVERED":
            raise Declined(Code.UNKNOWN_ORDER, f"原出库单 {order['delivery_order']} 没有出库")
        if pieces_of(order["items"]) - pieces_of(sent["items"]):
            raise Declined(Code.MISSING_FIELD, "退货数量超过原出库单")
        ledger.put("return_order", code, order)
        self._expect(code)
        return answered(Code.OK, "接单成功", tag("returnOrderId", f"WMS-{code}")), code

    async def parcel_came(self, news: Doc) -> None:
        """A carrier brings a parcel back."""
        self.floor.ledger.put("arrival", f"waybill/{news['waybill']}", {"goods": None})
        self._expect_all()

    async def goods_came(self, news: Doc) -> None:
        """A buyer's return is at the gate."""
        key = f"claim/{news['order']}/{news['claim_id']}"
        self.floor.ledger.put("arrival", key, {"goods": news["goods"]})
        self._expect_all()

    async def open(self, payload: Doc) -> None:
        """Open a return and put what is good on the shelf; a second time nothing is added."""
        code, ledger = payload["code"], self.floor.ledger
        order = ledger.get("return_order", code) or {}
        if order["status"] == "ACCEPT":
            with ledger.together():
                order = self._received(code, order)
        self.floor.news.goods_returned(code, order)

    def _received(self, code: str, order: Doc) -> Doc:
        there, received = self._at_the_gate(code, order), list[Doc]()
        for item in order["items"]:
            sku, found = item["sku"], min(item["quantity"], there[item["sku"]])
            there[sku] -= found
            self.floor.stock_in(order["warehouse"], sku, found)
            received.append({"sku": sku, "quantity": found, "inventory_type": "ZP"})
        now = self.floor.world.clock.now().isoformat()
        return self.floor.ledger.amend(
            "return_order", code, status="FULFILLED", received=received, received_at=now
        )

    def resume(self) -> None:
        """After a restart: open what is here, tell what was opened."""
        self._expect_all()
        for code, order in self.floor.ledger.each("return_order"):
            if order["status"] == "FULFILLED":
                self.floor.news.goods_returned(code, order)

    def _expect_all(self) -> None:
        for code, order in self.floor.ledger.each("return_order"):
            if order["status"] == "ACCEPT":
                self._expect(code)

    def _expect(self, code: str) -> None:
        if self.floor.ledger.get("arrival", self._arrival(code)) is not None:
            self.floor.world.later(OPENED_AFTER, OPEN, code, {"code": code})

    def _at_the_gate(self, code: str, order: Doc) -> Counter[str]:
        """Count what has come and was not opened yet; a carrier brings a parcel back whole."""
        arrival = self._arrival(code)
        goods = (self.floor.ledger.get("arrival", arrival) or {})["goods"]
        if goods is None:
            return pieces_of(order["items"])
        there = pieces_of(goods)
        for other, opened in self.floor.ledger.each("return_order"):
            if self._arrival(other) == arrival:
                there -= pieces_of(opened["received"])
        return there

    def _arrival(self, code: str) -> str:
        """Tell under which name the goods of a return come to the gate."""
        order_id, _, what = code.partition("/return/")
        if what.startswith("c"):
            return f"claim/{order_id}/{what[1:].partition('/')[0]}"
        order = self.floor.ledger.get("return_order", code) or {}
        sent = self.floor.ledger.get("delivery_order", order.get("delivery_order", "")) or {}
        return f"waybill/{sent.get('waybill', '')}"


def _read_order(form: Form) -> tuple[str, Doc]:
    head = "returnOrder"
    if form.text(f"{head}/orderType") not in ORDER_TYPES:
        raise Declined(Code.MISSING_FIELD, "orderType 应为 THRK 或 HHRK")
    form.text(f"{head}/senderInfo/name")
    form.text(f"{head}/logisticsCode")
    lines = list(form.each("orderLines/orderLine"))
    if not lines:
        raise Declined(Code.MISSING_FIELD, "缺少必填字段 orderLines/orderLine")
    return form.text(f"{head}/returnOrderCode"), {
        "warehouse": form.text(f"{head}/warehouseCode"),
        "delivery_order": form.text(f"{head}/preDeliveryOrderCode"),
        "status": "ACCEPT",
        "express": form.element.findtext(f"{head}/expressCode") or "",
        "items": [_read_line(line) for line in lines],
        "received": [],
        "received_at": None,
    }


def _read_line(line: Form) -> Doc:
    line.text("ownerCode")
    return {"sku": line.text("itemCode"), "quantity": line.pieces("planQty")}
