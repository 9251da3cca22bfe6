"""Pinduoduo's numbers and words: shop, money, times, states, carriers (protocols 1.2 to 1.4)."""

from datetime import UTC, datetime
from zlib import crc32
from zoneinfo import ZoneInfo

from infra.sandbox.ledger import Doc

NAME = "pinduoduo"
MALL_ID = 7001001
HERE = ZoneInfo("Asia/Shanghai")

# The platform's own ids of carriers. Those of sf, zhongtong, yuantong, shentong, yunda and ems are
# well known; the others are from memory.
CARRIERS = {
    44: "顺丰速运",
    115: "中通快递",
    85: "圆通快递",
    1: "申通快递",
    121: "韵达快递",
    384: "极兔速递",
    118: "邮政EMS",
    132: "邮政快递包裹",
    120: "京东快递",
    131: "德邦快递",
    3: "百世快递",
    129: "宅急送",
    124: "优速快递",
    328: "安能物流",
}

TYPES = {"refund_only": 1, "return": 2, "exchange": 3}  # as details and pushes number them
OPEN = ("asked", "agreed", "returning", "refused")
STATUSES = {
    ("refund_only", "asked"): 2,
    ("return", "asked"): 3,
    ("exchange", "asked"): 14,
    ("refund_only", "agreed"): 4,
    ("return", "agreed"): 7,
    ("exchange", "agreed"): 15,
    ("refund_only", "refused"): 6,
    ("return", "returning"): 7,
    ("exchange", "returning"): 15,
    ("return", "refused"): 6,
    ("exchange", "refused"): 17,
    ("exchange", "refunded"): 16,
}
REFUNDED, WITHDRAWN = 10, 11


def status_of(claim: Doc) -> int:
    """Number where a claim stands."""
    usual = {"refunded": REFUNDED, "withdrawn": WITHDRAWN}.get(claim["stage"], 8)
    return STATUSES.get((claim["kind"], claim["stage"]), usual)


def refund_status_of(claims: list[Doc]) -> int:
    """Number an order's claims: 1 none or closed, 2 under way, 3 refunding, 4 refunded."""
    stages = {claim["stage"] for claim in claims}
    if stages & set(OPEN):
        return 3 if STATUSES["refund_only", "agreed"] in map(status_of, claims) else 2
    return 4 if "refunded" in stages else 1


def yuan(fen: int) -> float:
    """Write whole fen as yuan, a number with at most two decimals."""
    return round(fen / 100, 2)


def yuan_text(fen: int) -> str:
    """Write whole fen as yuan, a text with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def local_time(at_ms: int | None) -> str:
    """Write Unix milliseconds as the shop's local time; never is an empty text."""
    return "" if at_ms is None else local(at_ms).strftime("%Y-%m-%d %H:%M:%S")


def iso_time(at_ms: int) -> str:
    """Write Unix milliseconds in ISO 8601 with the shop's zone."""
    return local(at_ms).isoformat(timespec="milliseconds")


def local(at_ms: int) -> datetime:
    """Read Unix milliseconds as the shop's local time."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(HERE)


def number_of(claim: str) -> int | str:
    """Write a claim's id as the platform does, as a number, if it is one."""
    return int(claim) if claim.isascii() and claim.isdigit() else claim


def goods_id(sku: str) -> int:
    """Number an article as the platform does; a shop's own code is the ``outer_id``."""
    return 600_000_000_000 + crc32(f"goods/{sku}".encode())


def sku_id(sku: str) -> int:
    """Number a variant of an article."""
    return 1_500_000_000_000 + crc32(f"sku/{sku}".encode())
