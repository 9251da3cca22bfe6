"""What the order's channel says after the order was opened, and what follows from it.

News is state and comes late, twice and in any order: what is older than what is known is dropped.
"""

from datetime import datetime
from typing import assert_never

from temporalio import workflow

from domain.lifecycle import ParcelStage
from domain.opening import ChannelNews
from domain.order import Receiver
from domain.standing import Standing
from domain.trouble import Hold, HoldReason
from workflows.calls import FOLLOW
from workflows.journey import Journey
from workflows.life import Life

CLOSED = "渠道已关闭订单"
AT_REST = frozenset({ParcelStage.DELIVERED, ParcelStage.INTERCEPTED, ParcelStage.LOST})


class ChannelSide:
    """The channel's view of one order."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._changed_at: datetime | None = None
        self._closed_at: datetime | None = None
        self._receiver = life.order.receiver  # what the channel said last

    def hear(self, news: ChannelNews) -> None:
        """Do what the channel's newest word asks for."""
        if self._changed_at is not None and news.changed_at < self._changed_at:
            return
        self._changed_at = news.changed_at
        match news.standing:
            case Standing.UNPAID | Standing.PENDING:
                self._pause()
            case Standing.DUE:
                self._go_on(news.receiver)
            case Standing.SHIPPED | Standing.DELIVERED:
                self._shipped()
            case Standing.CANCELLED:
                self._close()
            case _:
                assert_never(news.standing)

    def _pause(self) -> None:
        life = self._life
        if life.paused is None:
            details = ("渠道审核中,或买家、平台要求暂缓发货",)
            life.paused = Hold(
                reason=HoldReason.CHANNEL_HOLD, since=workflow.now(), details=details
            )
            life.heard()

    def _go_on(self, receiver: Receiver | None) -> None:
        life = self._life
        if life.paused is not None:
            life.paused = None
            life.heard()
        if life.called_off():
            life.note("渠道恢复了已取消的订单,未重新发货,请人工核对")
        elif receiver is not None and receiver != self._receiver:
            self._receiver = receiver
            self._move(receiver)

    def _move(self, receiver: Receiver) -> None:
        life = self._life
        if life.readdressed_by is not None:
            life.note("渠道改了收件信息,订单已有人工修改的地址,未采用渠道的")
        elif not life.movable():
            life.note("渠道改了收件信息,包裹都已出库或完结,未能采用")
        else:
            life.readdress(receiver)
            life.note("渠道改了收件信息,未出库的按新地址重发")

    def _shipped(self) -> None:
        """Somebody shipped it; when it was not us, a person should be able to see that."""
        life = self._life
        if not any(journey.has_left for journey in life.journeys):
            life.note("渠道显示已发货,但不是本系统发的货,请人工核对")
        elif life.paused is not None:
            life.paused = None
            life.heard()

    def _close(self) -> None:
        life = self._life
        if self._closed_at is not None:
            return
        self._closed_at = workflow.now()
        life.closed = True
        if not life.called_off():
            life.call_off()
        life.note(CLOSED)
        life.errands.begin(self._ask_about_what_is_out())

    async def _ask_about_what_is_out(self) -> None:
        """Call a person for what can not be stopped any more, once that is certain."""
        life = self._life
        await workflow.wait_condition(
            lambda: not (life.claims.unsettled() or any(map(self._may_come_back, life.journeys)))
        )
        if out := [str(journey.parcel.no) for journey in life.journeys if self._is_out(journey)]:
            life.note(f"{CLOSED},包裹 {'、'.join(out)} 已出库")
            await life.door.ask(FOLLOW.step, life.order.id, f"{CLOSED},包裹已出库")

    def _may_come_back(self, journey: Journey) -> bool:
        """Whether a parcel is being stopped, or called back from the road."""
        on_the_road = journey.has_left and journey.stage not in AT_REST
        return journey.turning_back or (on_the_road and self._life.heeds_claims)

    def _is_out(self, journey: Journey) -> bool:
        """Whether a parcel is gone, and no claim accounts for it."""
        accounted = self._life.heeds_claims and self._life.claims.is_refunded(journey.parcel)
        return journey.has_left and journey.stage is not ParcelStage.INTERCEPTED and not accounted
