"""A bug for each promise, planted into the hub: the proof sees it."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.claim import RefundStage
from domain.comeback import Receipt
from domain.papers import Reversal, Voucher
from domain.parcel import ShipmentNews
from tests.fakes.hub import Hub
from tests.proof.cases import named
from tests.proof.company import skipping_server
from tests.proof.prover import prove


def _refunds_without_looking(hub: Hub) -> None:
    """Promise 2: whoever has been told of a claim pays it, wherever the goods are."""
    told = hub.shop.answer_claim

    async def answer(reply: Any) -> Any:
        await told(reply)
        known = hub.shop.claims[reply.claim_id]
        over = known.stage is RefundStage.REFUNDED
        return known if over else hub.shop.turn(known.id, RefundStage.REFUNDED)

    hub.shop.answer_claim = answer  # type: ignore[method-assign] # planted
    hub.write_offs.keep = lambda write_off: None  # type: ignore[method-assign] # noqa: ARG005 - planted


def _forgets_to_release(hub: Hub) -> None:
    """Promise 3: a parcel that turns back keeps its goods locked."""
    hub.stock.release = lambda parcel: None  # type: ignore[method-assign] # noqa: ARG005 - planted


def _puts_back_twice(hub: Hub) -> None:
    """Promise 3: what came back is on the books twice."""
    put = hub.stock.put_back

    def twice(receipt: Receipt) -> None:
        put(receipt)
        for pieces in receipt.goods:
            hub.stock.on_hand[receipt.warehouse, pieces.sku] += pieces.quantity

    hub.stock.put_back = twice  # type: ignore[method-assign] # planted


def _books_half(hub: Hub) -> None:
    """Promise 4: a refund is booked for less than its red letter."""
    reverse = hub.books.reverse

    async def half(reversal: Reversal) -> Voucher:
        voucher = await reverse(reversal)
        hub.books.amounts_fen[reversal.key] //= 2
        return voucher

    hub.books.reverse = half  # type: ignore[method-assign] # planted


def _leaves_labels_alive(hub: Hub) -> None:
    """Promise 4: a parcel that turned back is still booked at its carrier."""

    async def nothing(_: Any) -> None: ...

    hub.carriers.cancel = nothing  # type: ignore[assignment,method-assign] # planted


def _tells_nobody(hub: Hub) -> None:
    """Promise 5: a shipment is not told."""

    async def nothing(_: ShipmentNews) -> None: ...

    hub.shop.tell_shipped = nothing  # type: ignore[assignment,method-assign] # planted


@pytest.mark.parametrize(
    ("plant", "case", "promise"),
    [
        (_refunds_without_looking, "whole/closed", 2),
        (_forgets_to_release, "whole/after:label.create", 3),
        (_puts_back_twice, "whole/collected", 3),
        (_books_half, "line/closed", 4),
        (_leaves_labels_alive, "whole/after:label.create", 4),
        (_tells_nobody, "line/packed", 5),
    ],
)
async def test_a_planted_bug_is_seen_by_its_promise(
    plant: Callable[[Hub], None], case: str, promise: int
) -> None:
    async with skipping_server() as env:
        planted = await prove(env, named(case), plant)

    assert promise in planted.broken


async def test_a_second_life_is_seen() -> None:
    """Promise 1: the same order lives twice."""
    async with skipping_server() as env:
        outcome = await prove(env, named("whole/closed"), runs=2)

    assert {1} == outcome.broken


async def test_cold_goods_from_a_warm_warehouse_are_seen() -> None:
    """Promise 6: what was ordered is kept cold, and no warehouse here is."""
    async with skipping_server() as env:
        outcome = await prove(env, named("line/closed"), kept="chilled")

    assert {6} == outcome.broken
