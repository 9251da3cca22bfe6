"""The stock in memory: the same promises, kept in dicts that a test can look at."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from domain.clock import utc_now
from domain.comeback import Receipt
from domain.errors import GatewayRefused
from domain.parcel import Parcel
from domain.stock import StockAnswer

Shelf = tuple[str, str]  # warehouse, SKU


class FakeStock:
    """Pieces on hand and locked by shelf; ``states`` tells what became of each parcel's lock."""

    def __init__(self) -> None:
        self.on_hand: Counter[Shelf] = Counter()
        self.locked: Counter[Shelf] = Counter()
        self.states: dict[str, str] = {}
        self.parcels: dict[str, Parcel] = {}  # every parcel that was ever locked or released
        self.put_backs: set[str] = set()
        self._answers: dict[str, StockAnswer] = {}
        self._one_at_a_time = threading.Lock()

    def lock(self, parcel: Parcel) -> StockAnswer:
        with self._one_at_a_time:
            self.parcels.setdefault(parcel.key, parcel)
            if parcel.key not in self.states:
                return self._take(parcel)
            if self.states[parcel.key] == "released":
                short = tuple(sorted({item.sku for item in parcel.items}))
                return StockAnswer(short=short, at=utc_now())
            return self._answers[parcel.key]

    def ship(self, parcel: Parcel) -> None:
        with self._one_at_a_time:
            state = self.states.get(parcel.key)
            if state == "locked":
                self.locked.subtract(_pieces(parcel))
                self.on_hand.subtract(_pieces(parcel))
                self.states[parcel.key] = "shipped"
            elif state != "shipped":
                raise GatewayRefused("stock", "not_locked", parcel.key)

    def release(self, parcel: Parcel) -> None:
        with self._one_at_a_time:
            if self.states.setdefault(parcel.key, "released") == "locked":
                self.locked.subtract(_pieces(parcel))
                self.states[parcel.key] = "released"

    def put_back(self, receipt: Receipt) -> None:
        with self._one_at_a_time:
            if receipt.key not in self.put_backs:
                self.put_backs.add(receipt.key)
                for pieces in receipt.goods:
                    self.on_hand[receipt.warehouse, pieces.sku] += pieces.quantity

    def snapshot(self, skus: Iterable[str]) -> Mapping[Shelf, int]:
        wanted = set(skus)
        return {shelf: self._free(shelf) for shelf in tuple(self.on_hand) if shelf[1] in wanted}

    def set_on_hand(self, warehouse: str, quantities: Mapping[str, int]) -> None:
        for sku, pieces in quantities.items():
            self.on_hand[warehouse, sku] = pieces

    def receive(self, warehouse: str, sku: str, quantity: int) -> None:
        self.on_hand[warehouse, sku] += quantity

    def _take(self, parcel: Parcel) -> StockAnswer:
        pieces = _pieces(parcel)
        short = tuple(sorted(sku for (w, sku), n in pieces.items() if self._free((w, sku)) < n))
        answer = StockAnswer(short=short, at=utc_now())
        if answer.locked:
            self.locked.update(pieces)
            self.states[parcel.key] = "locked"
            self._answers[parcel.key] = answer
        return answer

    def _free(self, shelf: Shelf) -> int:
        return max(0, self.on_hand[shelf] - self.locked[shelf])


def _pieces(parcel: Parcel) -> Counter[Shelf]:
    pieces: Counter[Shelf] = Counter()
    for item in parcel.items:
        pieces[parcel.warehouse, item.sku] += item.quantity
    return pieces
