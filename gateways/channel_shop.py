"""One sales channel, asked and told in its mapping's words."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from channels.api import Api
from channels.asking import Question, Telling
from channels.document import Document
from channels.mapping import BuyerKey, ChannelMapping
from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused, Untranslatable
from domain.events import OrderSeen, RefundSeen
from domain.number_book import NumberBook
from domain.order import Receiver
from domain.parcel import ShipmentNews
from gateways.channel_caller import ChannelCaller
from gateways.channel_listing import Changed, changed
from gateways.channel_shelf import ChannelShelf
from gateways.field_watch import FieldWatch

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShop:
    """Asks a channel for orders and refunds, and tells it of shipments."""

    name: str
    shelf: ChannelShelf
    caller: ChannelCaller
    numbers: NumberBook
    buyer_key: BuyerKey
    watch: FieldWatch

    @property
    def is_listed(self) -> bool:
        """Whether the channel can be asked what changed."""
        in_force = self.shelf.in_force(self.name)  # none, while the only file is broken
        api = in_force[0].api if in_force else None
        return api is not None and bool(api.changed)

    async def order(self, number: str) -> OrderSeen:
        """Ask how an order stands now.

        Raises:
            GatewayBusy: no answer; asking again is safe.
            GatewayRefused: the channel knows no such order.
            Untranslatable: a field of its document is missing or wrong.
        """
        document = await self.order_document(self.shelf.current(self.name), number)
        mapping = next((m for m in self.shelf.in_force(self.name) if m.reads_order(document)), None)
        if mapping is None:
            raise Untranslatable(self.name, "$", "没有一个启用的协议版本认得这张订单")
        self.watch.see(self.name, mapping.version, document)
        return mapping.order(document, utc_now(), self.buyer_key)

    async def refund(self, number: str, refund_id: str) -> RefundSeen:
        """Ask how a refund claim stands now; faults as for an order."""
        current = self.shelf.current(self.name)
        document = await self.refund_document(current, number, refund_id)
        mapping = next(
            (m for m in self.shelf.in_force(self.name) if m.reads_refund(document)), None
        )
        if mapping is None:
            raise Untranslatable(self.name, "$", "没有一个启用的协议版本认得这张售后单")
        self.watch.see(self.name, mapping.version, document)
        return RefundSeen(refund=mapping.refund(document))

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Tell that a parcel is on its way, in the words that the order was opened with.

        A channel that has no key for a shipment is looked at first, so that the same number is
        told once however often the step runs.

        Raises:
            GatewayRefused: the channel does not take the number or the order.
            GatewayBusy: no answer; telling again is safe.
        """
        mapping = self.shelf.version(self.name, news.protocol)
        number = self.numbers.for_channel(news.waybill.number, news.waybill.carrier)
        facts: Facts = {"news": mapping.news(news, number)}
        known: tuple[str, ...] = ()
        if _api(mapping).told is not None:
            order = await self.order_document(mapping, news.number)
            known, facts = _told(mapping, order), {**facts, "order": order}
            if number in known:
                return
        await self.caller.ask(mapping, _telling(_api(mapping), news, known), facts)

    def changed(self, since: datetime, until: datetime) -> AsyncIterator[Changed]:
        """Ask what changed in a stretch of time; faults as for an order."""
        mapping = self.shelf.current(self.name)
        return changed(self.caller, mapping, _api(mapping).changed, since, until)

    async def unseal(self, number: str, receiver: Receiver) -> Receiver:
        """Open a sealed receiver, for the one who makes the label.

        Raises:
            GatewayRefused: the channel does not open it, as of an order that is long over.
            GatewayBusy: no answer; asking again is safe.
            Untranslatable: the answer is not what the channel's documents promise.
        """
        mapping = self.shelf.current(self.name)
        unsealing = _api(mapping).unsealed
        if receiver.sealed is None:
            return receiver
        if unsealing is None:
            raise GatewayRefused(self.name, "no_unsealing", "映射文件没有 api.unsealed")
        seal = receiver.sealed
        sealed = [seal.name, seal.phone, seal.address]
        answer = await self.caller.ask(mapping, unsealing.ask, {"number": number, "sealed": sealed})
        document = Document(self.name, "answer", answer)
        document.fact("sealed", sealed)
        opened: list[object] = document.read(unsealing.opened, list)
        if len(opened) != len(sealed) or not all(isinstance(text, str) for text in opened):
            raise document.wrong(unsealing.opened, len(opened))
        if any(text in {"", kept} for text, kept in zip(opened, sealed, strict=True)):
            raise GatewayRefused(self.name, "not_opened", "渠道没有解开收件人:请到渠道后台核对此单")
        name, phone, address = (str(text) for text in opened)
        return replace(receiver, name=name, phone=phone, address=address, sealed=None)

    async def order_document(self, mapping: ChannelMapping, number: str) -> object:
        """Ask for an order as the channel writes it; faults as for an order."""
        return await self._document(mapping, _api(mapping).order, {"number": number})

    async def refund_document(self, mapping: ChannelMapping, number: str, refund_id: str) -> object:
        """Ask for a refund claim as the channel writes it; faults as for an order."""
        question = _api(mapping).refund
        if question is None:
            raise GatewayRefused(self.name, "no_refunds", "映射文件没有 api.refund")
        return await self._document(mapping, question, {"number": number, "refund_id": refund_id})

    async def _document(self, mapping: ChannelMapping, question: Question, facts: Facts) -> object:
        """Ask for a document; one that is about to change by itself is asked for again later."""
        answer = Document(self.name, "answer", await self.caller.ask(mapping, question, facts))
        if question.settled is not None and not answer.read(question.settled, bool):
            raise GatewayBusy(self.name, "单据状态尚未落定,稍后再查")
        return answer.compute(question.found)


def _api(mapping: ChannelMapping) -> Api:
    if mapping.api is None:
        raise GatewayRefused(mapping.channel, "no_api", "映射文件没有 api 一节,无法主动查询")
    return mapping.api


def _telling(api: Api, news: ShipmentNews, known: tuple[str, ...]) -> Telling:
    """Choose how to tell: a corrected number, one more parcel, or the first.

    A number that is to be replaced may never have been taken: its telling was given up.
    """
    if news.replaces in known and api.renumbered is not None:
        return api.renumbered
    return api.shipped_more if known and api.shipped_more is not None else api.shipped


def _told(mapping: ChannelMapping, order: object) -> tuple[str, ...]:
    told = _api(mapping).told
    assert told is not None  # noqa: S101 - the caller has looked
    numbers: list[object] = Document(mapping.channel, "order", order).read(told, list)
    return tuple(str(number) for number in numbers if number)
