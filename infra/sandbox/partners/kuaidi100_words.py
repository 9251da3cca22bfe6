"""Numbers and scans as kuaidi100 writes them (protocols 7, 8.1)."""

import json
from datetime import datetime
from hashlib import md5
from typing import Any
from zoneinfo import ZoneInfo

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.road import Stop

CHINA = ZoneInfo("Asia/Shanghai")

# What each carrier's numbers look like; the counter fills the digits.
NUMBERS: dict[str, str] = {
    "zhongtong": "78{:012d}",
    "yuantong": "YT{:013d}",
    "shentong": "77{:013d}",
    "yunda": "46{:013d}",
    "jtexpress": "JT{:013d}",
    "ems": "1240{:09d}",
    "youzhengguonei": "98{:011d}",
    "jd": "JDVA{:011d}",
    "debangkuaidi": "DPK{:012d}",
    "shunfeng": "SF{:013d}",
    "huitongkuaidi": "JT3{:012d}",
    "zhaijisong": "ZJS{:012d}",
    "annengwuliu": "3{:011d}",
    "yimidida": "1{:011d}",
    "kuayue": "KY{:013d}",
    "danniao": "610{:012d}",
}
FIRST = 424_600_000  # so that numbers look used

# State, its name, and what people read.
STATES: dict[Stop, tuple[str, str, str]] = {
    Stop.COLLECTED: ("103", "揽收", "【杭州市】已揽收"),
    Stop.IN_TRANSIT: ("0", "在途", "【杭州市】快件离开【杭州转运中心】,发往下一站"),
    Stop.OUT_FOR_DELIVERY: ("5", "派件", "【杭州市】快递员正在派件"),
    Stop.TURNED_BACK: ("6", "退回", "【杭州市】快件已拦截,正在退回寄件人"),
    Stop.RETURNED: ("4", "退签", "【杭州市】快件已退回,寄件人已签收"),
    Stop.DELIVERED: ("301", "签收", "【杭州市】已签收,签收人:本人"),
}


def waybill_number(carrier: str, count: int) -> str:
    """Make a number as the carrier prints it."""
    return NUMBERS[carrier].format(FIRST + count)


def signed(*parts: str) -> str:
    """Sign parts as they are joined: MD5 in upper-case letters."""
    return md5("".join(parts).encode()).hexdigest().upper()


def track(waybill: str, route: Doc, *, newest_first: bool = True) -> dict[str, Any]:
    """Write a parcel's whole trace; ``route`` has at least one scan."""
    rows = [_row(scan) for scan in route["routes"]]
    state = rows[-1]["statusCode"]
    delivered = route["routes"][-1]["stop"] in (Stop.DELIVERED, Stop.RETURNED)
    return {
        "message": "ok",
        "nu": waybill,
        "ischeck": "1" if delivered else "0",
        "com": route["carrier"],
        "status": "200",
        "state": state[:1],
        "condition": "F00",
        "data": rows[::-1] if newest_first else rows,
    }


def push_param(waybill: str, route: Doc) -> str:
    """Write what is pushed after a scan: the whole trace so far."""
    result = track(waybill, route)
    ended = result["ischeck"] == "1"
    push = {
        "status": "shutdown" if ended else "polling",
        "billstatus": "check" if ended else "got",
        "message": "",
        "autoCheck": "0",
        "comOld": "",
        "comNew": "",
        "lastResult": result,
    }
    return json.dumps(push, ensure_ascii=False)


def _row(scan: Doc) -> dict[str, str]:
    code, name, text = STATES[Stop(scan["stop"])]
    at = f"{datetime.fromisoformat(scan['at']).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    return {"time": at, "ftime": at, "context": text, "status": name, "statusCode": code}
