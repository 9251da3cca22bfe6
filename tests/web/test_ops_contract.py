"""The ops API holds to its own description, whatever it is asked, and lets no stranger act."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
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

from domain.staff import Role
from gateways.database import open_database
from gateways.inbox import Inbox
from gateways.inbox_desk import Entry, InboxDesk
from infra.migrate import migrate_hub
from tests.web.test_inbox_api import TOKENS, ops_app, parked

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
    schema = schemathesis.openapi.from_asgi("/openapi.json", ops_app(hub))
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
