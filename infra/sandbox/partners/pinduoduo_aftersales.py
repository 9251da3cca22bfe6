"""What Pinduoduo's after-sale interfaces answer once a call is believed (protocols 1.3)."""

from infra.sandbox.buyer_returns import goods_may_come
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_asked import Asked
from infra.sandbox.partners.pinduoduo_book import Book
from infra.sandbox.partners.pinduoduo_claims import MERCHANT, SYSTEM, detail, row
from infra.sandbox.partners.pinduoduo_desk import HALF_HOUR_S, known_order
from infra.sandbox.partners.pinduoduo_gate import business_fault
from infra.sandbox.partners.pinduoduo_words import NAME, OPEN, number_of
from infra.sandbox.world import World

AGREED = ("agreed", "returning")
ALL_TYPES = 1
SHIFT = 1  # list requests number a type one higher than details do
ALL_STATUSES = (0, 1)  # nobody documents how to ask for all; clients in the wild say one of these
STATUSES = (*range(34),)


class ClaimDesk:
    """Tells claims, and hears what the merchant decides."""

    def __init__(self, world: World, book: Book) -> None:
        self._world = world
        self._book = book

    def by_change(self, asked: Asked) -> Doc:
        """``pdd.refund.list.increment.get``; an order's number overrides the other filters."""
        kind = asked.one_of("after_sales_type", (1, 2, 3, 4, 5, 6))
        status = asked.one_of("after_sales_status", STATUSES)
        window = asked.window("start_updated_at", "end_updated_at", HALF_HOUR_S)
        page, rows = asked.page(), self._rows()
        if asked.knows("order_sn"):
            found = [told for _, told in rows if told["order_sn"] == asked.text("order_sn")]
        else:
            found = [
                told
                for at_ms, told in rows
                if window.holds(at_ms)
                and kind in (ALL_TYPES, told["after_sales_type"] + SHIFT)
                and (status in ALL_STATUSES or status == told["after_sales_status"])
            ]
        return {"refund_list": page.of(found), "total_count": len(found)}

    def claim(self, asked: Asked) -> Doc:
        """``pdd.refund.information.get``: without an id, the order's last claim."""
        order = known_order(self._book, asked.text("order_sn"))
        if asked.knows("after_sales_id"):
            claim_id = asked.text("after_sales_id")
        else:
            claim_id = order["claims"][-1] if order["claims"] else ""
        return detail(claim_id, self._known(claim_id, order["order_no"]), order)

    def check(self, asked: Asked) -> Doc:
        """``pdd.refund.status.check``: which of these orders somebody has a claim about."""
        numbers = [number.strip() for number in asked.text("order_sns").split(",")]
        found = [number for number in numbers if self._is_claimed(number)]
        return {"order_sns_exists_refund": [{"order_sn": number} for number in found]}

    def agree(self, asked: Asked) -> Doc:
        """``pdd.refund.agree``: the money goes back; a second time nothing more happens."""
        claim_id, claim = self._named(asked.inner("request"))
        if claim["stage"] not in (*OPEN, "refunded"):
            raise business_fault("售后单已关闭,不能同意退款")
        if claim["kind"] != "refund_only" and claim["stage"] == "asked":
            raise business_fault("退货退款须先同意退货")
        self._book.answered(claim_id)
        self._book.pay(claim_id, MERCHANT)
        return {"result": {"succ": True, **_named_back(claim_id, claim, "退款操作成功")}}

    def agree_to_return(self, asked: Asked) -> Doc:
        """``pdd.refund.returngoods.agree``: the goods may come; a second time nothing happens."""
        claim_id, claim = self._named(asked.inner("request"))
        if claim["kind"] == "refund_only" or claim["stage"] not in ("asked", *AGREED):
            raise business_fault("售后单状态不支持同意退货")
        self._book.agree_to_return(claim_id, MERCHANT)
        goods_may_come(self._world, NAME, claim["order_no"], claim_id)
        result = {"success": True, **_named_back(claim_id, claim, "同意退货成功")}
        return {"success": True, "error_code": 0, "error_msg": "", "result": result}

    def refuse(self, asked: Asked) -> Doc:
        """``pdd.refund.refuse``, from memory: the claim, or the goods that came back."""
        request = asked.inner("request")
        claim_id, claim = self._named(request)
        if not request.text("operate_desc").strip():
            raise business_fault("驳回须填写原因")
        if claim["stage"] not in ("asked", "returning", "refused"):
            raise business_fault("售后单状态不支持驳回")
        self._book.refuse(claim_id, MERCHANT)
        return {"result": {"succ": True, **_named_back(claim_id, claim, "驳回成功")}}

    def stopped(self, asked: Asked) -> Doc:
        """``pdd.rdc.pddgenius.sendgoods.cancel``: it was not shipped, so the platform pays."""
        told = asked.inner("param")
        claim = self._known(told.text("refund_id"), told.text("tid"))
        match told.text("status"):
            case "SUCCESS" if self._book.order(claim["order_no"])["tracking_no"]:
                raise business_fault("订单已发货,无法取消发货")
            case "SUCCESS":
                self._book.pay(told.text("refund_id"), SYSTEM)
            case "FAIL":
                pass
            case _:
                raise business_fault("status 应为 SUCCESS 或 FAIL")
        return {"result": {"result_data": {"refund_id": number_of(told.text("refund_id"))}}}

    def _rows(self) -> list[tuple[int, Doc]]:
        """Tell every claim and when it changed, oldest change first."""
        claims = sorted(
            self._book.ledger.each("after_sale"), key=lambda claim: claim[1]["updated_at"]
        )
        return [
            (claim["updated_at"], row(claim_id, claim, self._book.order(claim["order_no"])))
            for claim_id, claim in claims
        ]

    def _is_claimed(self, number: str) -> bool:
        order = self._book.ledger.get("order", number)
        claims = [] if order is None else self._book.claims_of(order)
        return any(claim["stage"] != "withdrawn" for claim in claims)

    def _named(self, request: Asked) -> tuple[str, Doc]:
        claim_id = request.text("after_sales_id")
        return claim_id, self._known(claim_id, request.text("order_sn"))

    def _known(self, claim_id: str, number: str) -> Doc:
        claim = self._book.ledger.get("after_sale", claim_id)
        if claim is None or claim["order_no"] != number:
            raise business_fault(f"订单 {number} 没有售后单 {claim_id}")
        return claim


def _named_back(claim_id: str, claim: Doc, message: str) -> Doc:
    told = {"after_sales_id": number_of(claim_id), "order_sn": claim["order_no"]}
    return {**told, "message": message}
