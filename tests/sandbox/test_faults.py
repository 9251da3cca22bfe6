"""What each fault does to one call at a partner that counts its effects."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.faults import Fault, FaultPlan, FaultyDoor, PlainComplaints
from tests.serving import served


class Counter:
    """A partner whose only effect is to count."""

    def __init__(self, fault: Fault | None) -> None:
        self.effects = 0
        self.struck: list[tuple[str, str]] = []
        self.plan = FaultPlan("7/counter")
        if fault is not None:
            self.plan.switch(fault, 1)

    async def count(self, _: Request) -> Response:
        self.effects += 1
        return JSONResponse({"effects": self.effects})

    def door(self) -> FaultyDoor:
        app = Starlette(routes=[Route("/count", self.count, methods=["POST"])])
        return FaultyDoor(app, self.plan, PlainComplaints(), lambda *call: self.struck.append(call))


async def answered(counter: Counter) -> int | None:
    """Call once; ``None`` when no answer ever came."""
    async with served(counter.door()) as base, httpx.AsyncClient(trust_env=False) as http:
        try:
            answer = await http.post(f"{base}/count", timeout=1.5)
        except httpx.TimeoutException:
            return None
        return answer.status_code


@pytest.mark.parametrize(
    ("fault", "status", "effects"),
    [
        (None, 200, 1),
        (Fault.FAIL_BEFORE, 503, 0),
        (Fault.FAIL_AFTER, 503, 1),
        (Fault.LOST_ANSWER, None, 1),
        (Fault.RATE_LIMIT, 429, 0),
        (Fault.SESSION_LOST, 401, 0),
        (Fault.SLOW, 200, 1),
    ],
)
async def test_what_a_fault_answers_and_what_was_done(
    monkeypatch: pytest.MonkeyPatch, fault: Fault | None, status: int | None, effects: int
) -> None:
    monkeypatch.setattr("infra.sandbox.faults.SLOW_S", 0)
    counter = Counter(fault)

    assert await answered(counter) == status

    assert counter.effects == effects
    assert counter.struck == ([] if fault is None else [("/count", fault.value)])


def test_a_switch_at_zero_never_strikes_and_at_one_always() -> None:
    plan = FaultPlan("7/x")
    plan.switch(Fault.SLOW, 1)
    assert all(plan.on_call() is Fault.SLOW for _ in range(50))

    plan.switch(Fault.SLOW, 0)
    assert all(plan.on_call() is None for _ in range(50))
    assert plan.rates() == {}


def test_the_same_seed_strikes_the_same_calls() -> None:
    def strikes(seed: str) -> list[bool]:
        plan = FaultPlan(seed)
        plan.switch(Fault.FAIL_BEFORE, 0.3)
        return [plan.strikes(Fault.FAIL_BEFORE) for _ in range(100)]

    assert strikes("7/sf") == strikes("7/sf")
    assert strikes("7/sf") != strikes("8/sf")
    assert 10 < sum(strikes("7/sf")) < 50


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="0 与 1"):
        FaultPlan("7/x").switch(Fault.SLOW, rate)
