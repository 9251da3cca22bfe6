"""The WMS, spoken to through Qimen (protocols 10.1): orders, cancellations, inventory.

Its wire form is in ``qimen_wire``, the warehouses behind it in ``qimen_floor``.
"""

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.ledger import Doc
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.partners.qimen_returns import ReturnDesk
from infra.sandbox.partners.qimen_wire import (
    APP_KEY,
    CUSTOMER,
    SECRET,
    Code,
    Declined,
    Form,
    QimenComplaints,
    answered,
    check_sign,
    local_time,
    tag,
)

PATH = "/router/qimen/service"
CARRIERS = {"SF": "shunfeng", "ZTO": "zhongtong", "YTO": "yuantong"}


def build(surroundings: Surroundings) -> Partner:
    """Make the WMS."""
    floor = WarehouseFloor.of(surroundings)
    returns = ReturnDesk(floor)
    surroundings.world.on_agenda("pick", floor.pick)
    returns.listen()

    def resume() -> None:
        floor.resume()
        returns.resume()

    return Partner(
        name="qimen",
        app=Starlette(routes=[Route(PATH, Wms(floor, returns).serve, methods=["POST"])]),
        credentials={"app_key": APP_KEY, "secret": SECRET, "customer_id": CUSTOMER},
        urls={"service": PATH},
        complaints=QimenComplaints(),
        resume=resume,
    )


@dataclass(frozen=True, slots=True)
class Wms:
    """Answers signed calls, one method each."""

    floor: WarehouseFloor
    returns: ReturnDesk

    async def serve(self, request: Request) -> Response:
        """Check the signature, then do what the method says; log what became of it."""
        query, body = dict(request.query_params), await request.body()
        method = query.get("method", "").removeprefix("taobao.qimen.")
        try:
            check_sign(query, body)
            answer, subject = self._do(method, Form.parse(body))
        except Declined as no:
            self.floor.ledger.note(method, "", f"{no.code.value} {no.words}")
            return answered(no.code, no.words)
        self.floor.ledger.note(method, subject, Code.OK)
        return answer

    def _do(self, method: str, form: Form) -> tuple[Response, str]:
        match method:
            case "deliveryorder.create":
                return self._create(form)
            case "order.cancel":
                return self._cancel(form)
            case "returnorder.create":
                return self.returns.create(form)
            case "inventory.query":
                return self._inventory(form)
            case _:
                raise Declined(Code.UNKNOWN_METHOD, f"不支持的接口 {method}")

    def _create(self, form: Form) -> tuple[Response, str]:
        code, order = _read_order(form)
        order["created"] = self.floor.world.clock.now().isoformat()
        self._admit(code, order)
        self.floor.ledger.put("delivery_order", code, order)
        self.floor.shelves.claim(order)
        self.floor.expect_picker(code)
        created = local_time(self.floor.world.clock.now())
        more = tag("deliveryOrderId", f"WMS-{code}") + tag("createTime", created)
        return answered(Code.OK, "接单成功", more), code

    def _admit(self, code: str, order: Doc) -> None:
        """Decline what can not be taken in; an order is known or cancelled before all else."""
        ledger = self.floor.ledger
        known = ledger.get("delivery_order", code)
        if ledger.get("barred", code) or (known and known["status"] == "CANCELED"):
            raise Declined(Code.CANCELLED_BEFORE, f"单据 {code} 已取消,不再接单")
        if known:
            raise Declined(Code.DUPLICATE, f"单据 {code} 已存在")
        closed = ledger.get("closed_warehouse", order["warehouse"])
        if closed:
            raise Declined(Code.CLOSED, f"仓库 {order['warehouse']} 停止接单:{closed['reason']}")
        short = self.floor.shelves.short_of(order)
        if short:
            raise Declined(Code.SHORT, f"库存不足:{'、'.join(short)}")

    def _cancel(self, form: Form) -> tuple[Response, str]:
        code, ledger = form.text("orderCode"), self.floor.ledger
        form.text("warehouseCode")
        order = ledger.get("delivery_order", code)
        if order is None:
            ledger.put("barred", code, {"at": self.floor.world.clock.now().isoformat()})
            raise Declined(Code.UNKNOWN_ORDER, f"单据 {code} 不存在,已登记拦截")
        if order["status"] == "DELIVERED":
            raise Declined(Code.TOO_LATE, f"单据 {code} 已出库,无法取消")
        if order["status"] == "ACCEPT":
            ledger.amend("delivery_order", code, status="CANCELED")
            self.floor.shelves.unclaim(order)
        return answered(Code.OK, "取消成功"), code

    def _inventory(self, form: Form) -> tuple[Response, str]:
        """Tell free and claimed pieces; the field list is from memory."""
        asked = list(form.each("criteriaList/criteria"))
        items = "".join(
            self._shelf(one.text("warehouseCode"), one.text("itemCode")) for one in asked
        )
        return answered(Code.OK, "查询成功", f"<items>{items}</items>"), str(len(asked))

    def _shelf(self, warehouse: str, sku: str) -> str:
        shelf = self.floor.shelves.look(warehouse, sku)
        fields = (
            tag("warehouseCode", warehouse)
            + tag("itemCode", sku)
            + tag("inventoryType", "ZP")
            + tag("quantity", str(shelf["quantity"]))
            + tag("lockQuantity", str(shelf["locked"]))
        )
        return f"<item>{fields}</item>"


REQUIRED = ("orderType", "createTime", "placeOrderTime", "operateTime", "shopNick")
REQUIRED_OF_RECEIVER = ("name", "mobile", "province", "city", "detailAddress")


def _read_order(form: Form) -> tuple[str, Doc]:
    """Read a delivery order: its code, and the document that is kept of it."""
    for name in (*REQUIRED, *(f"receiverInfo/{name}" for name in REQUIRED_OF_RECEIVER)):
        form.text(f"deliveryOrder/{name}")
    lines = list(form.each("orderLines/orderLine"))
    if not lines:
        raise Declined(Code.MISSING_FIELD, "缺少必填字段 orderLines/orderLine")
    logistics_code = form.text("deliveryOrder/logisticsCode")
    return form.text("deliveryOrder/deliveryOrderCode"), {
        "warehouse": form.text("deliveryOrder/warehouseCode"),
        "status": "ACCEPT",
        "carrier": CARRIERS.get(logistics_code, logistics_code.lower()),
        "logistics_code": logistics_code,
        "waybill": form.text("deliveryOrder/expressCode"),
        "items": [_read_line(line) for line in lines],
    }


def _read_line(line: Form) -> Doc:
    for name in ("ownerCode", "actualPrice"):
        line.text(name)
    return {"sku": line.text("itemCode"), "quantity": line.pieces("planQty")}
