"""How business parameters are read: old clients send numbers as text, and ids either way."""

from dataclasses import dataclass
from typing import TypeVar

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_gate import DouyinSays

LARGEST_PAGE = 100

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list; pages count from 0."""

    number: int
    size: int

    def of(self, found: list[Found]) -> list[Found]:
        """Cut the page out of all that was found."""
        return found[self.number * self.size : (self.number + 1) * self.size]


def missing(name: str) -> DouyinSays:
    """Say that something was left out; the sub code is from memory."""
    return DouyinSays(40002, "isv.parameter-missing", f"缺少必填参数 {name}")


def wrong(name: str, why: str) -> DouyinSays:
    """Say that something makes no sense."""
    return DouyinSays(40004, "isv.parameter-invalid", f"参数 {name} {why}")


def text(asked: Doc, name: str) -> str:
    """Tell a text, or an id."""
    value = asked.get(name)
    if value is None or value == "":
        raise missing(name)
    if type(value) not in (str, int):
        raise wrong(name, "必须是字符串")
    return str(value)


def text_or_none(asked: Doc, name: str) -> str | None:
    """Tell a text that may be left out."""
    return text(asked, name) if asked.get(name) else None


def whole(asked: Doc, name: str) -> int:
    """Tell a whole number that is not negative."""
    said = text(asked, name)
    if not (said.isascii() and said.isdecimal() and len(said) < 20):  # noqa: PLR2004 - an int64
        raise wrong(name, "必须是非负整数")
    return int(said)


def whole_or(asked: Doc, name: str, default: int) -> int:
    """Tell a whole number that may be left out."""
    return default if asked.get(name) in (None, "") else whole(asked, name)


def each(asked: Doc, name: str, most: int) -> list[Doc]:
    """Tell a list of objects, at least one."""
    value = asked.get(name)
    if value is None or value == []:
        raise missing(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise wrong(name, "必须是对象数组")
    if len(value) > most:
        raise wrong(name, f"一次最多 {most} 个")
    return value


def page(asked: Doc) -> Page:
    """Tell which page is asked for."""
    size = whole(asked, "size")
    if not 1 <= size <= LARGEST_PAGE:
        raise wrong("size", f"必须在 1 到 {LARGEST_PAGE} 之间")
    return Page(number=whole(asked, "page"), size=size)


def within(asked: Doc, start: str, end: str, time_s: int) -> bool:
    """Decide whether a time lies in the window asked for; an end that is left out or 0 is open."""
    begin, stop = whole_or(asked, start, 0), whole_or(asked, end, 0)
    if begin > stop > 0:
        raise wrong(end, f"早于 {start}")
    return begin <= time_s <= (stop or time_s)
