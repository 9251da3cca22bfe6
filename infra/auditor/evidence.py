"""Everything that the promises are checked against, put side by side."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from infra.auditor import ledgers
from infra.auditor.hub import HubRecord, read_hub
from infra.auditor.records import (
    DeliveryOrder,
    ErpOrder,
    Invoice,
    Label,
    Life,
    Refund,
    ReturnOrder,
    Shipment,
    ShopOrder,
    Voucher,
    Waybill,
    WriteOff,
    order_of,
)
from infra.auditor.stock import Stock, StockNames, read_stock
from infra.auditor.world import World, read_world

Record = TypeVar("Record")
Grouped = Mapping[str, Sequence[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of all orders.

    Attributes:
        lives, orders, refunds, invoices, erp_orders: By order id.
        returns: What warehouses were told to take back, by order id.
        deliveries: What the WMS was asked to send, by order id.
        waybills, labels: By parcel key.
    """

    lives: Mapping[str, Life]
    orders: Mapping[str, ShopOrder]
    refunds: Grouped[Refund]
    shipments: Sequence[Shipment]
    deliveries: Grouped[DeliveryOrder]
    waybills: Grouped[Waybill]
    labels: Grouped[Label]
    returns: Grouped[ReturnOrder]
    invoices: Grouped[Invoice]
    vouchers: Sequence[Voucher]
    erp_orders: Grouped[ErpOrder]
    stock: Stock
    world: World
    hub: HubRecord

    def is_over(self, order_id: str) -> bool:
        """Tell whether an order's life has ended, so that nothing of it may be missing."""
        life = self.lives.get(order_id)
        return life is not None and not life.open

    def refunded_fen(self, order_id: str) -> int:
        """Add up what an order's buyer got back."""
        return sum(refund.amount_fen for refund in self.refunds.get(order_id, ()))

    def came_back(self, parcel: DeliveryOrder) -> bool:
        """Tell whether the warehouse has received a parcel that it had sent out."""
        returns = self.returns.get(order_of(parcel.parcel_key), ())
        return any(r.is_received and r.parcel_key == parcel.parcel_key for r in returns)

    def write_offs(self, order_id: str) -> Sequence[WriteOff]:
        """Tell what of an order somebody has written off."""
        return [loss for loss in self.hub.write_offs if loss.order_id == order_id and loss.by]

    def parcels_out(self) -> Iterable[DeliveryOrder]:
        """Tell every parcel that has left its warehouse."""
        return (
            parcel for parcels in self.deliveries.values() for parcel in parcels if parcel.has_left
        )

    def live_waybills(self, parcel_key: str) -> Sequence[Waybill]:
        """Tell a parcel's waybills that are not cancelled."""
        return [waybill for waybill in self.waybills.get(parcel_key, ()) if waybill.live]

    def reached_buyer(self, parcel: DeliveryOrder) -> bool:
        """Tell whether a parcel left, and its carrier says that it was signed for."""
        waybills = self.waybills.get(parcel.parcel_key, ())
        return parcel.has_left and any(waybill.signed_for for waybill in waybills)


def gather(
    var: Path, stock_url: str, hub_url: str, lives: Collection[Life], names: StockNames
) -> Evidence:
    """Read everything, each consequence before its cause.

    The hub may be at work meanwhile. What is read later may know more, so a paper, a label or a
    shipment always finds the booking or the receipt that it came from.

    Raises:
        Unreadable: something is missing or has another shape.
    """
    folder = var / "sandbox"
    hub = read_hub(hub_url)
    stock = read_stock(stock_url, names)
    returns = ledgers.read_return_orders(folder)
    deliveries = ledgers.read_delivery_orders(folder)
    labels = ledgers.read_labels(folder)
    vouchers = ledgers.read_vouchers(folder)
    invoices = ledgers.read_invoices(folder)
    shops = ledgers.read_shops(folder)
    waybills = ledgers.read_waybills(folder)
    return Evidence(
        lives={life.order_id: life for life in lives},
        orders={order.id: order for order in shops.orders},
        refunds=grouped(shops.refunds, lambda refund: refund.order_id),
        shipments=_with_parcels(shops.shipments, waybills),
        deliveries=grouped(deliveries, lambda parcel: order_of(parcel.parcel_key)),
        waybills=grouped(waybills, lambda waybill: waybill.parcel_key),
        labels=grouped(labels, lambda label: label.parcel_key),
        returns=grouped(returns, lambda order: order_of(order.code)),
        invoices=grouped(invoices, lambda invoice: invoice.order_id),
        vouchers=vouchers,
        erp_orders=grouped(ledgers.read_erp_orders(folder), lambda order: order.order_id),
        stock=stock,
        world=read_world(folder),
        hub=hub,
    )


def _with_parcels(shipments: Iterable[Shipment], waybills: Iterable[Waybill]) -> Sequence[Shipment]:
    """Find the parcel of each shipment by its number, where the shop knows no parcels."""
    parcels = {waybill.number: waybill.parcel_key for waybill in waybills}
    known = frozenset(parcels.values())
    return [
        shipment
        if shipment.parcel_key in known
        else replace(shipment, parcel_key=parcels.get(shipment.tracking_no, shipment.parcel_key))
        for shipment in shipments
    ]


def grouped(records: Iterable[Record], name: Callable[[Record], str]) -> Grouped[Record]:
    """Put records of the same name together."""
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[name(record)].append(record)
    return dict(groups)
