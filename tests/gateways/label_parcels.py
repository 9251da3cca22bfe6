"""Parcels that want a label."""

from datetime import UTC, datetime

from domain.order import Place, Receiver, order_id
from domain.parcel import Band, Dispatch, Item, Parcel, Waybill

A_RECEIVER = Receiver(
    name="张三䶮",
    phone="13812341234",
    province="浙江省",
    city="杭州市",
    district="西湖区",
    address="文三路 90 号东部软件园 3 幢 2 单元 1203 室",
    place=Place(longitude=120.13, latitude=30.27),
)


def an_item(no: int = 1, name: str = "现挤鲜牛奶 950ml") -> Item:
    return Item(
        line_no=no,
        sku=f"sku-{no}",
        name=name,
        quantity=2,
        band=Band.CHILLED,
        weight_g=980,
        volume_cm3=1100,
        paid_fen=1990,
    )


def a_waybill(number: str = "SF1320260206123", route_code: str = "571W-GS-012") -> Waybill:
    at = datetime(2026, 2, 6, 4, 30, tzinfo=UTC)
    return Waybill(carrier="shunfeng", number=number, route_code=route_code, at=at)


def a_dispatch(
    number: str = "20260206001",
    *,
    warehouse: str = "HZ-XS",
    receiver: Receiver = A_RECEIVER,
    items: tuple[Item, ...] = (an_item(),),
) -> Dispatch:
    parcel = Parcel(
        order_id=order_id("miniprogram", number),
        no=1,
        warehouse=warehouse,
        carrier="shunfeng",
        items=items,
    )
    return Dispatch(parcel=parcel, receiver=receiver, waybill=a_waybill())
