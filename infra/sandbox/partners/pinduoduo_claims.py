"""After-sale claims as lists, details and pushes tell them (protocols 1.3, 1.4).

There are two protocols. 3.1 is the documented one: details and pushes in fen with numbered types,
lists in yuan. 3.2 is invented: what a platform could change overnight. It renames and moves the
fields of details and pushes; lists stay as they were. A claim is told in the protocol that was
spoken when it was opened, for as long as it lives.
"""

from collections.abc import Sequence

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_words import (
    MALL_ID,
    TYPES,
    goods_id,
    iso_time,
    local_time,
    number_of,
    sku_id,
    status_of,
    yuan_text,
)

DOCUMENTED, CHANGED = "3.1", "3.2"
BUYER, MERCHANT, SYSTEM = 1000, 1002, 1003  # nobody says who 1002 is; we take the merchant
TYPE_CODES = {"refund_only": "REFUND_ONLY", "return": "RETURN_REFUND", "exchange": "EXCHANGE"}
STATUS_NAMES = {
    "asked": "待商家处理",
    "agreed": "商家已同意",
    "returning": "买家退货中",
    "refused": "商家已驳回",
    "refunded": "退款成功",
    "withdrawn": "买家已撤销",
}
ANSWER_WITHIN_MS = 48 * 3600 * 1000


def push_content(claim_id: str, claim: Doc, operation: int) -> Doc:
    """Write what a push says of a claim."""
    if claim["protocol"] == CHANGED:
        after_sales = {
            "id": number_of(claim_id),
            "type_code": TYPE_CODES[claim["kind"]],
            "amount": yuan_text(claim["amount_fen"]),
        }
        return {
            "mall_id": MALL_ID,
            "order_sn": claim["order_no"],
            "after_sales": after_sales,
            "modified_at": iso_time(claim["updated_at"]),
            "version": CHANGED,
        }
    return {
        "mall_id": MALL_ID,
        "tid": claim["order_no"],
        "refund_id": number_of(claim_id),
        "refund_fee": claim["amount_fen"],
        "bill_type": TYPES[claim["kind"]],
        "modified": claim["updated_at"],
        "operation": operation,
    }


def detail(claim_id: str, claim: Doc, order: Doc) -> Doc:
    """Write what ``pdd.refund.information.get`` says of a claim; instants are Unix milliseconds."""
    if claim["protocol"] == CHANGED:
        return _changed_detail(claim_id, claim, order)
    item = _items(claim, order)[0]
    return {
        **_common(claim_id, claim),
        "after_sales_reason": claim["reason"],
        "refund_amount": claim["amount_fen"],
        "order_amount": order["pay_amount"],
        "discount_amount": 0,
        "sku_id": str(sku_id(item["sku"])),
        "goods_price": item["paid_amount"] // item["quantity"],
        "goods_number": _pieces(claim, order),
        "confirm_time": order["paid_at"],
        "recreated_at": claim["created_at"],
        "expire_time": _expiry_ms(claim),
        "express_no": claim.get("sent_back", ""),
        "shipping_status": 0 if order["shipped_at"] is None else 1,
        "images": [],
        "remark": "",
    }


def row(claim_id: str, claim: Doc, order: Doc) -> Doc:
    """Write a claim's row of ``pdd.refund.list.increment.get``, money as texts of yuan.

    The documents do not say how a row numbers its type; details' numbers are the likelier ones.
    """
    item = _items(claim, order)[0]
    return {
        **_common(claim_id, claim),
        "after_sale_reason": claim["reason"],
        "refund_amount": yuan_text(claim["amount_fen"]),
        "order_amount": yuan_text(order["pay_amount"]),
        "discount_amount": yuan_text(0),
        "goods_id": goods_id(item["sku"]),
        "sku_id": str(sku_id(item["sku"])),
        "outer_id": item["sku"],
        "outer_goods_id": item["sku"],
        "goods_name": item["name"],
        "goods_price": yuan_text(item["paid_amount"] // item["quantity"]),
        "goods_number": str(_pieces(claim, order)),
        "good_image": "",
        "tracking_number": order["tracking_no"],
        "confirm_time": local_time(order["paid_at"]),
        "created_time": local_time(claim["created_at"]),
        "speed_refund_status": "",
    }


def _common(claim_id: str, claim: Doc) -> Doc:
    return {
        "id": number_of(claim_id),
        "order_sn": claim["order_no"],
        "after_sales_status": status_of(claim),
        "after_sales_type": TYPES[claim["kind"]],
        "updated_time": local_time(claim["updated_at"]),
        "shipping_name": "",
        "speed_refund_flag": 0,
        "dispute_refund_status": 0,
        "refund_operator_role": 0,
        "user_shipping_status": "0",
    }


def _changed_detail(claim_id: str, claim: Doc, order: Doc) -> Doc:
    after_sales = {
        "id": number_of(claim_id),
        "order_sn": claim["order_no"],
        "status": {"code": status_of(claim), "name": STATUS_NAMES[claim["stage"]]},
        "type_code": TYPE_CODES[claim["kind"]],
        "amount": yuan_text(claim["amount_fen"]),
        "lines": [
            {"sku_id": sku_id(item["sku"]), "outer_id": item["sku"], "count": item["quantity"]}
            for item in _items(claim, order)
        ],
        "reason": claim["reason"],
    }
    changed_at = iso_time(claim["updated_at"])
    return {"after_sales": after_sales, "updated_at": changed_at, "version": CHANGED}


def _items(claim: Doc, order: Doc) -> Sequence[Doc]:
    """Tell the lines a claim is about; one that names none is about the whole order."""
    items: list[Doc] = order["items"]
    return [items[no - 1] for no in claim["lines"]] or items


def _pieces(claim: Doc, order: Doc) -> int:
    return sum(item["quantity"] for item in _items(claim, order))


def _expiry_ms(claim: Doc) -> int | None:
    """Tell until when the merchant has to answer, as long as it is waited for."""
    return claim["created_at"] + ANSWER_WITHIN_MS if claim["stage"] == "asked" else None
