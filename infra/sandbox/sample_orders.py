"""Sample orders: the n-th order of a seed is always the same, whoever asks and whenever.

Baskets come from the data in an order drawn from the seed; after the last one they start again,
under new numbers. A household is one buyer; goods over 0.03 m³ go to an address of its own close
to a warehouse, since no other would be served.
"""

import random
from collections.abc import Callable, Mapping

from infra.sandbox import people
from infra.sandbox.goods import Article, Basket, articles, baskets
from infra.sandbox.ledger import Doc

LARGEST_DISCOUNT_PERCENT = 15
FREE_FREIGHT_FROM_FEN = 9_900
FREIGHT_FEN = 600
REMARKS = ("", "", "", "", "放门口", "请提前打电话", "冷藏品请尽快送")


# How each channel numbers its orders (protocols 1.2, 2.2, 3.3); Douyin's are beyond 2^53.
NUMBERS: Mapping[str, Callable[[int, int], str]] = {
    "miniprogram": lambda seed, n: f"MP{seed}-{n:05d}",
    "pinduoduo": lambda seed, n: f"260101-{seed % 10**6:06d}{n:09d}",
    "douyin": lambda seed, n: f"69{seed % 10**6:06d}{n:011d}",
    "youzan": lambda seed, n: f"E20260101{seed % 10**6:06d}{n:09d}",
}
CHANNELS = tuple(NUMBERS)


class SampleOrders:
    """The orders of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._baskets = random.Random(f"{seed}/baskets").sample(baskets(), len(baskets()))

    def order(self, n: int, channel: str = "miniprogram") -> Doc:
        """Tell the n-th order, from 1, as it was bought on a channel, but for ``paid_at``.

        Other channels than our own tell no coordinates, so nothing bulky is bought there: it would
        need a warehouse within 3 km, and a district's centre may be farther off.
        """
        chance = random.Random(f"{self._seed}/order/{n}")
        basket = self._basket(n, channel)
        items = [_item(chance, articles()[sku], quantity) for sku, quantity in basket.lines]
        goods_fen = sum(item["paid_amount"] for item in items)
        freight = 0 if goods_fen >= FREE_FREIGHT_FROM_FEN else FREIGHT_FEN
        return {
            "channel": channel,
            "order_no": NUMBERS[channel](self._seed, n),
            **self._buyer(basket),
            "items": items,
            "freight": freight,
            "pay_amount": goods_fen + freight,
            "remark": chance.choice(REMARKS),
        }

    def _basket(self, n: int, channel: str) -> Basket:
        """Take the n-th basket; on other channels than our own, what is not bulky of it."""
        for later in range(len(self._baskets)):
            basket = self._baskets[(n - 1 + later) % len(self._baskets)]
            if channel == "miniprogram":
                return basket
            lines = [(sku, pieces) for sku, pieces in basket.lines if not articles()[sku].bulky]
            if lines:
                return Basket(household=basket.household, lines=lines)
        raise LookupError("every basket holds bulky goods only")

    def _buyer(self, basket: Basket) -> Doc:
        bulky = any(articles()[sku].bulky for sku, _ in basket.lines)
        home = random.Random(f"{self._seed}/household/{basket.household}/{bulky}")
        return {
            "leader_id": people.leader(home),
            "receiver": people.receiver(home, by_the_warehouse=bulky),
        }


def used_skus() -> frozenset[str]:
    """Tell every SKU that a sample order may name."""
    return frozenset(sku for basket in baskets() for sku, _ in basket.lines)


def _item(chance: random.Random, article: Article, quantity: int) -> Doc:
    full_fen = article.price_fen * quantity
    off_fen = full_fen * chance.randrange(LARGEST_DISCOUNT_PERCENT + 1) // 100
    return {
        "sku": article.sku,
        "name": article.name,
        "quantity": quantity,
        "paid_amount": full_fen - off_fen,
    }
