"""Buyers who may send something back: they wait until they have it, pack it, and send it.

What they have is what left the warehouse and was delivered by its carrier; nobody sends back what
never came, and nobody sends the same piece twice. On the agenda are ``buyer_sends_back`` and
``goods_at_the_gate``. Ledger ``world``, kind ``sent_back``, key = ``{channel}/{claim}``: what was
sent, ``{order, claim_id, goods: [{sku, quantity}]}``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from infra.sandbox.goods import pieces_of
from infra.sandbox.ledger import Doc
from infra.sandbox.shop import GOODS_CAME_BACK, GOODS_SENT_BACK
from infra.sandbox.world import World

SENDS_BACK, AT_THE_GATE = "buyer_sends_back", "goods_at_the_gate"
SENT_BACK = "sent_back"
THINKS_ABOUT_IT = timedelta(hours=6)
ON_THE_ROAD = timedelta(hours=30)
MOST_LOOKS = 40  # ten days: who has waited that long sends what has come
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
        packed = self.world.ledger.get(SENT_BACK, _key(wish)) or self._pack(wish, claim)
        if packed is not None:
            sent = {name: wish[name] for name in ("channel", "claim_id")}
            await self.world.tell(GOODS_SENT_BACK, {**sent, "number": _number(_key(wish))})
            self.world.later(ON_THE_ROAD, AT_THE_GATE, _key(wish), packed)

    async def arrive(self, news: Doc) -> None:
        """Tell the warehouse that they are at its gate."""
        await self.world.tell(GOODS_CAME_BACK, news)

    def _pack(self, wish: Doc, claim: Doc) -> Doc | None:
        """Pack what the buyer has of it; nothing, while something may yet come, or none came."""
        wanted = self._wanted(wish, claim)
        parcels = list(self._parcels(wish, wanted))
        if any(end is None for end, _ in parcels) and self._looks_again(wish):
            return None
        delivered = (pieces for end, pieces in parcels if end == "delivered")
        goods = wanted & (sum(delivered, Counter()) - self._gone(wish))
        if not goods:
            return None
        pieces = [{"sku": sku, "quantity": quantity} for sku, quantity in goods.items()]
        packed = {"order": _order_of(wish), "claim_id": wish["claim_id"], "goods": pieces}
        self.world.ledger.put(SENT_BACK, _key(wish), packed)
        return packed

    def _looks_again(self, wish: Doc) -> bool:
        """Tell whether it is worth waiting; who waits looks again in a while."""
        looks = wish["looks"] + 1
        if looks >= MOST_LOOKS:
            return False
        key = f"{_key(wish)}/{looks}"
        self.world.later(THINKS_ABOUT_IT, SENDS_BACK, key, {**wish, "looks": looks})
        return True

    def _claim(self, wish: Doc) -> Doc | None:
        return self.world.open_ledger(wish["channel"]).get("after_sale", wish["claim_id"])

    def _wanted(self, wish: Doc, claim: Doc) -> Counter[str]:
        """Count the pieces that the claim is about."""
        order = self.world.open_ledger(wish["channel"]).get("order", wish["order_no"]) or {}
        lines = claim["lines"] or range(1, len(order["items"]) + 1)
        return pieces_of(order["items"][no - 1] for no in lines)

    def _gone(self, wish: Doc) -> Counter[str]:
        """Count what the buyer has sent back already for other claims."""
        sent = self.world.ledger.each(SENT_BACK)
        mine = (news["goods"] for _, news in sent if news["order"] == _order_of(wish))
        return pieces_of(item for goods in mine for item in goods)

    def _parcels(
        self, wish: Doc, wanted: Counter[str]
    ) -> Iterator[tuple[str | None, Counter[str]]]:
        """Tell of each parcel with something of the claim: how it ended, and what is in it."""
        for code, sent in self.world.open_ledger("qimen").each("delivery_order"):
            is_mine = code.startswith(f"{_order_of(wish)}/") and sent["status"] != "CANCELED"
            pieces = pieces_of(sent["items"])
            if is_mine and wanted & pieces:
                yield self._end(sent["waybill"]), pieces

    def _end(self, waybill: str) -> str | None:
        for carrier in CARRIERS:
            route = self.world.open_ledger(carrier).get("route", waybill)
            if route is not None:
                stops = [scan["stop"] for scan in route["routes"]]
                return next((end for end in ENDS if end in stops), None)
        return None


def _key(wish: Doc) -> str:
    return f"{wish['channel']}/{wish['claim_id']}"


def _order_of(wish: Doc) -> str:
    return f"{wish['channel']}/{wish['order_no']}"


def _number(key: str) -> str:
    """Give what is sent back a waybill number, the same in every process."""
    return f"78{int.from_bytes(key.encode()[-8:], 'big') % 10**12:012d}"
