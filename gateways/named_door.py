"""A door for what the hub itself came upon: an order or a claim, by its number only.

Reconciliation finds documents that nobody here can read. Each is put into the inbox, so that a
person sees it with the field that is wrong, and can have it read again once the mapping is mended.
"""

import json
from typing import ClassVar

from domain.clock import utc_now
from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, OrderNamed, Push, RefundNamed

NAME = "reconcile"


def named_push(event: OrderNamed | RefundNamed) -> Push:
    """Write an event down as a push."""
    claim = {"refund_id": event.refund_id} if isinstance(event, RefundNamed) else {}
    said = {"channel": event.channel, "number": event.number, **claim}
    return Push(
        path=NAME, headers={}, query={}, body=json.dumps(said).encode(), received_at=utc_now()
    )


class NamedDoor:
    """Reads what reconciliation wrote down. Nobody outside can come in here."""

    name = NAME
    media_types: ClassVar[frozenset[str]] = frozenset()

    def verify(self, _: Push) -> None:
        """Refuse: this door leads to nowhere outside."""
        raise ForgedPush("此入口不对外开放")

    def key(self, push: Push) -> str:
        """Name it by what it is about."""
        return push.body.decode()

    def read(self, push: Push) -> tuple[OrderNamed | RefundNamed, ...]:
        """Tell what to ask for."""
        try:
            said = json.loads(push.body)
            channel, number = str(said["channel"]), str(said["number"])
        except (ValueError, KeyError, TypeError) as e:
            raise Untranslatable(NAME, "$", "不是对账写下的单据") from e
        if claim := said.get("refund_id"):
            return (RefundNamed(channel=channel, number=number, refund_id=str(claim)),)
        return (OrderNamed(channel=channel, number=number),)

    def accept(self) -> Answer:
        """Say nothing: nobody asked."""
        return Answer(body=b"", media_type="text/plain")

    def refuse(self, reason: str) -> Answer:
        """Say why not."""
        return Answer(body=reason.encode(), media_type="text/plain", status=404)
