"""What a buyer's guard needs of the outside, in memory."""

from datetime import datetime

from domain.errors import GatewayRefused
from domain.freeze import FreezeNotice
from domain.hands import Hand
from domain.risk import Standing
from tests.fakes.buyers import FakeBuyers


class FakeRiskOffice:
    """Freezes the same buyers that the orders ask about, and keeps cards and marks.

    Attributes:
        refuses: While it is set, Kingdee refuses every mark with this reason.
    """

    def __init__(self, buyers: FakeBuyers) -> None:
        self._buyers = buyers
        self.acts: list[str] = []
        self.cards: list[FreezeNotice] = []
        self.marks: list[FreezeNotice] = []
        self.refuses = ""

    def trip(self, buyer_key: str, until: datetime, reason: str) -> None:
        self._buyers.frozen[buyer_key] = Standing(frozen_until=until, reason=reason)
        self.acts.append("freeze")

    def watched(self, buyer_key: str, until: datetime, reason: str) -> None:
        self.acts.append("dry_run")

    def confirmed(self, buyer_key: str, until: datetime, hand: Hand) -> None:
        self.acts.append(f"confirm {hand.by}")

    def unfreeze(self, buyer_key: str, reason: str, by: str) -> None:
        self._buyers.frozen.pop(buyer_key, None)
        self.acts.append(f"unfreeze {by}")

    def lapse(self, buyer_key: str, reason: str) -> None:
        self._buyers.frozen.pop(buyer_key, None)
        self.acts.append("lapse")

    def has_card(self, buyer_key: str, until: datetime) -> bool:
        return any(card.freeze.until == until for card in self.cards)

    def card_sent(self, buyer_key: str, until: datetime) -> None:
        """Nothing to keep: ``cards`` has it."""

    async def send(self, notice: FreezeNotice) -> None:
        self.cards.append(notice)

    async def mark(self, notice: FreezeNotice) -> None:
        if self.refuses:
            raise GatewayRefused("kingdee", "MsgCode 11", self.refuses)
        self.marks.append(notice)
