"""A channel's article list, brought into the article master (``lifeline skus import youzan``)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from channels.api import Articles
from channels.document import Document
from channels.mapping import ChannelMapping
from domain.errors import GatewayRefused
from gateways.channel_caller import ChannelCaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as a channel sells it.

    Attributes:
        sku: Our code of it; empty where nobody has written one down at the channel.
        weight_g: ``None`` where the channel does not say.
    """

    sku: str
    name: str
    price_fen: int
    weight_g: int | None


async def articles(caller: ChannelCaller, mapping: ChannelMapping) -> AsyncIterator[Article]:
    """Tell every article that is on sale, page by page.

    Raises:
        GatewayRefused: this channel's mapping names no article list.
        GatewayBusy: no answer; asking again is safe.
        Untranslatable: a field of an article is missing or wrong.
    """
    listing = mapping.api.articles if mapping.api else None
    if listing is None:
        raise GatewayRefused(
            mapping.channel, "no_articles", "映射文件没有 api.articles,无法导入商品"
        )
    page, before, one = listing.first_page, list[object](), Document(mapping.channel, "item", None)
    while True:
        facts = {"page": page, "size": listing.size}
        answer = await caller.ask(mapping, listing.ask, facts)
        document = Document(mapping.channel, "answer", answer)
        found: list[object] = document.read(listing.each, list)
        if found and found == before:  # it would go round for ever
            raise document.wrong(listing.each, f"第 {page} 页与上一页相同")
        for index, item in enumerate(found):
            # By itself: each cell would otherwise cost as much as the whole page is long.
            one.put("item", f"{document.path_of(listing.each)}[{index}]", item)
            yield _article(one, listing)
        if len(found) < listing.size:
            return
        page, before = page + 1, found


def _article(document: Document, listing: Articles) -> Article:
    weight = listing.weight_g
    return Article(
        sku=document.read_or_none(listing.sku, str) or "",
        name=document.read(listing.name, str),
        price_fen=document.read(listing.price_fen, int),
        weight_g=(document.read_or_none(weight, int) if weight else None) or None,
    )
