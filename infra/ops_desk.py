"""What ``lifeline ops`` does with one order, or with many: acts, and shows what came of it."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import typer
from rich.console import Console
from rich.progress import Progress

from domain.clock import CHINA
from domain.errors import HubError
from domain.hands import Deed
from domain.lifecycle import OrderStage
from domain.order import OrderId
from domain.words import zh
from infra.ops_screens import answer_of, answers_table, preview_of
from web.bulk import Bulk, Deal, OrderQuery, tally
from web.handled import Handled

Consent = Callable[[str], bool]


class UnknownCondition(HubError):
    """A condition that nobody can look up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsDesk:
    """Acts, and tells a person or a script.

    Attributes:
        consent: Asked before many orders are changed.
    """

    bulk: Bulk
    console: Console
    consent: Consent
    as_json: bool

    async def one(self, order_id: OrderId, deal: Deal) -> int:
        """Act on one order; 1 when it refuses."""
        answer = await deal(order_id, "")
        if self.as_json:
            _say(answer_of(answer))
        else:
            style = "green" if answer.done else "red"
            word = "完成" if answer.done else "未执行"
            line = f"{word} {answer.order_id}:{answer.said}"
            self.console.print(line, style=style, markup=False, highlight=False)
        return 0 if answer.done else 1

    async def many(self, query: OrderQuery, deed: Deed, deal: Deal) -> int:
        """Act on every order that the query means, after a look at them; 1 when any refuses."""
        found = await self.bulk.find(query, deed)
        if not found:
            return self._nobody()
        if not self.as_json:
            self.console.print(preview_of(found, deed), highlight=False)
        if not self.consent(f"对这 {len(found)} 个订单执行「{zh(deed)}」?"):
            self.console.print("已放弃,什么都没有改变。")
            return 1
        answers = [answer async for answer in self._watched(found, deal)]
        return self._report(answers)

    async def _watched(self, found: tuple[OrderId, ...], deal: Deal) -> AsyncIterator[Handled]:
        with Progress(console=self.console, disable=self.as_json, transient=True) as progress:
            bar = progress.add_task("执行中", total=len(found))
            async for answer in self.bulk.run(found, deal):
                progress.advance(bar)
                yield answer

    def _nobody(self) -> int:
        if self.as_json:
            _say({"asked": 0, "done": 0, "refused": 0, "results": []})
        else:
            self.console.print("没有符合条件、还能操作的订单:用 lifeline order list 核对条件。")
        return 0

    def _report(self, answers: list[Handled]) -> int:
        whole = tally(answers)
        counts = {"asked": whole.asked, "done": whole.done, "refused": whole.refused}
        if self.as_json:
            _say({**counts, "results": [answer_of(each) for each in answers]})
        else:
            refused = [each for each in answers if not each.done]
            if refused:
                self.console.print(answers_table(refused))
            line = f"{whole.asked} 个订单:完成 {whole.done},未执行 {whole.refused}"
            self.console.print(line, highlight=False)
        return 1 if whole.refused else 0


def query_of(conditions: Iterable[str]) -> OrderQuery:
    """Read conditions such as ``warehouse=HZ-XS``.

    Raises:
        UnknownCondition: no such condition, or a value that it can not have.
    """
    said = dict(_pair(each) for each in conditions)
    stage = said.get("stage")
    return OrderQuery(
        channel=said.get("channel", ""),
        stage=_stage(stage) if stage else None,
        warehouse=said.get("warehouse", ""),
        buyer=said.get("buyer", ""),
        exception=said.get("exception", ""),
        paid_from=_time(said.get("paid_from")),
        paid_to=_time(said.get("paid_to")),
        orders=tuple(OrderId(each) for each in said.get("orders", "").split(",") if each),
    )


KNOWN = ("channel", "stage", "warehouse", "buyer", "exception", "paid_from", "paid_to", "orders")


def _pair(condition: str) -> tuple[str, str]:
    name, sign, value = condition.partition("=")
    if name.strip() not in KNOWN or not sign or not value.strip():
        raise UnknownCondition(
            f"看不懂条件 {condition!r}:请写成 名称=值,名称只能是 {'、'.join(KNOWN)}"
        )
    return name.strip(), value.strip()


def _stage(value: str) -> OrderStage:
    try:
        return OrderStage(value)
    except ValueError as odd:
        known = "、".join(OrderStage)
        raise UnknownCondition(f"stage={value} 不正确:请用 {known}") from odd


def _time(value: str | None) -> datetime | None:
    """Read a time; one without an offset is China's."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError as odd:
        raise UnknownCondition(f"时间 {value} 不正确:例如 2026-02-06T11:30") from odd
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _say(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
