"""What changed on a channel: nothing slips through, however the list moves while it is read."""

import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.credentials import Credentials
from channels.mapping import ChannelMapping
from channels.sheets import FOLDER
from domain.clock import utc_now
from domain.errors import GatewayBusy, Untranslatable
from gateways.channel_caller import ChannelCaller
from gateways.channel_listing import Changed, changed
from gateways.channel_tokens import ChannelTokens
from gateways.database import open_database
from gateways.key_ring import KeyRing
from infra.migrate import migrate_hub
from infra.sandbox import shop as deeds
from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc
from settings import Keys
from tests.gateways.channel_stage import Stage, on_stage
from tests.serving import served

LIST = "/list"
SINCE = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
PAGED: Mapping[str, Any] = {
    "call": LIST,
    "ask": '{"since": since_s, "until": until_s, "text": until_text, "page": page, "size": size}',
    "longest_minutes": 30,
    "first_page": 1,
    "size": 2,
    "total": "whole(answer.total)",
    "orders": "answer.orders",
}
BY_CURSOR: Mapping[str, Any] = {
    **{key: value for key, value in PAGED.items() if key != "total"},
    "ask": '{"cursor": cursor, "size": size}',
    "next": "answer.has_more ? text(answer.next_cursor) : null",
}


@dataclass
class Shop:
    """A channel whose list holds ``orders``; ``between`` happens after each answer.

    Attributes:
        asked: What it was asked, in the order of the questions.
    """

    orders: list[str] = field(default_factory=list)
    asked: list[Doc] = field(default_factory=list)
    between: Callable[["Shop"], None] = lambda _: None

    async def answer(self, request: Request) -> Response:
        asked: Doc = await request.json()
        self.asked.append(asked)
        told = self._by_cursor(asked) if "cursor" in asked else self._by_page(asked)
        self.between(self)
        return JSONResponse({"code": 0, "msg": "ok", **told})

    def _by_page(self, asked: Doc) -> Doc:
        begin = (asked["page"] - 1) * asked["size"]
        page = self.orders[begin : begin + asked["size"]]
        return {"total": len(self.orders), "orders": page}

    def _by_cursor(self, asked: Doc) -> Doc:
        begin = int(asked["cursor"] or 0) % 100
        end = begin + asked["size"]
        page = self.orders[begin:end]
        return {"orders": page, "has_more": end < len(self.orders), "next_cursor": str(end)}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """The hub's side of that shop; its mapping is the mini program's with another list."""

    shop: Shop
    caller: ChannelCaller
    folder: Path

    async def read(
        self, listing: Mapping[str, Any], since: datetime = SINCE, until: datetime | None = None
    ) -> list[str]:
        """Read a list as the mapping describes it; tell the numbers as they come."""
        file = self.folder / "miniprogram" / "1.yaml"
        said = yaml.safe_load(file.read_text("utf-8"))
        said["api"]["changed"] = [dict(listing)]
        file.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
        mapping = ChannelMapping.load("miniprogram", "1", self.folder)
        assert mapping.api is not None
        end = until or since + HALF_HOUR
        found = changed(self.caller, mapping, mapping.api.changed, since, end)
        return [change.number async for change in found]


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """The house's mapping files, where a test may change them."""
    copy = tmp_path / "channels"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.fixture
async def reader(tmp_path: Path, mappings: Path) -> AsyncIterator[Reader]:
    shop = Shop()
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    migrate_hub(url)
    engine = open_database(url)
    app = Starlette(routes=[Route(LIST, shop.answer, methods=["POST"])])
    async with served(app) as base, httpx.AsyncClient() as http:
        caller = ChannelCaller(
            url=base,
            who=Credentials(account="a", secret="s"),
            fixed_token="",
            tokens=ChannelTokens(engine, KeyRing.of(Keys())),
            http=http,
        )
        yield Reader(shop=shop, caller=caller, folder=mappings)
    engine.dispose()


def first_one_leaves(shop: Shop) -> None:
    """Let the oldest order change once: it leaves the window, and the others move up."""
    if "O1" in shop.orders:
        shop.orders.remove("O1")


async def test_a_list_that_is_read_backwards_loses_nothing_that_moves_up(reader: Reader) -> None:
    reader.shop.orders = ["O1", "O2", "O3", "O4", "O5"]
    reader.shop.between = first_one_leaves

    found = await reader.read({**PAGED, "backwards": True})

    assert {"O2", "O3", "O4", "O5"} == set(found)
    assert [1, 3, 2, 1] == [asked["page"] for asked in reader.shop.asked]


async def test_read_forwards_the_same_list_would_lose_one(reader: Reader) -> None:
    """This is why a list that grows is marked ``backwards`` in its mapping."""
    reader.shop.orders = ["O1", "O2", "O3", "O4", "O5"]
    gone: list[None] = []

    def after_the_first_page(shop: Shop) -> None:
        gone.append(None)
        if len(gone) == 2:
            first_one_leaves(shop)

    reader.shop.between = after_the_first_page

    assert "O3" not in await reader.read(PAGED)


@pytest.mark.parametrize("orders", [[], ["O1"], ["O1", "O2"]])
async def test_a_list_of_one_page_is_asked_for_once(reader: Reader, orders: list[str]) -> None:
    reader.shop.orders = orders

    assert orders == await reader.read(PAGED)
    assert 1 == len(reader.shop.asked)


