"""What changed on a channel in a stretch of time, window by window and page by page.

Each platform has its longest window and its own way of paging (protocols 1.2, 1.3, 2.3, 3.3). A
list that is read while it grows is read from its last page backwards: read forwards, an order that
changes meanwhile leaves its page, the next one moves up into it, and is never seen.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.asking import Listing
from channels.document import KINDS, Document, Formula
from channels.mapping import ChannelMapping
from domain.clock import CHINA
from gateways.channel_caller import ChannelCaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An order that changed; or, with a ``refund_id``, a refund claim of it."""

    number: str
    refund_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """One list over one window of time."""

    caller: ChannelCaller
    mapping: ChannelMapping
    listing: Listing
    since: datetime
    until: datetime

    async def read(self) -> AsyncIterator[Changed]:
        pages = self._by_cursor() if self.listing.next else self._by_number()
        async for page in pages:
            for change in _changes(self.listing, page):
                yield change

    async def _by_number(self) -> AsyncIterator[Document]:
        listing = self.listing
        assert listing.total is not None  # noqa: S101 - the schema wants it of a list without next
        first = await self._page(listing.first_page)
        pages = _pages(listing, first.read(listing.total, int))
        for page in pages:
            alone = len(pages) == 1  # nothing can have moved to another page
            yield first if alone else await self._page(page)

    async def _by_cursor(self) -> AsyncIterator[Document]:
        cursor: str | None = ""
        assert self.listing.next is not None  # noqa: S101 - the caller has looked
        while cursor is not None:
            page, before = await self._page(self.listing.first_page, cursor), cursor
            cursor = page.read_or_none(self.listing.next, str)
            if cursor == before:  # it would go round for ever
                raise page.wrong(self.listing.next, f"{cursor},游标没有前进")
            yield page

    async def _page(self, page: int, cursor: str = "") -> Document:
        facts = {
            "since_s": int(self.since.timestamp()),
            "until_s": int(self.until.timestamp()),
            "since_text": _local(self.since),
            "until_text": _local(self.until),
            "page": page,
            "size": self.listing.size,
            "cursor": cursor,
        }
        answer = await self.caller.ask(self.mapping, self.listing.ask, facts)
        return Document(self.mapping.channel, "answer", answer)


async def changed(
    caller: ChannelCaller,
    mapping: ChannelMapping,
    listings: Sequence[Listing],
    since: datetime,
    until: datetime,
) -> AsyncIterator[Changed]:
    """Tell what changed, each time that it did.

    Raises:
        GatewayBusy: no answer; asking again is safe.
        GatewayRefused: the channel says that our question is wrong.
    """
    for listing in listings:
        for begin, end in _windows(since, until, timedelta(minutes=listing.longest_minutes)):
            window = _Window(
                caller=caller, mapping=mapping, listing=listing, since=begin, until=end
            )
            async for change in window.read():
                yield change


def _windows(
    since: datetime, until: datetime, longest: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        end = min(since + longest, until)
        yield since, end
        since = end


def _pages(listing: Listing, total: int) -> Sequence[int]:
    pages = range(listing.first_page, listing.first_page + -(-total // listing.size))
    return pages[::-1] if listing.backwards else pages


def _changes(listing: Listing, page: Document) -> Iterator[Changed]:
    if listing.orders:
        for number in page.read(listing.orders, list):
            yield Changed(number=_name(page, listing.orders, number))
    if listing.refunds:
        for claim in page.read(listing.refunds, list):
            yield _claim(page, listing.refunds, claim)


def _claim(page: Document, formula: Formula, found: object) -> Changed:
    match found:
        case {"number": number, "id": refund_id}:
            name = _name(page, formula, number)
            return Changed(number=name, refund_id=_name(page, formula, refund_id))
        case _:
            raise page.wrong(formula, KINDS.get(type(found), ""))


def _name(page: Document, formula: Formula, found: object) -> str:
    """Tell a number or an id; anything else is a fault of the mapping, and no order's."""
    if type(found) not in (str, int) or found == "":
        raise page.wrong(formula, KINDS.get(type(found), ""))
    return str(found)


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
