"""The ERP gateway against the sandbox's ERP: shown once, asked for, taken back, and misbehaving."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.erp import ErpOrder, ErpStanding, erp_order_of
from domain.errors import GatewayBusy, GatewayRefused
from gateways.erp import ErpRelay
from infra.sandbox.faults import Fault
from infra.sandbox.partners import erp
from rulebook.erp import load_erp
from settings import Erp
from tests.fakes.orders import an_order
from tests.partnered import STRIKES, Outside, partnered
from tests.rules.routing_cases import RULES

PATIENCE_S = 0.3


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path / "sandbox", erp.build) as outside:
        yield outside


def relay_to(outside: Outside, **changes: object) -> ErpRelay:
    settings = Erp(url=f"{outside.url}/api/orders").model_copy(update=changes)
    return ErpRelay(settings, load_erp(RULES), outside.http, PATIENCE_S)


def shown() -> ErpOrder:
    return erp_order_of(an_order(lines=2))


async def test_an_order_is_posted_once_however_often_it_is_relayed(outside: Outside) -> None:
    order, relay = shown(), relay_to(outside)

    states = [await relay.relay(order) for _ in range(3)]

    assert [ErpStanding.POSTED] * 3 == [state.standing for state in states]
    assert 1 == len({state.number for state in states})
    assert 1 == outside.ledger.count("order")
    kept = outside.ledger.get("order", order.key) or {}
    assert 1 == kept["posts"]
    assert "张**" == kept["consignee"]


async def test_an_audit_is_brought_back(outside: Outside) -> None:
    order, relay = shown(), relay_to(outside)
    await relay.relay(order)
    at = "2026-02-06T12:00:00+08:00"
    outside.ledger.amend("order", order.key, status="AUDITED", auditor="财务一号", auditTime=at)

    state = await relay.relay(order)

    assert ErpStanding.AUDITED is state.standing
    assert "财务一号" == state.audited_by
    assert state.audited_at is not None


async def test_an_order_is_taken_back_whether_it_was_there_or_not(outside: Outside) -> None:
    relay, there, never = relay_to(outside), shown(), shown()
    await relay.relay(there)

    states = [await relay.withdraw(order) for order in (there, never, there)]

    assert [ErpStanding.CANCELLED] * 3 == [state.standing for state in states]
    assert 2 == outside.ledger.count("order")


@pytest.mark.parametrize("strike", STRIKES)
async def test_a_fault_leaves_one_order_in_the_erp(outside: Outside, strike: Fault) -> None:
    order, relay = shown(), relay_to(outside)
    outside.plan.switch(strike, 1.0)
    for _ in range(2):
        with pytest.raises((GatewayBusy, GatewayRefused)):
            await relay.relay(order)
    outside.plan.switch(strike, 0.0)

    state = await relay.relay(order)

    assert ErpStanding.POSTED is state.standing
    assert 1 == outside.ledger.count("order")


async def test_a_wrong_token_is_a_refusal_that_names_the_setting(outside: Outside) -> None:
    relay = relay_to(outside, headers={"X-Auth-Token": SecretStr("wrong-token")})

    with pytest.raises(GatewayRefused, match=r"erp\.headers") as refused:
        await relay.relay(shown())

    assert "wrong-token" not in str(refused.value)


async def test_an_erp_that_is_away_is_busy(outside: Outside) -> None:
    with pytest.raises(GatewayBusy):
        await relay_to(outside, url="http://127.0.0.1:9/orders").relay(shown())


async def test_an_answer_of_another_shape_is_a_refusal_that_names_the_rule(
    outside: Outside,
) -> None:
    order, relay = shown(), relay_to(outside)
    await relay.relay(order)
    outside.ledger.amend("order", order.key, status="LOST")

    with pytest.raises(GatewayRefused, match=r"rules/erp\.yaml answer\.standing"):
        await relay.relay(order)


async def test_without_an_erp_nothing_is_posted(outside: Outside) -> None:
    relay = relay_to(outside, enabled=False)

    states = [await relay.relay(shown()), await relay.withdraw(shown())]

    assert [ErpStanding.NOT_USED] * 2 == [state.standing for state in states]
    assert [] == outside.ledger.calls()
