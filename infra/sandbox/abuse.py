"""Buyers who order and claim their money back at once, again and again.

World ledger, kind ``abuser`` by name: ``{channel, household, orders, third_claim_at}``; ``orders``
are ids with the channel before them, in the order in which they were bought.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from infra.sandbox.ledger import Doc
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import BUYER_CLAIMED, BUYER_ORDERED
from infra.sandbox.world import World

WORTH_FEN = 20_000  # each order costs more than this
FIRST = 700_000  # of the numbers that they order under, far from everybody else's
EACH = 10_000
CLAIMS = 3


@dataclass(frozen=True, slots=True)
class Abuse:
    """Leads the abusers of the world."""

    world: World

    async def order(self, name: str, channel: str, orders: int, seed: int) -> Doc:
        """Let an abuser buy some more; tell the ids of what was bought."""
        ledger = self.world.ledger
        known = ledger.get("abuser", name)
        if known is None:
            known = {"channel": channel, "orders": [], "third_claim_at": None, "next": 0}
            ledger.put("abuser", name, known)
        bought = list(known["orders"])
        for sample, place in _dear(channel, seed, name, int(known["next"]), orders):
            await self.world.tell(BUYER_ORDERED, sample)
            bought.append(f"{channel}/{sample['order_no']}")
            ledger.amend("abuser", name, orders=bought, next=place + 1)
        return {"ids": bought[-orders:]}

    async def claim(self, name: str) -> Doc:
        """Let an abuser claim the money of the first three orders back, all in one moment."""
        known = self.world.ledger.get("abuser", name) or {}
        channel, claims = known["channel"], []
        for place, order_id in enumerate(known["orders"][:CLAIMS], start=1):
            number = order_id.partition("/")[2]
            order = self.world.open_ledger(channel).get("order", number) or {}
            claim = f"88{hash_of(name):04d}{place:04d}"
            wish = {"order_no": number, "claim": claim, "amount_fen": order["pay_amount"]}
            told = {"channel": channel, "kind": "refund_only", "lines": [], "reason": "不想要了"}
            await self.world.tell(BUYER_CLAIMED, {**wish, **told})
            claims.append(claim)
        now = datetime.now(UTC).isoformat()
        self.world.ledger.amend("abuser", name, third_claim_at=now)
        return {"claims": claims}


def hash_of(name: str) -> int:
    """Number a name, the same in every process."""
    return int.from_bytes(name.encode(), "big") % 10_000


def _dear(channel: str, seed: int, name: str, place: int, orders: int) -> list[tuple[Doc, int]]:
    """Find orders that cost enough, and let the same buyer buy them all."""
    samples, found = SampleOrders(seed), list[tuple[Doc, int]]()
    first = FIRST + EACH * (hash_of(name) % 20)
    buyer = samples.order(first, channel)
    for n in range(place, EACH):
        sample = samples.order(first + n, channel)
        if sum(item["paid_amount"] for item in sample["items"]) > WORTH_FEN:
            found.append(({**sample, "receiver": buyer["receiver"], "leader_id": None}, n))
        if len(found) == orders:
            break
    return found
