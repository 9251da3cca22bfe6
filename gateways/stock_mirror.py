"""Warehouses whose stock lives in a WMS: when their mirrored rows must be read again.

The mirror may be wrong for as long as an answer is believed (``wms_cache_seconds``), and what that
can do is bounded. Locks are always counted against the mirror in our own database, so two orders
never take the same piece. A piece that has left while its lock still stands counts twice: that
sells too little for a moment, never too much. Too much can be promised for those seconds in two
ways only: a piece leaves past this hub, or a parcel is shipped while an answer that still counts
it is on its way. The WMS then refuses the hand-over, and the order routes again without it.
"""

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from settings import Stock as StockSettings


class Inventory(Protocol):
    """What a WMS says lies on its shelves, promised pieces included."""

    def quantities(self, warehouse: str, skus: Iterable[str]) -> dict[str, int]:
        """Count pieces by SKU; a SKU that it does not know may be left out.

        Raises:
            GatewayBusy: the WMS does not answer.
        """


class Mirror:
    """Asks the WMS about what was not asked for some seconds."""

    def __init__(
        self,
        settings: StockSettings,
        inventory: Inventory,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.warehouses = settings.through_wms
        self._cache_seconds = settings.wms_cache_seconds
        self._inventory = inventory
        self._monotonic = monotonic
        self._asked: dict[tuple[str, str], float] = {}

    def refresh(
        self, warehouse: str, skus: Iterable[str], write: Callable[[str, dict[str, int]], None]
    ) -> None:
        """Let ``write`` keep the pieces on hand of every SKU whose answer is too old to believe.

        Raises:
            GatewayBusy: the WMS does not answer; what is mirrored may be old.
        """
        if warehouse not in self.warehouses:
            return
        stale = [sku for sku in skus if self._is_stale(warehouse, sku)]
        if stale:
            asked_at = self._monotonic()
            answer = self._inventory.quantities(warehouse, stale)
            write(warehouse, {sku: answer.get(sku, 0) for sku in stale})
            self._asked.update(((warehouse, sku), asked_at) for sku in stale)

    def _is_stale(self, warehouse: str, sku: str) -> bool:
        asked_at = self._asked.get((warehouse, sku))
        return asked_at is None or self._monotonic() - asked_at >= self._cache_seconds
