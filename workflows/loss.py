"""Keeps who bears it that goods are gone."""

from collections.abc import Collection, Iterable

from temporalio import workflow

from domain.hands import Hand
from domain.parcel import Item
from domain.ruling import WriteOff
from workflows.calls import WRITE_OFF
from workflows.outset import Outset


async def write_off(outset: Outset, subject: str, items: Collection[Item], hand: Hand) -> None:
    """Write goods off by a person's word, once for each subject: a claim, or a parcel's key."""
    loss = WriteOff(
        order_id=outset.order.id,
        subject=subject,
        line_nos=tuple(sorted(_lines(items))),
        amount_fen=sum(item.paid_fen for item in items),
        by=hand.by,
        reason=hand.reason,
        at=workflow.now(),
    )
    await outset.door.do(WRITE_OFF, loss, subject=subject)
    outset.note(f"{hand.by} 核销 {subject}:{hand.reason}")


def _lines(items: Iterable[Item]) -> set[int]:
    return {item.line_no for item in items}
