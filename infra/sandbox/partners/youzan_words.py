"""Youzan's own words: states, companies, ids, money and times (protocols 3.2, 3.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from infra.sandbox.ledger import Doc

NAME = "youzan"
KDT_ID = "7001003"
KDT_NAME = "Lifeline 沙箱店"
CHINA = ZoneInfo("Asia/Shanghai")
CLOCK = "%Y-%m-%d %H:%M:%S"
TRANSIENT_MS = 1_000  # how long an order stays TRADE_PAID
TRADE_PAID = "TRADE_PAID"

STATUS: Mapping[str, str] = {
    "pending": "WAIT_CONFIRM",
    "due": "WAIT_SELLER_SEND_GOODS",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "delivered": "TRADE_SUCCESS",
    "cancelled": "TRADE_CLOSED",
}
STATUS_TEXT: Mapping[str, str] = {
    TRADE_PAID: "已支付",
    "WAIT_CONFIRM": "待确认",
    "WAIT_SELLER_SEND_GOODS": "待发货",
    "WAIT_BUYER_CONFIRM_GOODS": "已发货",
    "TRADE_SUCCESS": "已完成",
    "TRADE_CLOSED": "已关闭",
}

# The ids of the carriers' companies are from memory (protocols 3.3 says only that there are ids).
COMPANIES: Mapping[int, str] = {
    1: "申通快递",
    2: "圆通速递",
    3: "中通快递",
    4: "韵达快递",
    6: "百世快递",
    7: "顺丰速运",
    11: "EMS",
    12: "邮政国内",
    25: "宅急送",
    28: "德邦快递",
    38: "优速物流",
    67: "安能物流",
    85: "京东快递",
    138: "极兔速递",
}


class CloseType(IntEnum):
    """Why an order was closed."""

    NOT_CLOSED = 0
    REFUNDED = 2
    BY_THE_BUYER = 4


def status_of(order: Doc, now_ms: int) -> str:
    """Tell an order's state; right after it was paid, the transient one."""
    if order["standing"] == "due" and now_ms < order["paid_at"] + TRANSIENT_MS:
        return TRADE_PAID
    return STATUS[order["standing"]]


def changed_ms(order: Doc, now_ms: int) -> int:
    """Tell when an order changed last; the end of the transient state is a change, too."""
    settled = int(order["paid_at"]) + TRANSIENT_MS
    changed = int(order["updated_at"])
    return max(changed, settled) if now_ms >= settled else changed


def yuan(fen: int) -> str:
    """Write money in yuan with two digits."""
    return f"{fen // 100}.{fen % 100:02d}"


def clock(at_ms: int | None) -> str:
    """Write a time as China's clocks show it, to the second; nothing for nothing."""
    if at_ms is None:
        return ""
    return f"{datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(CHINA):{CLOCK}}"


def oid(tid: str, line: int) -> str:
    """Name a line of an order: 19 digits, beyond what a double can hold."""
    return f"2{_digits(tid, 15)}{line:03d}"


def line_of(order: Doc, named: str) -> int | None:
    """Tell which line an ``oid`` means, if it is one of this order's."""
    lines = range(1, len(order["items"]) + 1)
    return next((no for no in lines if oid(order["order_no"], no) == named), None)


def open_id(phone: str) -> str:
    """Name a buyer, the same for all of one buyer's orders."""
    return f"Lf{sha256(f'{KDT_ID}/{phone}'.encode()).hexdigest()[:6]}{_digits(phone, 18)}"


def serial(at_ms: int, of: str) -> str:
    """Name a paper as Youzan does: its date and time, and ten digits."""
    day = datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(CHINA)
    return f"{day:%Y%m%d%H%M%S}{_digits(of, 10)}"


def item_id(sku: str) -> int:
    """Name an article as Youzan numbers it."""
    return 400_000_000 + int(sku)


def _digits(of: str, count: int) -> str:
    return f"{int(sha256(of.encode()).hexdigest(), 16) % 10**count:0{count}d}"
