"""A channel's order or refund, as its document shows it, told in our words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from channels.document import Document, Formula
from channels.fields import LineFields, OrderFields, ReceiverFields, RefundFields, SealFields
from channels.gazetteer import place_of
from domain.claim import Refund, RefundKind, RefundStage
from domain.events import OrderSeen
from domain.order import Line, Order, Place, Receiver, Seal, order_id
from domain.standing import Standing

BuyerKey = Callable[[str], str]  # a buyer's phone or id, to the keyed hash that we keep of it
State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReading:
    """Reads one channel's orders.

    Attributes:
        sealed: For channels that seal their buyers; the receiver's own fields are then masks.
    """

    channel: str
    protocol: str
    order: OrderFields
    receiver: ReceiverFields
    sealed: SealFields | None
    lines: LineFields

    def read(self, document: Document, received_at: datetime, buyer_key: BuyerKey) -> OrderSeen:
        """Tell an order as it stands now; the whole of it while it is due.

        Raises:
            Untranslatable: a field is missing, ill-formed, or does not add up; it is named.
        """
        standing = _state(document, self.order.standing, Standing)
        number = document.read(self.order.number, str)
        due = standing is Standing.DUE
        return OrderSeen(
            order_id=order_id(self.channel, number),
            standing=standing,
            changed_at=document.read(self.order.changed_at, datetime),
            order=self._whole(document, received_at, buyer_key) if due else None,
        )

    def _whole(self, document: Document, received_at: datetime, buyer_key: BuyerKey) -> Order:
        number = document.read(self.order.number, str)
        order = Order(
            id=order_id(self.channel, number),
            channel=self.channel,
            number=number,
            buyer_key=buyer_key(document.read(self.order.buyer, str)),
            leader=_optional(document, self.order.leader, str),
            paid_at=document.read(self.order.paid_at, datetime),
            received_at=received_at,
            receiver=self._receiver(document),
            lines=self._lines(document),
            freight_fen=document.read(self.order.freight_fen, int),
            paid_fen=document.read(self.order.paid_fen, int),
            protocol=self.protocol,
        )
        self._add_up(document, order)
        return order

    def _receiver(self, document: Document) -> Receiver:
        fields = self.receiver
        province = document.read(fields.province, str)
        city = document.read(fields.city, str)
        district = document.read(fields.district, str)
        return Receiver(
            name=document.read(fields.name, str),
            phone=document.read(fields.phone, str),
            province=province,
            city=city,
            district=district,
            address=document.read(fields.address, str),
            place=self._place(document) or place_of(province, city, district),
            sealed=self._seal(document),
        )

    def _place(self, document: Document) -> Place | None:
        longitude = _optional(document, self.receiver.longitude, float)
        latitude = _optional(document, self.receiver.latitude, float)
        if longitude is None or latitude is None:
            return None
        return Place(longitude=longitude, latitude=latitude)

    def _seal(self, document: Document) -> Seal | None:
        if self.sealed is None:
            return None
        return Seal(
            name=document.read(self.sealed.name, str),
            phone=document.read(self.sealed.phone, str),
            address=document.read(self.sealed.address, str),
        )

    def _lines(self, document: Document) -> tuple[Line, ...]:
        fields = self.lines
        return tuple(
            Line(
                no=index + 1,
                sku=document.read(fields.sku, str),
                name=document.read(fields.name, str),
                quantity=document.read(fields.quantity, int),
                paid_fen=document.read(fields.paid_fen, int),
                ref=_optional(document, fields.ref, str) or "",
            )
            for index in document.each(fields.each)
        )

    def _add_up(self, document: Document, order: Order) -> None:
        parts = sum(line.paid_fen for line in order.lines) + order.freight_fen
        if parts != order.paid_fen:
            raise document.wrong(self.order.paid_fen, f"{order.paid_fen},而各行与运费合计 {parts}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReading:
    """Reads one channel's refund claims."""

    channel: str
    protocol: str
    refund: RefundFields

    def read(self, document: Document) -> Refund:
        """Tell a claim as it stands now.

        Raises:
            Untranslatable: a field is missing or ill-formed; it is named.
        """
        fields = self.refund
        lines: list[object] = document.read(fields.lines, list)
        return Refund(
            id=document.read(fields.id, str),
            order_id=order_id(self.channel, document.read(fields.number, str)),
            kind=_state(document, fields.kind, RefundKind),
            stage=_state(document, fields.stage, RefundStage),
            amount_fen=document.read(fields.amount_fen, int),
            lines=tuple(str(line) for line in lines),
            reason=document.read_or_none(fields.reason, str) or "",
            changed_at=document.read(fields.changed_at, datetime),
            protocol=self.protocol,
            asked_at=_optional(document, fields.asked_at, datetime),
        )


def _state(document: Document, formula: Formula, states: type[State]) -> State:
    found = document.read(formula, str)
    try:
        return states(found)
    except ValueError as e:
        raise document.wrong(formula, found) from e


Kind = TypeVar("Kind")


def _optional(document: Document, formula: Formula | None, kind: type[Kind]) -> Kind | None:
    return None if formula is None else document.read_or_none(formula, kind)
