"""The Douyin shop's messages: arrays, signed as a whole, sent until the hub has them (2.2).

Ledger ``message`` by its number ``{tag, msg_id, data}``. Every message is pushed once in an array
of its own; about one array in five carries the message before it once more. Nobody knows the
platform's schedule of retries (protocols 14): ours is the sandbox's.
"""

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import Any

import httpx

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.douyin_orders import line_ids, status_of
from infra.sandbox.partners.douyin_papers import BIZ_SHOP
from infra.sandbox.partners.douyin_words import APP_KEY, APP_SECRET, SHOP_ID, Tag
from infra.sandbox.push import Push, Pusher
from infra.sandbox.world import World

PUSH_PATH = "/hooks/douyin"
REPEATED_SHARE = 0.2
PROBE: Doc = {"tag": Tag.PROBE, "msg_id": "0", "data": "{}"}
FIRST_MESSAGE = 7_000_000_000_000_000_000

Tell = Callable[[Tag, Doc], None]


@dataclass(frozen=True, slots=True)
class News:
    """What the shop tells the hub."""

    world: World
    ledger: Ledger
    pusher: Pusher

    @contextlib.contextmanager
    def together(self) -> Iterator[Tell]:
        """Commit what is written inside along with the messages told, and then push them."""
        told: list[int] = []
        with self.ledger.together():
            yield lambda tag, data: told.append(self._write(tag, data))
        for count in told:
            self._push(count)

    def resume(self) -> None:
        """After a start: probe the hub once, and push what is owed or was never pushed."""
        self.pusher.resume()
        self.pusher.send("probe", _sealed(self.world.hub_url, [PROBE]))
        for count in range(1, self.ledger.count("message") + 1):
            self._push(count)

    def _write(self, tag: Tag, data: Doc) -> int:
        count = self.ledger.count("message") + 1
        message = {"tag": tag, "msg_id": str(FIRST_MESSAGE + count), "data": _compact(data)}
        self.ledger.put("message", str(count), message)
        return count

    def _push(self, count: int) -> None:
        chance = random.Random(f"{self.world.seed}/douyin/message/{count}")
        first = count - 1 if count > 1 and chance.random() < REPEATED_SHARE else count
        told = [self.ledger.get("message", str(n)) or {} for n in range(first, count + 1)]
        self.pusher.send(str(count), _sealed(self.world.hub_url, told))


def acknowledged(answer: httpx.Response) -> bool:
    """Read the hub's "got it"."""
    said = answer.json()
    return isinstance(said, dict) and said.get("code") == 0


def event_sign(body: bytes, app_key: str, secret: str) -> str:
    """Sign exactly these bytes."""
    return md5(app_key.encode() + body + secret.encode()).hexdigest()


def about(order: Doc, **more: Any) -> Doc:  # noqa: ANN401 - JSON values
    """Say which order a message is about; here ids are numbers, too big for a float."""
    return {
        "p_id": int(order["order_no"]),
        "s_ids": line_ids(order),
        "shop_id": int(SHOP_ID),
        "order_status": int(status_of(order)),
        "order_type": 0,
        "biz": BIZ_SHOP,
        **more,
    }


def _sealed(hub_url: str, messages: list[Doc]) -> Push:
    body = _compact(messages).encode()
    headers = {
        "content-type": "application/json",
        "app-id": APP_KEY,
        "event-sign": event_sign(body, APP_KEY, APP_SECRET),
    }
    return Push(url=hub_url + PUSH_PATH, body=body, headers=headers)


def _compact(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
