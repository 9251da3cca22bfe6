"""The one place that reads the wall clock. Rules and workflows are handed the time instead."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")  # the clock on our users' wall


def utc_now() -> datetime:
    """Tell the time as an aware UTC datetime."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place that the ban points to
