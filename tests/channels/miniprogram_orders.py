"""One order as the mini program sends it."""

from typing import Any


def a_push(number: str = "MP7-00001", **changes: Any) -> dict[str, Any]:
    """Make an order of two lines, 34.90 yuan with freight; ``changes`` replace fields."""
    items = [
        {"sku": "844054", "name": "鲜牛奶", "quantity": 2, "paid_amount": 1990},
        {"sku": "1050422", "name": "全麦面包", "quantity": 1, "paid_amount": 1000},
    ]
    receiver = {
        "name": "沈一一",
        "phone": "13800000001",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "address": "文三路 90 号",
        "longitude": 120.13,
        "latitude": 30.26,
    }
    order = {
        "order_no": number,
        "paid_at": 1_770_350_399_123,
        "leader_id": "L07",
        "receiver": receiver,
        "items": items,
        "freight": 500,
        "pay_amount": 3490,
        "remark": "",
    }
    return {**order, **changes}
