"""The warehouse floor behind the WMS: its gate, its pickers, its shelves.

``WarehouseFloor.of(surroundings)`` gives anybody in the sandbox a hand on it. All state is in the
ledger ``qimen``, so everyone sees the same floor:

- ``delivery_order``, key = order code: ``{warehouse, status, carrier, logistics_code, waybill,
  items: [{sku, quantity}], created}``; status is ACCEPT, CANCELED or DELIVERED.
- ``barred``, key = order code: ``{at}``; its cancellation came first, so it is refused for ever.
- ``receipt``, key = receipt code: ``{warehouse, items}``; arrivals that the hub was told of.
- ``closed_warehouse``, key = warehouse: ``{reason}``.
- ``inventory``: see ``qimen_shelves``.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners.qimen_news import Goods, News, acknowledged
from infra.sandbox.partners.qimen_shelves import Shelves, counted_here
from infra.sandbox.push import Pusher
from infra.sandbox.world import World

QUICKEST_PICK_MIN, SLOWEST_PICK_MIN = 15, 25  # world minutes from the order to the gate


@dataclass(frozen=True, slots=True)
class WarehouseFloor:
    """Every warehouse behind this WMS. Only ``stock_in`` is not safe to repeat."""

    world: World
    ledger: Ledger
    pusher: Pusher
    shelves: Shelves
    news: News

    @classmethod
    def of(cls, surroundings: Surroundings) -> "WarehouseFloor":
        """Get a hand on the floor."""
        world = surroundings.world
        ledger = world.open_ledger("qimen")
        pusher = Pusher(surroundings.http, ledger, world.plan_of("qimen"), acknowledged)
        return cls(world, ledger, pusher, Shelves(ledger, counted_here()), News(world, pusher))

    def stock_in(self, warehouse: str, sku: str, quantity: int) -> None:
        """Put goods on the shelf of a warehouse that the WMS counts; elsewhere nothing happens."""
        self.shelves.stock_in(warehouse, sku, quantity)

    def announce_receipt(self, warehouse: str, goods: Goods, code: str) -> None:
        """Tell the hub, once for each ``code``, of goods that any warehouse put on the shelf.

        It only tells: where the WMS counts the stock, call ``stock_in`` first. Must be called
        inside the event loop, because it sets a push on its way.
        """
        items = [{"sku": sku, "quantity": quantity} for sku, quantity in goods]
        self.ledger.put("receipt", code, {"warehouse": warehouse, "items": items})
        self.news.goods_arrived(warehouse, goods, code)

    def close(self, warehouse: str, reason: str) -> None:
        """Take no new orders there; ``reason`` is what the hub is told."""
        self.ledger.put("closed_warehouse", warehouse, {"reason": reason})

    def reopen(self, warehouse: str) -> None:
        """Take orders there again."""
        self.ledger.drop("closed_warehouse", warehouse)

    def expect_picker(self, code: str) -> None:
        """Have an order picked in about 20 world minutes, the same for the same seed."""
        chance = random.Random(f"{self.world.seed}/pick/{code}")
        after = timedelta(minutes=chance.uniform(QUICKEST_PICK_MIN, SLOWEST_PICK_MIN))
        self.world.later(after, "pick", code, {"code": code})

    async def pick(self, payload: Doc) -> None:
        """Let the order ``{code}`` leave now; a cancelled one stays, a second time adds nothing."""
        code = payload["code"]
        order = self.ledger.get("delivery_order", code)
        if order is None or order["status"] == "CANCELED":
            return
        if order["status"] == "ACCEPT":
            order = self.ledger.amend("delivery_order", code, status="DELIVERED")
            self.shelves.let_go(order)
        self.news.order_left(code, order)
        left = {name: order[name] for name in ("warehouse", "carrier", "waybill")}
        await self.world.tell("left_warehouse", {"parcel_key": code, **left})

    def resume(self) -> None:
        """After a restart: count again, send the pickers, push what is still owed."""
        self.shelves.recount()
        for code, order in self.ledger.each("delivery_order"):
            if order["status"] == "ACCEPT":
                self.expect_picker(code)
        self.pusher.resume()
