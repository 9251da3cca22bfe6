"""What a Youzan call asks for: pages, times and ids, read strictly."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_wire import GateSays, YouzanSays
from infra.sandbox.partners.youzan_words import CHINA, CLOCK

WHOLE = re.compile(r"[0-9]{1,15}")
FIRST_MS = 10**11  # a Unix time above it is in milliseconds: in seconds it would be year 5138
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of Unix milliseconds, both ends inside; without an end it is open there."""

    first: int | None
    last: int | None

    def holds(self, at_ms: int) -> bool:
        """Tell whether a time lies in it."""
        return (self.first is None or self.first <= at_ms) and (
            self.last is None or at_ms <= self.last
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list, counted from 1."""

    number: int
    size: int

    def of(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Cut it out."""
        return rows[(self.number - 1) * self.size : self.number * self.size]


def page(asked: Doc, *, usual: int, largest: int) -> Page:
    """Read ``page_no`` and ``page_size``; nothing and 0 mean the usual."""
    number, size = whole(asked, "page_no") or 1, whole(asked, "page_size") or usual
    if size > largest:
        raise YouzanSays(5000, f"每页最多显示{largest}条数据")
    return Page(number=number, size=size)


def clock_window(asked: Doc, what: str) -> Window:
    """Read ``start_*`` and ``end_*``; one without the other means nothing."""
    first, last = (_moment(asked, f"{end}_{what}") for end in ("start", "end"))
    if first is None or last is None:
        return Window(first=None, last=None)
    if first > last:
        raise YouzanSays(5000, "开始时间不能大于结束时间")
    return Window(first=first, last=last + 999)  # the second of the end belongs to it


def unix_window(asked: Doc, what: str) -> Window:
    """Read ``*_start`` and ``*_end``; documents say seconds, clients also send milliseconds."""
    first, last = (whole(asked, f"{what}_{end}") for end in ("start", "end"))
    if first is not None and first < FIRST_MS:
        first *= 1000
    if last is not None and last < FIRST_MS:
        last = last * 1000 + 999
    return Window(first=first, last=last)


def whole(asked: Doc, name: str) -> int | None:
    """Read a number; form clients send it as text."""
    given = asked.get(name)
    if given in (None, ""):
        return None
    if isinstance(given, bool) or WHOLE.fullmatch(str(given)) is None:
        raise GateSays(5001, f"系统异常:参数 {name} 必须是整数")
    return int(given)


def text(asked: Doc, name: str) -> str:
    """Read a text; nothing is an empty one."""
    return str(asked.get(name) or "")


def _moment(asked: Doc, name: str) -> int | None:
    given = asked.get(name)
    if given in (None, ""):
        return None
    try:
        moment = datetime.strptime(str(given), CLOCK).replace(tzinfo=CHINA)
    except ValueError as e:
        raise GateSays(5001, f"系统异常:参数 {name} 必须是 yyyy-MM-dd HH:mm:ss") from e
    return int(moment.timestamp() * 1000)
