"""Draws a parcel's label, keeps it, and prints it where the parcel is packed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from domain.clock import utc_now
from domain.errors import GatewayRefused
from domain.parcel import Dispatch, Parcel, Printed, Waybill
from gateways import zpl
from gateways.label_image import LabelArtist
from gateways.printer import Job, LabelPrinter, Patience
from settings import Label, Printers

log = structlog.get_logger()


class KeptLabel(Protocol):
    """A label as the store tells it."""

    waybill: str
    zpl: str
    printed_at: datetime | None


class Labels(Protocol):
    """What the desk needs from the store of labels."""

    def find(self, parcel_key: str) -> KeptLabel | None: ...
    def keep(self, parcel_key: str, waybill: str, png: bytes, zpl: str, printer: str) -> None: ...
    def printed(self, parcel_key: str, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A label that is drawn and kept; ``printed_at`` if it is on paper already."""

    job: Job
    printed_at: datetime | None


class LabelDesk:
    """Prints labels, each once.

    Args:
        warehouses: All warehouse codes in the order of the merchant's list: without an address of
            its own, the n-th one's printer is the sandbox's n-th.
    """

    def __init__(
        self,
        label: Label,
        printers: Printers,
        labels: Labels,
        warehouses: tuple[str, ...],
        patience: Patience | None = None,
    ) -> None:
        self._artist = LabelArtist(label, printers.dots_per_mm)
        self._dots_per_mm = printers.dots_per_mm
        self._labels = labels
        self._printers = printers_of(printers, warehouses, patience or Patience())

    async def print(self, dispatch: Dispatch) -> Printed:
        """Print the parcel's label at its warehouse, unless it is on paper.

        Raises:
            GatewayBusy: the printer needs a person, or has not confirmed the label.
            GatewayRefused: the warehouse has no printer, or the waybill can not be a barcode.
        """
        parcel = dispatch.parcel
        printer = self._printer_of(parcel)
        ready = await asyncio.to_thread(self._made_ready, dispatch)
        if ready.printed_at is not None:
            return Printed(printer=printer.warehouse, at=ready.printed_at)
        await printer.print_once(ready.job)
        at = utc_now()
        await asyncio.to_thread(self._labels.printed, parcel.key, at)
        return Printed(printer=printer.warehouse, at=at)

    def _made_ready(self, dispatch: Dispatch) -> Ready:
        key, waybill = dispatch.parcel.key, _waybill_of(dispatch)
        marker = zpl.marker_of(key, waybill.number)
        kept = self._labels.find(key)
        if kept is not None and kept.waybill == waybill.number:
            return Ready(job=Job(marker=marker, zpl=kept.zpl), printed_at=kept.printed_at)
        job = Job(marker=marker, zpl=self._draw(dispatch, waybill))
        return Ready(job=job, printed_at=None)

    def _draw(self, dispatch: Dispatch, waybill: Waybill) -> str:
        key, warehouse = dispatch.parcel.key, dispatch.parcel.warehouse
        drawing = self._artist.draw(dispatch, waybill)
        if drawing.lost:
            codes = [f"U+{ord(mark):04X}" for mark in drawing.lost]
            log.warning("label.glyph_missing", parcel=key, characters=codes)
        job = zpl.label(drawing.image, key, waybill.number)
        self._labels.keep(key, waybill.number, drawing.png(self._dots_per_mm), job, warehouse)
        return job

    def _printer_of(self, parcel: Parcel) -> LabelPrinter:
        printer = self._printers.get(parcel.warehouse)
        if printer is None:
            remedy = f"仓 {parcel.warehouse} 没有配置打印机,请在 printers.addresses 中填写"
            raise GatewayRefused("printer", "address", remedy)
        return printer


def printers_of(
    settings: Printers, warehouses: tuple[str, ...], patience: Patience
) -> Mapping[str, LabelPrinter]:
    """Tell each warehouse's printer.

    Raises:
        ValueError: an address is not ``host:port``.
    """
    first = settings.sandbox_first_port
    sandbox = {code: f"127.0.0.1:{first + n}" for n, code in enumerate(warehouses)}
    return {
        code: _printer(code, address, patience)
        for code, address in {**sandbox, **settings.addresses}.items()
    }


def _printer(warehouse: str, address: str, patience: Patience) -> LabelPrinter:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"打印机地址应为 host:port:printers.addresses.{warehouse} = {address!r}")
    return LabelPrinter(warehouse, host.strip("[]"), int(port), patience)


def _waybill_of(dispatch: Dispatch) -> Waybill:
    if dispatch.waybill is None:
        raise GatewayRefused("printer", "waybill", "包裹还没有运单号,请先下单取号再打印面单")
    return dispatch.waybill
