"""What a sales channel says, told in our words by its mapping: data, not code.

One YAML file for each channel and protocol version says how each field of an order is computed
from the channel's own document, and what the channel is told when a parcel leaves.
"""

from collections.abc import Callable
from datetime import datetime
from importlib import resources
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from channels.document import Document, Formula
from domain.order import Line, Order, Place, Receiver, order_id
from domain.parcel import ShipmentNews

BuyerKey = Callable[[str], str]  # a buyer's phone or id, to the keyed hash that we keep of it


def _personal(text: str) -> Formula:
    return Formula.of(text, personal=True)


Read = Annotated[Formula, BeforeValidator(Formula.of)]
ReadPersonal = Annotated[Formula, BeforeValidator(_personal)]


class Section(BaseModel):
    """A table of the file; a key that nobody knows is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class OrderFields(Section):
    """How the order's own fields are computed."""

    number: Read
    buyer: ReadPersonal
    leader: Read
    paid_at: Read
    freight_fen: Read
    paid_fen: Read


class ReceiverFields(Section):
    """How the receiver's fields are computed; all of them are personal."""

    name: ReadPersonal
    phone: ReadPersonal
    province: ReadPersonal
    city: ReadPersonal
    district: ReadPersonal
    address: ReadPersonal
    longitude: ReadPersonal
    latitude: ReadPersonal


class LineFields(Section):
    """Where the lines are, and how each line's fields are computed."""

    each: Read
    sku: Read
    name: Read
    quantity: Read
    paid_fen: Read


class ChannelMapping(Section):
    """One version of one channel's protocol."""

    channel: str
    version: int
    order: OrderFields
    receiver: ReceiverFields
    lines: LineFields
    shipped: Read

    @classmethod
    def load(cls, channel: str, version: int) -> Self:
        """Read ``channels/<channel>/v<version>.yaml``."""
        file = resources.files("channels") / channel / f"v{version}.yaml"
        return cls.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))

    def number(self, body: bytes) -> str:
        """Tell which order a push is about."""
        return Document.of(self.channel, body).read(self.order.number, str)

    def translate(self, body: bytes, received_at: datetime, buyer_key: BuyerKey) -> Order:
        """Tell a paid order in our words.

        Raises:
            Untranslatable: a field is missing, ill-formed, or does not add up; it is named.
        """
        push, fields = Document.of(self.channel, body), self.order
        number = push.read(fields.number, str)
        order = Order(
            id=order_id(self.channel, number),
            channel=self.channel,
            number=number,
            buyer_key=buyer_key(push.read(fields.buyer, str)),
            leader=push.read_or_none(fields.leader, str),
            paid_at=push.read(fields.paid_at, datetime),
            received_at=received_at,
            receiver=self._receiver(push),
            lines=tuple(self._line(push, index + 1) for index in push.each(self.lines.each)),
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
        said: dict[str, Any] = self.shipped.program.execute({"news": parcel})
        return said

    def _receiver(self, push: Document) -> Receiver:
        fields = self.receiver
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
        longitude = push.read_or_none(self.receiver.longitude, float)
        latitude = push.read_or_none(self.receiver.latitude, float)
        if longitude is None or latitude is None:
            return None
        return Place(longitude=longitude, latitude=latitude)

    def _line(self, push: Document, no: int) -> Line:
        return Line(
            no=no,
            sku=push.read(self.lines.sku, str),
            name=push.read(self.lines.name, str),
            quantity=push.read(self.lines.quantity, int),
            paid_fen=push.read(self.lines.paid_fen, int),
        )

    def _add_up(self, push: Document, order: Order) -> None:
        parts = sum(line.paid_fen for line in order.lines) + order.freight_fen
        if parts != order.paid_fen:
            raise push.wrong(self.order.paid_fen, f"{order.paid_fen},而各行与运费合计 {parts}")
