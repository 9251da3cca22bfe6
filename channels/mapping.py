"""What a sales channel says, told in our words by its mapping: data, not code.

One YAML file for each channel and protocol version says how each field of an order is computed
from the channel's own document, and what the channel is told when a parcel leaves.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self, cast

from channels.document import Document
from channels.fields import FOLDER, Fields
from domain.order import Line, Order, Place, Receiver, order_id
from domain.parcel import ShipmentNews
from rulebook.expression import Scene

BuyerKey = Callable[[str], str]  # a buyer's phone or id, to the keyed hash that we keep of it


class ChannelMapping:
    """One version of one channel's protocol."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    @classmethod
    def load(cls, channel: str, version: int) -> Self:
        """Read ``channels/<channel>/v<version>.yaml``; ``BrokenRules`` when it can not be right."""
        return cls(Fields.load(FOLDER / channel / f"v{version}.yaml"))

    def number(self, body: bytes) -> str:
        """Tell which order a push is about."""
        return Document.of(self._fields.channel, body).read(self._fields.order.number, str)

    def translate(self, body: bytes, received_at: datetime, buyer_key: BuyerKey) -> Order:
        """Tell a paid order in our words.

        Raises:
            Untranslatable: a field is missing, ill-formed, or does not add up; it is named.
        """
        channel, fields = self._fields.channel, self._fields.order
        push = Document.of(channel, body)
        number = push.read(fields.number, str)
        order = Order(
            id=order_id(channel, number),
            channel=channel,
            number=number,
            buyer_key=buyer_key(push.read(fields.buyer, str)),
            leader=push.read_or_none(fields.leader, str),
            paid_at=push.read(fields.paid_at, datetime),
            received_at=received_at,
            receiver=self._receiver(push),
            lines=self._lines(push),
            freight_fen=push.read(fields.freight_fen, int),
            paid_fen=push.read(fields.paid_fen, int),
        )
        self._add_up(push, order)
        return order

    def tell_shipped(self, news: ShipmentNews) -> dict[str, Any]:
        """Say in the channel's words that a parcel has left."""
        parcel = {
            "key": news.key,
            "number": news.number,
            "carrier": news.waybill.carrier,
            "waybill": news.waybill.number,
            "lines": list(news.line_nos),
        }
        return cast("dict[str, Any]", self._fields.shipped.value(Scene({"news": parcel})))

    def _receiver(self, push: Document) -> Receiver:
        fields = self._fields.receiver
        return Receiver(
            name=push.read(fields.name, str),
            phone=push.read(fields.phone, str),
            province=push.read(fields.province, str),
            city=push.read(fields.city, str),
            district=push.read(fields.district, str),
            address=push.read(fields.address, str),
            place=self._place(push),
        )

    def _place(self, push: Document) -> Place | None:
        longitude = push.read_or_none(self._fields.receiver.longitude, float)
        latitude = push.read_or_none(self._fields.receiver.latitude, float)
        if longitude is None or latitude is None:
            return None
        return Place(longitude=longitude, latitude=latitude)

    def _lines(self, push: Document) -> tuple[Line, ...]:
        fields = self._fields.lines
        return tuple(
            Line(
                no=index + 1,
                sku=push.read(fields.sku, str),
                name=push.read(fields.name, str),
                quantity=push.read(fields.quantity, int),
                paid_fen=push.read(fields.paid_fen, int),
            )
            for index in push.each(fields.each)
        )

    def _add_up(self, push: Document, order: Order) -> None:
        parts = sum(line.paid_fen for line in order.lines) + order.freight_fen
        if parts != order.paid_fen:
            raise push.wrong(
                self._fields.order.paid_fen, f"{order.paid_fen},而各行与运费合计 {parts}"
            )
