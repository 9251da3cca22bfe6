"""Whoever waits to hear whether the order is taken hears it at once, and always the same."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine

from domain.acceptance import Acceptance, Decision
from gateways.tables import InboxState
from tests.web.corner import corner_id, said
from tests.web.fronts import ASKING, Front, fronted
from web import reception as receptions

FROZEN = Decision(acceptance=Acceptance.FROZEN, reason="买家已冻结")


@pytest.fixture
async def front(hub: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Front]:
    async with fronted(hub) as front:
        yield front


async def decision(front: Front, body: bytes) -> str:
    answer = await front.push(ASKING, body)
    assert 200 == answer.status_code
    return str(answer.json()["decision"])


@pytest.mark.parametrize("decided", [*Acceptance])
async def test_the_hubs_decision_is_the_answer(front: Front, decided: Acceptance) -> None:
    front.lives.decision = Decision(acceptance=decided, reason="原因")

    answer = await front.push(ASKING, said("A1"))

    assert {"code": 0, "decision": decided, "msg": "原因"} == answer.json()


async def test_an_order_that_was_decided_needs_no_drain(front: Front) -> None:
    await front.push(ASKING, said("A1"))

    (entry,) = front.entries()
    assert (InboxState.DONE, corner_id("A1")) == (entry.state, entry.order_id)
    assert [] == front.arrivals


async def test_while_it_is_decided_the_drain_keeps_its_hands_off(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed: list[int] = []
    accept = front.lives.accept

    async def looked_at(order: object) -> Decision:
        claimed.append(len(front.inbox.claim(9)))
        return await accept(order)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(front.lives, "accept", looked_at)
    await front.push(ASKING, said("A1"))

    assert [0] == claimed
    assert 1 == len(front.entries())


async def test_a_repeated_push_hears_the_same_answer_unasked(front: Front) -> None:
    front.lives.decision = FROZEN
    first = await decision(front, said("A1"))
    front.lives.decision = Decision(acceptance=Acceptance.ACCEPTED)
    front.lives.end(corner_id("A1"))

    assert [first] * 2 == [await decision(front, said("A1")) for _ in range(2)]
    assert 1 == len(front.lives.asked)
    assert 1 == len(front.entries())


@pytest.mark.parametrize("trouble", ["away", "undecided"])
async def test_who_is_not_answered_in_time_hears_that_it_is_kept(
    front: Front, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(receptions, "PATIENCE_S", 0.01)
    setattr(front.lives, trouble, True)

    assert Acceptance.PENDING == await decision(front, said("A1"))

    assert [said("A1")] == [kept.push.body for kept in front.inbox.claim(9)]  # the drain's turn
    assert 1 == len(front.arrivals)


async def test_before_the_engine_has_ever_answered_orders_are_kept(front: Front) -> None:
    front.reception.opener = None

    assert Acceptance.PENDING == await decision(front, said("A1"))
    assert 1 == len(front.inbox.claim(9))


async def test_who_was_told_to_wait_and_asks_again_is_answered(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receptions, "PATIENCE_S", 0.01)
    front.lives.undecided = True
    assert Acceptance.PENDING == await decision(front, said("A1"))
    monkeypatch.setattr(receptions, "PATIENCE_S", 3.0)
    front.lives.undecided, front.lives.decision = False, FROZEN

    assert Acceptance.FROZEN == await decision(front, said("A1"))


async def test_other_words_about_the_same_order_are_for_the_drain(front: Front) -> None:
    await decision(front, said("A1"))

    assert Acceptance.ACCEPTED == await decision(front, said("A1", remark="放门口"))

    assert [said("A1", remark="放门口")] == [kept.push.body for kept in front.inbox.claim(9)]


async def test_a_push_that_nobody_waits_for_is_only_acknowledged(front: Front) -> None:
    answer = await front.push(ASKING, said("A1", kind="claim"))

    assert {"code": 0} == answer.json()
    assert [] == front.lives.asked
    assert 1 == len(front.inbox.claim(9))


async def test_a_wrong_field_is_told_at_once_and_kept_for_a_person(front: Front) -> None:
    answer = await front.push(ASKING, said("A1", kind="rubbish"))

    assert 400 == answer.status_code
    assert "$.kind" in answer.json()["msg"]
    assert [] == front.lives.opened
    assert 1 == len(front.inbox.claim(9))
