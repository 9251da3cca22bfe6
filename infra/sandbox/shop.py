"""What every shop of the sandbox keeps and hears of, so that all can be led and read the same way.

A shop's ledger has the channel's name. Its documents, which the auditor reads:

- ``order`` by the channel's number: the sample's document with ``due``, ``standing``, and
  ``paid_at`` and ``updated_at`` in Unix milliseconds of the wall's clock.
- ``after_sale`` by the claim's id: ``{order_no, kind, stage, amount_fen, lines, reason,
  created_at, updated_at, answered_at}``; ``kind`` and ``stage`` in the words below, ``answered_at``
  only once the merchant has said something.
- ``refund`` by the claim's id: ``{order_no, amount_fen}``, only once the money went back.
- ``shipment`` by event id or by ``{order_no}/{tracking_no}``: ``{order_no, carrier, tracking_no,
  lines, told}``. ``carrier`` is the channel's own word; ``lines`` count from 1 and are empty where
  the channel is not told of lines; ``told`` counts how often the hub said it.
"""

from datetime import UTC, datetime

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.world import World

# Told in the world. Each payload names its ``channel``; the other shops do not listen to it.
BUYER_ORDERED = "buyer_ordered"  # a sample order, without ``paid_at``
BUYER_CLAIMED = "buyer_claimed"  # {order_no, claim, kind, amount_fen, lines, reason}
BUYER_WITHDREW = "buyer_withdrew"  # {claim}
MONEY_RETURNED = "money_returned"  # {claim}: the platform refunded, without asking anybody
BUYER_MOVED = "buyer_moved"  # {order_no, receiver}: a new address
BUYER_CANCELLED = "buyer_cancelled"  # {order_no}: the order is closed before it was shipped
REVIEW_BEGAN = "review_began"  # {order_no}: the platform looks at the order; nobody may ship it
REVIEW_ENDED = "review_ended"  # {order_no}
# Goods that come back. Each may be told twice.
PARCEL_CAME_BACK = "parcel_came_back"  # {waybill}: a carrier brought it back to the warehouse
GOODS_SENT_BACK = "goods_sent_back"  # {channel, claim_id, number}: a buyer handed them to a carrier
GOODS_CAME_BACK = "goods_came_back"  # {order, claim_id, goods}: they are at the warehouse's gate
DEEDS = (
    BUYER_CLAIMED,
    BUYER_WITHDREW,
    MONEY_RETURNED,
    BUYER_MOVED,
    BUYER_CANCELLED,
    REVIEW_BEGAN,
    REVIEW_ENDED,
)

STANDINGS = ("pending", "due", "shipped", "delivered", "cancelled")
CLAIM_KINDS = ("refund_only", "return", "exchange")
CLAIM_STAGES = ("asked", "agreed", "returning", "refused", "refunded", "withdrawn")


def now_ms() -> int:
    """Tell the wall's time in Unix milliseconds; platforms do not run faster than their clients."""
    return int(datetime.now(UTC).timestamp() * 1000)


def protocol_of(world: World, channel: str, usual: str) -> str:
    """Tell which version of its protocol a shop speaks now; it can be changed overnight."""
    switched: Doc = world.ledger.get("shop", channel) or {}
    said: str = switched.get("protocol", usual)
    return said


def switch_protocol(world: World, channel: str, version: str) -> None:
    """Let a shop speak another version of its protocol from now on."""
    if not world.ledger.put("shop", channel, {"protocol": version}):
        world.ledger.amend("shop", channel, protocol=version)


def may_claim(ledger: Ledger, deed: Doc) -> bool:
    """Tell whether a buyer can still claim so much: no shop pays back more than was paid.

    What other claims took back, or may yet take, is gone.
    """
    order = ledger.get("order", deed["order_no"])
    if order is None:
        return True
    claimed = sum(
        claim["amount_fen"]
        for claim_id, claim in ledger.each("after_sale")
        if claim["order_no"] == deed["order_no"]
        and claim_id != deed["claim"]
        and claim["stage"] not in ("refused", "withdrawn")
    )
    left: int = order["pay_amount"] - claimed
    return bool(deed["amount_fen"] <= left)


def kind_offered(kind: str, shipped: bool) -> str:  # noqa: FBT001 - a fact, not a mode
    """Tell what a buyer may claim: nobody can send back what the shop has not shipped."""
    return kind if shipped or kind != "return" else "refund_only"
