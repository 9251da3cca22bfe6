"""How long the business waits; every value is a setting, already divided by the speed."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The business durations that an order lives by; it keeps those it was opened with.

    Attributes:
        hold_retry: How often an order that waits for stock or an address tries again by itself.
        hold_limit: After this long a hold is an exception that a person must see.
        scan_silence: How long we trust a carrier's pushes before we ask ourselves.
        poll_interval: How often we ask a silent carrier.
        invoice_poll: How often we ask whether the tax bureau has issued the invoice.
        after_sale: How long after delivery the order stays open for refunds.
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
