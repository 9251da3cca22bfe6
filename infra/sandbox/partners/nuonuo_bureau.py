"""Behind Nuonuo's door: what is checked on an order, and the bureau that issues it later.

The checks and codes are those of protocols 9.1; E4000 stands for every ill-formed field.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.nuonuo_red import RedBureau
from infra.sandbox.partners.nuonuo_words import Refusal
from infra.sandbox.world import World

BUREAU_TAKES = timedelta(minutes=5)
TOLERANCE = Decimal("0.06")
PRICE_TOLERANCE = Decimal("0.01")
LONGEST_ORDER_NO = 64
MOST_LINES = 2000
MOST_ORDERS = 50
STATUS = {"issuing": ("20", "开票中"), "issued": ("2", "开票完成")}


class Bureau:
    """Takes orders, issues them five world minutes later, and tells how they stand."""

    def __init__(self, ledger: Ledger, world: World, tax_no: str) -> None:
        self._ledger = ledger
        self._world = world
        self._tax_no = tax_no
        self._reds = RedBureau(ledger, world, tax_no)
        world.on_agenda("nuonuo.issue", self._issue)

    def serve(self, method: str, content: Doc) -> Any:  # noqa: ANN401 - a service's own JSON
        """Do what ``method`` names."""
        match method:
            case "nuonuo.OpeMplatform.requestBillingNew":
                return self._take(_mapping(content, "order"))
            case "nuonuo.OpeMplatform.queryInvoiceResult":
                return self._tell(content)
            case "nuonuo.OpeMplatform.saveInvoiceRedConfirm":
                return self._reds.apply(content)
            case "nuonuo.OpeMplatform.queryInvoiceRedConfirm":
                return self._reds.tell(content)
            case _:
                raise Refusal("E4000", f"API名称不存在或未授权:{method}")

    def subject_of(self, content: Doc) -> str:
        """Tell which order a call was about, for the call log."""
        order = content.get("order") or {}
        named = order.get("orderNo") or content.get("billId")
        return str(named or ",".join(content.get("orderNos") or []))

    def _take(self, order: Mapping[str, Any]) -> Doc:
        order_no = self._check_head(order)
        amount, tax = _sums(order)
        if self._ledger.get("invoice", order_no) is not None:
            raise Refusal("E9106", "订单编号不能重复")
        now = self._world.clock.now()
        serial = f"{now:%y%m%d%H%M%S}{self._ledger.count('invoice') + 1:08d}"
        doc = {
            "serial": serial,
            "number": None,
            "amount_fen": _fen(amount),
            "tax_fen": _fen(tax),
            "status": "issuing",
            "kind": "blue",
            "lines": [_fen(_money(line, "taxIncludedAmount")) for line in order["invoiceDetail"]],
            "buyer_masked": str(order["buyerName"])[:1] + "**",
            "requested_at": now.isoformat(),
            "issued_at": None,
        }
        self._ledger.put("invoice", order_no, doc)
        self._world.later(BUREAU_TAKES, "nuonuo.issue", order_no, {"order_no": order_no})
        return {"invoiceSerialNum": serial}

    def _check_head(self, order: Mapping[str, Any]) -> str:
        needed = ("buyerName", "salerTel", "salerAddress", "orderNo", "invoiceDate", "clerk")
        missing = next((name for name in needed if not order.get(name)), None)
        if missing is not None:
            raise Refusal("E4000", f"{missing}不能为空")
        if order.get("salerTaxNum") != self._tax_no:
            raise Refusal("E4000", "salerTaxNum与授权税号不一致")
        if str(order.get("invoiceType")) != "1" or order.get("invoiceLine") != "pc":
            raise Refusal("E4000", "仅支持蓝票(invoiceType 1)与数电普票(invoiceLine pc)")
        if len(str(order["orderNo"])) > LONGEST_ORDER_NO:
            raise Refusal("E4000", "orderNo超过64位")
        return str(order["orderNo"])

    async def _issue(self, payload: Doc) -> None:
        """Issue one invoice; safe to repeat, since it is issued only once."""
        order_no = payload["order_no"]
        invoice = self._ledger.get("invoice", order_no)
        if invoice is None or invoice["status"] != "issuing":
            return
        now = self._world.clock.now()
        number = f"{now:%y}332{int(invoice['serial'][-8:]):015d}"  # year, Zhejiang, running number
        changes = {"number": number, "status": "issued", "issued_at": now.isoformat()}
        self._ledger.amend("invoice", order_no, **changes)

    def _tell(self, content: Doc) -> list[Doc]:
        asked = content.get("orderNos") or []
        if not isinstance(asked, list) or not 0 < len(asked) <= MOST_ORDERS:
            raise Refusal("E4000", f"orderNos须为1至{MOST_ORDERS}个订单号")
        found = [(key, self._ledger.get("invoice", str(key))) for key in asked]
        told = [_progress(key, invoice) for key, invoice in found if invoice is not None]
        if not told:
            raise Refusal("E9500", "发票信息不存在")
        return told


def _progress(order_no: str, invoice: Doc) -> Doc:
    status, status_text = STATUS[invoice["status"]]
    at = invoice["issued_at"]
    issued_ms = None if at is None else int(datetime.fromisoformat(at).timestamp() * 1000)
    return {
        "serialNo": invoice["serial"],
        "orderNo": order_no,
        "status": status,
        "statusMsg": status_text,
        "failCause": "",
        "invoiceTime": issued_ms,
        "invoiceCode": "",
        "allElectronicInvoiceNumber": invoice["number"] or "",
        "exTaxAmount": _yuan(invoice["amount_fen"] - invoice["tax_fen"]),
        "taxAmount": _yuan(invoice["tax_fen"]),
        "orderAmount": _yuan(invoice["amount_fen"]),
    }


def _sums(order: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Check every line, and tell the order's amount with tax and its tax, in yuan."""
    lines = order.get("invoiceDetail")
    if not isinstance(lines, list) or not 0 < len(lines) <= MOST_LINES:
        raise Refusal("E4000", f"invoiceDetail须为1至{MOST_LINES}行")
    checked = [_check_line(line) for line in lines]
    amount = sum((amount for amount, _ in checked), Decimal(0))
    tax = sum((tax for _, tax in checked), Decimal(0))
    return amount, tax


