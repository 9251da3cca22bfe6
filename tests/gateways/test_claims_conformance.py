"""What every sales channel promises of its claims, held by all of them over the wire."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from channels.asking import Ask
from channels.mapping import ChannelMapping
from domain.claim import ClaimAnswer, ClaimReply, Refund, RefundKind, RefundStage
from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from domain.order import Order, OrderId
from domain.parcel import Waybill
from gateways.channel_caller import ChannelCaller
from gateways.channel_claims import ChannelClaims
from infra.sandbox import shop as deeds
from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc
from tests.fakes.channels import FakeShop
from tests.gateways.channel_stage import BUILDERS, Stage, on_stage
from tests.gateways.test_channels_conformance import AT, claim_id_at, due, news

RETURN = RefundKind.RETURN
ORDER_ID = OrderId("miniprogram/MP7-00001")
A_REPLY = ClaimReply(
    order_id=ORDER_ID,
    channel="miniprogram",
    number="MP7-00001",
    claim_id="5000001",
    kind=RefundKind.REFUND_ONLY,
    answer=ClaimAnswer.AGREE,
    reason="货未出库,同意退款",
    waybill=None,
    protocol="1",
)


@pytest.fixture(params=sorted(BUILDERS))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(request.param, tmp_path) as stage:
        yield stage


async def claimed(stage: Stage, order: Order, **more: object) -> str:
    """Let the buyer ask for all of their money back; tell the claim's id as the shop calls it."""
    wish: Doc = {"kind": "refund_only", "amount_fen": order.paid_fen, "lines": [], **more}
    await stage.do(
        deeds.BUYER_CLAIMED, order_no=order.number, claim="5000001", reason="不想要了", **wish
    )
    return claim_id_at(stage)


def reply(order: Order, claim_id: str, answer: ClaimAnswer, **more: object) -> ClaimReply:
    word: Doc = {"kind": RefundKind.REFUND_ONLY, "waybill": None, **more}
    return ClaimReply(
        order_id=order.id,
        channel=order.channel,
        number=order.number,
        claim_id=claim_id,
        answer=answer,
        reason="货未出库,同意退款",
        protocol=order.protocol,
        **word,
    )


def paid_back(stage: Stage) -> int:
    return sum(doc["amount_fen"] for _, doc in stage.ledger.each("refund"))


async def shipped(stage: Stage, order: Order) -> None:
    refs = tuple(line.ref for line in order.lines if line.ref)
    whole = replace(news(order), line_nos=tuple(n.no for n in order.lines), line_refs=refs)
    await stage.shop.tell_shipped(whole)


async def test_a_claim_that_is_agreed_to_is_paid_once_however_often(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    agreed = reply(order, await claimed(stage, order), ClaimAnswer.AGREE)

    for _ in range(3):
        seen = await stage.shops.answer_claim(agreed)

    assert RefundStage.REFUNDED is seen.stage
    assert order.paid_fen == paid_back(stage)
    assert seen.asked_at is None or abs(seen.asked_at - utc_now()) < timedelta(minutes=5)


async def test_a_refused_claim_pays_nothing(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    refused = reply(order, await claimed(stage, order), ClaimAnswer.REFUSE)

    for _ in range(2):
        seen = await stage.shops.answer_claim(refused)

    assert RefundStage.REFUSED is seen.stage
    assert 0 == paid_back(stage)


async def test_a_claim_that_was_withdrawn_is_told_as_it_is(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    claim_id = await claimed(stage, order)
    await stage.do(deeds.BUYER_WITHDREW, claim="5000001")

    seen = await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.AGREE))

    assert RefundStage.WITHDRAWN is seen.stage
    assert 0 == paid_back(stage)


async def test_a_claim_that_the_platform_paid_is_not_refused_any_more(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    claim_id = await claimed(stage, order)
    await stage.do(deeds.MONEY_RETURNED, claim="5000001")

    seen = await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.REFUSE))

    assert RefundStage.REFUNDED is seen.stage
    assert order.paid_fen == paid_back(stage)


