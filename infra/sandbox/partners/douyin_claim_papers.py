"""A claim as the Douyin shop shows it (protocols 2.3): in its list, in its detail, in messages.

The detail and the messages write ids as numbers beyond 2^53, the list as text; so do the
platform's own clients expect it.
"""

from typing import Any

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_orders import line_id, lines_of, status_of_line
from infra.sandbox.partners.douyin_papers import product_id
from infra.sandbox.partners.douyin_words import (
    CLAIM_STATUS_WORDS,
    CLAIM_TYPE_WORDS,
    SHOP_ID,
    ClaimStatus,
    ClaimType,
    RefundStatus,
    epoch_s,
    iso_time,
)

ANSWER_WITHIN_S = 48 * 3600
REASON_CODE = 1  # the buyer's own words are in ``reason``
OF_A_LINE, OF_AN_ORDER = 1, 2


def lines_meant(claim: Doc, order: Doc) -> list[int]:
    """Tell the lines that a claim is about; one that names none is about the whole order."""
    return claim["lines"] or list(lines_of(order))


def refund_status(claim: Doc) -> RefundStatus:
    """Tell what became of the money; a claim that was withdrawn leaves it as it was."""
    refunded = claim["stage"] == "refunded"
    return RefundStatus.REFUNDED if refunded else RefundStatus.TO_REFUND


def listed(claim_id: str, claim: Doc, order: Doc) -> dict[str, Any]:
    """Write a claim for ``afterSale.List``."""
    return {
        "aftersale_info": _listed_claim(claim_id, claim, order),
        "order_info": {
            "shop_order_id": order["order_no"],
            "related_order_info": [_listed_line(order, no) for no in lines_meant(claim, order)],
            "order_flag": 0,
        },
        "text_part": {
            "aftersale_status_text": CLAIM_STATUS_WORDS[ClaimStatus(claim["status"])],
            "aftersale_type_text": CLAIM_TYPE_WORDS[ClaimType(claim["type"])],
            "reason_text": claim["reason"],
        },
        "seller_logs": [],
    }


def detailed(claim_id: str, claim: Doc, order: Doc) -> dict[str, Any]:
    """Write a claim for ``afterSale.Detail``."""
    lines = [_detailed_line(order, no) for no in lines_meant(claim, order)]
    return {
        "process_info": {
            "after_sale_info": _detailed_claim(claim_id, claim, order),
            "logistics_info": {"order": [_sent(pack) for pack in order["packs"]]},
            "record_logs_list": [],
        },
        "order_info": {"shop_order_id": int(order["order_no"]), "sku_order_infos": lines},
    }


def told(claim_id: str, claim: Doc, order: Doc, time_name: str) -> Doc:
    """Write a claim for a message; its one ISO time stands beside epoch seconds."""
    return {
        "aftersale_id": int(claim_id),
        "aftersale_status": claim["status"],
        "aftersale_type": claim["type"],
        "p_id": int(order["order_no"]),
        "s_id": line_id(order["order_no"], lines_meant(claim, order)[0]),
        "shop_id": int(SHOP_ID),
        "store_id": 0,
        "reason_code": REASON_CODE,
        "refund_amount": claim["amount_fen"],
        "refund_post_amount": _freight_fen(claim, order),
        "refund_voucher_num": 0,
        time_name: epoch_s(claim["updated_at"]),
        "update_time": iso_time(claim["updated_at"]),
    }


