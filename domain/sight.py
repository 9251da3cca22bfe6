"""What is remembered of how a channel last showed an order: a mark, and not the buyer's address."""

from hashlib import sha256

from domain.order import Receiver
from domain.standing import Standing

# Whatever the channel showed before, an order does not come back from here.
ENDS = (Standing.CANCELLED, Standing.SHIPPED, Standing.DELIVERED)


def mark(standing: Standing, receiver: Receiver | None) -> str:
    """Hash what an order must hear about: where it stands, and where it is to go."""
    return sha256(f"{standing}\n{receiver!r}".encode(errors="replace")).hexdigest()


END_MARKS = tuple(mark(end, None) for end in ENDS)
