"""Where the goods of a claim are, as far as that is certain."""

from domain.claim import Refund, RefundKind
from domain.comeback import Interception
from domain.lifecycle import ParcelStage
from domain.parcel import Milestone
from domain.refunding import lines_of
from domain.ruling import Whereabouts
from workflows.claim_return import return_key
from workflows.journey import Journey
from workflows.life import Life

# Of several lines the one that is hardest to get back speaks for the claim.
_BY_GRAVITY = (
    Whereabouts.WITH_US,
    Whereabouts.LOST,
    Whereabouts.COMING_BACK,
    Whereabouts.ON_THE_WAY,
    Whereabouts.WITH_BUYER,
)


def whereabouts(life: Life, claim: Refund) -> Whereabouts | None:
    """Tell where a claim's goods are; ``None`` while a parcel is being stopped or called back."""
    if not life.claims.gives_back(claim):
        return Whereabouts.NO_MATTER
    places = [_place(life, claim, no) for no in lines_of(life.order, claim)]
    certain = [place for place in places if place is not None]
    if len(certain) < len(places):
        return None
    return max(certain, key=_BY_GRAVITY.index)


def _place(life: Life, claim: Refund, line_no: int) -> Whereabouts | None:
    journey = life.carrier_of(line_no)
    if journey is None or line_no in life.claims.came_back:
        return Whereabouts.WITH_US
    match journey.stage:
        case ParcelStage.INTERCEPTED:
            return Whereabouts.WITH_US
        case ParcelStage.LOST:
            return Whereabouts.LOST
        case ParcelStage.DELIVERED:
            return _at_the_buyers(life, claim, journey, line_no)
        case _:
            return _on_the_road(life, journey) if journey.has_left else None


def _on_the_road(life: Life, journey: Journey) -> Whereabouts | None:
    if journey.interception is Interception.ACCEPTED or Milestone.RETURNED in journey.scans:
        return Whereabouts.COMING_BACK
    asked = journey.interception is not None
    return Whereabouts.ON_THE_WAY if asked or not life.unwanted(journey.parcel) else None


def _at_the_buyers(life: Life, claim: Refund, journey: Journey, line_no: int) -> Whereabouts:
    is_return = claim.kind is RefundKind.RETURN
    sent_back = is_return and return_key(claim, journey.parcel.no) in life.claims.announced
    is_awaited = sent_back and line_no not in life.claims.short
    return Whereabouts.COMING_BACK if is_awaited else Whereabouts.WITH_BUYER
