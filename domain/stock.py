"""What the stock answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAnswer:
    """What became of a lock: every line is locked, or none is and ``short`` names the SKUs."""

    short: tuple[str, ...]
    at: datetime

    @property
    def locked(self) -> bool:
        """Whether the whole parcel is locked."""
        return not self.short
