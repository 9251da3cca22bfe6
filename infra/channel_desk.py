"""What a person does with channels: try a payload, compare two versions, let one in or out."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import Engine

from channels.comparison import Difference, Replayed, compare
from channels.mapping import ChannelMapping
from channels.paths import paths_of
from channels.samples import SampleKind, read_sample, samples
from domain.errors import ForgedPush, GatewayBusy, GatewayRefused, Untranslatable
from domain.events import Push
from gateways.channel_door import ChannelDoor
from gateways.channel_shop import ChannelShop
from gateways.channel_shops import ChannelShops
from gateways.inbox_desk import InboxDesk
from settings import Settings

ASKED_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a payload is, and what it is read as."""

    kind: SampleKind
    reads: object


@asynccontextmanager
async def asking(settings: Settings, hub: Engine) -> AsyncIterator[ChannelShops]:
    """Hold the lines to the channels for as long as a command runs."""
    async with httpx.AsyncClient() as http:
        yield ChannelShops.of(settings, hub, http)


def try_payload(mapping: ChannelMapping, payload: bytes) -> Tried:
    """Read a payload as whatever it is: an order, a refund claim, or a push.

    Raises:
        Untranslatable: it is none of them; what it is nearest to names the field.
    """
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as e:
        raise Untranslatable(mapping.channel, "$", "不是 JSON") from e
    faults: dict[SampleKind, Untranslatable] = {}
    for kind in (SampleKind.ORDER, SampleKind.REFUND, SampleKind.PUSH):
        try:
            return _tried(mapping, kind, document)
        except Untranslatable as fault:
            faults[kind] = fault
    raise faults[_nearest(mapping, document)]


def _tried(mapping: ChannelMapping, kind: SampleKind, document: object) -> Tried:
    """Read a payload as one kind; a fault in what a push brings along is the push's."""
    reads = read_sample(mapping, kind, document)
    for event in mapping.unpack(json.dumps(document).encode()) if kind is SampleKind.PUSH else ():
        if event is not None and event.document is not None:
            read_sample(mapping, SampleKind(event.about.value), event.document)
    return Tried(kind=kind, reads=reads)


def _nearest(mapping: ChannelMapping, document: object) -> SampleKind:
    """Tell what a payload is most like: a kind of recorded document with the same fields."""
    fields, likeness = paths_of(document), dict.fromkeys(SampleKind, 0)
    for sample in samples(mapping.channel):
        alike = len(fields & paths_of(sample.document))
        likeness[sample.kind] = max(likeness[sample.kind], alike)
    first = (SampleKind.ORDER, SampleKind.REFUND, SampleKind.PUSH)
    return max(first, key=lambda kind: likeness[kind])


async def past_documents(
    shops: ChannelShops, mappings: Sequence[ChannelMapping], inbox: InboxDesk, limit: int
) -> Sequence[Replayed]:
    """Tell a channel's latest pushes, and the documents that they name as they stand now.

    What a push names is what any of the versions can read in it.
    """
    channel = mappings[0].channel
    shop, door = shops.shop(channel), shops.doors[channel]
    entries = await asyncio.to_thread(inbox.entries, door=channel, limit=limit)
    pushes = [
        (entry.id, _said(door, await asyncio.to_thread(inbox.content, entry.id)))
        for entry in entries
    ]
    told = [
        Replayed(name=f"推送 {push_id}", kind=SampleKind.PUSH, document=json.loads(body))
        for push_id, body in pushes
        if _is_json(body)
    ]
    return [*told, *await _documents(shop, mappings, [body for _, body in pushes])]


def _said(door: ChannelDoor, push: Push) -> bytes:
    """Tell what a kept push says; nothing, when its key has changed since."""
    try:
        return door.said(push)
    except ForgedPush:
        return b""


async def _documents(
    shop: ChannelShop, mappings: Sequence[ChannelMapping], bodies: Sequence[bytes]
) -> Sequence[Replayed]:
    gate, mapping = asyncio.Semaphore(ASKED_AT_ONCE), mappings[-1]
    named = dict.fromkeys(
        pair for body in bodies for version in mappings for pair in _named(version, body)
    )

    async def ask(number: str, refund_id: str) -> Replayed | None:
        async with gate:
            try:
                if refund_id:
                    document = await shop.refund_document(mapping, number, refund_id)
                    return Replayed(
                        name=f"售后 {refund_id}", kind=SampleKind.REFUND, document=document
                    )
                document = await shop.order_document(mapping, number)
                return Replayed(name=f"订单 {number}", kind=SampleKind.ORDER, document=document)
            except (GatewayBusy, GatewayRefused, Untranslatable):
                return None  # it is gone, or its channel can not be asked: the pushes must do

    asked = await asyncio.gather(*(ask(*pair) for pair in named))
    return [document for document in asked if document is not None]


def compared(
    old: ChannelMapping, new: ChannelMapping, documents: Sequence[Replayed]
) -> Sequence[Difference]:
    """Tell every field that two versions read differently."""
    return list(compare(old, new, documents))


def _named(mapping: ChannelMapping, body: bytes) -> Iterator[tuple[str, str]]:
    try:
        events = mapping.unpack(body)
    except Untranslatable:
        return
    for event in events:
        if event is not None and event.number:
            yield event.number, event.refund_id


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
