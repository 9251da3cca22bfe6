"""The ops API holds to its own description, whatever it is asked, and lets no stranger act."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine
from temporalio.testing import WorkflowEnvironment

from domain.lifecycle import ParcelStage
from domain.staff import Role
from gateways.buyer_acts import BuyerAct, BuyerActs
from gateways.database import open_database
from gateways.inbox import Inbox
from gateways.inbox_desk import Entry, InboxDesk
from infra.histories import fetch
from infra.migrate import migrate_hub
from tests.fakes.hub import BRISK, Hub, LiveOrder
from tests.fakes.invoices import FakeInvoices
from tests.fakes.orders import an_order
from tests.web.test_inbox_api import TOKENS, ops_app, parked
from tests.web.test_ops_api import hands_app, listeners_of
from web.hands import Hands
from workflows.chronicle import Kind, read

PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# No deadline: a slow machine breaks no promise.
MANY = settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
STRANGERS: tuple[dict[str, str], ...] = (
    {},
    {"authorization": "Bearer token-of-somebody-else"},
    {"authorization": f"Bearer {TOKENS[Role.VIEWER]}"},
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database in which the first pushes are parked, so that guessed ids meet some."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hub') / 'hub.sqlite'}"
    migrate_hub(url)
    engine = open_database(url)
    for n in range(3):
        parked(Inbox(engine), str(n))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def questions(hub: Engine) -> SearchStrategy[Any]:
    """Whatever may be asked by the API's own description, and much that may not."""
    return _whatever(ops_app(hub))


def _whatever(app: FastAPI) -> SearchStrategy[Any]:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    asked: list[SearchStrategy[Any]] = []
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok)
        asked += [operation.ok().as_strategy(generation_mode=mode) for mode in GenerationMode]
    return st.one_of(*asked)


def test_no_question_breaks_the_ops_api(questions: SearchStrategy[Any]) -> None:
    operator = {"authorization": f"Bearer {TOKENS[Role.OPERATOR]}"}

    @MANY
    @given(case=questions)
    def holds(case: Any) -> None:
        case.call_and_validate(headers=operator, checks=PROMISES)

    holds()


def test_no_stranger_changes_anything(questions: SearchStrategy[Any], hub: Engine) -> None:
    before = _everything(hub)

    @MANY
    @given(case=questions, headers=st.sampled_from(STRANGERS))
    def holds(case: Any, headers: dict[str, str]) -> None:
        answer = case.call(headers=headers)

        assert answer.status_code < 500
        assert case.method == "GET" or answer.status_code >= 400

    holds()
    assert before == _everything(hub)


def _everything(hub: Engine) -> list[Entry]:
    return InboxDesk(hub).entries(limit=500)


# The hands, on an order that lives.


@pytest.fixture
async def live(dev_env: WorkflowEnvironment) -> AsyncIterator[Hub]:
    hub = Hub(dev_env)
    hub.invoices = FakeInvoices(asks=0)
    async with hub.working():
        yield hub
        await hub.end_all()


@pytest.fixture
async def order(live: Hub) -> LiveOrder:
    order = await live.accept(an_order(), BRISK)
    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    return order


@pytest.fixture
def asked_of_orders(hub: Engine, live: Hub) -> SearchStrategy[Any]:
    return _whatever(hands_app(hub, Hands(live.client), listeners_of(live)))


def about(case: Any, order: LiveOrder) -> Any:
    """Ask it of the order that lives: a guessed number never meets it."""
    if "number" in (case.path_parameters or {}):
        channel, _, number = order.order.id.partition("/")
        case.path_parameters = {"channel": channel, "number": number}
    return case


async def test_no_question_breaks_the_hands(
    asked_of_orders: SearchStrategy[Any], order: LiveOrder
) -> None:
    admin = {"authorization": f"Bearer {TOKENS[Role.ADMIN]}"}

    @MANY
    @given(case=asked_of_orders, hits=st.booleans())
    def holds(case: Any, *, hits: bool) -> None:
        asked = about(case, order) if hits else case
        asked.call_and_validate(headers=admin, checks=PROMISES)

    await asyncio.to_thread(holds)  # the order lives on meanwhile


async def test_no_stranger_lays_a_hand_on_an_order_or_a_buyer(
    asked_of_orders: SearchStrategy[Any], order: LiveOrder, hub: Engine
) -> None:
    before = _acts(hub)

    @MANY
    @given(case=asked_of_orders, headers=st.sampled_from(STRANGERS))
    def holds(case: Any, headers: dict[str, str]) -> None:
        answer = about(case, order).call(headers=headers)

        assert answer.status_code < 500
        assert case.method == "GET" or answer.status_code >= 400

    await asyncio.to_thread(holds)
    past = read(await fetch(order.hub.client, order.handle.id))
    assert [] == [moment.name for moment in past if moment.kind is Kind.HAND]
    assert before == _acts(hub)


def _acts(hub: Engine) -> list[BuyerAct]:
    return [act for key in ("k1", "0", "a") for act in BuyerActs(hub).of(key)]
