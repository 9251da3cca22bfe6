"""Gateways that answer at once and keep nothing, so that what is measured is the hub itself."""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.claim import ClaimReply, Refund
from domain.clock import utc_now
from domain.comeback import Interception, Receipt, ReturnOrder
from domain.erp import ErpOrder, ErpStanding, ErpState
from domain.freeze import FreezeNotice
from domain.handover import CallBack, HandOver, HandOverAnswer
from domain.hands import Hand
from domain.order import Line
from domain.papers import Bill, Finding, Invoice, RedLetter, Reversal, Sale, Voucher
from domain.parcel import Band, Dispatch, Item, Parcel, Printed, Scan, ShipmentNews, Waybill
from domain.reconciliation import Reconciliation
from domain.risk import Standing
from domain.routing import Plan, RoutingQuestion
from domain.ruling import ClaimCase, Ruling, WriteOff
from domain.stock import StockAnswer
from domain.trouble import Alert, Clearing
from infra.crew import Gateways


def instant_gateways(handed_over: Callable[[Parcel], None]) -> Gateways:
    """Build them; ``handed_over`` is told of each parcel as the warehouse takes it."""
    carriers = _Carriers()
    return Gateways(
        buyers=_Buyers(),
        router=_Router(),
        stock=_Stock(),
        carriers=carriers,
        tracks=carriers,
        interceptors=carriers,
        printers=_Printers(),
        warehouses=_Warehouses(handed_over),
        returns=_Claims(),
        channels=_Channels(),
        invoices=_Invoices(),
        books=_Books(),
        claim_rules=_Claims(),
        write_offs=_Claims(),
        alarm=_Alarm(),
        erp=_Erp(),
        reconciler=_Reconciler(),
        freezer=_Guard(),
        cards=_Guard(),
        marks=_Guard(),
        held_orders=_Guard(),
    )


class _Buyers:
    def standing(self, buyer_key: str) -> Standing:  # noqa: ARG002 - everybody may order
        return Standing(frozen_until=None)


class _Router:
    def plan(self, question: RoutingQuestion) -> Plan:
        parcel = Parcel(
            order_id=question.order.id,
            no=question.next_parcel_no,
            warehouse="HZ-GS",
            carrier="shunfeng",
            items=tuple(_items(question.order.lines)),
        )
        return Plan(
            parcels=(parcel,),
            short=(),
            unserved=(),
            refusals=(),
            rules="bench",
            exact=True,
            at=utc_now(),
        )


def _items(lines: Iterable[Line]) -> Iterable[Item]:
    for line in lines:
        yield Item(
            line_no=line.no,
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            band=Band.CHILLED,
            weight_g=500,
            volume_cm3=800,
            paid_fen=line.paid_fen,
        )


class _Stock:
    def lock(self, parcel: Parcel) -> StockAnswer:  # noqa: ARG002 - there is always enough
        return StockAnswer(short=(), at=utc_now())

    def ship(self, parcel: Parcel) -> None: ...
    def release(self, parcel: Parcel) -> None: ...
    def put_back(self, receipt: Receipt) -> None: ...


class _Carriers:
    async def book(self, dispatch: Dispatch) -> Waybill:
        number = f"SF{dispatch.parcel.key}"
        carrier = dispatch.parcel.carrier
        return Waybill(carrier=carrier, number=number, route_code="571-001", at=utc_now())

    async def cancel(self, dispatch: Dispatch) -> None: ...

    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]:  # noqa: ARG002 - the pushes tell it all
        return ()

    async def intercept(self, dispatch: Dispatch) -> Interception:  # noqa: ARG002 - nothing is called back
        return Interception.TOO_LATE


class _Printers:
    async def print(self, dispatch: Dispatch) -> Printed:
        return Printed(printer=dispatch.parcel.warehouse, at=utc_now())


