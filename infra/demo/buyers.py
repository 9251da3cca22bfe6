"""Buyers who want their money back: who claims what, and when in the life of their order.

Everything is decided by the seed. No honest buyer claims more than twice for much money.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.order import OrderId
from infra.sandbox.sample_orders import SampleOrders
from infra.sandbox.shop import BUYER_CLAIMED, BUYER_WITHDREW, MONEY_RETURNED

Sample = dict[str, Any]
MUCH_FEN = 20_000  # what the guard counts
MOST_OF_MUCH = 2  # such claims of one buyer
ONE_SKU = frozenset({"pinduoduo"})  # its claims are about one article, or about the whole order
# World hours after the order: at once, in the warehouse, on the road, delivered, after the window.
MOMENTS = (0.0, 0.02, 0.1, 0.2, 0.3, 0.5, 1, 4, 12, 30, 37, 44, 50, 80, 140, 205, 214)
LATER = 0.3  # hours to a buyer's next thought


class Story(StrEnum):
    """What a buyer does about one order."""

    WHOLE = "whole"  # all of the money, for nothing
    LINE = "line"  # one article
    ALLOWANCE = "allowance"  # a little of the price
    RETURN = "return"
    TWICE = "twice"  # one article, then the rest
    WITHDRAWN = "withdrawn"
    AGAIN = "again"  # withdrawn, and claimed again
    PLATFORM = "platform"  # the platform pays without asking


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that a buyer or a platform does, so many world hours after the order."""

    after_h: float
    name: str
    payload: Sample


class Buyers:
    """All buyers of one run."""

    def __init__(self, seed: int, share: float) -> None:
        self._seed = seed
        self._share = share
        self._samples = SampleOrders(seed)
        self._much: Counter[str] = Counter()

    def deeds(self, n: int, channel: str, order_id: OrderId) -> tuple[Deed, ...]:
        """Tell what will be done about the n-th order; most buyers are content."""
        chance = random.Random(f"{self._seed}/claims/{n}")
        if chance.random() >= self._share:
            return ()
        sample = self._samples.order(n, channel)
        buyer = sample["receiver"]["phone"]
        if sample["pay_amount"] > MUCH_FEN:
            if self._much[buyer] >= MOST_OF_MUCH - 1:  # a story may claim twice
                return ()
            self._much[buyer] += MOST_OF_MUCH
        claims = _Claims(sample, channel, f"{n:07d}", order_id)
        return tuple(claims.told(_story(chance, sample, channel), chance))


def _story(chance: random.Random, sample: Sample, channel: str) -> Story:
    stories = [Story.WHOLE, Story.WHOLE, Story.RETURN, Story.WITHDRAWN, Story.AGAIN, Story.PLATFORM]
    stories.append(Story.ALLOWANCE)
    if len(sample["items"]) > 1:
        stories += [Story.LINE, Story.LINE]
        stories += [] if channel in ONE_SKU else [Story.TWICE]
    return chance.choice(stories)


class _Claims:
    """The claims about one order."""

    def __init__(self, sample: Sample, channel: str, name: str, order_id: OrderId) -> None:
        self._sample, self._channel, self._name = sample, channel, name
        self._number = order_id.partition("/")[2]

    def told(self, story: Story, chance: random.Random) -> Iterator[Deed]:
        at = chance.choice(MOMENTS)
        whole, line = self._sample["pay_amount"], self._a_line(chance)
        match story:
            case Story.WHOLE:
                yield self._claim(at, 1, whole)
            case Story.LINE:
                yield self._claim(at, 1, self._paid(line), [line])
            case Story.ALLOWANCE:
                yield self._claim(at, 1, max(1, self._paid(line) // 10), [line])
            case Story.RETURN:
                yield self._claim(max(at, 44.0), 1, whole, kind="return")
            case Story.TWICE:
                yield self._claim(at, 1, self._paid(line), [line])
                yield self._claim(at + LATER, 2, whole - self._paid(line))
            case Story.WITHDRAWN:
                yield self._claim(at, 1, whole)
                yield self._deed(at + LATER, BUYER_WITHDREW, 1)
            case Story.AGAIN:
                yield self._claim(at, 1, whole)
                yield self._deed(at + LATER, BUYER_WITHDREW, 1)
                yield self._claim(at + 2 * LATER, 2, whole)
            case Story.PLATFORM:
                yield self._claim(at, 1, whole)
                yield self._deed(at, MONEY_RETURNED, 1)

    def _claim(
        self,
        after_h: float,
        no: int,
        amount_fen: int,
        lines: list[int] | None = None,
        kind: str = "refund_only",
    ) -> Deed:
        wish = {"order_no": self._number, "kind": kind, "amount_fen": amount_fen}
        more = {"lines": lines or [], "reason": "不想要了"}
        return self._deed(after_h, BUYER_CLAIMED, no, **wish, **more)

    def _deed(self, after_h: float, name: str, no: int, **more: Any) -> Deed:  # noqa: ANN401 - JSON values
        payload = {"channel": self._channel, "claim": f"55{self._name}{no}", **more}
        return Deed(after_h=after_h, name=name, payload=payload)

    def _a_line(self, chance: random.Random) -> int:
        return chance.randrange(len(self._sample["items"])) + 1

    def _paid(self, line: int) -> int:
        paid: int = self._sample["items"][line - 1]["paid_amount"]
        return paid
