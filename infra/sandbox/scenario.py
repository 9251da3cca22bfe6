"""The merchant's goods: full shelves at the start, a few articles short, and more coming in.

Everything is in the world's ledger first: ``warehouse`` and ``sku`` say what is kept how cold,
``receipt`` each goods-in ``{warehouse, sku, quantity}``, ``short`` which articles start short and
when they come in. The shelves are filled from the receipts that are written there. A kill between
the two leaves receipts that are not on the shelf yet: the next start, or the agenda, puts them
there, and each of those writes happens once however often it is tried.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from infra.sandbox.goods import Warehouse, articles, warehouses
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.sample_orders import used_skus
from infra.sandbox.stock_database import Goods, StockDatabase
from infra.sandbox.world import World

PLENTY = (2_000, 5_000)  # pieces of an ordinary article in each warehouse
SHORT_SHARE = 0.015  # of the articles that sample orders name
SHORT_PIECES = (0, 1)
RESTOCK = 500
WAVES = 4  # goods come in 2, 3, 4 and 5 world hours after the first order
FIRST_WAVE = timedelta(hours=2)
BETWEEN_WAVES = timedelta(hours=1)
GOODS_IN = "goods_in"  # on the agenda
FIRST, AGAIN = "first", "again"  # how a receipt's key begins: ``first/HZ-GS/844054``


@dataclass(frozen=True, slots=True)
class Scenario:
    """The goods of one world."""

    world: World
    floor: WarehouseFloor
    database: StockDatabase

    def prepare(self) -> None:
        """Fill the shelves of a new world; one that is full already is left alone."""
        ledger = self.world.ledger
        if ledger.get("stocked", "first") is None:
            with ledger.together():
                self._describe()
            for house in warehouses():
                with ledger.together():
                    goods = self._first_goods(house)
                self._shelve(house, goods)
            ledger.put("stocked", "first", {})

    async def expect_goods(self, _: Doc) -> None:
        """Somebody ordered: the missing goods are on their way from now on."""
        for wave in range(WAVES):
            if self.world.ledger.get("wave", str(wave)) is None:
                after = FIRST_WAVE + wave * BETWEEN_WAVES
                self.world.later(after, GOODS_IN, str(wave), {"wave": wave})
                self.world.ledger.put("wave", str(wave), {})

    async def receive(self, payload: Doc) -> None:
        """Put a wave ``{wave}`` on the shelves; a second time nothing is added."""
        for house in warehouses():
            await self._receive_at(house, payload["wave"])

    def _describe(self) -> None:
        ledger = self.world.ledger
        for house in warehouses():
            ledger.put(
                "warehouse", house.code, {"bands": sorted(house.bands), "stock": house.stock}
            )
        for sku in sorted(used_skus()):
            ledger.put("sku", sku, {"band": articles()[sku].band})
            chance = random.Random(f"{self.world.seed}/short/{sku}")
            if chance.random() < SHORT_SHARE:
                ledger.put("short", sku, {"wave": chance.randrange(WAVES)})

    def _first_goods(self, house: Warehouse) -> Goods:
        """Write the receipts of full shelves, and tell what receipts say."""
        short = {sku for sku, _ in self.world.ledger.each("short")}
        chance = random.Random(f"{self.world.seed}/goods/{house.code}")
        pieces = {
            sku: chance.randint(*(SHORT_PIECES if sku in short else PLENTY))
            for sku in _kept_at(house)
        }
        return [(sku, self._write_receipt(FIRST, house, sku, n)) for sku, n in pieces.items()]

    def _shelve(self, house: Warehouse, goods: Goods) -> None:
        if house.stock == "wms":
            self._bring_in_at_the_wms(house, [sku for sku, _ in goods])
        else:
            self.database.shelve(house.code, goods)

    async def _receive_at(self, house: Warehouse, wave: int) -> None:
        kept, each = set(_kept_at(house)), self.world.ledger.each("short")
        skus = [sku for sku, short in each if short["wave"] == wave and sku in kept]
        for sku in skus:
            self._write_receipt(AGAIN, house, sku, RESTOCK)
        code, goods = f"GR-{house.code}-{wave}", [(sku, RESTOCK) for sku in skus]
        if house.stock == "wms":
            self._bring_in_at_the_wms(house, skus)
        else:
            await asyncio.to_thread(self.database.receive, code, house.code, goods)
        if goods:
            self.floor.announce_receipt(house.code, goods, code)

    def _bring_in_at_the_wms(self, house: Warehouse, skus: Iterable[str]) -> None:
        """Bring in what the receipts say and the WMS has not received; a second time nothing."""
        with self.floor.ledger.together():
            for sku in skus:
                missing = self._received(house, sku)
                missing -= self.floor.shelves.look(house.code, sku)["received"]
                if missing > 0:
                    self.floor.stock_in(house.code, sku, missing)

    def _write_receipt(self, when: str, house: Warehouse, sku: str, quantity: int) -> int:
        """Write a receipt, and tell what it says; one that is there already stands."""
        ledger, key = self.world.ledger, f"{when}/{house.code}/{sku}"
        doc: Doc = {"warehouse": house.code, "sku": sku, "quantity": quantity}
        if not ledger.put("receipt", key, doc):
            doc = ledger.get("receipt", key) or {}
        stands: int = doc["quantity"]
        return stands

    def _received(self, house: Warehouse, sku: str) -> int:
        """Add up the receipts of one shelf."""
        keys = [f"{when}/{house.code}/{sku}" for when in (FIRST, AGAIN)]
        found = [self.world.ledger.get("receipt", key) for key in keys]
        return sum(doc["quantity"] for doc in found if doc is not None)


def _kept_at(house: Warehouse) -> list[str]:
    return [sku for sku, article in articles().items() if article.band in house.bands]
