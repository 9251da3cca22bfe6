"""Carriers in memory: they book, cancel and tell traces, and never travel by themselves."""

from datetime import timedelta
from itertools import count

from domain.clock import utc_now
from domain.comeback import Interception
from domain.errors import GatewayRefused
from domain.parcel import Dispatch, Milestone, Scan, Waybill

ROAD = (
    Milestone.COLLECTED,
    Milestone.IN_TRANSIT,
    Milestone.OUT_FOR_DELIVERY,
    Milestone.DELIVERED,
)


class FakeCarriers:
    """Implements ``Carriers``, ``Tracks`` and ``Interceptors``; what it knows can be looked at."""

    def __init__(self) -> None:
        self.booked: dict[str, Waybill] = {}
        self.cancelled: set[str] = set()
        self.traces: dict[str, tuple[Scan, ...]] = {}
        self.phone_tails: dict[str, str] = {}
        self.intercepted: set[str] = set()
        self.stops_parcels = True
        self._numbers = count(1)

    async def book(self, dispatch: Dispatch) -> Waybill:
        parcel = dispatch.parcel
        if parcel.key in self.cancelled:
            raise GatewayRefused("fake", "8037", "订单已消单")
        if parcel.key not in self.booked:
            number = f"FAKE{next(self._numbers):09d}"
            self.booked[parcel.key] = Waybill(
                carrier=parcel.carrier, number=number, route_code="571-001", at=utc_now()
            )
            self.phone_tails[number] = dispatch.receiver.phone[-4:]
        return self.booked[parcel.key]

    async def cancel(self, dispatch: Dispatch) -> None:
        waybill = self.booked.get(dispatch.parcel.key)
        if waybill is None:
            return
        if self.traces.get(waybill.number):
            raise GatewayRefused("fake", "8168", "存在路由信息")
        self.cancelled.add(dispatch.parcel.key)

    async def intercept(self, dispatch: Dispatch) -> Interception:
        waybill = self.booked.get(dispatch.parcel.key)
        if waybill is None or dispatch.parcel.key in self.cancelled:
            raise GatewayRefused("fake", "8018", "未获取到订单信息")
        if dispatch.parcel.key in self.intercepted:
            return Interception.ACCEPTED
        if not self.stops_parcels or self._is_with_buyer(waybill):
            return Interception.TOO_LATE
        self.intercepted.add(dispatch.parcel.key)
        return Interception.ACCEPTED

    def _is_with_buyer(self, waybill: Waybill) -> bool:
        scans = self.traces.get(waybill.number, ())
        return any(scan.milestone is Milestone.DELIVERED for scan in scans)

    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]:
        if self.phone_tails.get(waybill.number) != phone_tail:
            return ()
        return self.traces.get(waybill.number, ())

    def deliver(self, waybill: Waybill) -> None:
        """Take a parcel all the way to its buyer."""
        self.traces[waybill.number] = tuple(
            Scan(
                id=f"{hour}/{milestone}",
                milestone=milestone,
                at=waybill.at + timedelta(hours=hour),
                text=milestone.value,
            )
            for hour, milestone in enumerate(ROAD, start=1)
        )
