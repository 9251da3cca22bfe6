"""The card that a risk officer gets about a frozen buyer, as WeCom draws it (protocols 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.clock import CHINA
from domain.freeze import Button, FreezeNotice
from domain.money import yuan
from gateways.order_rows import BookedOrder

LONGEST_TITLE, LONGEST_TEXT, MOST_LINES, LONGEST_LINE = 36, 160, 6, 30
SHORT = 8
GREY, RED, BLUE = 2, 3, 1  # the styles of WeCom's buttons
BUTTONS = (
    (Button.LOOK, "看历史订单", BLUE),
    (Button.UNFREEZE, "解冻", GREY),
    (Button.CONFIRM, "确认风险", RED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardName:
    """What a card's task id says: the buyer and the freeze. A freeze has one card."""

    buyer_key: str
    no: str

    @property
    def task_id(self) -> str:
        """Write it as WeCom allows: letters, digits, ``_``, ``-`` and ``@``."""
        return f"guard-{self.buyer_key}-{self.no}"

    @classmethod
    def of(cls, task_id: str) -> "CardName | None":
        """Read it back; ``None`` for a card that is not ours."""
        words = task_id.split("-")
        if len(words) != 3 or words[0] != "guard" or not all(words):  # noqa: PLR2004 - as above
            return None
        return cls(buyer_key=words[1], no=words[2])


def card_of(notice: FreezeNotice) -> dict[str, Any]:
    """Draw the card about a freeze; the claims that led to it stand below."""
    lines = [(f"¥{yuan(claim.amount_fen)}", claim.order_id) for claim in notice.freeze.claims]
    return _card(notice, notice.freeze.reason, lines)


def history_card(notice: FreezeNotice, orders: Sequence[BookedOrder], by: str) -> dict[str, Any]:
    """Draw the card with the buyer's past orders instead of the claims."""
    lines = [
        (f"{order.received_at.astimezone(CHINA):%m-%d %H:%M}", order.order_id) for order in orders
    ]
    return _card(notice, f"{by} 查看了最近 {len(lines)} 笔订单。{notice.freeze.reason}", lines)


def _card(notice: FreezeNotice, text: str, lines: Sequence[tuple[str, str]]) -> dict[str, Any]:
    freeze = notice.freeze
    until = freeze.until.astimezone(CHINA)
    name = CardName(buyer_key=notice.buyer_key, no=freeze.no)
    return {
        "card_type": "button_interaction",
        "source": {"desc": "Lifeline 买家守卫"},
        "main_title": {
            "title": f"买家 {notice.buyer_key[:SHORT]} 已冻结"[:LONGEST_TITLE],
            "desc": f"至 {until:%m-%d %H:%M}",
        },
        "sub_title_text": text[:LONGEST_TEXT],
        "horizontal_content_list": [
            {"keyname": key, "value": value[:LONGEST_LINE]} for key, value in lines[:MOST_LINES]
        ],
        "task_id": name.task_id,
        "button_list": [
            {"text": words, "style": style, "key": button.value} for button, words, style in BUTTONS
        ],
    }
