"""Buyers who may send something back: they wait until they have it, pack it, and send it.

What they have is what left the warehouse and was delivered by its carrier; nobody sends back what
never came. On the agenda are ``buyer_sends_back`` and ``goods_at_the_gate``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from infra.sandbox.ledger import Doc
from infra.sandbox.shop import GOODS_CAME_BACK, GOODS_SENT_BACK
from infra.sandbox.world import World

SENDS_BACK, AT_THE_GATE = "buyer_sends_back", "goods_at_the_gate"
THINKS_ABOUT_IT = timedelta(hours=6)
ON_THE_ROAD = timedelta(hours=30)
MOST_LOOKS = 40  # ten days: whoever has got nothing by then sends nothing
CARRIERS = ("sf", "kuaidi100")
ENDS = ("delivered", "returned")


def goods_may_come(world: World, channel: str, order_no: str, claim_id: str) -> None:
    """Let a buyer send back what a claim is about; told twice, it is sent once."""
    payload: Doc = {"channel": channel, "order_no": order_no, "claim_id": claim_id, "looks": 0}
    world.later(THINKS_ABOUT_IT, SENDS_BACK, f"{channel}/{claim_id}", payload)


@dataclass(frozen=True, slots=True)
class BuyerReturns:
    """The buyers' side of returns."""

    world: World

    def listen(self) -> None:
        """Begin to act when the time has come."""
        self.world.on_agenda(SENDS_BACK, self.send_back)
        self.world.on_agenda(AT_THE_GATE, self.arrive)

    async def send_back(self, wish: Doc) -> None:
        """Send what arrived, once every parcel with something of it has come to its end."""
        claim = self._claim(wish)
        if claim is None or claim["stage"] not in ("agreed", "returning"):
            return
        parcels = list(self._parcels(wish, claim))
        if any(end is None for end, _ in parcels):
            self._look_later(wish)
            return
        goods = [item for end, items in parcels if end == "delivered" for item in items]
        if goods:
            await self._send(wish, goods)

    async def arrive(self, news: Doc) -> None:
        """Tell the warehouse that they are at its gate."""
        await self.world.tell(GOODS_CAME_BACK, news)

    async def _send(self, wish: Doc, goods: list[Doc]) -> None:
        key = f"{wish['channel']}/{wish['claim_id']}"
        number = f"78{abs(hash_of(key)) % 10**12:012d}"
        sent = {"channel": wish["channel"], "claim_id": wish["claim_id"], "number": number}
        await self.world.tell(GOODS_SENT_BACK, sent)
        order = f"{wish['channel']}/{wish['order_no']}"
        news = {"order": order, "claim_id": wish["claim_id"], "number": number, "goods": goods}
        self.world.later(ON_THE_ROAD, AT_THE_GATE, key, news)

    def _look_later(self, wish: Doc) -> None:
        looks = wish["looks"] + 1
        if looks < MOST_LOOKS:
            key = f"{wish['channel']}/{wish['claim_id']}/{looks}"
            self.world.later(THINKS_ABOUT_IT, SENDS_BACK, key, {**wish, "looks": looks})

    def _claim(self, wish: Doc) -> Doc | None:
        return self.world.open_ledger(wish["channel"]).get("after_sale", wish["claim_id"])

    def _parcels(self, wish: Doc, claim: Doc) -> Iterator[tuple[str | None, list[Doc]]]:
        """Tell of each parcel that left with something of the claim: its end, and that."""
        order = self.world.open_ledger(wish["channel"]).get("order", wish["order_no"]) or {}
        lines = claim["lines"] or range(1, len(order["items"]) + 1)
        wanted = [_pieces(order["items"][no - 1]) for no in lines]
        for code, sent in self.world.open_ledger("qimen").each("delivery_order"):
            if code.startswith(f"{wish['channel']}/{wish['order_no']}/"):
                items = [item for item in map(_pieces, sent["items"]) if item in wanted]
                if items and sent["status"] == "DELIVERED":
                    yield self._end(sent["waybill"]), items

    def _end(self, waybill: str) -> str | None:
        for carrier in CARRIERS:
            route = self.world.open_ledger(carrier).get("route", waybill)
            if route is not None:
                stops = [scan["stop"] for scan in route["routes"]]
                return next((end for end in ENDS if end in stops), None)
        return None


def _pieces(item: Doc) -> Doc:
    return {"sku": item["sku"], "quantity": item["quantity"]}


def hash_of(key: str) -> int:
    """Number a key, the same in every process."""
    return int.from_bytes(key.encode()[-8:], "big")
