"""The parts of ``full_order_info``, one function for each (protocols 3.3). Money is in yuan."""

import csv
import functools
import json

from infra.sandbox.goods import DATA, articles
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_seal import seal
from infra.sandbox.partners.youzan_words import (
    KDT_ID,
    KDT_NAME,
    STATUS_TEXT,
    changed_ms,
    clock,
    item_id,
    oid,
    serial,
    status_of,
    yuan,
)

UNPAID_WINDOW_MS = 3_600_000  # after which an unpaid order would have run out


def order_info(order: Doc, at_ms: int) -> Doc:
    """Write its states and times."""
    status = status_of(order, at_ms)
    return {
        "tid": order["order_no"],
        "status": status,
        "status_str": STATUS_TEXT[status],
        "type": 0,
        "pay_type": 10,
        "pay_type_str": "WEIXIN_DAIXIAO",
        "close_type": int(order["close_type"]),
        "express_type": 0,
        "team_type": 0,
        "activity_type": 1,
        "created": clock(order["paid_at"]),
        "pay_time": clock(order["paid_at"]),
        "update_time": clock(changed_ms(order, at_ms)),
        "consign_time": clock(order["consigned_at"]),
        "confirm_time": "",
        "success_time": "",
        "expired_time": clock(order["paid_at"] + UNPAID_WINDOW_MS),
        "is_retail_order": False,
        "shop_name": KDT_NAME,
        "root_kdt_id": int(KDT_ID),
        "node_kdt_id": int(KDT_ID),
        "order_tags": {"is_payed": True, "is_refund": bool(order["claims"])},
        "order_extra": {"is_from_cart": "true", "is_points_order": "0"},
    }


def buyer_info(order: Doc) -> Doc:
    """Write who bought it."""
    return {
        "yz_open_id": order["open_id"],
        "outer_user_id": "",
        "buyer_phone": seal(order["receiver"]["phone"]),
        "fans_type": 1,
        "fans_id": 0,
        "fans_nickname": "",
    }


def pay_info(order: Doc) -> Doc:
    """Write what was paid, freight included."""
    paid = yuan(order["pay_amount"])
    return {
        "total_fee": yuan(_full_fen(order)),
        "post_fee": yuan(order["freight"]),
        "payment": paid,
        "real_payment": paid,
        "transaction": [serial(order["paid_at"], order["order_no"])],
        "outer_transactions": [],
        "phase_payments": [],
    }


def address_info(receiver: Doc) -> Doc:
    """Write where it goes: the district is plain, the rest is sealed."""
    district = receiver["district"]
    area = _area_codes().get((receiver["city"], district), "")
    return {
        "receiver_name": seal(receiver["name"]),
        "receiver_tel": seal(receiver["phone"]),
        "delivery_province": receiver["province"],
        "delivery_city": receiver["city"],
        "delivery_district": district,
        "delivery_address": seal(receiver["address"]),
        "delivery_postal_code": "",
        "address_extra": json.dumps({"areaCode": area}),
        "self_fetch_info": "",
    }


def line(order: Doc, no: int) -> Doc:
    """Write one of its lines, counted from 1."""
    item = order["items"][no - 1]
    price = articles()[item["sku"]].price_fen
    return {
        "oid": oid(order["order_no"], no),
        "item_id": item_id(item["sku"]),
        "sku_id": 0,
        "item_type": 0,
        "title": item["name"],
        "num": item["quantity"],
        "price": yuan(price),
        "total_fee": yuan(price * item["quantity"]),
        "payment": yuan(item["paid_amount"]),
        "discount_price": yuan(price),
        "points_price": "0",
        "outer_item_id": item["sku"],
        "outer_sku_id": item["sku"],
        "sku_unique_code": "",
        "sku_properties_name": "[]",
        "buyer_messages": "",
        "is_present": False,
    }


def promotion(order: Doc) -> Doc:
    """Write what was taken off."""
    off_fen = _full_fen(order) + order["freight"] - order["pay_amount"]
    return {
        "item": [],
        "order": [],
        "item_discount_fee": "0.00",
        "order_discount_fee": yuan(off_fen),
        "adjust_fee": "0.00",
    }


def _full_fen(order: Doc) -> int:
    """Add up the goods before every discount."""
    return sum(articles()[item["sku"]].price_fen * item["quantity"] for item in order["items"])


@functools.cache
def _area_codes() -> dict[tuple[str, str], str]:
    with (DATA / "districts.csv").open(encoding="utf-8", newline="") as file:
        return {(row["city"], row["district"]): row["adcode"] for row in csv.DictReader(file)}
