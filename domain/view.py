"""What an order's life looks like from outside: the answer of its query."""

from dataclasses import dataclass

from domain.claim import Refund
from domain.erp import ErpState
from domain.hands import Deed
from domain.lifecycle import OrderStage, ParcelStage
from domain.papers import BillLine, Invoice, RedLine
from domain.parcel import Item, Waybill
from domain.trouble import Hold, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelView:
    """Where one parcel stands."""

    no: int
    warehouse: str
    stage: ParcelStage
    waybill: Waybill | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersView:
    """What an order's papers say.

    Attributes:
        billed: The blue invoice's lines.
        reds: What each red letter took back of them, oldest first.
    """

    invoice: Invoice
    billed: tuple[BillLine, ...]
    reds: tuple[tuple[RedLine, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """Where an order stands, why it stands still if it does, and what it waits for.

    Attributes:
        refunds: What the buyer wants back, each claim as the channel showed it last.
        erp: What the ERP says of the order; ``None`` until it has audited it.
        deeds: What a person may do to it now.
        papers: Its invoice and red letters; ``None`` until it is invoiced.
        came_back: The lines whose goods a buyer sent back.
    """

    stage: OrderStage
    hold: Hold | None
    troubles: tuple[Trouble, ...]
    parcels: tuple[ParcelView, ...]
    notes: tuple[str, ...]
    refunds: tuple[Refund, ...] = ()
    erp: ErpState | None = None
    deeds: tuple[Deed, ...] = ()
    papers: PapersView | None = None
    came_back: tuple[int, ...] = ()
