"""Logs a fault of our own without what it says: that may be a buyer's name and address."""

import traceback
from pathlib import Path

import structlog

DEEPEST = 12  # the last calls before the fault; what is above them is the server's

log = structlog.get_logger()


def log_stumble(event: str, bug: BaseException, **about: object) -> None:
    """Log which kind of fault it was and where: enough to find it, and nobody's data."""
    calls = traceback.extract_tb(bug.__traceback__)[-DEEPEST:]
    where = [f"{Path(call.filename).name}:{call.lineno} {call.name}" for call in calls]
    log.error(event, bug=type(bug).__name__, where=where, **about)
