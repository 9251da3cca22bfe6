"""What Youzan's API does once a call is let through: each method with its versions."""

import csv
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.sandbox.goods import DATA, articles
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_asked import clock_window, page, text
from infra.sandbox.partners.youzan_book import Book
from infra.sandbox.partners.youzan_refunds import Refunds
from infra.sandbox.partners.youzan_seal import unseal
from infra.sandbox.partners.youzan_shipping import Shipping
from infra.sandbox.partners.youzan_trades import Trades
from infra.sandbox.partners.youzan_wire import GateSays, YouzanSays
from infra.sandbox.partners.youzan_words import changed_ms, item_id, status_of
from infra.sandbox.sample_orders import used_skus
from infra.sandbox.shop import now_ms

LAG_MS = 2_000  # how much later than the events the lists are
LAST_PAGE = 100
MOST_SECRETS = 10_000
NO_TRADE: Doc = {"full_order_info": {"orders": []}, "refund_order": [], "delivery_order": []}
SHELF = 10_000  # pieces; the shop does not count them

Act = Callable[[Doc], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method and the versions in which it is served; they differ in nothing that we tell."""

    versions: frozenset[str]
    act: Act


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers what was asked."""

    book: Book
    trades: Trades
    refunds: Refunds
    shipping: Shipping

    def methods(self) -> Mapping[str, Method]:
        """Tell every method."""
        served: Mapping[str, tuple[str, Act]] = {
            "youzan.trade.get": ("4.0.0 4.0.1 4.0.2", self.trade),
            "youzan.trades.sold.get": ("4.0.0 4.0.1 4.0.2 4.0.4", self.sold),
            "youzan.trade.refund.search": ("3.0.0 3.0.1", self.refunds.search),
            "youzan.trade.refund.get": ("3.0.0 3.0.1", self.refunds.get),
            "youzan.trade.refund.agree": ("3.0.0 3.0.1", self.refunds.agree),
            "youzan.trade.refund.refuse": ("3.0.0 3.0.1", self.refunds.refuse),
            "youzan.logistics.online.confirm": ("3.0.0", self.shipping.confirm),
            "youzan.logistics.online.update": ("3.0.0", self.shipping.update),
            "youzan.items.onsale.get": ("3.0.0", self.items),
            "youzan.cloud.secret.decrypt.single": ("1.0.0", self.decrypt_one),
            "youzan.cloud.secret.decrypt.batch": ("1.0.0", self.decrypt),
        }
        return {
            name: Method(versions=frozenset(versions.split()), act=act)
            for name, (versions, act) in served.items()
        }

    def trade(self, asked: Doc) -> Doc:
        """Tell one order as it stands now."""
        try:
            order = self.book.order(text(asked, "tid"))
        except LookupError as e:
            raise YouzanSays(5000, "trade not found", NO_TRADE) from e
        return self.trades.data(order, now_ms())

    def sold(self, asked: Doc) -> Doc:
        """Tell orders, the latest change first; what changed just now is not there yet."""
        at_ms, wanted = now_ms(), page(asked, usual=20, largest=100)
        if wanted.number > LAST_PAGE:
            raise YouzanSays(5000, f"最多查询{LAST_PAGE}页,请缩短时间范围")
        changed, paid = clock_window(asked, "update"), clock_window(asked, "pay")
        created = clock_window(asked, "created")
        found = [
            (changed_ms(order, at_ms), order)
            for _, order in self.book.ledger.each("order")
            if paid.holds(order["paid_at"]) and created.holds(order["paid_at"])
        ]
        seen = [
            (when, order)
            for when, order in found
            if changed.holds(when) and when <= at_ms - LAG_MS and _named(asked, order, at_ms)
        ]
        seen.sort(key=lambda each: (-each[0], each[1]["order_no"]))
        rows = [{"full_order_info": self.trades.info(order, at_ms)} for _, order in wanted.of(seen)]
        return {"total_results": len(seen), "full_order_info_list": rows}

    def items(self, asked: Doc) -> Doc:
        """Tell the articles on sale: those that sample orders name."""
        wanted, skus = page(asked, usual=40, largest=300), sorted(used_skus(), key=int)
        sought = text(asked, "q").casefold()
        found = [sku for sku in skus if sought in articles()[sku].name.casefold()]
        return {"count": len(found), "items": [_item(sku) for sku in wanted.of(found)]}

    def decrypt_one(self, asked: Doc) -> str:
        """Open one ciphertext."""
        return _opened(text(asked, "source"))

    def decrypt(self, asked: Doc) -> dict[str, str]:
        """Open ciphertexts: each with its plain text."""
        sources = asked.get("sources")
        if not isinstance(sources, list) or not all(isinstance(each, str) for each in sources):
            raise GateSays(5001, "系统异常:参数 sources 必须是字符串数组")
        if len(sources) > MOST_SECRETS:
            raise YouzanSays(10500, f"一次最多解密 {MOST_SECRETS} 条")
        return {each: _opened(each) for each in sources}


def _named(asked: Doc, order: Doc, at_ms: int) -> bool:
    """Tell whether an order is one of those that are asked for by name or by state."""
    facts = {"tid": order["order_no"], "status": status_of(order, at_ms)}
    facts["yz_open_id"] = order["open_id"]
    return all(text(asked, name) in ("", fact) for name, fact in facts.items())


def _opened(source: str) -> str:
    opened = unseal(source) if source else None
    if opened is None:
        raise YouzanSays(10500, "系统异常:密文为空或不是本店铺的密文")
    return opened


def _item(sku: str) -> Doc:
    article = articles()[sku]
    alias = f"lf{item_id(sku):x}"
    return {
        "item_id": item_id(sku),
        "alias": alias,
        "item_no": sku,
        "item_type": 0,
        "title": article.name,
        "price": article.price_fen,
        "quantity": SHELF,
        "item_weight": _weights_g()[sku],
        "post_type": 1,
        "post_fee": 0,
        "detail_url": f"https://h5.youzan.com/v2/showcase/goods?alias={alias}",
    }


@functools.cache
def _weights_g() -> dict[str, int]:
    with (DATA / "skus.csv").open(encoding="utf-8", newline="") as file:
        return {row["sku"]: int(row["weight_g"]) for row in csv.DictReader(file)}
