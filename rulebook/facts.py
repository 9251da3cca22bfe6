"""What routing rules may speak of. These names and fields are the language of ``rules/``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.catalogue import Sku, band_name
from domain.clock import CHINA
from domain.order import Order, Receiver
from domain.warehouse import Warehouse
from rulebook.expression import Vocabulary

Facts = Mapping[str, object]

ROUTING = Vocabulary(
    sample={
        "sku": {
            "code": "28165",
            "name": "纯牛奶",
            "band": "chilled",
            "band_name": "冷藏",
            "weight_g": 1000,
            "volume_cm3": 1000,
            "price_fen": 1990,
        },
        "warehouse": {
            "code": "HZ-XH",
            "name": "西湖常温仓",
            "bands": ["ambient"],
            "band_names": ["常温"],
            "district": "西湖区",
            "regions": ["浙江省/杭州市"],
            "radius_m": 25_000,
            "reserve": 0,
            "closed_on": ["2027-02-06"],
            "rest_weekdays": [7],
            "opens_hour": 0,
            "closes_hour": 24,
        },
        "address": {
            "province": "浙江省",
            "city": "杭州市",
            "district": "西湖区",
            "area": "浙江省/杭州市/西湖区",
        },
        "order": {"channel": "miniprogram", "paid_fen": 1990, "lines": 1, "has_leader": False},
        "distance_m": 2_000,  # from the warehouse to the receiver
        "available": 10,  # free pieces of the article in the warehouse
        "now": {"date": "2026-11-22", "weekday": 7, "hour": 9},  # Chinese time
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One article and one warehouse that might serve it, now."""

    sku: Sku
    warehouse: Warehouse
    distance_m: int
    available: int


def order_facts(order: Order, receiver: Receiver, at: datetime) -> Facts:
    """Tell what all pairs of one decision share."""
    area = (receiver.province, receiver.city, receiver.district)
    local = at.astimezone(CHINA)
    return {
        "address": {
            **dict(zip(("province", "city", "district"), area, strict=True)),
            "area": "/".join(area),
        },
        "order": {
            "channel": order.channel,
            "paid_fen": order.paid_fen,
            "lines": len(order.lines),
            "has_leader": order.leader is not None,
        },
        "now": {
            "date": local.date().isoformat(),
            "weekday": local.isoweekday(),
            "hour": local.hour,
        },
    }


def sku_facts(sku: Sku) -> Facts:
    """Tell an article."""
    return {
        "code": sku.code,
        "name": sku.name,
        "band": sku.band.value,
        "band_name": band_name(sku.band),
        "weight_g": sku.weight_g,
        "volume_cm3": sku.volume_cm3,
        "price_fen": sku.price_fen,
    }


def warehouse_facts(warehouse: Warehouse) -> Facts:
    """Tell a warehouse."""
    return {
        "code": warehouse.code,
        "name": warehouse.name,
        "bands": [band.value for band in warehouse.bands],
        "band_names": [band_name(band) for band in warehouse.bands],
        "district": warehouse.district,
        "regions": list(warehouse.regions),
        "radius_m": warehouse.radius_m,
        "reserve": warehouse.reserve,
        "closed_on": [day.isoformat() for day in warehouse.closed_on],
        "rest_weekdays": list(warehouse.rest_weekdays),
        "opens_hour": warehouse.opens_hour,
        "closes_hour": warehouse.closes_hour,
    }