async def test_a_return_is_agreed_to_first_and_paid_once_the_goods_are_here(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    await shipped(stage, order)
    claim_id = await claimed(stage, order, kind="return", amount_fen=order.lines[0].paid_fen)
    kind = RefundKind.RETURN

    may_come = await stage.shops.answer_claim(
        reply(order, claim_id, ClaimAnswer.AGREE_RETURN, kind=kind)
    )
    await sent_back(stage, claim_id)
    paid = await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.AGREE, kind=kind))

    assert (RefundKind.RETURN, RefundStage.AGREED) == (may_come.kind, may_come.stage)
    assert RefundStage.REFUNDED is paid.stage
    assert order.lines[0].paid_fen == paid_back(stage)


async def test_nobody_sends_back_what_the_shop_has_not_shipped(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])

    await claimed(stage, order, kind="return")

    seen = await stage.shop.refund(order.number, claim_id_at(stage))
    assert RefundKind.REFUND_ONLY is seen.refund.kind


async def test_a_claim_stays_open_when_the_shop_hears_that_it_has_left(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    claim_id = await claimed(stage, order)
    waybill = Waybill(carrier="shunfeng", number="SF1000000000001", route_code="", at=AT)

    for _ in range(2):
        seen = await stage.shops.answer_claim(
            reply(order, claim_id, ClaimAnswer.SHIPPED, waybill=waybill)
        )

    assert RefundStage.ASKED is seen.stage


async def test_a_claim_that_the_shop_does_not_know_is_refused(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])

    with pytest.raises(GatewayRefused):
        await stage.shops.answer_claim(reply(order, "424242", ClaimAnswer.AGREE))


@pytest.mark.parametrize("fault", [Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.RATE_LIMIT])
async def test_after_each_fault_answering_again_ends_well(stage: Stage, fault: Fault) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    agreed = reply(order, await claimed(stage, order), ClaimAnswer.AGREE)
    stage.plan.switch(fault, 1)
    with pytest.raises(GatewayBusy):
        await stage.shops.answer_claim(agreed)
    stage.plan.switch(fault, 0)

    seen = await stage.shops.answer_claim(agreed)

    assert RefundStage.REFUNDED is seen.stage
    assert order.paid_fen == paid_back(stage)


async def a_return(stage: Stage) -> tuple[Order, str]:
    """Let a buyer want to send back what was shipped."""
    order = await due(stage, (await stage.sell())["order_no"])
    await shipped(stage, order)
    amount_fen = order.lines[0].paid_fen
    return order, await claimed(stage, order, kind="return", amount_fen=amount_fen)


async def sent_back(stage: Stage, claim_id: str) -> None:
    news = {"channel": stage.name, "claim_id": claim_id, "number": "780000000001"}
    await stage.world.tell(deeds.GOODS_SENT_BACK, news)


async def test_a_return_whose_parcel_is_here_already_is_paid_at_once(stage: Stage) -> None:
    """A carrier brought it back; the buyer has nothing to send."""
    order, claim_id = await a_return(stage)
    agreed = reply(order, claim_id, ClaimAnswer.AGREE, kind=RETURN)

    for _ in range(2):
        seen = await stage.shops.answer_claim(agreed)

    assert RefundStage.REFUNDED is seen.stage
    assert order.lines[0].paid_fen == paid_back(stage)


@pytest.mark.parametrize("fault", [Fault.FAIL_BEFORE, Fault.FAIL_AFTER])
async def test_after_each_fault_the_money_of_a_return_goes_back_once(
    stage: Stage, fault: Fault
) -> None:
    order, claim_id = await a_return(stage)
    agreed = reply(order, claim_id, ClaimAnswer.AGREE, kind=RETURN)
    await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.AGREE_RETURN, kind=RETURN))
    stage.plan.switch(fault, 1)
    with pytest.raises(GatewayBusy):
        await stage.shops.answer_claim(agreed)
    stage.plan.switch(fault, 0)

    seen = await stage.shops.answer_claim(agreed)

    assert RefundStage.REFUNDED is seen.stage
    assert order.lines[0].paid_fen == paid_back(stage)


async def test_goods_that_came_back_wrong_are_refused(stage: Stage) -> None:
    order, claim_id = await a_return(stage)
    await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.AGREE_RETURN, kind=RETURN))
    await sent_back(stage, claim_id)
    on_its_way = await stage.shop.refund(order.number, claim_id)

    seen = await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.REFUSE, kind=RETURN))

    assert RefundStage.RETURNING is on_its_way.refund.stage
    assert RefundStage.REFUSED is seen.stage
    assert 0 == paid_back(stage)


