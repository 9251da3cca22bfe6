"""How long the business waits; every value is a setting, already divided by the speed."""

from dataclasses import dataclass
from datetime import timedelta

MOST_DOUBLINGS = 16  # beyond, the longest wait is long reached; the power stays small


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The business durations that an order lives by; it keeps those it was opened with.

    Attributes:
        hold_retry: After how long an order that waits for stock or an address first tries again
            by itself; see ``next_try``.
        hold_limit: After this long a hold is an exception that a person must see.
        scan_silence: How long we trust a carrier's pushes before we ask ourselves.
        poll_interval: How often we ask a silent carrier.
        invoice_poll: How often we ask whether the tax bureau has issued the invoice.
        after_sale: How long after delivery the order stays open for refunds.
        erp_poll: How often we ask whether the ERP has audited an order; ``None`` for an order
            that was opened before there was an ERP to show it to.
        receipt_limit: How long a warehouse may take to receive what came back before a person is
            told; ``None`` for an order that was opened before claims were acted on.
        patience: How long a step may go on failing before a person is told. A machine's time, so
            the speed does not divide it: partners answer in real seconds.
    """

    hold_retry: timedelta
    hold_limit: timedelta
    scan_silence: timedelta
    poll_interval: timedelta
    invoice_poll: timedelta
    after_sale: timedelta
    patience: timedelta
    erp_poll: timedelta | None = None
    receipt_limit: timedelta | None = None

    def next_try(self, tries: int) -> timedelta:
        """Tell how long to wait before the next try by itself, after so many in vain.

        Twice as long each time, up to a quarter of the hold limit: an order that nobody mends for
        weeks must not fill its history with tries. News wakes it at once in any case.
        """
        longest = max(self.hold_retry, self.hold_limit / 4)
        doublings = 1 << min(tries, MOST_DOUBLINGS)
        return min(self.hold_retry * doublings, longest)
