"""What each hand does to a life, and when it may: the same however a person asks.

Updates answer (``workflows.handlers``), signals can only be heard (``workflows.requests``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio import workflow

from domain.hands import (
    AddressEdit,
    ClaimDecision,
    Deed,
    Hand,
    Reroute,
    Resolution,
    WaybillCorrection,
)
from domain.lifecycle import ParcelStage
from domain.permission import (
    DECIDABLE,
    Refusal,
    may_correct,
    may_decide,
    may_release,
    may_reroute,
    may_resolve,
    may_retry,
    may_stop,
)
from domain.refunding import left_for
from domain.trouble import Remedy
from domain.words import zh
from workflows.doorway import Decision
from workflows.journey import Journey
from workflows.life import Life

Asked = Hand | Reroute | AddressEdit | WaybillCorrection | ClaimDecision | Resolution
Argument = TypeVar("Argument", bound=Asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Generic[Argument]):
    """One kind of hand.

    Attributes:
        takes: What it must be told.
        may: Tells why not, if it may not be done now.
        do: Does it, and tells what was done.
    """

    deed: Deed
    takes: type[Argument]
    may: Callable[[Life, Argument], Refusal]
    do: Callable[[Life, Argument], str]


def hand_of(asked: Asked) -> Hand:
    """Tell who asks, and why."""
    return asked if isinstance(asked, Hand) else asked.hand


def open_deeds(life: Life) -> tuple[Deed, ...]:
    """Tell what a person may do to this order now."""
    movable, waiting = life.movable(), _waits(life)
    numbered = any(_numbered(journey) for journey in life.journeys)
    resolvable = {Remedy.RETRY, Remedy.DONE_BY_HAND} & set(life.door.open_to(""))
    may = {
        Deed.REROUTE: movable,
        Deed.HOLD: movable,
        Deed.RELEASE: life.held is not None,
        Deed.CANCEL: movable,
        Deed.EDIT_ADDRESS: movable,
        Deed.CORRECT_WAYBILL: numbered,
        Deed.DECIDE_CLAIM: any(_decidable(life)),
        Deed.RETRY_NOW: waiting,
        Deed.RESOLVE: bool(resolvable),
    }
    return tuple(deed for deed, it_may in may.items() if it_may)


def _may_reroute(life: Life, request: Reroute) -> Refusal:
    numbers = {journey.parcel.no for journey in _leaving(life, request.source)}
    return may_reroute(request, life.movable(), numbers)


def _reroute(life: Life, request: Reroute) -> str:
    for journey in _leaving(life, request.source):
        if request.parcel_no in {None, journey.parcel.no}:
            journey.turn_back()
            life.without.add(journey.parcel.warehouse)
    life.without.discard(request.warehouse)
    life.only = (request.warehouse,) if request.warehouse else ()
    return life.hand(request.hand, zh(Deed.REROUTE))


def _hold(life: Life, hand: Hand) -> str:
    life.hold_by_hand(hand)
    return life.hand(hand, zh(Deed.HOLD))


def _release(life: Life, hand: Hand) -> str:
    life.held = None
    return life.hand(hand, zh(Deed.RELEASE))


def _cancel(life: Life, hand: Hand) -> str:
    life.call_off()
    return life.hand(hand, zh(Deed.CANCEL))


def _edit_address(life: Life, edit: AddressEdit) -> str:
    life.readdressed_by = edit.hand
    life.readdress(edit.receiver)
    return life.hand(edit.hand, zh(Deed.EDIT_ADDRESS))


def _may_correct(life: Life, correction: WaybillCorrection) -> Refusal:
    journey = life.journey(correction.parcel_no)
    return may_correct(correction, journey.waybill if journey and _numbered(journey) else None)


def _correct(life: Life, correction: WaybillCorrection) -> str:
    """Take another number for a parcel; a channel that was told the old one hears of it."""
    if journey := life.journey(correction.parcel_no):
        journey.correct(correction.carrier, correction.number, workflow.now())
        life.errands.begin(journey.telling.tell_again())
    return life.hand(correction.hand, f"更正包裹 {correction.parcel_no} 的运单号")


def _may_decide(life: Life, decision: ClaimDecision) -> Refusal:
    claim = life.claims.get(decision.claim_id)
    left_fen = left_for(life.order, claim, life.claims.all()) if claim else 0
    return may_decide(decision, claim, left_fen)


def _decide(life: Life, decision: ClaimDecision) -> str:
    life.claims.decisions[decision.claim_id] = decision
    return life.hand(decision.hand, f"售后 {decision.claim_id} {zh(decision.decision)}")


def _decidable(life: Life) -> Iterator[bool]:
    """Tell of each claim whether a person may still decide about it."""
    return (claim.stage in DECIDABLE for claim in life.claims.all())


def _retry(life: Life, hand: Hand) -> str:
    life.without.clear()
    life.retries += 1
    life.door.retry_all(hand)
    return life.hand(hand, zh(Deed.RETRY_NOW))


def _resolve(life: Life, resolution: Resolution) -> str:
    decision = Decision(remedy=resolution.remedy, hand=resolution.hand)
    life.retries += 1
    life.door.decide(resolution.subject, decision)
    return life.hand(resolution.hand, zh(Deed.RESOLVE))


def _leaving(life: Life, source: str) -> list[Journey]:
    """Tell the parcels that can be stopped and leave from ``source``, or from anywhere."""
    return [j for j in life.stoppable() if source in {"", j.parcel.warehouse}]


def _numbered(journey: Journey) -> bool:
    return journey.waybill is not None and journey.stage is not ParcelStage.CANCELLED


def _waits(life: Life) -> bool:
    return life.hold is not None or bool(life.door.troubles)


REROUTE = Act(deed=Deed.REROUTE, takes=Reroute, may=_may_reroute, do=_reroute)
HOLD = Act(
    deed=Deed.HOLD, takes=Hand, may=lambda life, hand: may_stop(hand, life.movable()), do=_hold
)
RELEASE = Act(
    deed=Deed.RELEASE,
    takes=Hand,
    may=lambda life, hand: may_release(hand, life.held is not None, life.paused is not None),
    do=_release,
)
CANCEL = Act(
    deed=Deed.CANCEL, takes=Hand, may=lambda life, hand: may_stop(hand, life.movable()), do=_cancel
)
EDIT_ADDRESS = Act(
    deed=Deed.EDIT_ADDRESS,
    takes=AddressEdit,
    may=lambda life, edit: may_stop(edit.hand, life.movable()),
    do=_edit_address,
)
CORRECT_WAYBILL = Act(
    deed=Deed.CORRECT_WAYBILL, takes=WaybillCorrection, may=_may_correct, do=_correct
)
DECIDE_CLAIM = Act(deed=Deed.DECIDE_CLAIM, takes=ClaimDecision, may=_may_decide, do=_decide)
RETRY_NOW = Act(
    deed=Deed.RETRY_NOW,
    takes=Hand,
    may=lambda life, hand: may_retry(hand, _waits(life)),
    do=_retry,
)
RESOLVE = Act(
    deed=Deed.RESOLVE,
    takes=Resolution,
    may=lambda life, asked: may_resolve(asked, life.door.open_to(asked.subject)),
    do=_resolve,
)
