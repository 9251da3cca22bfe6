"""SF Express: book a parcel, cancel it, call it back, and ask where it is (protocols 4).

How SF is called is in ``sf_service``, its scans are in ``sf_routes``, its pushes in ``sf_door``.
"""

import httpx

from domain.clock import utc_now
from domain.comeback import Interception
from domain.errors import GatewayBusy, GatewayRefused
from domain.parcel import Dispatch, Scan, Waybill
from gateways.carrier_forms import Text, Wire
from gateways.sf_routes import Route, scans_of
from gateways.sf_service import NAME, SfService
from settings import Label, Sf

CARRIER = "shunfeng"

DUPLICATE_ORDER = "8016"
NOTHING_TO_CANCEL = frozenset({"6150", "8018", "8024", "8037"})  # unknown, or cancelled before

TOO_LATE_TO_STOP = frozenset({"8253"})  # assumed: no source names SF's code for it

SENDER, RECEIVER = 1, 2
BACK_TO_SENDER = 2
MAIN_WAYBILL = 1
NOT_SERVED = 3
CANCEL = 2
BY_WAYBILL = 1
PAID_BY_SENDER = 1


class WaybillNo(Wire):
    """One of an order's numbers; type 1 is the main one."""

    waybill_type: int
    waybill_no: str


class RouteLabelData(Wire):
    """What the label shows for the sorting belt."""

    dest_route_label: Text = ""


class RouteLabel(Wire):
    """A wrapper of SF's around the label's data."""

    route_label_data: RouteLabelData | None = None


class OrderData(Wire):
    """What SF knows of an order, the same for a new one and for one that is asked about."""

    filter_result: int | None = None
    remark: Text = ""
    waybill_no_info_list: tuple[WaybillNo, ...] | None = None
    route_label_info: tuple[RouteLabel, ...] | None = None


class OrderAnswer(Wire):
    """The inner envelope around an order."""

    msg_data: OrderData


class ParcelRoutes(Wire):
    """One waybill's scans."""

    routes: tuple[Route, ...] | None = None


class RoutesData(Wire):
    """Scans by waybill."""

    route_resps: tuple[ParcelRoutes, ...] | None = None


class RoutesAnswer(Wire):
    """The inner envelope around scans."""

    msg_data: RoutesData


class Nothing(Wire):
    """An answer whose verdict is all that matters."""


class SfExpress:
    """SF as a carrier. The parcel's key is SF's order id, which SF never lets be used again."""

    def __init__(self, settings: Sf, sender: Label, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._sender = sender
        self._service = SfService(settings, http)

    async def book(self, dispatch: Dispatch) -> Waybill:
        """Get the parcel's waybill; an order that is there already (8016) is asked for its own.

        Raises:
            GatewayRefused: SF does not take the parcel, or its order id was cancelled before.
            GatewayBusy: no answer; the next call finds out what became of this one.
        """
        key = dispatch.parcel.key
        try:
            answer = await self._service.ask(
                "EXP_RECE_CREATE_ORDER", self._order(dispatch), OrderAnswer
            )
        except GatewayRefused as refused:
            if refused.code != DUPLICATE_ORDER:
                raise
            question = {"orderId": key, "searchType": "1", "language": "zh-CN"}
            answer = await self._service.ask("EXP_RECE_SEARCH_ORDER_RESP", question, OrderAnswer)
        return _waybill(answer.msg_data)

    async def cancel(self, dispatch: Dispatch) -> None:
        """Cancel the parcel's order; one that never was, or is cancelled, is as good as done.

        Raises:
            GatewayRefused: SF has the parcel already.
            GatewayBusy: no answer; ask again.
        """
        question = {"orderId": dispatch.parcel.key, "dealType": CANCEL, "language": "zh-CN"}
        try:
            await self._service.ask("EXP_RECE_UPDATE_ORDER", question, Nothing)
        except GatewayRefused as refused:
            if refused.code not in NOTHING_TO_CANCEL:
                raise

    async def intercept(self, dispatch: Dispatch) -> Interception:
        """Have the parcel brought back to us; SF answers the same for one that is coming already.

        Raises:
            GatewayRefused: SF does not know the parcel, or lets nobody stop it this way.
            GatewayBusy: no answer; ask again.
        """
        question = {
            "waybillNo": dispatch.number,
            "serviceCode": BACK_TO_SENDER,
            "role": SENDER,
            "payMode": PAID_BY_SENDER,
            "monthlyCardNo": self._settings.monthly_card,
        }
        try:
            await self._service.ask("EXP_RECE_WANTED_INTERCEPT", question, Nothing)
        except GatewayRefused as refused:
            if refused.code not in TOO_LATE_TO_STOP:
                raise
            return Interception.TOO_LATE
        return Interception.ACCEPTED

    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]:
        """Tell the whole trace, oldest first; empty too when ``phone_tail`` is not the buyer's."""
        question = {
            "language": "zh-CN",
            "trackingType": BY_WAYBILL,
            "trackingNumber": [waybill.number],
            "methodType": 1,
            "checkPhoneNo": phone_tail,
        }
        answer = await self._service.ask("EXP_RECE_SEARCH_ROUTES", question, RoutesAnswer)
        parcels = answer.msg_data.route_resps or ()
        return scans_of(route for parcel in parcels for route in parcel.routes or ())

    def _order(self, dispatch: Dispatch) -> dict[str, object]:
        parcel = dispatch.parcel
        return {
            "language": "zh-CN",
            "orderId": parcel.key,
            "custReferenceNo": parcel.key,
            "cargoDetails": [
                {"name": item.name, "count": item.quantity, "unit": "件"} for item in parcel.items
            ],
            "contactInfoList": [self._from(), _to(dispatch)],
            "monthlyCard": self._settings.monthly_card,
            "payMethod": PAID_BY_SENDER,
            "expressTypeId": self._settings.express_type_id,
            "parcelQty": 1,
            "totalWeight": parcel.weight_g / 1000,  # kg
            "isDocall": 0,  # SF comes to every warehouse each day
            "isGenWaybillNo": 1,
            "isReturnRoutelabel": 1,
        }

    def _from(self) -> dict[str, object]:
        return {
            "contactType": SENDER,
            "contact": self._sender.sender_name,
            "tel": self._sender.sender_phone,
            "country": "CN",
            "address": self._sender.sender_address,
        }


def _to(dispatch: Dispatch) -> dict[str, object]:
    receiver = dispatch.receiver
    return {
        "contactType": RECEIVER,
        "contact": receiver.name,
        "mobile": receiver.phone,
        "country": "CN",
        "province": receiver.province,
        "city": receiver.city,
        "county": receiver.district,
        "address": receiver.address,
    }


def _waybill(order: OrderData) -> Waybill:
    if order.filter_result == NOT_SERVED:
        raise GatewayRefused(NAME, "filterResult=3", order.remark or "收件地址不在服务范围内")
    numbers = order.waybill_no_info_list or ()
    main = next((each for each in numbers if each.waybill_type == MAIN_WAYBILL), None)
    if main is None:
        raise GatewayBusy(NAME, "订单已受理,运单号尚未生成")
    return Waybill(
        carrier=CARRIER, number=main.waybill_no, route_code=_route_code(order), at=utc_now()
    )


def _route_code(order: OrderData) -> str:
    labels = [label.route_label_data for label in order.route_label_info or ()]
    return next((label.dest_route_label for label in labels if label is not None), "")