class _Warehouses:
    def __init__(self, handed_over: Callable[[Parcel], None]) -> None:
        self._handed_over = handed_over

    async def create(self, dispatch: Dispatch) -> HandOverAnswer:
        self._handed_over(dispatch.parcel)
        return HandOverAnswer(outcome=HandOver.ACCEPTED, reason="", at=utc_now())

    async def cancel(self, dispatch: Dispatch) -> CallBack:  # noqa: ARG002 - nothing leaves by itself
        return CallBack.CANCELLED


class _Channels:
    async def tell_shipped(self, news: ShipmentNews) -> None: ...

    async def answer_claim(self, reply: ClaimReply) -> Refund:
        """Break the bench: nobody claims anything here."""
        raise AssertionError(f"claim in the bench: {reply.claim_id}")


class _Invoices:
    async def issue(self, bill: Bill) -> Invoice:
        return Invoice(number="26332000000012345678", amount_fen=bill.amount_fen, at=utc_now())

    async def find(self, bill: Bill) -> Finding:  # noqa: ARG002 - nothing is given up
        return Finding()

    async def redden(self, red: RedLetter) -> Invoice:
        """Break the bench: nothing is refunded here."""
        raise AssertionError(f"red letter in the bench: {red.key}")


class _Books:
    async def book(self, sale: Sale) -> Voucher:
        return Voucher(id=sale.key, number="PZ00000001", at=utc_now())

    async def reverse(self, reversal: Reversal) -> Voucher:
        """Break the bench: nothing is refunded here."""
        raise AssertionError(f"reversal in the bench: {reversal.key}")


class _Claims:
    """Breaks the bench: nobody claims anything here, and nothing comes back."""

    def rule(self, case: ClaimCase) -> Ruling:
        raise AssertionError(f"claim in the bench: {case.refund.id}")

    def keep(self, write_off: WriteOff) -> None:
        raise AssertionError(f"write-off in the bench: {write_off.subject}")

    async def announce(self, order: ReturnOrder) -> None:
        raise AssertionError(f"return in the bench: {order.key}")


class _Erp:
    async def relay(self, order: ErpOrder) -> ErpState:  # noqa: ARG002 - there is none
        return ErpState(standing=ErpStanding.NOT_USED)

    async def withdraw(self, order: ErpOrder) -> ErpState:  # noqa: ARG002 - there is none
        return ErpState(standing=ErpStanding.NOT_USED)


class _Reconciler:
    async def catch_up(
        self,
        channel: str,
        alive: Callable[[], None],  # noqa: ARG002 - nobody is waited for
    ) -> Reconciliation:
        """Break the bench: nobody measures this here."""
        raise AssertionError(f"reconcile in the bench: {channel}")


class _Guard:
    """Does nothing: nobody claims anything here."""

    def trip(self, buyer_key: str, until: datetime, reason: str) -> None: ...
    def watched(self, buyer_key: str, until: datetime, reason: str) -> None: ...
    def confirmed(self, buyer_key: str, until: datetime, hand: Hand) -> None: ...
    def unfreeze(self, buyer_key: str, reason: str, by: str) -> None: ...
    def lapse(self, buyer_key: str, reason: str) -> None: ...
    def card_sent(self, buyer_key: str, until: datetime) -> None: ...

    def has_card(self, buyer_key: str, until: datetime) -> bool:  # noqa: ARG002 - nobody has one
        return True

    async def send(self, notice: FreezeNotice) -> None: ...
    async def mark(self, notice: FreezeNotice) -> None: ...

    async def buyer_cleared(self, buyer_key: str) -> int:  # noqa: ARG002 - nobody is frozen
        return 0


class _Alarm:
    async def ring(self, alert: Alert) -> datetime:
        """Break the bench: an alarm means that it does not measure plain lives."""
        raise RuntimeError(f"{alert.subject}: {alert.reason}")

    async def clear(self, clearing: Clearing) -> None:
        """Break the bench: what was never rung can not be cleared."""
        raise AssertionError(f"clear in the bench: {clearing.subject}")
