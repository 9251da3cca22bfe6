"""Sealed buyers: opened for the booking and for the label, and known to nobody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from domain.errors import GatewayBusy, HubError
from domain.order import Receiver, Seal
from domain.parcel import Dispatch, Parcel, Printed, Waybill
from gateways.qimen import QimenWarehouses
from gateways.unsealed import UnsealingCarriers, UnsealingPrinters
from infra.sandbox.ledger import Doc
from settings import Qimen
from tests.fakes.hub import eventually
from tests.gateways.channel_stage import BUILDERS, Stage, on_stage
from tests.gateways.parcels import AT, a_dispatch

TRUE = ("王小明", "13912345678", "解放路 78 号 22 幢 0601 室")
SEAL = Seal(name="~name~", phone="~phone~", address="~address~")
OPEN = a_dispatch()
MASKED = replace(OPEN.receiver, name="王**", phone="139****5678", address="解放路***", sealed=SEAL)
SEALED = replace(OPEN, receiver=MASKED)


@dataclass
class Recorder:
    """A carrier and a printer that remember what they were shown."""

    shown: list[Dispatch] = field(default_factory=list)
    cancelled: list[Dispatch] = field(default_factory=list)

    async def book(self, dispatch: Dispatch) -> Waybill:
        self.shown.append(dispatch)
        return Waybill(carrier="shunfeng", number="SF1", route_code="", at=AT)

    async def cancel(self, dispatch: Dispatch) -> None:
        self.cancelled.append(dispatch)

    async def print(self, dispatch: Dispatch) -> Printed:
        self.shown.append(dispatch)
        return Printed(printer="HZ-XS", at=AT)


@dataclass
class Opener:
    """A channel that opens what it sealed, unless it is away."""

    asked: list[Dispatch] = field(default_factory=list)
    away: bool = False

    async def unsealed(self, dispatch: Dispatch) -> Receiver:
        self.asked.append(dispatch)
        if self.away:
            raise GatewayBusy("pinduoduo", "HTTP 503")
        name, phone, address = TRUE
        return replace(dispatch.receiver, name=name, phone=phone, address=address, sealed=None)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def opener() -> Opener:
    return Opener()


def seen(receiver: Receiver) -> tuple[str, str, str]:
    return receiver.name, receiver.phone, receiver.address


async def test_who_books_and_who_prints_sees_the_true_receiver(
    recorder: Recorder, opener: Opener
) -> None:
    await UnsealingCarriers(recorder, opener).book(SEALED)
    await UnsealingPrinters(recorder, opener).print(SEALED)

    assert [TRUE, TRUE] == [seen(dispatch.receiver) for dispatch in recorder.shown]
    assert [SEALED.parcel] * 2 == [dispatch.parcel for dispatch in recorder.shown]
    assert [None, None] == [dispatch.receiver.sealed for dispatch in recorder.shown]


async def test_the_waybill_keeps_what_the_carrier_asks_for_and_no_more_of_the_phone(
    recorder: Recorder, opener: Opener
) -> None:
    sealed = await UnsealingCarriers(recorder, opener).book(SEALED)
    plain = await UnsealingCarriers(recorder, opener).book(OPEN)

    assert ("5678", "") == (sealed.phone_tail, plain.phone_tail)
    assert TRUE[1] not in repr(sealed)


async def test_what_is_not_sealed_is_shown_as_it_is_and_nobody_is_asked(
    recorder: Recorder, opener: Opener
) -> None:
    await UnsealingCarriers(recorder, opener).book(OPEN)
    await UnsealingPrinters(recorder, opener).print(OPEN)

    assert [OPEN, OPEN] == recorder.shown
    assert [] == opener.asked


async def test_a_cancelled_booking_needs_no_address(recorder: Recorder, opener: Opener) -> None:
    await UnsealingCarriers(recorder, opener).cancel(SEALED)

    assert [SEALED] == recorder.cancelled
    assert [] == opener.asked


async def test_while_the_channel_is_away_nothing_is_booked_or_printed(
    recorder: Recorder, opener: Opener
) -> None:
    opener.away = True

    with pytest.raises(GatewayBusy, match="pinduoduo"):
        await UnsealingCarriers(recorder, opener).book(SEALED)
    with pytest.raises(GatewayBusy, match="pinduoduo"):
        await UnsealingPrinters(recorder, opener).print(SEALED)

    assert [] == recorder.shown


async def test_the_warehouse_is_told_masks_and_no_seal() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content.decode())
        return httpx.Response(200, text="<response><flag>success</flag></response>")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        await QimenWarehouses(Qimen(), http).create(SEALED)

    (told,) = sent
    assert "王**" in told
    assert "139****5678" in told
    assert not [text for text in (SEAL.name, SEAL.phone, SEAL.address) if text in told]


@pytest.fixture(params=sorted(BUILDERS.keys() - {"miniprogram"}))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(request.param, tmp_path) as stage:
        yield stage


async def a_parcel(stage: Stage) -> tuple[Doc, Dispatch]:
    """Sell an order, and pack all of it."""
    sold = await stage.sell()
    receivers: list[Receiver] = []

    async def is_due() -> bool:
        try:
            order = (await stage.shop.order(sold["order_no"])).order
        except GatewayBusy:
            return False
        if order is not None:
            receivers.append(order.receiver)
        return bool(receivers)

    await eventually(is_due)
    order_id = f"{stage.name}/{sold['order_no']}"
    parcel: Parcel = replace(OPEN.parcel, order_id=order_id)  # type: ignore[arg-type] # a plain name
    return sold, replace(OPEN, parcel=parcel, receiver=receivers[0])


async def test_each_channel_opens_what_it_sealed_and_the_engine_keeps_it_sealed(
    stage: Stage, recorder: Recorder
) -> None:
    sold, dispatch = await a_parcel(stage)
    true = tuple(sold["receiver"][part] for part in ("name", "phone", "address"))

    await UnsealingCarriers(recorder, stage.shops).book(dispatch)

    assert [true] == [seen(shown.receiver) for shown in recorder.shown]
    assert dispatch.receiver.sealed is not None
    assert not [text for text in true if text in repr(dispatch)]


async def test_what_the_channel_does_not_open_is_neither_booked_nor_printed_empty(
    stage: Stage, recorder: Recorder
) -> None:
    _, dispatch = await a_parcel(stage)
    assert dispatch.receiver.sealed is not None
    strange = replace(dispatch.receiver.sealed, name="~not a seal~")
    forged = replace(dispatch, receiver=replace(dispatch.receiver, sealed=strange))

    with pytest.raises(HubError, match=stage.name):
        await UnsealingCarriers(recorder, stage.shops).book(forged)

    assert [] == recorder.shown