def _listed_claim(claim_id: str, claim: Doc, order: Doc) -> dict[str, Any]:
    related = line_id(order["order_no"], lines_meant(claim, order)[0])
    return {
        "aftersale_id": claim_id,
        "aftersale_order_type": OF_A_LINE if claim["lines"] else OF_AN_ORDER,
        "aftersale_type": claim["type"],
        "aftersale_status": claim["status"],
        "related_id": str(related),
        "apply_time": epoch_s(claim["created_at"]),
        "create_time": epoch_s(claim["created_at"]),
        "update_time": epoch_s(claim["updated_at"]),
        "status_deadline": epoch_s(claim["updated_at"]) + ANSWER_WITHIN_S,
        "refund_amount": claim["amount_fen"],
        "refund_post_amount": _freight_fen(claim, order),
        "refund_status": int(refund_status(claim)),
        "aftersale_num": sum(_pieces(order, no) for no in lines_meant(claim, order)),
        "part_type": int(bool(claim["lines"])),
        "arbitrate_status": 0,
        "got_pkg": 0,
        "store_id": 0,
        "remark": "",
    }


def _detailed_claim(claim_id: str, claim: Doc, order: Doc) -> dict[str, Any]:
    refunded_fen = claim["amount_fen"] if claim["stage"] == "refunded" else 0
    pieces = sum(_pieces(order, no) for no in lines_meant(claim, order))
    return {
        "after_sale_id": int(claim_id),
        "after_sale_status": claim["status"],
        "after_sale_status_desc": CLAIM_STATUS_WORDS[ClaimStatus(claim["status"])],
        "after_sale_type": claim["type"],
        "after_sale_type_text": CLAIM_TYPE_WORDS[ClaimType(claim["type"])],
        "after_sale_order_type": OF_A_LINE if claim["lines"] else OF_AN_ORDER,
        "refund_status": int(refund_status(claim)),
        "refund_total_amount": claim["amount_fen"],
        "refund_post_amount": _freight_fen(claim, order),
        "real_refund_amount": refunded_fen,
        "apply_time": epoch_s(claim["created_at"]),
        "update_time": epoch_s(claim["updated_at"]),
        "status_deadline": epoch_s(claim["updated_at"]) + ANSWER_WITHIN_S,
        "reason": claim["reason"],
        "reason_code": REASON_CODE,
        "reason_remark": "",
        "after_sale_apply_count": pieces,
        "part_type": int(bool(claim["lines"])),
        "got_pkg": 0,
        "evidence": [],
        "store_id": "0",
    }


def _listed_line(order: Doc, no: int) -> dict[str, Any]:
    item = order["items"][no - 1]
    return {
        "sku_order_id": str(line_id(order["order_no"], no)),
        "order_status": int(status_of_line(order, no)),
        "pay_amount": item["paid_amount"],
        "post_amount": 0,
        "item_num": item["quantity"],
        "aftersale_item_num": item["quantity"],
        "create_time": epoch_s(order["paid_at"]),
        "product_name": item["name"],
        "product_id": product_id(item["sku"]),
        "shop_sku_code": item["sku"],
    }


def _detailed_line(order: Doc, no: int) -> dict[str, Any]:
    item = order["items"][no - 1]
    return {
        "sku_order_id": line_id(order["order_no"], no),
        "order_status": int(status_of_line(order, no)),
        "pay_amount": item["paid_amount"],
        "sku_pay_amount": item["paid_amount"],
        "post_amount": 0,
        "item_quantity": item["quantity"],
        "after_sale_item_count": item["quantity"],
        "create_time": epoch_s(order["paid_at"]),
        "product_name": item["name"],
        "product_id": product_id(item["sku"]),
        "sku_id": product_id(item["sku"]),
        "shop_sku_code": item["sku"],
    }


def _sent(pack: Doc) -> dict[str, Any]:
    return {
        "tracking_no": pack["tracking_no"],
        "company_code": pack["carrier"],
        "logistics_time": epoch_s(pack["at"]),
    }


def _pieces(order: Doc, no: int) -> int:
    pieces: int = order["items"][no - 1]["quantity"]
    return pieces


def _freight_fen(claim: Doc, order: Doc) -> int:
    """Tell how much of what comes back is freight: what the goods did not cost."""
    goods_fen = sum(order["items"][no - 1]["paid_amount"] for no in lines_meant(claim, order))
    more_fen: int = claim["amount_fen"] - goods_fen
    return min(max(0, more_fen), int(order["freight"]))
