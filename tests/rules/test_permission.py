"""What a person may ask, as tables; a refusal is a Chinese sentence that says why not."""

import pytest

from domain.claim import Refund, RefundKind, RefundStage
from domain.hands import ClaimDecision, Decided, Hand, Reroute, Resolution
from domain.order import OrderId
from domain.permission import (
    may_act,
    may_decide,
    may_release,
    may_reroute,
    may_resolve,
    may_retry,
    may_stop,
)
from domain.trouble import REMEDIES, Remedy, remedies
from domain.words import STEPS
from tests.fakes.orders import PAID_AT

WANG = Hand(by="王敏", reason="买家来电")
PARCEL = "miniprogram/T1/1"


@pytest.mark.parametrize(
    ("hand", "missing"),
    [
        (Hand(by="", reason="买家来电"), "操作人(by)"),
        (Hand(by=" \t", reason="买家来电"), "操作人(by)"),
        (Hand(by="王敏", reason=""), "原因(reason)"),
        (Hand(by="王敏", reason="  "), "原因(reason)"),
    ],
)
def test_a_hand_needs_a_name_and_a_reason(hand: Hand, missing: str) -> None:
    assert missing in str(may_act(hand))
    assert missing in str(may_stop(hand, movable=True))
    assert missing in str(may_reroute(Reroute(hand=hand), movable=True, stoppable={1}))
    resolution = Resolution(hand=hand, subject=PARCEL, remedy=Remedy.RETRY)
    assert missing in str(may_resolve(resolution, {Remedy.RETRY}))


def test_a_hand_with_both_may_act() -> None:
    assert may_act(WANG) is None


def test_only_what_has_not_left_can_be_stopped() -> None:
    assert may_stop(WANG, movable=True) is None
    assert "请走拦截或售后" in str(may_stop(WANG, movable=False))


@pytest.mark.parametrize(
    ("parcel_no", "refused"), [(None, False), (1, False), (2, True), (0, True), (9, True)]
)
def test_a_named_parcel_must_itself_be_stoppable(parcel_no: int | None, *, refused: bool) -> None:
    request = Reroute(hand=WANG, parcel_no=parcel_no)

    reason = may_reroute(request, movable=True, stoppable={1})

    assert (reason == f"包裹 {parcel_no} 已出库或已完结,无法改派") if refused else reason is None


def test_what_leaves_from_elsewhere_is_not_sent_elsewhere() -> None:
    request = Reroute(hand=WANG, source="HZ-XS")

    assert may_reroute(request, movable=True, stoppable={1}) is None
    assert "没有从 HZ-XS 发出" in str(may_reroute(request, movable=True, stoppable=set()))


@pytest.mark.parametrize(
    ("held", "paused", "says"),
    [
        (True, False, None),
        (True, True, None),  # what a person began, a person may end; the channel's pause stays
        (False, True, "由渠道暂停"),
        (False, False, "没有被人工挂起"),
    ],
)
def test_a_person_ends_only_what_a_person_began(
    *, held: bool, paused: bool, says: str | None
) -> None:
    reason = may_release(WANG, held=held, paused=paused)

    assert reason is None if says is None else says in str(reason)


def test_only_what_waits_is_tried_at_once() -> None:
    assert may_retry(WANG, waiting=True) is None
    assert "没有在等待的步骤" in str(may_retry(WANG, waiting=False))
    assert "缺少原因" in str(may_retry(Hand(by="王敏", reason=""), waiting=True))


@pytest.mark.parametrize(
    ("remedy", "open_to", "says"),
    [
        (Remedy.RETRY, {Remedy.RETRY}, None),
        (Remedy.DONE_BY_HAND, {Remedy.RETRY, Remedy.DONE_BY_HAND}, None),
        (Remedy.RETRY, set(), "没有未处理的异常"),
        (Remedy.DONE_BY_HAND, {Remedy.RETRY}, "该步骤不能「已人工处理」"),
        (Remedy.CANCEL, {Remedy.CANCEL}, "请用对应的操作"),
        (Remedy.REROUTE, {Remedy.REROUTE}, "请用对应的操作"),
        (Remedy.EDIT_ADDRESS, {Remedy.EDIT_ADDRESS}, "请用对应的操作"),
    ],
)
def test_an_exception_is_resolved_only_as_its_step_allows(
    remedy: Remedy, open_to: set[Remedy], says: str | None
) -> None:
    reason = may_resolve(Resolution(hand=WANG, subject=PARCEL, remedy=remedy), open_to)

    assert reason is None if says is None else says in str(reason)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_can_at_least_be_tried_again(step: str) -> None:
    assert Remedy.RETRY in remedies(step)


@pytest.mark.parametrize("step", ["stock.lock", "label.create", "handover.create", "invoice.issue"])
def test_a_step_whose_answer_is_needed_can_not_be_done_by_hand(step: str) -> None:
    assert Remedy.DONE_BY_HAND not in remedies(step)


def test_remedies_are_for_steps_that_exist() -> None:
    assert STEPS.keys() >= REMEDIES.keys()


@pytest.mark.parametrize(
    ("stage", "decision", "left_fen", "hint"),
    [
        (RefundStage.ASKED, Decided.AGREE, 990, None),
        (RefundStage.ASKED, Decided.REFUSE, 0, None),
        (RefundStage.REFUNDED, Decided.WRITE_OFF, 0, None),
        (RefundStage.ASKED, Decided.AGREE, 989, "超过整单实付款"),
        (RefundStage.ASKED, Decided.WRITE_OFF, 990, "款未退,不能核销"),
        (RefundStage.REFUNDED, Decided.AGREE, 990, "款已退,只能核销"),
        (RefundStage.WITHDRAWN, Decided.AGREE, 990, "没有待决定的事"),
    ],
)
def test_a_claim_is_decided_while_its_money_is_at_stake_and_only_within_what_was_paid(
    stage: RefundStage, decision: Decided, left_fen: int, hint: str | None
) -> None:
    claim = Refund(
        id="7",
        order_id=OrderId("miniprogram/T1"),
        kind=RefundKind.REFUND_ONLY,
        stage=stage,
        amount_fen=990,
        lines=(),
        reason="不想要了",
        changed_at=PAID_AT,
        protocol="1",
    )
    refusal = may_decide(ClaimDecision(hand=WANG, claim_id="7", decision=decision), claim, left_fen)

    assert refusal is None if hint is None else hint in str(refusal)


def test_a_claim_that_nobody_made_is_not_decided() -> None:
    decision = ClaimDecision(hand=WANG, claim_id="7", decision=Decided.AGREE)

    assert "没有售后单 7" in str(may_decide(decision, None, 0))
