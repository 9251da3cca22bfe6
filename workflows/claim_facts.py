"""What is known of an order's refund claims, and what follows from it. Nothing here awaits."""

from collections.abc import Collection, Mapping, Sequence

from domain.claim import Refund, is_news
from domain.hands import ClaimDecision
from domain.order import Order
from domain.parcel import Parcel
from domain.refunding import Reach, covers_goods, given_back, is_unsettled, kept, refunded_lines


class ClaimFacts:
    """The claims of one order, each as its channel showed it last.

    Attributes:
        decisions: What people said of claims, until it is done.
        announced: The keys of the returns that a warehouse was told of.
        came_back: The lines whose goods a buyer sent back and a warehouse received whole.
        short: The lines of which a warehouse received less than the buyer sent back.
        written_off: The claims whose goods somebody has written off.
    """

    def __init__(self, order: Order, *, heeded: bool) -> None:
        self.decisions: dict[str, ClaimDecision] = {}
        self.announced: set[str] = set()
        self.came_back: set[int] = set()
        self.short: set[int] = set()
        self.written_off: set[str] = set()
        self._order = order
        self._heeded = heeded  # an order from before claims were acted on only shows them
        self._claims: dict[str, Refund] = {}

    def keep(self, claim: Refund) -> bool:
        """Keep a claim as the channel shows it; ``False`` when that is no news."""
        if not is_news(claim, self._claims.get(claim.id)):
            return False
        self._claims[claim.id] = claim
        return True

    def get(self, claim_id: str) -> Refund | None:
        """Look a claim up."""
        return self._claims.get(claim_id)

    def all(self) -> Sequence[Refund]:
        """Tell every claim, oldest first."""
        return tuple(self._claims.values())

    def given_back(self, reach: Reach = Reach.INSIDE) -> frozenset[int]:
        """Tell the lines whose goods the buyer does not want."""
        return given_back(self._order, self.all(), reach) if self._heeded else frozenset()

    def undecided(self) -> frozenset[int]:
        """Tell the lines that are given back by claims which may still be withdrawn."""
        return self.given_back() - self._refunded()

    def gives_back(self, claim: Refund) -> bool:
        """Tell whether a claim is about goods, and not only about some of their price."""
        return covers_goods(self._order, claim, self.all())

    def is_unwanted(self, parcel: Parcel) -> bool:
        """Tell whether nobody wants anything in a parcel; it is brought back from the road."""
        return bool(self._claims) and parcel.line_nos <= self.given_back(Reach.ROAD)

    def is_refunded(self, parcel: Parcel) -> bool:
        """Tell whether all of a parcel is paid back, so that its channel has done with it."""
        return bool(self._claims) and parcel.line_nos <= self._refunded()

    def unsettled(self) -> bool:
        """Tell whether some claim may still take money back."""
        return self._heeded and any(is_unsettled(claim) for claim in self.all())

    def kept(self, arrived: Collection[int]) -> Mapping[int, int]:
        """Tell what is kept of each line that arrived, in fen (``domain.refunding``)."""
        return kept(self._order, arrived, self.all() if self._heeded else ())

    def _refunded(self) -> frozenset[int]:
        return refunded_lines(self._order, self.all())