async def test_the_platform_may_pay_what_was_refused(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    claim_id = await claimed(stage, order)
    await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.REFUSE))

    await stage.do(deeds.MONEY_RETURNED, claim="5000001")

    assert RefundStage.REFUNDED is (await stage.shop.refund(order.number, claim_id)).refund.stage
    assert order.paid_fen == paid_back(stage)


async def test_when_a_claim_was_first_answered_stays_on_the_shops_record(stage: Stage) -> None:
    order, claim_id = await a_return(stage)
    await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.AGREE_RETURN, kind=RETURN))
    first = (stage.ledger.get("after_sale", claim_id) or {})["answered_at"]

    await stage.shops.answer_claim(reply(order, claim_id, ClaimAnswer.AGREE, kind=RETURN))

    kept = stage.ledger.get("after_sale", claim_id) or {}
    assert first == kept["answered_at"] >= kept["created_at"]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Asks as ever, but the buyer withdraws between the look and the answer."""

    stage: Stage

    async def ask(self, mapping: ChannelMapping, ask: Ask, facts: Doc) -> object:
        if "claim" in facts:
            await self.stage.do(deeds.BUYER_WITHDREW, claim="5000001")
        return await self.stage.shop.caller.ask(mapping, ask, facts)


async def test_a_buyer_who_is_faster_than_our_answer_has_the_last_word(stage: Stage) -> None:
    order = await due(stage, (await stage.sell())["order_no"])
    agreed = reply(order, await claimed(stage, order), ClaimAnswer.AGREE)
    claims = ChannelClaims(shop=replace(stage.shop, caller=cast(ChannelCaller, Overtaken(stage))))

    seen = await claims.answer(agreed)

    assert RefundStage.WITHDRAWN is seen.stage
    assert 0 == paid_back(stage)


def a_claim(kind: RefundKind, stage: RefundStage) -> Refund:
    return Refund(
        id="5000001",
        order_id=ORDER_ID,
        kind=kind,
        stage=stage,
        amount_fen=1990,
        lines=(),
        reason="不想要了",
        changed_at=AT,
        protocol="1",
    )


@pytest.mark.parametrize(
    ("kind", "stage_", "answer", "end"),
    [
        (RefundKind.REFUND_ONLY, RefundStage.ASKED, ClaimAnswer.AGREE, RefundStage.REFUNDED),
        (RefundKind.REFUND_ONLY, RefundStage.ASKED, ClaimAnswer.AGREE_RETURN, RefundStage.ASKED),
        (RefundKind.REFUND_ONLY, RefundStage.ASKED, ClaimAnswer.REFUSE, RefundStage.REFUSED),
        (RefundKind.REFUND_ONLY, RefundStage.ASKED, ClaimAnswer.SHIPPED, RefundStage.ASKED),
        (RefundKind.REFUND_ONLY, RefundStage.WITHDRAWN, ClaimAnswer.AGREE, RefundStage.WITHDRAWN),
        (RefundKind.REFUND_ONLY, RefundStage.REFUNDED, ClaimAnswer.REFUSE, RefundStage.REFUNDED),
        (RETURN, RefundStage.ASKED, ClaimAnswer.AGREE, RefundStage.REFUNDED),
        (RETURN, RefundStage.ASKED, ClaimAnswer.AGREE_RETURN, RefundStage.AGREED),
        (RETURN, RefundStage.RETURNING, ClaimAnswer.AGREE, RefundStage.REFUNDED),
        (RETURN, RefundStage.RETURNING, ClaimAnswer.REFUSE, RefundStage.REFUSED),
    ],
)
async def test_the_shop_in_memory_takes_answers_as_the_others_do(
    kind: RefundKind, stage_: RefundStage, answer: ClaimAnswer, end: RefundStage
) -> None:
    shop = FakeShop(claims={"5000001": a_claim(kind, stage_)})
    said = replace(A_REPLY, kind=kind, answer=answer)

    seen = [await shop.answer_claim(said) for _ in range(2)]

    assert [end, end] == [claim.stage for claim in seen]
    assert len(shop.answers) == (end is not stage_)


async def test_the_shop_in_memory_refuses_what_it_does_not_know() -> None:
    with pytest.raises(GatewayRefused):
        await FakeShop().answer_claim(A_REPLY)
