"""Buyers of the sandbox send back what they have got, once, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.sandbox.buyer_returns import MOST_LOOKS, BuyerReturns, goods_may_come
from infra.sandbox.ledger import Doc
from infra.sandbox.shop import GOODS_CAME_BACK, GOODS_SENT_BACK
from infra.sandbox.world import Deed, World

TEA, RICE = {"sku": "tea", "quantity": 2}, {"sku": "rice", "quantity": 1}


@dataclass
class Street:
    """A buyer with a claim ``R1`` about an order of tea, rice, and tea again."""

    world: World
    heard: list[tuple[str, Doc]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.returns = BuyerReturns(self.world)
        self.returns.listen()
        self.world.listen(GOODS_SENT_BACK, self._hear_of(GOODS_SENT_BACK))
        self.world.listen(GOODS_CAME_BACK, self._hear_of(GOODS_CAME_BACK))
        self.shop = self.world.open_ledger("douyin")
        self.shop.put("order", "D1", {"items": [TEA, RICE, TEA]})
        self.claim("R1", "agreed")

    def claim(self, claim_id: str, stage: str, lines: tuple[int, ...] = ()) -> None:
        self.shop.drop("after_sale", claim_id)
        self.shop.put("after_sale", claim_id, {"stage": stage, "lines": lines})

    def parcel(self, no: int, *items: Doc, end: str | None, status: str = "DELIVERED") -> None:
        """Let a parcel stand at the carrier's; without an end it is on the road."""
        order = {"status": status, "waybill": f"SF{no}", "items": items}
        self.world.open_ledger("qimen").put("delivery_order", f"douyin/D1/{no}", order)
        stops = ["collected"] if end is None else ["collected", end]
        sf = self.world.open_ledger("sf")
        sf.drop("route", f"SF{no}")
        sf.put("route", f"SF{no}", {"routes": [{"stop": stop} for stop in stops]})

    async def look(self, claim_id: str = "R1", looks: int = 0) -> None:
        wish = {"channel": "douyin", "order_no": "D1", "claim_id": claim_id, "looks": looks}
        await self.returns.send_back(wish)

    async def arrive(self, claim_id: str = "R1") -> None:
        name = f"goods_at_the_gate/douyin/{claim_id}"
        await self.returns.arrive((self.world.ledger.get("agenda", name) or {})["payload"])

    def sent(self) -> list[tuple[str, dict[str, int]]]:
        """Tell for which claims what has come to the gate."""
        news = [payload for event, payload in self.heard if event == GOODS_CAME_BACK]
        return [
            (told["claim_id"], {item["sku"]: item["quantity"] for item in told["goods"]})
            for told in news
        ]

    def agenda(self) -> list[str]:
        return [entry["what"] for _, entry in self.world.ledger.each("agenda")]

    def _hear_of(self, event: str) -> Deed:
        async def hear(payload: Doc) -> None:
            self.heard.append((event, payload))

        return hear


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    world = World(tmp_path, speed=1, seed=1, hub_url="")
    yield Street(world)
    for ledger in world.ledgers.values():
        ledger.close()


def test_an_agreed_return_is_thought_about_once(street: Street) -> None:
    for _ in range(2):
        goods_may_come(street.world, "douyin", "D1", "R1")

    assert ["buyer_sends_back"] == street.agenda()


async def test_everything_that_arrived_is_sent_back_and_the_shop_hears_of_it(
    street: Street,
) -> None:
    street.parcel(1, TEA, RICE, end="delivered")
    street.parcel(2, TEA, end="delivered")

    await street.look()
    await street.arrive()

    (event, told), _ = street.heard
    assert (GOODS_SENT_BACK, "R1") == (event, told["claim_id"])
    assert told["number"].startswith("78")
    assert [("R1", {"tea": 4, "rice": 1})] == street.sent()


async def test_only_the_lines_of_the_claim_go_back(street: Street) -> None:
    street.claim("R1", "agreed", lines=(1,))
    street.parcel(1, TEA, RICE, TEA, end="delivered")

    await street.look()
    await street.arrive()

    assert [("R1", {"tea": 2})] == street.sent()


async def test_a_buyer_waits_for_a_parcel_that_is_still_on_the_road(street: Street) -> None:
    street.parcel(1, TEA, RICE, end="delivered")
    street.parcel(2, TEA, end=None)

    await street.look()

    assert [] == street.heard
    assert ["buyer_sends_back"] == street.agenda()


async def test_who_has_waited_for_ten_days_sends_what_has_come(street: Street) -> None:
    street.parcel(1, TEA, RICE, end="delivered")
    street.parcel(2, TEA, end=None)

    await street.look(looks=MOST_LOOKS)
    await street.arrive()

    assert [("R1", {"tea": 2, "rice": 1})] == street.sent()


async def test_nobody_sends_back_what_never_came(street: Street) -> None:
    street.parcel(1, TEA, RICE, end="returned")
    street.parcel(2, TEA, end=None, status="CANCELED")

    await street.look()

    assert [] == street.heard + street.agenda()


@pytest.mark.parametrize("stage", ["asked", "refused", "withdrawn", "refunded"])
async def test_a_claim_that_is_not_agreed_on_sends_nothing(street: Street, stage: str) -> None:
    street.claim("R1", stage)
    street.parcel(1, TEA, RICE, TEA, end="delivered")

    await street.look()

    assert [] == street.heard + street.agenda()


async def test_a_repeated_deed_sends_the_same_once_more_and_nothing_new(street: Street) -> None:
    """Killed after the goods were packed: the agenda comes again."""
    street.parcel(1, TEA, RICE, TEA, end="delivered")
    await street.look()
    street.world.ledger.drop("agenda", "goods_at_the_gate/douyin/R1")

    await street.look()
    await street.arrive()

    first, second, _ = street.heard
    assert first == second
    assert [("R1", {"tea": 4, "rice": 1})] == street.sent()


async def test_no_piece_goes_back_for_two_claims(street: Street) -> None:
    street.parcel(1, TEA, RICE, TEA, end="delivered")
    street.claim("R1", "agreed", lines=(1, 2))
    await street.look()
    street.claim("R1", "withdrawn")
    street.claim("R2", "agreed")

    await street.look("R2")
    await street.arrive("R2")

    assert [("R2", {"tea": 2})] == street.sent()
