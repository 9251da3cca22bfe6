"""Made-up parcels for the gateways' tests."""

from datetime import UTC, datetime

from domain.comeback import ReturnOrder
from domain.order import Place, Receiver, order_id
from domain.parcel import Band, Dispatch, Item, Parcel, Waybill

AT = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
MILK = Item(
    line_no=1,
    sku="1082185",
    name="鲜牛奶 1L",
    quantity=3,
    band=Band.CHILLED,
    weight_g=1030,
    volume_cm3=1000,
    paid_fen=4000,
)


def a_dispatch(
    number: str = "A1001", *, warehouse: str = "HZ-XS", carrier: str = "shunfeng"
) -> Dispatch:
    parcel = Parcel(
        order_id=order_id("miniprogram", number),
        no=1,
        warehouse=warehouse,
        carrier=carrier,
        items=(MILK,),
    )
    receiver = Receiver(
        name="张\u3000三",
        phone="13800000000",
        province="浙江省",
        city="杭州市",
        district="西湖区",
        address="文三路 90 号 <东> & 2 幢\u000b",
        place=Place(longitude=120.13, latitude=30.26),
    )
    waybill = Waybill(carrier=carrier, number=f"W{number}", route_code="", at=AT)
    return Dispatch(parcel=parcel, receiver=receiver, waybill=waybill)


def a_return(number: str = "A1001") -> ReturnOrder:
    """Call back the whole parcel of ``a_dispatch``."""
    parcel = a_dispatch(number).parcel
    return ReturnOrder(
        key=f"{parcel.order_id}/return/p{parcel.no}",
        order_id=parcel.order_id,
        warehouse=parcel.warehouse,
        delivery_key=parcel.key,
        carrier=parcel.carrier,
        number=f"W{number}",
        items=parcel.items,
    )
