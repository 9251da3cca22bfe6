"""The shelves that only the WMS counts, and what orders have claimed of them.

Ledger ``qimen``, kind ``inventory``, key ``warehouse/sku``: ``{received, quantity, locked}``;
``quantity`` is free, ``locked`` claimed by open orders, the rest of ``received`` has left.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from infra.sandbox.ledger import Doc, Ledger

WAREHOUSES = Path(__file__).parents[1] / "data" / "warehouses.csv"


def counted_here() -> frozenset[str]:
    """Tell the warehouses whose stock only the WMS counts."""
    with WAREHOUSES.open(encoding="utf-8") as file:
        return frozenset(row["code"] for row in csv.DictReader(file) if row["stock"] == "wms")


@dataclass(frozen=True, slots=True)
class Shelves:
    """Every shelf behind this WMS; where it counts no stock, everything here does nothing."""

    ledger: Ledger
    counted: frozenset[str]

    def look(self, warehouse: str, sku: str) -> Doc:
        """Tell what is on a shelf: ``{received, quantity, locked}``."""
        empty = {"received": 0, "quantity": 0, "locked": 0}
        return self.ledger.get("inventory", f"{warehouse}/{sku}") or empty

    def stock_in(self, warehouse: str, sku: str, quantity: int) -> None:
        """Put goods on a shelf. Each call adds: it is the caller's to call once."""
        if warehouse in self.counted:
            self._change(warehouse, sku, received=quantity, quantity=quantity)

    def short_of(self, order: Doc) -> list[str]:
        """Tell the SKUs of which there is too little for this order."""
        warehouse = order["warehouse"]
        if warehouse not in self.counted:
            return []
        wanted: Counter[str] = Counter()  # an article may stand on two lines
        for item in order["items"]:
            wanted[item["sku"]] += item["quantity"]
        return [sku for sku, n in wanted.items() if self.look(warehouse, sku)["quantity"] < n]

    def claim(self, order: Doc) -> None:
        """Take an order's goods out of what is free."""
        self._move(order, quantity=-1, locked=1)

    def unclaim(self, order: Doc) -> None:
        """Give a cancelled order's goods back."""
        self._move(order, quantity=1, locked=-1)

    def let_go(self, order: Doc) -> None:
        """Forget the goods of an order that has left."""
        self._move(order, locked=-1)

    def recount(self) -> None:
        """After a restart: count again from what was received and from the orders."""
        for key, shelf in self.ledger.each("inventory"):
            self.ledger.amend("inventory", key, quantity=shelf["received"], locked=0)
        for _, order in self.ledger.each("delivery_order"):
            if order["status"] != "CANCELED":
                self.claim(order)
            if order["status"] == "DELIVERED":
                self.let_go(order)

    def _move(self, order: Doc, **ways: int) -> None:
        if order["warehouse"] in self.counted:
            for item in order["items"]:
                changes = {name: way * item["quantity"] for name, way in ways.items()}
                self._change(order["warehouse"], item["sku"], **changes)

    def _change(self, warehouse: str, sku: str, **changes: int) -> None:
        key, shelf = f"{warehouse}/{sku}", self.look(warehouse, sku)
        self.ledger.put("inventory", key, shelf)
        self.ledger.amend("inventory", key, **{n: shelf[n] + by for n, by in changes.items()})
