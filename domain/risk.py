"""May a buyer order now?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A buyer's standing; ``frozen_until`` is ``None`` for everyone who may order."""

    frozen_until: datetime | None
    reason: str = ""
