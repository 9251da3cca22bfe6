"""The shop's pushes, signed as the shop does."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from channels.buyer import buyer_key
from domain.clock import utc_now
from domain.events import Push
from gateways.miniprogram import MiniProgramDoor, signature
from settings import MiniProgram
from tests.channels.miniprogram_orders import a_push

PATH = "/api/order/create"
SECRET = MiniProgram().secret.get_secret_value().encode()


def the_shops_door() -> MiniProgramDoor:
    """The door as the starter builds it."""
    return MiniProgramDoor(MiniProgram(), partial(buyer_key, b"key"))


def order_body(**changes: Any) -> bytes:
    return json.dumps(a_push(**changes)).encode()


def signed(body: bytes) -> Mapping[str, str]:
    stamp = str(int(utc_now().timestamp()))
    return {
        "x-lifeline-timestamp": stamp,
        "x-lifeline-nonce": "n1",
        "x-lifeline-sign": signature(SECRET, stamp, "n1", body),
    }


def kept(body: bytes) -> Push:
    """A push as the intake keeps it."""
    return Push(
        path=PATH,
        headers=signed(body),
        query={},
        body=body,
        received_at=datetime(2026, 2, 6, 4, 0, tzinfo=UTC),
    )
