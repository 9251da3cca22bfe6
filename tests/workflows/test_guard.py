"""The guard of a buyer: when it trips, what follows, and how it ends."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.worker import Replayer

from activities.faults import FaultInterceptor
from domain.claim import RefundKind, RefundStage
from domain.freeze import FreezeState, GuardState
from domain.guard import Breaker, Claim, GuardPace
from domain.hands import Hand
from domain.lifecycle import OrderStage, ParcelStage
from domain.order import OrderId
from infra.connect import converter
from infra.stories import StoryRunner
from rulebook.risk import load_risk
from settings import Keys
from tests.fakes.hub import DEADLINE_S, Hub, eventually
from tests.fakes.orders import an_order
from tests.gateways.freezes import a_notice
from web.guards import Guards, NotFrozen, guard_id
from workflows.guard import CustomerGuardWorkflow, GuardOpening

RULE = load_risk(Path(__file__).parents[2] / "rules")
OFFICER = Hand(by="张风控", reason="核实无误")
OVER = 20_001


class Watch:
    """One buyer and their guard."""

    def __init__(self, hub: Hub, breaker: Breaker, now: datetime) -> None:
        self.hub = hub
        self.order = an_order()
        self.buyer = self.order.buyer_key
        self.now = now
        self.guards = Guards(
            client=hub.client,
            task_queue=hub.queue,
            rule=replace(RULE, breaker=breaker),
            speed=1,
        )

    @property
    def handle(self) -> WorkflowHandle[CustomerGuardWorkflow, GuardState]:
        return self.hub.client.get_workflow_handle_for(
            CustomerGuardWorkflow.run, guard_id(self.buyer)
        )

    async def claims(
        self, no: int, stage: RefundStage = RefundStage.ASKED, amount_fen: int = OVER
    ) -> None:
        told = Claim(
            refund_id=f"R{no}",
            order_id=OrderId(f"douyin/{no}"),
            kind=RefundKind.REFUND_ONLY,
            amount_fen=amount_fen,
            at=self.now + timedelta(seconds=no if stage is RefundStage.ASKED else 30),
            stage=stage,
        )
        await self.guards.claimed(self.buyer, told)

    async def trips(self) -> GuardState:
        for no in (1, 2, 3):
            await self.claims(no)
        return await self.until(FreezeState.FROZEN)

    async def state(self) -> GuardState:
        state = await self.guards.state(self.buyer)
        assert state is not None
        return state

    async def until(self, wanted: FreezeState | None) -> GuardState:
        async def is_so() -> bool:
            freeze = (await self.state()).freeze
            return (freeze.state if freeze else None) is wanted

        await eventually(is_so)
        return await self.state()

    async def ends(self) -> GuardState:
        async with asyncio.timeout(DEADLINE_S), self.hub.clock_jumping():
            return await self.handle.result()


@pytest.fixture
async def breaker(request: pytest.FixtureRequest) -> Breaker:
    return getattr(request, "param", Breaker.CLOSED)


@pytest.fixture
async def watch(hub: Hub, breaker: Breaker) -> Watch:
    return Watch(hub, breaker, await hub.env.get_current_time())


def with_breaker(breaker: Breaker) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("breaker", [breaker], indirect=True)


async def test_the_third_claim_freezes_the_buyer_for_a_day_and_tells_everybody_once(
    watch: Watch,
) -> None:
    await watch.claims(1)
    await watch.claims(2)
    assert (await watch.state()).freeze is None

    await watch.claims(3)
    frozen = (await watch.until(FreezeState.FROZEN)).freeze
    office = watch.hub.office
    await eventually(lambda: bool(office.cards and office.marks and office.acts))
    await watch.claims(3)  # told again
    await watch.claims(4)

    assert frozen is not None
    assert timedelta(hours=24) == frozen.until - frozen.since
    assert ["R1", "R2", "R3"] == [claim.refund_id for claim in frozen.claims]
    assert frozen == (await watch.state()).freeze
    assert ["freeze"] == office.acts
    assert [frozen.no] == [card.freeze.no for card in office.cards]
    assert 1 == len(office.marks)
    assert watch.hub.buyers.frozen[watch.buyer].frozen_until == frozen.until


async def test_a_freeze_ends_by_itself_and_the_guard_with_it(watch: Watch) -> None:
    await watch.trips()

    last = await watch.ends()

    assert last.freeze is None
    assert ["freeze"] == watch.hub.office.acts  # the record's own "until" has passed


async def test_a_withdrawn_claim_counts_no_more(watch: Watch) -> None:
    await watch.claims(1)
    await watch.claims(2)
    await watch.claims(1, RefundStage.WITHDRAWN)
    await watch.claims(3)

    assert (await watch.state()).freeze is None
    assert [] == watch.hub.office.acts


async def test_an_idle_guard_ends_and_a_later_claim_begins_a_new_one(watch: Watch) -> None:
    await watch.claims(1)
    first = (await watch.handle.describe()).run_id
    await watch.ends()

    watch.now = await watch.hub.env.get_current_time()
    await watch.claims(2)

    again = await watch.handle.describe()
    assert again.run_id != first
    assert again.status is WorkflowExecutionStatus.RUNNING


async def test_an_officer_unfreezes_once_and_claims_told_again_freeze_nobody(
    watch: Watch,
) -> None:
    await watch.trips()

    said = await watch.guards.unfreeze(watch.buyer, OFFICER)

    assert "已由 张风控 解冻" == said
    with pytest.raises(NotFrozen, match="已由 张风控 解冻"):
        await watch.guards.unfreeze(watch.buyer, OFFICER)
    await eventually(lambda: "unfreeze 张风控" in watch.hub.office.acts)
    for no in (1, 2, 3):
        await watch.claims(no)
    assert FreezeState.LIFTED is (await watch.until(FreezeState.LIFTED)).freeze.state  # type: ignore[union-attr] # just waited for
    assert ["freeze", "unfreeze 张风控"] == watch.hub.office.acts
    await watch.ends()
    assert [FreezeState.FROZEN, FreezeState.LIFTED] == [
        mark.freeze.state for mark in watch.hub.office.marks
    ]


async def test_old_claims_that_are_told_after_the_freeze_freeze_nobody(watch: Watch) -> None:
    await watch.trips()
    await watch.ends()

    for no in (1, 2, 3):
        await watch.claims(no)

    assert (await watch.state()).freeze is None


@pytest.mark.parametrize("hand", [Hand(by="", reason="x"), Hand(by="x", reason=" ")])
async def test_a_hand_without_name_or_reason_is_refused(watch: Watch, hand: Hand) -> None:
    await watch.trips()

    with pytest.raises(NotFrozen, match="缺少"):
        await watch.guards.unfreeze(watch.buyer, hand)


async def test_nobody_can_confirm_what_is_not_frozen(watch: Watch) -> None:
    with pytest.raises(NotFrozen, match="没有被守卫冻结"):
        await watch.guards.confirm(watch.buyer, OFFICER)
    await watch.claims(1)
    with pytest.raises(NotFrozen, match="没有被冻结"):
        await watch.guards.confirm(watch.buyer, OFFICER)


@with_breaker(Breaker.DRY_RUN)
async def test_a_dry_run_only_records_what_it_would_have_done(watch: Watch) -> None:
    for no in (1, 2, 3, 4):
        await watch.claims(no)
    await watch.until(FreezeState.WATCHED)
    await watch.ends()

    assert ["dry_run"] == watch.hub.office.acts
    assert ([], []) == (watch.hub.office.cards, watch.hub.office.marks)
    assert {} == watch.hub.buyers.frozen


@with_breaker(Breaker.HALF_OPEN)
async def test_half_open_lifts_a_freeze_that_nobody_confirms_within_an_hour(watch: Watch) -> None:
    await watch.trips()

    await watch.ends()

    assert ["freeze", "lapse"] == watch.hub.office.acts


@with_breaker(Breaker.HALF_OPEN)
async def test_half_open_keeps_a_freeze_that_is_confirmed(watch: Watch) -> None:
    await watch.trips()

    said = await watch.guards.confirm(watch.buyer, OFFICER)
    with pytest.raises(NotFrozen, match="已确认风险"):
        await watch.guards.confirm(watch.buyer, OFFICER)
    await watch.ends()

    assert said.startswith("张风控 已确认风险,冻结至")
    assert ["freeze", "confirm 张风控"] == watch.hub.office.acts


async def test_what_kingdee_refuses_is_seen_and_done_once_it_is_mended(watch: Watch) -> None:
    office = watch.hub.office
    office.refuses = "类别不存在"
    await watch.trips()

    async def is_seen() -> bool:
        return any("类别不存在" in trouble for trouble in (await watch.state()).troubles)

    await eventually(is_seen)
    assert "freeze" in office.acts  # one refusal holds nothing else up
    await eventually(lambda: bool(office.cards))
    office.refuses = ""
    assert () == (await watch.ends()).troubles
    assert 1 == len(office.marks)


async def test_an_order_that_is_held_goes_on_when_an_officer_unfreezes(live_hub: Hub) -> None:
    watch = Watch(live_hub, Breaker.CLOSED, await live_hub.env.get_current_time())
    await watch.trips()
    await eventually(lambda: watch.buyer in live_hub.buyers.frozen)
    order = await live_hub.accept(watch.order)
    await order.reaches(OrderStage.WAITING)

    await watch.guards.unfreeze(watch.buyer, OFFICER)

    await order.parcel_reaches(ParcelStage.HANDED_OVER)
    await watch.handle.terminate("the test is over")


async def test_a_new_run_goes_on_with_what_the_last_one_knew(watch: Watch) -> None:
    known = replace(
        a_notice().freeze, since=watch.now, until=watch.now + timedelta(hours=24), claims=()
    )
    opening = GuardOpening(
        buyer_key=watch.buyer, rule=RULE, pace=GuardPace.of(RULE, 1), freeze=known
    )
    await watch.hub.client.start_workflow(
        CustomerGuardWorkflow.run, opening, id=guard_id(watch.buyer), task_queue=watch.hub.queue
    )

    for no in (1, 2, 3):
        await watch.claims(no)
    assert known == (await watch.state()).freeze
    await watch.guards.unfreeze(watch.buyer, OFFICER)
    await watch.ends()

    office = watch.hub.office
    assert ["unfreeze 张风控"] == office.acts
    assert [FreezeState.LIFTED] == [mark.freeze.state for mark in office.marks]


async def test_the_life_of_a_guard_replays(watch: Watch) -> None:
    await watch.trips()
    await watch.guards.unfreeze(watch.buyer, OFFICER)
    await watch.ends()
    replayer = Replayer(
        workflows=[CustomerGuardWorkflow],
        workflow_runner=StoryRunner(),
        interceptors=[FaultInterceptor()],
        data_converter=converter(Keys()),
    )

    outcome = await replayer.replay_workflow(
        await watch.handle.fetch_history(), raise_on_replay_failure=False
    )

    assert outcome.replay_failure is None
