"""Where an order stands at its channel, in our own words."""

from enum import StrEnum


class Standing(StrEnum):
    """What the channel expects of us now."""

    UNPAID = "unpaid"
    PENDING = "pending"  # paid, but not to be shipped yet: under review, held, a group not full
    DUE = "due"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
