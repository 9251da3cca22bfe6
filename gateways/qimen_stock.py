"""The stock of a warehouse whose goods only its WMS counts (protocols 10.1).

Synchronous, because the stock steps run in threads.
"""

from collections.abc import Iterable, Mapping, Sequence

import httpx

from domain.clock import utc_now
from domain.errors import GatewayBusy, Untranslatable
from gateways.qimen_wire import CODES, PATIENCE_S, Meaning, Reply, read_reply, seal, silence_is_busy
from gateways.qimen_xml import PARTNER, Tree
from settings import Qimen


class WmsInventory:
    """Asks the WMS what is on its shelves."""

    def __init__(
        self, settings: Qimen, http: httpx.Client, codes: Mapping[str, Meaning] = CODES
    ) -> None:
        self._settings = settings
        self._http = http
        self._codes = codes

    def quantities(self, warehouse: str, skus: Iterable[str]) -> dict[str, int]:
        """Tell how many pieces of each SKU lie on the shelf, promised ones too; 0 when unknown.

        The hub's own locks are counted against it, so a promised piece must not be missing twice.

        Raises:
            GatewayRefused: signature or form are wrong.
            GatewayBusy: no answer, or one that can not be read.
        """
        wanted = tuple(skus)
        reply = self._ask(warehouse, wanted)
        if reply.meaning is not Meaning.DONE:
            raise reply.refusal()
        try:
            return dict.fromkeys(wanted, 0) | _read_items(reply)
        except Untranslatable as e:
            raise GatewayBusy(PARTNER, str(e)) from e

    def _ask(self, warehouse: str, skus: Sequence[str]) -> Reply:
        request = _criteria(warehouse, self._settings.owner_code, skus)
        envelope = seal(self._settings, "inventory.query", request, utc_now())
        with silence_is_busy():
            answer = self._http.post(
                self._settings.url,
                params=envelope.query,
                content=envelope.body,
                headers={"content-type": "text/xml; charset=utf-8"},
                timeout=PATIENCE_S,
            )
        return read_reply(answer, self._codes)


# The field list of inventory.query is from memory, so it stands in these two functions only.


def _criteria(warehouse: str, owner: str, skus: Sequence[str]) -> Mapping[str, Tree]:
    asked: list[Mapping[str, Tree]] = [
        {"warehouseCode": warehouse, "ownerCode": owner, "itemCode": sku, "inventoryType": "ZP"}
        for sku in skus
    ]
    return {"criteriaList": {"criteria": asked}}


def _read_items(reply: Reply) -> dict[str, int]:
    """Add ``quantity``, which is free, and ``lockQuantity``, which delivery orders have claimed."""
    items = reply.root.each("items", "item")
    return {
        item.text("itemCode"): item.whole("quantity") + item.whole("lockQuantity", otherwise=0)
        for item in items
    }
