"""SF's scans as SF writes them, in answers and in pushes (protocols 4.2, 4.3)."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.road import Stop

CHINA = ZoneInfo("Asia/Shanghai")

OP_CODES: dict[Stop, str] = {
    Stop.COLLECTED: "50",
    Stop.IN_TRANSIT: "30",
    Stop.OUT_FOR_DELIVERY: "204",
    Stop.DELIVERED: "80",
    Stop.TURNED_BACK: "99",
    Stop.RETURNED: "631",  # from memory
}
REMARKS: dict[Stop, str] = {
    Stop.COLLECTED: "顺丰速运 已收取快件",
    Stop.IN_TRANSIT: "快件在【杭州转运中心】完成分拣,准备发往下一站",
    Stop.OUT_FOR_DELIVERY: "快件交给快递员,正在派送途中",
    Stop.DELIVERED: "已签收,感谢使用顺丰,期待再次为您服务",
    Stop.TURNED_BACK: "应客户要求,快件正在退回中",
    Stop.RETURNED: "快件已退回,寄方已签收",
}


def scan_row(scan: Doc) -> dict[str, Any]:
    """Write one scan; the time is China's."""
    stop = Stop(scan["stop"])
    at = datetime.fromisoformat(scan["at"]).astimezone(CHINA)
    return {
        "acceptTime": f"{at:%Y-%m-%d %H:%M:%S}",
        "acceptAddress": "杭州市",
        "remark": REMARKS[stop],
        "opCode": OP_CODES[stop],
    }


def pushed_row(waybill: str, route: Doc, scan: Doc) -> dict[str, Any]:
    """Write one scan as a push has it, with an id that is its own for ever."""
    row = scan_row(scan)
    return {
        "id": f"{waybill.removeprefix('SF')}{row['opCode']}",
        "mailno": waybill,
        "orderid": route["order_id"],
        "reasonCode": "",
        **row,
    }


def push_body(row: dict[str, Any]) -> bytes:
    """Wrap one scan for a push."""
    return json.dumps({"Body": {"WaybillRoute": [row]}}, ensure_ascii=False).encode()
