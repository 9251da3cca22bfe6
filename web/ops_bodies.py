"""What the ops API is asked: one body for each hand, and which orders a bulk hand means."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from channels.gazetteer import place_of
from domain.hands import (
    AddressEdit,
    ClaimDecision,
    Decided,
    Hand,
    Reroute,
    Resolution,
    WaybillCorrection,
)
from domain.lifecycle import OrderStage
from domain.order import OrderId, Place, Receiver
from domain.trouble import Remedy
from web.bulk import OrderQuery
from web.handled import Handled
from web.hands import Hands
from web.inbox_api import Why

Code = Annotated[str, Field(max_length=64, pattern=r"^[\w.-]*$", description="编码,可不填")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
ParcelNo = Annotated[int, Field(ge=1, le=1000, description="包裹序号,从 1 起")]


class HoldBody(Why):
    """Begin no new step."""

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        return await hands.hold(order_id, hand_of(self, by), key)


class ReleaseBody(Why):
    """Let what a person held go on."""

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        return await hands.release(order_id, hand_of(self, by), key)


class CancelBody(Why):
    """Call back what has not left."""

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        return await hands.cancel(order_id, hand_of(self, by), key)


class RetryBody(Why):
    """Try whatever waits at once."""

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        return await hands.retry(order_id, hand_of(self, by), key)


class RerouteBody(Why):
    """Send what has not left, of one parcel or from one warehouse, from elsewhere."""

    parcel_no: ParcelNo | None = None
    warehouse: Code = ""
    source: Code = ""

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        request = Reroute(
            hand=hand_of(self, by),
            parcel_no=self.parcel_no,
            warehouse=self.warehouse,
            source=self.source,
        )
        return await hands.reroute(order_id, request, key)


class ResolutionBody(Why):
    """Decide about an exception; without a subject, about all that the remedy is open for."""

    subject: Annotated[str, Field(max_length=200, description="包裹编号或订单编号")] = ""
    remedy: Remedy

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        resolution = Resolution(hand=hand_of(self, by), subject=self.subject, remedy=self.remedy)
        return await hands.resolve(order_id, resolution, key)


class AddressBody(Why):
    """Send what has not left to another receiver; without a spot, to the district's centre."""

    name: Text
    phone: Text
    province: Text
    city: Text
    district: Text
    address: Text
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        receiver = receiver_at(
            name=self.name,
            phone=self.phone,
            region=(self.province, self.city, self.district),
            address=self.address,
            spot=(self.longitude, self.latitude),
        )
        edit = AddressEdit(hand=hand_of(self, by), receiver=receiver)
        return await hands.edit_address(order_id, edit, key)


class CorrectionBody(Why):
    """Let a parcel travel under another number."""

    parcel_no: ParcelNo
    number: Text
    carrier: Annotated[str, Field(min_length=1, max_length=32, description="例如 zhongtong")]

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        correction = WaybillCorrection(
            hand=hand_of(self, by),
            parcel_no=self.parcel_no,
            number=self.number,
            carrier=self.carrier,
        )
        return await hands.correct_waybill(order_id, correction, key)


class DecisionBody(Why):
    """Decide about a claim that the rules leave to a person; the reason is told to the buyer."""

    claim_id: Text
    decision: Decided

    async def act(self, hands: Hands, order_id: OrderId, by: str, key: str) -> Handled:
        """Do it."""
        decision = ClaimDecision(
            hand=hand_of(self, by), claim_id=self.claim_id, decision=self.decision
        )
        return await hands.decide_claim(order_id, decision, key)


class QueryBody(BaseModel):
    """Which living orders; all that is given must hold, and something must be given."""

    channel: Code = ""
    stage: OrderStage | None = None
    warehouse: Code = ""
    buyer: Code = ""
    exception: Annotated[Code, Field(description="步骤名,例如 label.create,或挂起原因")] = ""
    paid_from: AwareDatetime | None = None
    paid_to: AwareDatetime | None = None
    orders: Annotated[list[Text], Field(max_length=10_000, description="订单编号")] = []

    def query(self) -> OrderQuery:
        """Tell it in our words."""
        return OrderQuery(
            channel=self.channel,
            stage=self.stage,
            warehouse=self.warehouse,
            buyer=self.buyer,
            exception=self.exception,
            paid_from=self.paid_from,
            paid_to=self.paid_to,
            orders=tuple(OrderId(each) for each in self.orders),
        )


def hand_of(why: Why, by: str) -> Hand:
    """Tell who acts, and why."""
    return Hand(by=by, reason=why.reason)


def receiver_at(
    *,
    name: str,
    phone: str,
    region: tuple[str, str, str],
    address: str,
    spot: tuple[float | None, float | None] = (None, None),
) -> Receiver:
    """Build a receiver; ``region`` is province, city and district, ``spot`` is in degrees.

    Without a spot it is at the centre of its district, as for channels that tell none.
    """
    longitude, latitude = spot
    province, city, district = region
    here = None
    if longitude is not None and latitude is not None:
        here = Place(longitude=longitude, latitude=latitude)
    return Receiver(
        name=name,
        phone=phone,
        province=province,
        city=city,
        district=district,
        address=address,
        place=here or place_of(province, city, district),
    )
