"""An exception as people see it, its row, and why it can not be taken."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_

from domain.clock import CHINA
from domain.errors import HubError
from gateways.tables import EXCEPTIONS

OPEN = EXCEPTIONS.c.cleared_at.is_(None)
CALLING = -1  # in ``escalations``: the first call is being made and does not count yet


class NoSuchException(HubError):
    """Nothing is open under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"没有未处理的异常 {key}:可能已自行恢复,请用 lifeline exceptions list 查看编号"
        )


class TakenByAnother(HubError):
    """Somebody else works on it."""

    def __init__(self, key: str, owner: str, at: datetime) -> None:
        since = at.astimezone(CHINA).strftime("%m-%d %H:%M")
        super().__init__(f"{key} 已由 {owner} 在 {since} 领取:请与其沟通,退回后才能领取")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenException:
    """An exception that waits for a person, or did.

    Attributes:
        key: Its name while it is open: what it is about, ``:``, the step.
        remedies: What may be done; the words of ``domain.trouble.Remedy``.
        deadline: By when it should be closed.
        owner: Who works on it, since ``owned_at``.
        escalations: How many rungs of the ladder were called after the deadline.
        rung_at: When people were last called; ``None`` before the first time.
    """

    key: str
    order_id: str
    step: str
    subject: str
    since: datetime
    reason: str
    remedies: tuple[str, ...]
    deadline: datetime
    owner: str | None
    owned_at: datetime | None
    escalations: int
    rung_at: datetime | None
    cleared_at: datetime | None


def exception_of(row: RowMapping) -> OpenException:
    """Read one row."""
    said = {**row, "remedies": tuple(json.loads(row["remedies"]))}
    said["escalations"] = max(said["escalations"], 0)
    return OpenException(key=f"{row['subject']}:{row['step']}", **said)


def open_as(key: str) -> ColumnElement[bool]:
    """Tell which row is open under a key."""
    subject, _, step = key.rpartition(":")
    return and_(EXCEPTIONS.c.subject == subject, EXCEPTIONS.c.step == step, OPEN)
