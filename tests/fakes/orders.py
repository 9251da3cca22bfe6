"""Orders for tests: made-up buyers, true shapes."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from domain.order import Line, Order, Place, Receiver, order_id

PAID_AT = datetime(2026, 2, 6, 3, 30, tzinfo=UTC)
SKUS = ("MILK-1L", "RICE-5KG", "TEA-250G")
NAMES = ("鲜牛奶 1L", "东北大米 5kg", "龙井 250g")
FREIGHT_FEN = 600
PRICE_FEN = 1000

XIHU = Receiver(
    name="张三",
    phone="13800001234",
    province="浙江省",
    city="杭州市",
    district="西湖区",
    address="文三路 1 号",
    place=Place(longitude=120.13, latitude=30.27),
)
NOWHERE = replace(XIHU, district="", address="老地方", place=None)
GONGSHU = replace(XIHU, district="拱墅区", address="莫干山路 2 号")

_numbers = count(1)


def an_order(
    *,
    lines: int = 1,
    receiver: Receiver = XIHU,
    freight_fen: int = FREIGHT_FEN,
    price_fen: int = PRICE_FEN,
) -> Order:
    """Make an order that nobody has seen before; line ``n`` costs ``n`` times ``price_fen``."""
    number = f"T{next(_numbers):06d}"
    goods = tuple(_line(no, price_fen) for no in range(1, lines + 1))
    return Order(
        id=order_id("miniprogram", number),
        channel="miniprogram",
        number=number,
        buyer_key=f"buyer-{number}",
        leader=None,
        paid_at=PAID_AT,
        received_at=PAID_AT,
        receiver=receiver,
        lines=goods,
        freight_fen=freight_fen,
        paid_fen=sum(line.paid_fen for line in goods) + freight_fen,
    )


def _line(no: int, price_fen: int) -> Line:
    sku, name = SKUS[no - 1], NAMES[no - 1]
    return Line(no=no, sku=sku, name=name, quantity=2, paid_fen=price_fen * no, ref=f"LINE-{no}")
