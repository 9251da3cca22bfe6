"""``lifeline ops edit-address`` and its like: what is done to one order alone."""

from typing import Annotated

import typer

from domain.hands import AddressEdit, ClaimDecision, Decided, Deed, Hand, WaybillCorrection
from domain.order import OrderId
from infra.ops_options import By, Json, Reason, TheOrder, hand_of, session_of
from infra.ops_session import do
from web.handled import Handled
from web.hands import Hands
from web.ops_bodies import receiver_at


def edit_address(  # noqa: PLR0913 - one for each option that a person may give
    order_no: TheOrder,
    *,
    reason: Reason,
    name: Annotated[str, typer.Option(prompt="收件人", help="收件人;不填则询问。")],
    phone: Annotated[str, typer.Option(prompt="电话", help="电话;不填则询问。")],
    province: Annotated[str, typer.Option(prompt="省", help="省;不填则询问。")],
    city: Annotated[str, typer.Option(prompt="市", help="市;不填则询问。")],
    district: Annotated[str, typer.Option(prompt="区县", help="区县;不填则询问。")],
    address: Annotated[str, typer.Option(prompt="详细地址", help="详细地址;不填则询问。")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """修改地址:没出库的包裹改寄新地址。地址等不填时逐项询问,不留在命令历史里。

    例:lifeline ops edit-address 6921 --reason 买家搬家
    """
    region = (province, city, district)
    receiver = receiver_at(name=name, phone=phone, region=region, address=address)

    async def act(hands: Hands, order_id: OrderId, hand: Hand, key: str) -> Handled:
        return await hands.edit_address(order_id, AddressEdit(hand=hand, receiver=receiver), key)

    session = session_of(order_no, as_json=as_json)
    do(session, Deed.EDIT_ADDRESS, hand_of(by, reason), act)


def correct_waybill(  # noqa: PLR0913 - one for each option that a person may give
    order_no: TheOrder,
    *,
    number: Annotated[str, typer.Option(help="正确的运单号。")],
    carrier: Annotated[str, typer.Option(help="承运商,例如 zhongtong,见 carriers list。")],
    reason: Reason,
    parcel: Annotated[int, typer.Option(min=1, help="第几个包裹。")] = 1,
    by: By = None,
    as_json: Json = False,
) -> None:
    """更正运单号:包裹实际走的是另一个单号,渠道也会收到更正。

    例:lifeline ops correct-waybill 6921 --number 78012345 --carrier zhongtong --reason 贴错面单
    """

    async def act(hands: Hands, order_id: OrderId, hand: Hand, key: str) -> Handled:
        correction = WaybillCorrection(hand=hand, parcel_no=parcel, number=number, carrier=carrier)
        return await hands.correct_waybill(order_id, correction, key)

    session = session_of(order_no, as_json=as_json)
    do(session, Deed.CORRECT_WAYBILL, hand_of(by, reason), act)


def decide_claim(
    order_no: TheOrder,
    *,
    claim: Annotated[str, typer.Option(help="售后单号。")],
    decision: Annotated[
        Decided, typer.Option(help="agree 同意退款;refuse 拒绝;write_off 款已退、货不回来,核销。")
    ],
    reason: Reason,
    by: By = None,
    as_json: Json = False,
) -> None:
    """处理售后:决定一张规则转给人工的售后单;原因会发给买家。

    例:lifeline ops decide-claim 6921 --claim 7200001 --decision agree --reason 商品破损
    """

    async def act(hands: Hands, order_id: OrderId, hand: Hand, key: str) -> Handled:
        decided = ClaimDecision(hand=hand, claim_id=claim, decision=decision)
        return await hands.decide_claim(order_id, decided, key)

    session = session_of(order_no, as_json=as_json)
    do(session, Deed.DECIDE_CLAIM, hand_of(by, reason), act)
