"""Reads the business parameters of a believed call strictly (protocols 1.2, 1.3)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.sandbox.partners.pinduoduo_gate import Form, PinduoduoSays, texts_of

MOST_ROWS = 100


def missing(name: str) -> PinduoduoSays:
    """Refuse a call that does not say something needed."""
    return PinduoduoSays(21002, "请求参数不能为空", f"请求参数不能为空:{name}")


def wrong(name: str, why: str) -> PinduoduoSays:
    """Refuse a parameter that makes no sense."""
    return PinduoduoSays(21001, "请求参数错误", f"{name}:{why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when to when, both included, in Unix seconds."""

    start_s: int
    end_s: int

    def holds(self, at_ms: int) -> bool:
        """Tell whether Unix milliseconds lie within it."""
        return self.start_s <= at_ms // 1000 <= self.end_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is asked for; pages count from 1."""

    number: int
    size: int

    def of(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Cut this page out."""
        return rows[(self.number - 1) * self.size : self.number * self.size]

    def is_last(self, rows: Sequence[Any]) -> bool:
        """Tell whether nothing comes after it."""
        return self.number * self.size >= len(rows)


class Asked:
    """The parameters of one call, by name."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def text(self, name: str) -> str:
        """Tell a text that must be there."""
        if not self._form.get(name):
            raise missing(name)
        return self._form[name]

    def whole(self, name: str, usual: int | None = None) -> int:
        """Tell a whole number that is not negative; without a usual one it must be there."""
        text = self._form.get(name) or ("" if usual is None else str(usual))
        if not text:
            raise missing(name)
        if re.fullmatch(r"[0-9]{1,18}", text) is None:
            raise wrong(name, "必须是整数")
        return int(text)

    def one_of(self, name: str, known: Sequence[int], usual: int | None = None) -> int:
        """Tell one of the known codes."""
        code = self.whole(name, usual)
        if code not in known:
            raise wrong(name, f"取值应为 {'、'.join(map(str, known))}")
        return code

    def says(self, name: str) -> bool:
        """Tell a yes or no; what is not said is no."""
        match self._form.get(name, "false"):
            case "true":
                return True
            case "false":
                return False
            case _:
                raise wrong(name, "必须是 true 或 false")

    def knows(self, name: str) -> bool:
        """Tell whether a parameter was said at all."""
        return bool(self._form.get(name))

    def window(self, start: str, end: str, longest_s: int) -> Window:
        """Tell the times between two parameters, which may not be too far apart."""
        window = Window(start_s=self.whole(start), end_s=self.whole(end))
        if not 0 <= window.end_s - window.start_s <= longest_s:
            raise wrong(end, f"与 {start} 的间隔应为 0 到 {longest_s // 60} 分钟")
        return window

    def page(self) -> Page:
        """Tell the page."""
        page = Page(number=self.whole("page", 1), size=self.whole("page_size", MOST_ROWS))
        if page.number < 1:
            raise wrong("page", "页码从 1 开始")
        if not 1 <= page.size <= MOST_ROWS:
            raise wrong("page_size", f"应为 1 到 {MOST_ROWS}")
        return page

    def inner(self, name: str) -> "Asked":
        """Read the JSON object in a parameter."""
        text = self.text(name)
        try:
            return Asked(texts_of(text.encode()))
        except PinduoduoSays as said:
            raise wrong(name, "必须是 JSON 对象") from said

    def each(self, name: str) -> list["Asked"]:
        """Read the JSON list of objects in a parameter; an empty list says nothing."""
        try:
            rows = json.loads(self.text(name))
        except (ValueError, RecursionError) as e:
            raise wrong(name, "必须是 JSON 数组") from e
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise wrong(name, "必须是 JSON 对象的数组")
        if not rows:
            raise missing(name)
        return [Asked(texts_of(json.dumps(row).encode())) for row in rows]
