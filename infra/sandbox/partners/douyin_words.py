"""The Douyin shop's names and numbers (protocols 2): credentials, statuses, tags, companies."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

NAME = "douyin"
APP_KEY = "sandbox-dd-app"
APP_SECRET = "sandbox-dd-secret"  # noqa: S105 - the sandbox's public test credential
SHOP_ID = "7001002"
SHOP_NAME = "Lifeline 抖音旗舰店"
CHINA = ZoneInfo("Asia/Shanghai")


class OrderStatus(IntEnum):
    """``order_status`` of an order and of its lines."""

    TO_PAY = 1
    PREPARING = 2
    SHIPPED = 3
    CANCELLED = 4
    COMPLETED = 5
    PARTLY_SHIPPED = 101
    PAID = 105  # to be processed: under review, nobody may ship it


STATUS_WORDS: Mapping[OrderStatus, str] = {
    OrderStatus.TO_PAY: "待支付",
    OrderStatus.PREPARING: "备货中",
    OrderStatus.SHIPPED: "已发货",
    OrderStatus.CANCELLED: "已取消",
    OrderStatus.COMPLETED: "已完成",
    OrderStatus.PARTLY_SHIPPED: "部分发货",
    OrderStatus.PAID: "已支付",
}
REFUNDED_BEFORE_SHIPPING = 21  # ``main_status`` of an order that a refund closed


class ClaimType(IntEnum):
    """``aftersale_type`` of a claim."""

    RETURN = 0
    REFUND_AFTER_SHIPPING = 1
    REFUND_BEFORE_SHIPPING = 2
    EXCHANGE = 3


class ClaimStatus(IntEnum):
    """``aftersale_status`` of a claim."""

    TO_AGREE = 6
    TO_RETURN = 7
    RETURNING = 11  # the seller has to agree once more
    SUCCEEDED = 12
    REFUSED = 27
    CLOSED = 28
    RETURN_REFUSED = 29


CLAIM_TYPE_WORDS: Mapping[ClaimType, str] = {
    ClaimType.RETURN: "退货退款",
    ClaimType.REFUND_AFTER_SHIPPING: "已发货仅退款",
    ClaimType.REFUND_BEFORE_SHIPPING: "未发货仅退款",
    ClaimType.EXCHANGE: "换货",
}
CLAIM_STATUS_WORDS: Mapping[ClaimStatus, str] = {
    ClaimStatus.TO_AGREE: "待商家同意",
    ClaimStatus.TO_RETURN: "待买家退货",
    ClaimStatus.RETURNING: "待商家二次同意",
    ClaimStatus.SUCCEEDED: "售后成功",
    ClaimStatus.REFUSED: "商家一次拒绝",
    ClaimStatus.CLOSED: "售后失败",
    ClaimStatus.RETURN_REFUSED: "商家二次拒绝",
}


class RefundStatus(IntEnum):
    """``refund_status`` of a claim."""

    TO_REFUND = 1
    REFUNDED = 3


class Tag(StrEnum):
    """What a message is about."""

    PROBE = "0"
    CREATED = "100"
    PAID = "101"
    SHIPPED = "102"
    LOGISTICS_CHANGED = "104"
    RECEIVER_CHANGED = "105"
    CANCELLED = "106"
    PARTLY_SHIPPED = "108"
    TO_BE_PROCESSED = "110"
    REFUND_ASKED = "200"
    REFUND_AGREED = "201"
    RETURN_AGREED = "202"
    REFUND_REFUSED = "204"
    RETURN_REFUSED = "205"
    REFUNDED = "206"
    CLAIM_CLOSED = "207"


# Carriers by the platform's code; youshuwuliu, annengwuliu and debangwuliu are from memory.
COMPANIES: Mapping[str, str] = {
    "shunfeng": "顺丰速运",
    "zhongtong": "中通快递",
    "yuantong": "圆通速递",
    "shentong": "申通快递",
    "yunda": "韵达快递",
    "jtexpress": "极兔速递",
    "ems": "EMS",
    "youzhengguonei": "邮政快递包裹",
    "jd": "京东物流",
    "debangwuliu": "德邦快递",
    "huitongkuaidi": "百世快递",
    "zhaijisong": "宅急送",
    "youshuwuliu": "优速快递",
    "annengwuliu": "安能物流",
}


def epoch_s(unix_ms: int) -> int:
    """Tell a kept time as orders and most messages write it: whole Unix seconds."""
    return unix_ms // 1000


def iso_time(unix_ms: int) -> str:
    """Tell a kept time as after-sale messages write their ``update_time``."""
    at = datetime.fromtimestamp(epoch_s(unix_ms), UTC)
    return at.astimezone(CHINA).isoformat()
