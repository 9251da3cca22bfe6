"""An order as ``pdd.order.information.get`` and the lists tell it (protocols 1.2).

Buyers are charged whole fen for a line, and a document has no room for that: it tells a price for
one piece. So a piece is priced up to the next fen, and what is too much is a discount.
"""

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_seal import Sealed, mask, plain, seal
from infra.sandbox.partners.pinduoduo_words import (
    goods_id,
    local_time,
    refund_status_of,
    sku_id,
    status_of,
    yuan,
)

SHIP_WITHIN_MS = 48 * 3600 * 1000
STATUS = {"pending": 1, "due": 1, "cancelled": 1, "shipped": 2, "delivered": 3}
FIELDS = {
    "receiver_name": Sealed.NAME,
    "receiver_phone": Sealed.PHONE,
    "receiver_address": Sealed.ADDRESS,
    "address": Sealed.WHOLE_ADDRESS,
}
USUAL: Doc = {
    "group_status": 1,
    "trade_type": 0,
    "is_lucky_flag": 1,
    "shipping_type": 1,
    "self_contained": 0,
    "is_pre_sale": 0,
    "is_stock_out": 0,
    "stock_out_handle_status": -1,
    "invoice_status": 0,
    "free_sf": 0,
    "return_freight_payer": 0,
    "home_delivery_type": 0,
    "step_order_info": None,
    "card_info_list": [],
    "gift_delivery_list": [],
    "resend_delivery_list": [],
    "receive_time": "",
    "pre_sale_time": "",
    "remark": "",
    "remark_tag": None,
}


def document(order: Doc, claims: list[Doc]) -> Doc:
    """Write an order that the ledger keeps, with the claims about it, oldest first."""
    return {
        **USUAL,
        "order_sn": order["order_no"],
        "order_status": STATUS[order["standing"]],
        "confirm_status": 2 if order["standing"] == "cancelled" else 1,
        "risk_control_status": 1 if order["standing"] == "pending" else 0,
        "refund_status": refund_status_of(claims),
        "after_sales_status": status_of(claims[-1]) if claims else 0,
        "order_tag_list": [{"name": "ship_hold", "value": 0}],
        "buyer_memo": order["remark"],
        "item_list": [_item(item) for item in order["items"]],
        **_money(order),
        **_times(order),
        **_receiver(order),
        **_delivery(order),
    }


def _item(item: Doc) -> Doc:
    sku = item["sku"]
    return {
        "goods_id": goods_id(sku),
        "sku_id": sku_id(sku),
        "outer_id": sku,
        "outer_goods_id": sku,
        "goods_name": item["name"],
        "goods_spec": "默认",
        "goods_img": "",
        "goods_price": yuan(_price_fen(item)),
        "goods_count": item["quantity"],
    }


def _price_fen(item: Doc) -> int:
    """Price one piece, up to the next fen."""
    return -(-int(item["paid_amount"]) // int(item["quantity"]))


def _money(order: Doc) -> Doc:
    """Tell yuan: pay = goods - discount + postage; discount = platform + seller + leader's."""
    goods_fen = sum(_price_fen(item) * item["quantity"] for item in order["items"])
    discount_fen = goods_fen + order["freight"] - order["pay_amount"]
    platform_fen = discount_fen // 2
    return {
        "goods_amount": yuan(goods_fen),
        "discount_amount": yuan(discount_fen),
        "platform_discount": yuan(platform_fen),
        "seller_discount": yuan(discount_fen - platform_fen),
        "capital_free_discount": 0.0,
        "order_change_amount": 0.0,
        "duo_duo_pay_reduction": 0.0,
        "postage": yuan(order["freight"]),
        "pay_amount": yuan(order["pay_amount"]),
        "pay_type": "WEIXIN",
        "pay_no": f"XP{order['order_no'].replace('-', '')}",
        "inner_transaction_id": f"XP{order['order_no'].replace('-', '')}",
    }


def _times(order: Doc) -> Doc:
    paid_at = order["paid_at"]
    return {
        "created_time": local_time(paid_at),
        "pay_time": local_time(paid_at),
        "confirm_time": local_time(paid_at),
        "last_ship_time": local_time(paid_at + SHIP_WITHIN_MS),
        "shipping_time": local_time(order["shipped_at"]),
        "updated_at": local_time(order["updated_at"]),
    }


def _receiver(order: Doc) -> Doc:
    """Tell who gets it: secrets only while the shop is to ship it."""
    receiver = order["receiver"]
    shown = plain(receiver) if order["standing"] == "due" else {}
    told: Doc = {
        "country": "中国",
        "country_id": 0,
        "province": receiver["province"],
        "city": receiver["city"],
        "town": receiver["district"],
    }
    for name, kind in FIELDS.items():
        told[name] = seal(kind, shown[kind]) if shown else ""
        told[f"{name}_mask"] = mask(kind, shown[kind]) if shown else ""
    return told


def _delivery(order: Doc) -> Doc:
    return {
        "logistics_id": order["carrier"],
        "tracking_number": order["tracking_no"],
        "extra_delivery_list": [
            {"logistics_id": extra["carrier"], "tracking_number": extra["tracking_no"]}
            for extra in order["extras"]
        ],
    }
