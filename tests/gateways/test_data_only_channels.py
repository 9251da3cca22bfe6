"""A channel that is a mapping file and nothing else: it is read, asked and told over the wire."""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.samples import differences, plain
from domain.claim import ClaimAnswer, ClaimReply, RefundKind
from domain.clock import utc_now
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused
from domain.events import OrderNamed, Push, RefundNamed
from domain.order import Order
from domain.parcel import ShipmentNews, Waybill
from gateways.channel_door import ChannelDoor
from tests.gateways.recorded_channel import RECORDED, RecordedStage, on_record


@pytest.fixture(params=RECORDED)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RecordedStage]:
    async with on_record(request.param, tmp_path) as stage:
        yield stage


def door_of(stage: RecordedStage) -> ChannelDoor:
    door = stage.shops.door(stage.name)
    assert door is not None
    return door


async def the_order(stage: RecordedStage) -> Order:
    number = stage.conversation.sample("order").reads["order"]["number"]
    seen = await stage.shops.order(stage.name, number)
    assert seen.order is not None
    return seen.order


def news_of(order: Order, said: dict[str, Any], replaces: str = "") -> ShipmentNews:
    """Tell that a parcel with some of the order's lines has left."""
    lines = [line for line in order.lines if line.no in said["lines"]]
    carrier, number = said["carrier"], said["number"]
    return ShipmentNews(
        order_id=order.id,
        channel=order.channel,
        number=order.number,
        key=f"{order.id}/1",
        waybill=Waybill(carrier=carrier, number=number, route_code="", at=utc_now()),
        replaces=replaces,
        line_nos=tuple(line.no for line in lines),
        line_refs=tuple(line.ref for line in lines),
        protocol=order.protocol,
    )


async def test_a_push_names_an_order_and_its_channel_tells_it(stage: RecordedStage) -> None:
    push, wanted = stage.conversation.signed("push", utc_now()), stage.conversation.sample("order")
    door = door_of(stage)

    door.verify(push)
    (event,) = door.read(push)

    assert isinstance(event, OrderNamed)
    seen = await stage.shops.order(event.channel, event.number)
    assert [] == list(differences(wanted.reads, plain(asdict(seen))))


async def test_a_push_names_a_claim_and_its_channel_tells_it(stage: RecordedStage) -> None:
    push = stage.conversation.signed("claim", utc_now())

    (event,) = door_of(stage).read(push)

    assert isinstance(event, RefundNamed)
    seen = await stage.shops.refund(event.channel, event.number, event.refund_id)
    wanted = stage.conversation.sample("refund").reads
    assert [] == list(differences(wanted, plain(asdict(seen.refund))))


async def test_a_push_is_answered_as_its_channel_wants_to_hear_it(stage: RecordedStage) -> None:
    assert stage.conversation.said["accepted"] == door_of(stage).accept().body.decode()


async def test_a_push_that_comes_again_has_the_same_name(stage: RecordedStage) -> None:
    first, again = (
        stage.conversation.signed("push", utc_now() - timedelta(seconds=ago)) for ago in (60, 0)
    )
    door = door_of(stage)

    assert door.key(first) == door.key(again)
    assert door.key(first) != door.key(stage.conversation.signed("claim", utc_now()))


def with_another_body(push: Push) -> Push:
    return replace(push, body=push.body.replace(b"A", b"B"))


def without_its_query(push: Push) -> Push:
    return replace(push, query={})


def ten_minutes_late(push: Push) -> Push:
    return replace(push, received_at=push.received_at + timedelta(minutes=10))


@pytest.mark.parametrize("forged", [with_another_body, without_its_query, ten_minutes_late])
async def test_what_the_channel_did_not_sign_now_is_refused(
    stage: RecordedStage, forged: Callable[[Push], Push]
) -> None:
    push = forged(stage.conversation.signed("push", utc_now()))

    with pytest.raises(ForgedPush):
        door_of(stage).verify(push)


async def test_a_shipment_is_told_once_in_the_channels_words(stage: RecordedStage) -> None:
    order, said = await the_order(stage), stage.conversation.said["shipped"]

    for _ in range(3):
        await stage.shops.tell_shipped(news_of(order, said))

    assert 1 == stage.replay.calls().count(said["call"])


async def test_a_corrected_number_takes_the_place_of_the_first(stage: RecordedStage) -> None:
    order, said = await the_order(stage), stage.conversation.said
    await stage.shops.tell_shipped(news_of(order, said["shipped"]))

    await stage.shops.tell_shipped(
        news_of(order, said["renumbered"], replaces=said["shipped"]["number"])
    )

    assert said["renumbered"]["call"] == stage.replay.calls()[-1]


async def test_a_sealed_buyer_is_opened_by_the_channel(stage: RecordedStage) -> None:
    order, wanted = await the_order(stage), stage.conversation.said["receiver"]
    assert order.receiver.sealed is not None
    assert wanted["name"] not in repr(order)

    opened = await stage.shops.shop(stage.name).unseal(order.number, order.receiver)

    assert wanted == {key: getattr(opened, key) for key in wanted}
    assert opened.sealed is None


async def test_a_channel_without_words_for_a_claim_leaves_it_to_a_person(
    stage: RecordedStage,
) -> None:
    order = await the_order(stage)
    reply = ClaimReply(
        order_id=order.id,
        channel=order.channel,
        number=order.number,
        claim_id="1",
        kind=RefundKind.REFUND_ONLY,
        answer=ClaimAnswer.AGREE,
        reason="货未出库,同意退款",
        waybill=None,
        protocol=order.protocol,
    )

    with pytest.raises(GatewayRefused, match="渠道后台"):
        await stage.shops.answer_claim(reply)


async def test_what_changed_is_read_page_by_page(stage: RecordedStage) -> None:
    said = stage.conversation.said["changed"]
    since, until = (datetime.fromtimestamp(said[key], tz=UTC) for key in ("since", "until"))

    found = [change async for change in stage.shops.shop(stage.name).changed(since, until)]

    assert said["found"] == [[change.number, change.refund_id] for change in found]


async def test_a_token_is_fetched_once_and_anew_when_it_has_lapsed(stage: RecordedStage) -> None:
    api = stage.shops.shelf.current(stage.name).api
    assert api is not None
    assert api.token is not None
    grant = api.token.granted.call
    await the_order(stage)
    await the_order(stage)
    assert 1 == stage.replay.calls().count(grant)

    with pytest.raises(GatewayBusy):
        await stage.shops.order(stage.name, "lapsed")
    await the_order(stage)

    assert 2 == stage.replay.calls().count(grant)


async def test_a_channel_that_refuses_is_not_asked_again_and_a_busy_one_is(
    stage: RecordedStage,
) -> None:
    for number, ending in stage.conversation.said["refused"].items():
        with pytest.raises(GatewayRefused if ending == "refused" else GatewayBusy):
            await stage.shops.order(stage.name, number)
