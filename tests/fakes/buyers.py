"""The hub's record of buyers, in memory."""

from datetime import datetime

from domain.risk import Standing


class FakeBuyers:
    """Everybody may order, except whom ``freeze`` names."""

    def __init__(self) -> None:
        self.frozen: dict[str, Standing] = {}

    def standing(self, buyer_key: str) -> Standing:
        return self.frozen.get(buyer_key, Standing(frozen_until=None))

    def freeze(self, buyer_key: str, until: datetime, reason: str) -> None:
        self.frozen[buyer_key] = Standing(frozen_until=until, reason=reason)

    def unfreeze(self, buyer_key: str) -> None:
        del self.frozen[buyer_key]
