"""What the mini program's shop is asked and told about claims."""

import re
from dataclasses import dataclass

from infra.sandbox.buyer_returns import goods_may_come
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.miniprogram_gate import Answer, Declined
from infra.sandbox.partners.miniprogram_shop import Shop, shown_claim
from infra.sandbox.shop import now_ms
from infra.sandbox.world import World

NAME = "miniprogram"
ANSWERS = ("agree", "agree_return", "refuse", "shipped")
NUMBER = re.compile(r"\S{1,64}")
EVENT = re.compile(r"\S{1,200}")
LATER = ("agreed", "returning")


@dataclass(frozen=True, slots=True)
class RefundDesk:
    """Shows claims, and takes the merchant's word on them; an event that is known is a yes."""

    world: World
    shop: Shop

    def detail(self, asked: Doc) -> Answer:
        """Tell one claim as it stands now."""
        refund_no, claim = self._asked_for(asked)
        return Answer(subject=refund_no, told={"refund": shown_claim(refund_no, claim)})

    def answer(self, asked: Doc) -> Answer:
        """Hear what the merchant says of a claim."""
        refund_no, claim = self._asked_for(asked)
        event, said = str(asked.get("event_id")), str(asked.get("answer"))
        if EVENT.fullmatch(event) is None or said not in ANSWERS:
            raise Declined(40003, "字段 event_id 或 answer 缺失或格式不对", 400, refund_no)
        if not str(asked.get("reason") or "").strip():
            raise Declined(40003, "字段 reason 不能为空", 400, refund_no)
        with self.shop.ledger.together():
            known = not self.shop.ledger.put(
                "answer", event, {"refund_no": refund_no, "answer": said}
            )
            if not known:
                self._take(refund_no, claim, said)
        return Answer(subject=refund_no, words="duplicate" if known else "ok")

    def _take(self, refund_no: str, claim: Doc, said: str) -> None:
        first = claim.get("answered_at") or now_ms()
        ledger = self.shop.ledger
        match said, claim["stage"], claim["kind"]:
            case ("agree", "asked", "refund_only") | ("agree", "agreed" | "returning", "return"):
                ledger.amend("after_sale", refund_no, answered_at=first)
                self.shop.refund(refund_no)
            case "agree_return", "asked", "return":
                self.shop.step(refund_no, "agreed", answered_at=first)
                goods_may_come(self.world, NAME, claim["order_no"], refund_no)
            case "refuse", "asked" | "returning", _:
                self.shop.step(refund_no, "refused", answered_at=first)
            case "shipped", "asked", _:
                ledger.amend("after_sale", refund_no, answered_at=first, shipped_told=True)
            case _:
                raise Declined(40902, f"售后单 {refund_no} 当前状态不能这样答复", 409, refund_no)

    def _asked_for(self, asked: Doc) -> tuple[str, Doc]:
        refund_no = asked.get("refund_no")
        if not isinstance(refund_no, str) or NUMBER.fullmatch(refund_no) is None:
            raise Declined(40003, "字段 refund_no 缺失或格式不对", 400)
        claim = self.shop.ledger.get("after_sale", refund_no)
        if claim is None:
            raise Declined(40401, f"售后单 {refund_no} 不存在", 404, refund_no)
        return refund_no, claim
