"""Sample orders: the n-th order of a seed is always the same, whoever asks and whenever.

Baskets come from the data in an order drawn from the seed; after the last one they start again,
under new numbers. A household is one buyer; goods over 0.03 m³ go to an address of its own close
to a warehouse, since no other would be served.
"""

import random

from infra.sandbox import people
from infra.sandbox.goods import Article, Basket, articles, baskets
from infra.sandbox.ledger import Doc

LARGEST_DISCOUNT_PERCENT = 15
FREE_FREIGHT_FROM_FEN = 9_900
FREIGHT_FEN = 600
REMARKS = ("", "", "", "", "放门口", "请提前打电话", "冷藏品请尽快送")


class SampleOrders:
    """The orders of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._baskets = random.Random(f"{seed}/baskets").sample(baskets(), len(baskets()))

    def order(self, n: int) -> Doc:
        """Tell the n-th order, from 1, as the shop sends it but for ``paid_at``."""
        chance = random.Random(f"{self._seed}/order/{n}")
        basket = self._baskets[(n - 1) % len(self._baskets)]
        items = [_item(chance, articles()[sku], quantity) for sku, quantity in basket.lines]
        goods_fen = sum(item["paid_amount"] for item in items)
        freight = 0 if goods_fen >= FREE_FREIGHT_FROM_FEN else FREIGHT_FEN
        return {
            "order_no": f"MP{self._seed}-{n:05d}",
            **self._buyer(basket),
            "items": items,
            "freight": freight,
            "pay_amount": goods_fen + freight,
            "remark": chance.choice(REMARKS),
        }

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