async def test_a_long_stretch_is_cut_at_the_channels_longest_window(reader: Reader) -> None:
    until = SINCE + timedelta(minutes=70)

    await reader.read(PAGED, SINCE, until)

    begin = int(SINCE.timestamp())
    windows = [(asked["since"] - begin, asked["until"] - begin) for asked in reader.shop.asked]
    assert [(0, 1800), (1800, 3600), (3600, 4200)] == windows
    assert "2026-02-06 13:10:00" == reader.shop.asked[-1]["text"]  # as China's clocks show it


async def test_a_stretch_of_no_length_asks_nothing(reader: Reader) -> None:
    assert [] == await reader.read(PAGED, SINCE, SINCE)
    assert [] == reader.shop.asked


async def test_a_list_with_a_cursor_is_followed_to_its_end(reader: Reader) -> None:
    reader.shop.orders = ["O1", "O2", "O3", "O4", "O5"]

    assert reader.shop.orders == await reader.read(BY_CURSOR)
    assert ["", "2", "4"] == [asked["cursor"] for asked in reader.shop.asked]


async def test_a_cursor_that_leads_nowhere_is_named(reader: Reader) -> None:
    reader.shop.orders = ["O1", "O2", "O3"]

    with pytest.raises(Untranslatable, match="has_no_more"):
        await reader.read({**BY_CURSOR, "next": "answer.has_no_more ? null : 'x'"})


async def test_a_cursor_that_stands_still_ends_with_a_word(reader: Reader) -> None:
    """A platform that tells the same page for ever must not hold the hub for ever."""
    with pytest.raises(Untranslatable, match="游标没有前进"):
        await reader.read({**BY_CURSOR, "next": "'100'"})
    assert 2 == len(reader.shop.asked)


@pytest.mark.parametrize("orders", [[None], [{"receiver": "张三"}], [""], [True], [1.5], [[]]])
async def test_a_list_of_something_else_is_named_without_what_is_in_it(
    reader: Reader, orders: list[Any]
) -> None:
    reader.shop.orders = orders

    for what in ({}, {"orders": None, "refunds": "answer.orders"}):
        with pytest.raises(Untranslatable, match=r"\$\.orders") as fault:
            await reader.read({key: cell for key, cell in {**PAGED, **what}.items() if cell})
        assert "张三" not in str(fault.value)


async def test_numbers_may_be_numbers(reader: Reader) -> None:
    reader.shop.orders = [6900000700000000001]  # type: ignore[list-item] # as Douyin has them

    assert ["6900000700000000001"] == await reader.read(PAGED)


def cut_pages(mappings: Path, size: int) -> None:
    """Let Pinduoduo's lists come in pages of so many."""
    file = mappings / "pinduoduo" / "3.1.yaml"
    said = file.read_text("utf-8")
    assert "size: 100" in said
    file.write_text(said.replace("size: 100", f"size: {size}"), "utf-8")


@pytest.fixture
async def pinduoduo(tmp_path: Path, mappings: Path) -> AsyncIterator[Stage]:
    cut_pages(mappings, 2)
    async with on_stage("pinduoduo", tmp_path, mappings) as stage:
        yield stage


async def test_an_order_that_changes_while_pinduoduo_is_read_hides_no_other(
    pinduoduo: Stage,
) -> None:
    begin = utc_now() - timedelta(minutes=1)
    numbers = [(await pinduoduo.sell(n))["order_no"] for n in range(1, 8)]
    found: list[Changed] = []

    async for change in pinduoduo.shop.changed(begin, utc_now() + timedelta(seconds=2)):
        if not found:  # the last page is here; the first order of the first page changes now
            oldest = min(pinduoduo.ledger.each("order"), key=lambda each: each[1]["updated_at"])
            later = int((utc_now() + timedelta(hours=1)).timestamp() * 1000)
            pinduoduo.ledger.amend("order", oldest[0], updated_at=later)
            numbers.remove(oldest[0])
        found.append(change)

    assert set(numbers) <= {change.number for change in found}


async def test_claims_are_found_by_pages_as_well(pinduoduo: Stage) -> None:
    begin = utc_now() - timedelta(minutes=1)
    for n in range(1, 6):
        sold = await pinduoduo.sell(n)
        claim = {"claim": f"500000{n}", "kind": "refund_only", "amount_fen": 100, "lines": []}
        await pinduoduo.do(deeds.BUYER_CLAIMED, order_no=sold["order_no"], reason="不要了", **claim)

    found = [
        change
        async for change in pinduoduo.shop.changed(begin, utc_now() + timedelta(seconds=2))
        if change.refund_id
    ]

    assert {f"500000{n}" for n in range(1, 6)} == {change.refund_id for change in found}


async def test_a_channel_that_stops_answering_amid_its_pages_is_busy(pinduoduo: Stage) -> None:
    for n in range(1, 6):
        await pinduoduo.sell(n)
    begin = utc_now() - timedelta(minutes=1)
    changes = pinduoduo.shop.changed(begin, utc_now() + timedelta(seconds=2))
    await anext(changes)
    pinduoduo.plan.switch(Fault.FAIL_BEFORE, 1)

    with pytest.raises(GatewayBusy):
        _ = [change async for change in changes]


@pytest.mark.parametrize(
    ("channel", "version"), [("pinduoduo", "3.1"), ("douyin", "1"), ("youzan", "4")]
)
def test_the_platforms_lists_are_marked_backwards(channel: str, version: str) -> None:
    api = ChannelMapping.load(channel, version).api

    assert api is not None
    assert all(listing.backwards for listing in api.changed)
