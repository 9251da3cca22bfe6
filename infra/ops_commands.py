"""``lifeline ops``: people's hands on orders and buyers, the same ones as over the ops API."""

from typing import Annotated

import typer

from domain.hands import Deed, Hand, Reroute, Resolution
from domain.order import OrderId
from domain.trouble import Remedy
from infra import ops_buyer_commands, ops_parcel_commands
from infra.ops_options import (
    By,
    Json,
    OrderNo,
    Reason,
    Where,
    Yes,
    hand_of,
    session_of,
)
from infra.ops_session import do
from web.handled import Handled
from web.hands import Hands

app = typer.Typer(
    help="人工操作:改派、挂起、取消、改地址、处理异常、冻结买家;单个订单,或用 --where 批量。",
    no_args_is_help=True,
)


@app.command()
def reroute(  # noqa: PLR0913 - one for each option that a person may give
    order_no: OrderNo = "",
    *,
    reason: Reason,
    to: Annotated[str, typer.Option(help="改派到哪个仓;不填由规则决定。")] = "",
    parcel: Annotated[int | None, typer.Option(help="只改派第几个包裹。")] = None,
    source: Annotated[
        str, typer.Option("--from", help="只改派从这个仓发出的;批量时默认为条件里的仓。")
    ] = "",
    where: Where = None,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """改派仓库:还没出库的包裹换一个仓发。

    例:lifeline ops reroute 6921 --to HZ-GS --reason 主仓爆仓

    一个仓着火:lifeline ops reroute --where warehouse=HZ-XS --to HZ-GS --reason 仓库着火
    """
    session = session_of(order_no, where, yes=yes, as_json=as_json)
    leaving = source or session.warehouse

    async def act(hands: Hands, order_id: OrderId, hand: Hand, key: str) -> Handled:
        request = Reroute(hand=hand, parcel_no=parcel, warehouse=to, source=leaving)
        return await hands.reroute(order_id, request, key)

    do(session, Deed.REROUTE, hand_of(by, reason), act)


@app.command()
def hold(
    order_no: OrderNo = "",
    *,
    reason: Reason,
    where: Where = None,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """挂起:不再开始新的步骤,直到解除。

    例:lifeline ops hold 6921 --reason 买家要改期
    """
    session = session_of(order_no, where, yes=yes, as_json=as_json)
    do(session, Deed.HOLD, hand_of(by, reason), Hands.hold)


@app.command()
def release(
    order_no: OrderNo = "",
    *,
    reason: Reason,
    where: Where = None,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """解除挂起:人工挂起的订单继续。

    例:lifeline ops release --where exception=by_hand --reason 盘点结束
    """
    session = session_of(order_no, where, yes=yes, as_json=as_json)
    do(session, Deed.RELEASE, hand_of(by, reason), Hands.release)


@app.command()
def cancel(
    order_no: OrderNo = "",
    *,
    reason: Reason,
    where: Where = None,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """取消:没出库的包裹收回,释放库存、作废面单。

    例:lifeline ops cancel douyin/6921 --reason 重复下单
    """
    session = session_of(order_no, where, yes=yes, as_json=as_json)
    do(session, Deed.CANCEL, hand_of(by, reason), Hands.cancel)


@app.command()
def retry(
    order_no: OrderNo = "",
    *,
    reason: Reason,
    where: Where = None,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """立即重试:在等待或出了异常的步骤马上再试。

    例:lifeline ops retry --where exception=label.create --reason 顺丰已恢复
    """
    session = session_of(order_no, where, yes=yes, as_json=as_json)
    do(session, Deed.RETRY_NOW, hand_of(by, reason), Hands.retry)


@app.command()
def resolve(  # noqa: PLR0913 - one for each option that a person may give
    order_no: OrderNo = "",
    *,
    reason: Reason,
    remedy: Annotated[
        Remedy, typer.Option(help="retry 重试;done_by_hand 已在系统外做好,跳过这一步。")
    ],
    subject: Annotated[
        str, typer.Option(help="哪个包裹或订单的异常;不填则为允许此办法的全部异常。")
    ] = "",
    where: Where = None,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """处理异常:重试,或确认已人工处理。

    例:lifeline ops resolve 6921 --remedy done_by_hand --reason 面单已手工打印
    """

    async def act(hands: Hands, order_id: OrderId, hand: Hand, key: str) -> Handled:
        resolution = Resolution(hand=hand, subject=subject, remedy=remedy)
        return await hands.resolve(order_id, resolution, key)

    session = session_of(order_no, where, yes=yes, as_json=as_json)
    do(session, Deed.RESOLVE, hand_of(by, reason), act)


app.command("edit-address")(ops_parcel_commands.edit_address)
app.command("correct-waybill")(ops_parcel_commands.correct_waybill)
app.command("decide-claim")(ops_parcel_commands.decide_claim)
app.command()(ops_buyer_commands.freeze)
app.command()(ops_buyer_commands.unfreeze)
app.command("buyer")(ops_buyer_commands.show_buyer)
