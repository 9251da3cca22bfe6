"""A life on the real engine: with the keys it is read as ever, without them it shows no buyer."""

import json
from dataclasses import replace

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from activities.faults import FaultInterceptor
from domain.errors import GatewayBusy
from domain.lifecycle import ParcelStage
from domain.order import Order
from infra.connect import CONVERTER, converter
from infra.histories import fetch
from infra.stories import StoryRunner
from settings import Keys
from tests.fakes.hub import BRISK, Hub, LiveOrder, eventually
from tests.fakes.orders import an_order
from workflows.chronicle import Kind, read
from workflows.order import OrderWorkflow

IN_A_FAULT = "13900005678"  # a phone in what a library says is wrong


async def test_a_history_shows_no_buyer_to_whoever_has_no_key(live_hub: Hub) -> None:
    order = await a_troubled_life(live_hub)

    shown = all_bytes(await order.handle.fetch_history())

    assert b"label.create" in shown  # what happened can be seen, but not to whom
    assert [secret for secret in secrets_of(order.order) if secret in shown] == []


async def test_the_engines_own_summary_of_a_life_shows_no_buyer(live_hub: Hub) -> None:
    order = await live_hub.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)

    described = await order.handle.describe()

    shown = described.raw_description.SerializeToString()
    assert [secret for secret in secrets_of(order.order) if secret in shown] == []
    summary = await described.static_summary()
    assert summary
    assert summary.encode() not in shown


async def test_the_same_history_is_read_with_the_keys(live_hub: Hub) -> None:
    order = await a_troubled_life(live_hub)

    moments = read(await fetch(live_hub.client, order.handle.id))

    assert moments[0].asked["order"]["receiver"]["name"] == order.order.receiver.name
    assert all(moment.summary for moment in moments if moment.kind is Kind.STEP)
    assert any(IN_A_FAULT in moment.fault for moment in moments)


async def test_a_life_from_before_the_keys_goes_on_with_them(live_hub: Hub) -> None:
    order = LiveOrder(live_hub, an_order())
    live_hub.shop.orders.add(order.order.number)
    live_hub.fill_shelves(order.order)

    await replace(live_hub.lives(BRISK), client=without_keys(live_hub.client)).open(order.order)
    await through(order)

    moments = read(await fetch(live_hub.client, order.handle.id))

    assert moments[0].asked["order"]["receiver"]["name"] == order.order.receiver.name
    assert moments[-1].kind is Kind.CLOSED


async def test_a_sealed_life_replays(live_hub: Hub) -> None:
    order = await a_troubled_life(live_hub)
    replayer = Replayer(
        workflows=[OrderWorkflow],
        workflow_runner=StoryRunner(),
        interceptors=[FaultInterceptor()],
        data_converter=converter(Keys()),
    )

    outcome = await replayer.replay_workflow(await order.handle.fetch_history())

    assert outcome.replay_failure is None


def without_keys(client: Client) -> Client:
    """Connect as the hub did before it had keys."""
    config = client.config()
    config["data_converter"] = CONVERTER
    return Client(**config)


async def a_troubled_life(hub: Hub) -> LiveOrder:
    """Live an order to its end, with a carrier whose fault quotes a buyer."""
    hub.turnstile.fail("label.create", GatewayBusy("sf", f"{IN_A_FAULT} 无法接通"))
    order = await hub.accept(an_order(), BRISK)
    await eventually(lambda: hub.turnstile.times("label.create") == 2)
    hub.turnstile.mend("label.create")
    await through(order)
    return order


async def through(order: LiveOrder) -> None:
    """Live the order to its end."""
    await order.travels()
    await order.ends()


def secrets_of(order: Order) -> list[bytes]:
    """Tell what must not be seen, in each form in which JSON may write it."""
    receiver = order.receiver
    secrets = (receiver.name, receiver.phone, receiver.address, IN_A_FAULT)
    forms = ((secret, json.dumps(secret)[1:-1]) for secret in secrets)
    return [form.encode() for pair in forms for form in pair]


def all_bytes(history: WorkflowHistory) -> bytes:
    """Tell a history as the engine keeps it."""
    return b"".join(event.SerializeToString() for event in history.events)