def _check_line(line: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    amount, tax = _money(line, "taxIncludedAmount"), _money(line, "tax")
    without, rate = _money(line, "taxExcludedAmount"), _number(line, "taxRate")
    if not line.get("goodsName") or len(str(line.get("goodsCode"))) != 19:  # noqa: PLR2004 - 9.1
        raise Refusal("E4000", "goodsName不能为空,goodsCode须为19位")
    if amount <= 0 or str(line.get("withTaxFlag")) != "1":
        raise Refusal("E4000", "taxIncludedAmount须大于0,withTaxFlag须为1")
    if without + tax != amount or abs(without * rate - tax) > TOLERANCE:
        raise Refusal("E9130", "税额与金额、税率不符,误差超过0.06")
    if abs(_number(line, "price") * _number(line, "num") - amount) > PRICE_TOLERANCE:
        raise Refusal("E4000", "单价乘数量与金额不符")
    return amount, tax


def _money(line: Mapping[str, Any], name: str) -> Decimal:
    amount = _number(line, name)
    if amount.as_tuple().exponent != -2:  # noqa: PLR2004 - yuan with two decimals
        raise Refusal("E4000", f"{name}须保留两位小数")
    return amount


def _number(line: Mapping[str, Any], name: str) -> Decimal:
    try:
        return Decimal(str(line.get(name)))
    except InvalidOperation as e:
        raise Refusal("E4000", f"{name}不是数字") from e


def _mapping(content: Doc, name: str) -> Mapping[str, Any]:
    found = content.get(name)
    if not isinstance(found, dict):
        raise Refusal("E4000", f"{name}不能为空")
    return found


def _fen(yuan: Decimal) -> int:
    return int(yuan.scaleb(2))


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):.2f}"
