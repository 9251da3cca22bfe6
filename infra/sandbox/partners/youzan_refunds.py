"""The refund methods of Youzan's API (protocols 3.3): yuan outside, fen in the lists of items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_asked import page, text, unix_window, whole
from infra.sandbox.partners.youzan_book import Book, lines_of, paid_fen
from infra.sandbox.partners.youzan_claims import Claims
from infra.sandbox.partners.youzan_wire import YouzanSays
from infra.sandbox.partners.youzan_words import KDT_ID, clock, oid, serial, yuan

DEEPEST = 3_000  # pages times their size
DEMANDS: Mapping[str, tuple[int, str, str]] = {
    "refund_only": (1, "仅退款", "BUYER_APPLY_REFUND"),
    "return": (2, "退货退款", "BUYER_APPLY_REFUND"),
    "exchange": (3, "换货", "EXCHANGE_GOODS"),
}
STATUS: Mapping[str, str] = {
    "asked": "WAIT_SELLER_AGREE",
    "agreed": "WAIT_BUYER_RETURN_GOODS",
    "returning": "WAIT_SELLER_CONFIRM_GOODS",
    "refused": "SELLER_REFUSE_BUYER",
    "refunded": "SUCCESS",
    "withdrawn": "CLOSED",
}
OTHER_REASON, OTHER_REASON_FOR_GOODS = 56, 107


@dataclass(frozen=True, slots=True)
class Refunds:
    """Finds claims, writes them in Youzan's form, and takes the merchant's word on them."""

    book: Book
    claims: Claims

    def search(self, asked: Doc) -> Doc:
        """Tell claims by when they changed, the latest first."""
        changed, created = unix_window(asked, "update_time"), unix_window(asked, "create_time")
        wanted = page(asked, usual=20, largest=100)
        if wanted.number * wanted.size > DEEPEST:
            raise YouzanSays(5000, "超过ES搜索最大深度")
        rows = [
            self._row(refund_id, claim)
            for refund_id, claim in self._latest_first()
            if changed.holds(claim["updated_at"]) and created.holds(claim["created_at"])
        ]
        named = {name: text(asked, name) for name in ("tid", "refund_id", "status")}
        found = [row for row in rows if all(v in ("", row[k]) for k, v in named.items())]
        return {"total": len(found), "refunds": wanted.of(found)}

    def get(self, asked: Doc) -> Doc:
        """Tell one claim."""
        refund_id, claim = self._asked_for(asked)
        order = self.book.order(claim["order_no"])
        items = [_item(order, claim, line) for line in lines_of(order, claim)]
        _share_out(claim["amount_fen"], items)
        return {
            **self._row(refund_id, claim),
            "demand": DEMANDS[claim["kind"]][0],
            "demand_desc": DEMANDS[claim["kind"]][1],
            "refund_type": DEMANDS[claim["kind"]][2],
            "refund_postage": yuan(_postage_fen(order, claim)),
            "desc": claim["reason"],
            "version": claim["updated_at"],
            "oid": items[0]["oid"],
            "item_num": items[0]["item_num"],
            "refund_order_item": items,
            "refund_fund_list": _funds(refund_id, claim),
            "refund_account_time": _account_time(claim),
            "logistics": _logistics(claim),
            "consult_message": [],
        }

    def agree(self, asked: Doc) -> Doc:
        """Let the merchant agree."""
        self.claims.agree(self._checked(asked))
        return {"is_success": True}

    def refuse(self, asked: Doc) -> Doc:
        """Let the merchant refuse."""
        self.claims.refuse(self._checked(asked))
        return {"is_success": True}

    def _checked(self, asked: Doc) -> str:
        refund_id, claim = self._asked_for(asked)
        if whole(asked, "version") != claim["updated_at"]:
            raise YouzanSays(103010039, "退款版本号错误,请先查询退款详情取最新的 version")
        return refund_id

    def _asked_for(self, asked: Doc) -> tuple[str, Doc]:
        refund_id = text(asked, "refund_id")
        try:
            return refund_id, self.book.claim(refund_id)
        except LookupError as e:
            raise YouzanSays(103011024, "退款记录不存在") from e

    def _latest_first(self) -> Sequence[tuple[str, Doc]]:
        every = self.book.ledger.each("after_sale")
        return sorted(every, key=lambda found: -int(found[1]["updated_at"]))

    def _row(self, refund_id: str, claim: Doc) -> Doc:
        goods = claim["kind"] != "refund_only"
        shipped = bool(self.book.order(claim["order_no"])["parcels"])
        return {
            "refund_id": refund_id,
            "tid": claim["order_no"],
            "kdt_id": int(KDT_ID),
            "node_kdt_id": int(KDT_ID),
            "status": _status(claim),
            "refund_fee": yuan(claim["amount_fen"]),
            "reason": OTHER_REASON_FOR_GOODS if goods else OTHER_REASON,
            "return_goods": goods,
            "cs_status": 1,
            "delivery_status": 2 if shipped else 1,
            "created": clock(claim["created_at"]),
            "modified": clock(claim["updated_at"]),
        }


def _status(claim: Doc) -> str:
    if claim["stage"] == "refused" and claim.get("sent_back"):
        return "SELLER_REFUSE_BUYER_RETURN_GOODS"
    return STATUS[claim["stage"]]


def _item(order: Doc, claim: Doc, line: int) -> Doc:
    """Write a line of a claim; no goods come back when only the money does."""
    pieces = 0 if claim["kind"] == "refund_only" else order["items"][line - 1]["quantity"]
    return {
        "kdt_id": int(KDT_ID),
        "oid": oid(order["order_no"], line),
        "refund_fee": paid_fen(order, line),
        "item_num": pieces,
    }


def _share_out(amount_fen: int, items: Sequence[Doc]) -> None:
    """Share what comes back among the lines as they were paid; the last takes the rest."""
    paid_fen_all = sum(item["refund_fee"] for item in items)
    rest_fen = amount_fen
    for item in items[:-1]:
        item["refund_fee"] = item["refund_fee"] * amount_fen // max(1, paid_fen_all)
        rest_fen -= item["refund_fee"]
    items[-1]["refund_fee"] = rest_fen


def _postage_fen(order: Doc, claim: Doc) -> int:
    goods_fen = sum(paid_fen(order, line) for line in lines_of(order, claim))
    return max(0, int(claim["amount_fen"]) - goods_fen)


def _funds(refund_id: str, claim: Doc) -> list[Doc]:
    if claim["stage"] != "refunded":
        return []
    fund = {
        "refund_id": refund_id,
        "refund_no": serial(claim["updated_at"], refund_id),
        "refund_fee": claim["amount_fen"],
        "refund_mode": 0,
        "pay_way": 10,
        "status": 2,
        "message": "退款成功",
    }
    return [fund]


def _account_time(claim: Doc) -> str:
    return clock(claim["updated_at" if claim["stage"] == "refunded" else "created_at"])


def _logistics(claim: Doc) -> Doc | None:
    sent_back = claim.get("sent_back")
    if not sent_back:
        return None
    return {
        "company_code": str(sent_back["company"]),
        "logistics_no": sent_back["number"],
        "receiver": "",
        "mobile": "",
        "address": "",
    }
