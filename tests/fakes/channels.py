"""A mini program shop in memory."""

from dataclasses import dataclass, field

from domain.errors import GatewayRefused
from domain.parcel import ShipmentNews


@dataclass
class FakeShop:
    """Knows some orders, and remembers each shipment that it was told of."""

    orders: set[str] = field(default_factory=set)
    shipments: dict[str, ShipmentNews] = field(default_factory=dict)
    tellings: int = 0

    async def tell_shipped(self, news: ShipmentNews) -> None:
        """Hear of a shipment; what is known already is a yes."""
        self.tellings += 1
        if news.number not in self.orders:
            raise GatewayRefused(news.channel, "40401", f"订单 {news.number} 不存在")
        if self.shipments.setdefault(news.key, news) != news:
            raise GatewayRefused(news.channel, "40901", f"事件 {news.key} 已登记为另一次发货")
