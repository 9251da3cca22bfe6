"""Orders as Youzan shows them, with what stands beside them (protocols 3.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.youzan_book import Book, lines_of
from infra.sandbox.partners.youzan_sheet import (
    address_info,
    buyer_info,
    line,
    order_info,
    pay_info,
    promotion,
)
from infra.sandbox.partners.youzan_words import CloseType, oid, serial, yuan

REFUND_STATE: Mapping[str, int] = {
    "asked": 1,
    "refused": 10,
    "agreed": 20,
    "returning": 30,
    "withdrawn": 50,
    "refunded": 60,
}


@dataclass(frozen=True, slots=True)
class Trades:
    """Writes orders down in Youzan's form, as they stand at a moment."""

    book: Book

    def data(self, order: Doc, at_ms: int) -> Doc:
        """Write all of an order."""
        return {
            "full_order_info": self.info(order, at_ms),
            "order_promotion": promotion(order),
            "refund_order": [
                _refund(order, refund_id, claim) for refund_id, claim in self.book.claims(order)
            ],
            "delivery_order": self._deliveries(order),
            "qr_info": None,
        }

    def info(self, order: Doc, at_ms: int) -> Doc:
        """Write the order itself."""
        return {
            "order_info": {**order_info(order, at_ms), "refund_state": self._refunds(order)},
            "source_info": {
                "is_offline_order": False,
                "order_mark": "wx_shop",
                "source": {"platform": "wx", "wx_entrance": "merchant_xcx"},
            },
            "buyer_info": buyer_info(order),
            "pay_info": pay_info(order),
            "remark_info": {
                "buyer_message": order["remark"],
                "trade_memo": order["memo"],
                "star": None,
            },
            "address_info": address_info(order["receiver"]),
            "orders": [line(order, no) for no in lines_of(order, None)],
            "child_info": {"child_orders": []},
            "invoice_info": None,
        }

    def _refunds(self, order: Doc) -> int:
        """Tell how far refunds went: 0 none, 1 and 11 under way, 2 and 12 done; from 10 on, all."""
        if order["close_type"] == CloseType.REFUNDED:
            return 12
        claims = [claim for _, claim in self.book.claims(order)]
        under_way = [
            claim for claim in claims if claim["stage"] in ("asked", "agreed", "returning")
        ]
        if under_way:
            every = len(order["items"])
            return 11 if any(len(lines_of(order, claim)) == every for claim in under_way) else 1
        return 2 if any(claim["stage"] == "refunded" for claim in claims) else 0

    def _deliveries(self, order: Doc) -> list[Doc]:
        tid, numbers = order["order_no"], dict.fromkeys(order["parcels"].values())
        parcels = [self.book.ledger.get("shipment", f"{tid}/{number}") or {} for number in numbers]
        return [_delivery(order, parcel) for parcel in parcels]


def _refund(order: Doc, refund_id: str, claim: Doc) -> Doc:
    refused_goods = claim["stage"] == "refused" and claim.get("sent_back")
    return {
        "refund_id": refund_id,
        "refund_type": 1,
        "refund_state": 40 if refused_goods else REFUND_STATE[claim["stage"]],
        "refund_fee": yuan(claim["amount_fen"]),
        "oids": [{"oid": oid(order["order_no"], line)} for line in lines_of(order, claim)],
    }


def _delivery(order: Doc, parcel: Doc) -> Doc:
    tid, number = order["order_no"], parcel["tracking_no"]
    told = {"express_id": int(parcel["carrier"] or 0), "express_no": number}
    return {
        "express_state": 1,
        "express_type": 1,
        "oids": [{"oid": oid(tid, line)} for line in parcel["lines"]],
        "dists": [
            {
                "dist_id": serial(order["paid_at"], f"{tid}/{number}"),
                "express_info": told,
            }
        ],
    }
