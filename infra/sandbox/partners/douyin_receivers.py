"""Who gets an order, as the Douyin shop shows it: areas in plain text, the rest hidden."""

import json
from collections.abc import Mapping
from typing import Any

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_seal import (
    Hidden,
    masked_address,
    masked_name,
    masked_phone,
    seal,
)

AREA_IDS: Mapping[str, str] = {
    "浙江省": "33",
    "杭州市": "330100",
    "上城区": "330102",
    "下城区": "330103",
    "江干区": "330104",
    "拱墅区": "330105",
    "西湖区": "330106",
    "滨江区": "330108",
    "萧山区": "330109",
    "余杭区": "330110",
}


def sealed_receiver(receiver: Doc) -> dict[str, Any]:
    """Write who gets it, in an order or in one of its lines.

    The platform calls the district ``town``; streets are named by few buyers.
    """
    areas = {
        "province": _area(receiver["province"]),
        "city": _area(receiver["city"]),
        "town": _area(receiver["district"]),
        "street": _area(""),
    }
    hidden = seal(Hidden.ADDRESS, receiver["address"])
    return {
        "post_receiver": "",
        "encrypt_post_receiver": seal(Hidden.NAME, receiver["name"]),
        "mask_post_receiver": masked_name(receiver["name"]),
        "post_tel": "",
        "encrypt_post_tel": seal(Hidden.PHONE, receiver["phone"]),
        "mask_post_tel": masked_phone(receiver["phone"]),
        "post_addr": {**areas, "detail": "", "encrypt_detail": hidden},
        "mask_post_addr": {**areas, "detail": masked_address(receiver["address"])},
    }


def receiver_msg(receiver: Doc) -> Doc:
    """Write who gets it, as messages do; ``addr`` is JSON in JSON."""
    hidden = sealed_receiver(receiver)
    return {
        "addr": json.dumps(hidden["post_addr"], ensure_ascii=False),
        "name": hidden["mask_post_receiver"],
        "encrypt_name": hidden["encrypt_post_receiver"],
        "tel": hidden["mask_post_tel"],
        "encrypt_tel": hidden["encrypt_post_tel"],
    }


def _area(name: str) -> dict[str, str]:
    return {"name": name, "id": AREA_IDS.get(name, "")}
