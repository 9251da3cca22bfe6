"""What a person may ask of an order now. A refusal is a sentence that says why not."""

from collections.abc import Collection

from domain.claim import Refund, RefundStage
from domain.hands import (
    ClaimDecision,
    Decided,
    Hand,
    Reroute,
    Resolution,
    WaybillCorrection,
)
from domain.parcel import Waybill
from domain.trouble import Remedy
from domain.words import zh

Refusal = str | None  # None: it may be done
# While a claim stands so, there is something for a person to decide.
DECIDABLE = frozenset(
    {RefundStage.ASKED, RefundStage.AGREED, RefundStage.RETURNING, RefundStage.REFUNDED}
)


def may_act(hand: Hand) -> Refusal:
    """Every hand has a name and a reason, so that the record means something."""
    if not hand.by.strip():
        return "缺少操作人(by)"
    if not hand.reason.strip():
        return "缺少原因(reason)"
    return None


def may_stop(hand: Hand, movable: bool) -> Refusal:  # noqa: FBT001 - a fact, not a mode
    """Re-routing, holding, cancelling and new addresses need something that has not left."""
    if refusal := may_act(hand):
        return refusal
    return None if movable else "所有包裹都已出库或已完结,无法再更改;请走拦截或售后"


def may_reroute(
    request: Reroute,
    movable: bool,  # noqa: FBT001 - a fact, not a mode
    stoppable: Collection[int],
) -> Refusal:
    """A parcel that is named must itself be one that has not left."""
    if refusal := may_stop(request.hand, movable):
        return refusal
    if request.source and not stoppable:
        return f"没有从 {request.source} 发出、还能改派的包裹"
    if request.parcel_no is not None and request.parcel_no not in stoppable:
        return f"包裹 {request.parcel_no} 已出库或已完结,无法改派"
    return None


def may_release(hand: Hand, held: bool, paused: bool) -> Refusal:  # noqa: FBT001 - facts, not modes
    """A person may end what a person began; what the channel paused goes on when it says so."""
    if refusal := may_act(hand):
        return refusal
    if held:
        return None
    if paused:
        return "订单由渠道暂停发货,渠道恢复后自动继续;人工没有挂起它"
    return "订单没有被人工挂起"


def may_retry(hand: Hand, waiting: bool) -> Refusal:  # noqa: FBT001 - a fact, not a mode
    """Only what waits can be tried at once."""
    if refusal := may_act(hand):
        return refusal
    return None if waiting else "订单没有在等待的步骤"


def may_correct(correction: WaybillCorrection, known: Waybill | None) -> Refusal:
    """A number can be corrected once there is one, and to one that is another; ``known`` is it."""
    if refusal := may_act(correction.hand):
        return refusal
    if not (correction.number.strip() and correction.carrier.strip()):
        return "缺少新的运单号(number)或承运商(carrier)"
    if known is None:
        return f"没有包裹 {correction.parcel_no}、它还没有运单号,或它已取消,无法更正"
    if (correction.carrier, correction.number) == (known.carrier, known.number):
        return f"包裹 {correction.parcel_no} 的运单号已经是 {known.number},无需更正"
    return None


def may_decide(decision: ClaimDecision, claim: Refund | None, left_fen: int) -> Refusal:
    """Before the money is gone it can be agreed to or refused; after that only written off.

    ``left_fen`` is what other claims leave of the order's price: nobody gets more than that.
    """
    if refusal := may_act(decision.hand):
        return refusal
    if claim is None:
        return f"订单没有售后单 {decision.claim_id}"
    if claim.stage not in DECIDABLE:
        return f"售后单 {claim.id} {zh(claim.stage)},没有待决定的事"
    is_paid = claim.stage is RefundStage.REFUNDED
    if is_paid != (decision.decision is Decided.WRITE_OFF):
        said = zh(decision.decision)
        hint = "款已退,只能核销" if is_paid else "款未退,不能核销,请同意或拒绝"
        return f"售后单 {claim.id} 不能「{said}」:{hint}"
    if decision.decision is Decided.AGREE and claim.amount_fen > left_fen:
        return f"售后单 {claim.id} 不能同意:加上其他售后单,退款超过整单实付款,请拒绝"
    return None


def may_resolve(resolution: Resolution, open_to: Collection[Remedy]) -> Refusal:
    """An exception can be retried or left out only where its step allows it."""
    if refusal := may_act(resolution.hand):
        return refusal
    if not open_to:
        return f"{resolution.subject or '订单'} 没有未处理的异常"
    if resolution.remedy not in {Remedy.RETRY, Remedy.DONE_BY_HAND}:
        return f"「{zh(resolution.remedy)}」请用对应的操作,不是处理异常"
    if resolution.remedy not in open_to:
        return f"该步骤不能「{zh(resolution.remedy)}」"
    return None
