"""An order as the Douyin shop shows it: fen, Unix seconds, ids as text (protocols 2.3)."""

from collections.abc import Mapping
from hashlib import md5
from typing import Any

from infra.sandbox.goods import articles
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_orders import (
    line_id,
    lines_of,
    status_of,
    status_of_line,
)
from infra.sandbox.partners.douyin_receivers import sealed_receiver
from infra.sandbox.partners.douyin_words import (
    COMPANIES,
    REFUNDED_BEFORE_SHIPPING,
    SHOP_ID,
    SHOP_NAME,
    STATUS_WORDS,
    OrderStatus,
    epoch_s,
)

BIZ_SHOP = 2  # 小店
PAID_BY_ALIPAY = 2
SHIP_WITHIN_S = 48 * 3600
FIRST_PRODUCT = 3_600_000_000_000_000_000
NO_CLAIM: Mapping[str, int] = {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0}


def shop_order(order: Doc) -> dict[str, Any]:
    """Write a whole order."""
    off_fen = sum(_full_fen(item) - item["paid_amount"] for item in order["items"])
    return {
        "shop_id": int(SHOP_ID),
        "shop_name": SHOP_NAME,
        "open_id": "",
        "doudian_open_id": order["open_id"],
        "order_id": order["order_no"],
        "order_level": 2,
        **_kind(),
        **_status(status_of(order)),
        **_times(order),
        "cancel_reason": order.get("cancel_reason", ""),
        "buyer_words": order["remark"],
        "seller_words": "",
        "channel_payment_no": "",
        **_money(order["pay_amount"], off_fen),
        "post_amount": order["freight"],
        "post_origin_amount": order["freight"],
        "post_promotion_amount": 0,
        "total_promotion_amount": off_fen,
        **sealed_receiver(order["receiver"]),
        "logistics_info": [_logistics(order, pack) for pack in order["packs"]],
        "sku_order_list": [_sku_order(order, no) for no in lines_of(order)],
        "seller_remark_stars": 0,
        "order_phase_list": [],
        "shop_order_tag_ui": [],
    }


def product_id(sku: str) -> int:
    """Tell the platform's number of an article."""
    return FIRST_PRODUCT + int(md5(sku.encode()).hexdigest()[:12], 16)


def _sku_order(order: Doc, no: int) -> dict[str, Any]:
    """Write one line. Freight is on the order only: who carries it of the lines nobody says."""
    item = order["items"][no - 1]
    full_fen, product = _full_fen(item), product_id(item["sku"])
    leader = order.get("leader_id") or ""
    return {
        "order_id": str(line_id(order["order_no"], no)),
        "parent_order_id": order["order_no"],
        "order_level": 3,
        **_kind(),
        **_status(status_of_line(order, no)),
        **_times(order),
        "author_id": int(leader[1:]) if leader[1:].isdecimal() else 0,
        "author_name": leader,
        "product_id": product,
        "product_id_str": str(product),
        "product_name": item["name"],
        "sku_id": product,
        "code": item["sku"],
        "out_sku_id": "",
        "out_product_id": "",
        "spec": [],
        "goods_type": 0,
        "item_num": item["quantity"],
        "origin_amount": full_fen // item["quantity"],
        "sum_amount": full_fen,
        **_money(item["paid_amount"], full_fen - item["paid_amount"]),
        "post_amount": 0,
        **sealed_receiver(order["receiver"]),
        "after_sale_info": order["claims"].get(str(no), NO_CLAIM),
        "inventory_list": [],
        "given_product_type": "",
    }


def _logistics(order: Doc, pack: Doc) -> dict[str, Any]:
    return {
        "tracking_no": pack["tracking_no"],
        "company": pack["carrier"],
        "company_name": COMPANIES[pack["carrier"]],
        "ship_time": epoch_s(pack["at"]),
        "delivery_id": pack["pack_id"],
        "product_info": [_packed(order, no) for no in pack["lines"]],
        "added_services": [],
    }


def _packed(order: Doc, no: int) -> dict[str, Any]:
    item = order["items"][no - 1]
    product = product_id(item["sku"])
    return {
        "product_name": item["name"],
        "price": _full_fen(item) // item["quantity"],
        "outer_sku_id": item["sku"],
        "sku_id": product,
        "sku_specs": [],
        "product_count": item["quantity"],
        "product_id": product,
        "product_id_str": str(product),
        "sku_order_id": str(line_id(order["order_no"], no)),
    }


def _kind() -> dict[str, Any]:
    return {
        "biz": BIZ_SHOP,
        "biz_desc": "小店",
        "order_type": 0,
        "order_type_desc": "普通订单",
        "trade_type": 0,
        "trade_type_desc": "普通",
        "b_type": 2,
        "b_type_desc": "抖音",
        "pay_type": PAID_BY_ALIPAY,
    }


def _status(status: OrderStatus) -> dict[str, Any]:
    """Write where an order or a line stands; what is cancelled here was paid, and refunded."""
    closed = status is OrderStatus.CANCELLED
    return {
        "order_status": int(status),
        "order_status_desc": STATUS_WORDS[status],
        "main_status": REFUNDED_BEFORE_SHIPPING if closed else int(status),
        "main_status_desc": "发货前退款完结" if closed else STATUS_WORDS[status],
    }


def _times(order: Doc) -> dict[str, int]:
    """Write the times; 0 stands for "not yet". Who orders here has paid in the same moment."""
    paid = epoch_s(order["paid_at"])
    return {
        "create_time": paid,
        "pay_time": paid,
        "order_expire_time": 1800,
        "exp_ship_time": paid + SHIP_WITHIN_S,
        "ship_time": epoch_s(order["packs"][0]["at"]) if order["packs"] else 0,
        "update_time": epoch_s(order["updated_at"]),
        "finish_time": 0,
    }


def _money(paid_fen: int, off_fen: int) -> dict[str, int]:
    """Write amounts in fen: what is off was given by the shop."""
    return {
        "order_amount": paid_fen + off_fen,
        "pay_amount": paid_fen,
        "post_insurance_amount": 0,
        "modify_amount": 0,
        "modify_post_amount": 0,
        "promotion_amount": off_fen,
        "promotion_shop_amount": off_fen,
        "promotion_platform_amount": 0,
        "promotion_talent_amount": 0,
        "promotion_pay_amount": 0,
        "shop_cost_amount": off_fen,
        "platform_cost_amount": 0,
        "tax_amount": 0,
    }


def _full_fen(item: Doc) -> int:
    """Tell a line's price before what is off; an article that nobody knows was not reduced."""
    paid_fen: int = item["paid_amount"]
    article = articles().get(item["sku"])
    return paid_fen if article is None else article.price_fen * int(item["quantity"])
