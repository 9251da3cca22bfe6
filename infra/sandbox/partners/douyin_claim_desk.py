"""What the Douyin shop tells of claims, and what it lets the hub do with them (protocols 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from infra.sandbox.buyer_returns import goods_may_come
from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_asked import (
    each,
    missing,
    page,
    text,
    text_or_none,
    whole,
    whole_or,
    within,
    wrong,
)
from infra.sandbox.partners.douyin_claim_papers import detailed, listed
from infra.sandbox.partners.douyin_claim_steps import (
    OPERATIONS,
    RETURN_AGREED,
    SEND_THE_OTHER,
    Operation,
)
from infra.sandbox.partners.douyin_claims import Claims
from infra.sandbox.partners.douyin_gate import DouyinSays
from infra.sandbox.partners.douyin_words import NAME, epoch_s
from infra.sandbox.world import World

MOST_ITEMS = 20
SORTED_BY: Mapping[str, str] = {
    "apply_time": "created_at",
    "update_time": "updated_at",
    "status_deadline": "updated_at",  # which lies as long after the last change for every claim
}
WRONG_STATE = "isv.business-failed:20309541"
BY_A_PERSON = "isv.business-failed:11001"


@dataclass(frozen=True, slots=True)
class ClaimDesk:
    """Shows claims, and takes the hub's answers to them."""

    world: World
    claims: Claims

    def detail(self, asked: Doc) -> Doc:
        """``afterSale.Detail``."""
        claim_id = text(asked, "after_sale_id")
        claim = self._claim(claim_id)
        return detailed(claim_id, claim, self.claims.orders.get(claim["order_no"]))

    def search(self, asked: Doc) -> Doc:
        """``afterSale.List``: the latest claim first, unless it is asked otherwise."""
        wanted = page(asked)
        known = self.claims.orders.ledger.each("after_sale")
        found = [(key, claim) for key, claim in known if _is_meant(asked, key, claim)]
        for by, backwards in reversed(_sorting(asked)):
            found = sorted(found, key=partial(_value, by), reverse=backwards)
        shown = wanted.of(found)
        return {
            "items": [self._listed(key, claim) for key, claim in shown],
            "has_more": (wanted.number + 1) * wanted.size < len(found),
            "total": len(found),
            "page": wanted.number,
            "size": len(shown),
        }

    def operate(self, asked: Doc) -> Doc:
        """``afterSale.operate``: all of it or nothing."""
        operation = _operation(whole(asked, "type"))
        items = each(asked, "items", MOST_ITEMS)
        claim_ids = dict.fromkeys(self._checked(item, operation) for item in items)
        with self.claims.news.together() as tell:
            for claim_id in claim_ids:
                self.claims.answered(claim_id)
                self.claims.step(tell, claim_id, operation.step)
                if operation.step == RETURN_AGREED:
                    number = str(self._claim(claim_id)["order_no"])
                    goods_may_come(self.world, NAME, number, claim_id)
        done = [
            {"aftersale_id": int(claim_id), "status_code": 0, "status_msg": "success"}
            for claim_id in claim_ids
        ]
        return {"items": done}

    def _claim(self, claim_id: str) -> Doc:
        claim = self.claims.find(claim_id)
        if claim is None:
            raise DouyinSays(50002, "isv.business-failed", f"售后单 {claim_id} 不存在")
        return claim

    def _listed(self, claim_id: str, claim: Doc) -> Doc:
        return listed(claim_id, claim, self.claims.orders.get(claim["order_no"]))

    def _checked(self, item: Doc, operation: Operation) -> str:
        """Tell the claim's number, when it is where this operation may meet it."""
        claim_id = text(item, "aftersale_id")
        claim = self._claim(claim_id)
        if operation.step.stage == "refused" and not item.get("reject_reason_code"):
            raise missing("reject_reason_code")
        if claim["type"] not in operation.types or claim["stage"] not in operation.stages:
            raise DouyinSays(50002, WRONG_STATE, f"售后单 {claim_id} 状态错误")
        version = epoch_s(claim["updated_at"])
        if whole_or(item, "update_time", 0) not in (0, version):
            raise DouyinSays(50002, WRONG_STATE, f"售后单 {claim_id} 已变更,请重新获取")
        return claim_id


def _operation(asked: int) -> Operation:
    if asked in SEND_THE_OTHER:
        raise DouyinSays(50002, BY_A_PERSON, "暂不支持通过 OPEN 处理,请登录抖店后台人工审核售后单")
    if asked not in OPERATIONS:
        raise wrong("type", f"不支持 {asked}")
    return OPERATIONS[asked]


def _is_meant(asked: Doc, key: str, claim: Doc) -> bool:
    changed, applied = epoch_s(claim["updated_at"]), epoch_s(claim["created_at"])
    statuses = _statuses(asked)
    return (
        text_or_none(asked, "order_id") in (None, claim["order_no"])
        and text_or_none(asked, "aftersale_id") in (None, key)
        and whole_or(asked, "aftersale_type", claim["type"]) == claim["type"]
        and (not statuses or str(claim["status"]) in statuses)
        and within(asked, "update_start_time", "update_end_time", changed)
        and within(asked, "start_time", "end_time", applied)
    )


def _value(name: str, entry: tuple[str, Doc]) -> int:
    value: int = entry[1][name]
    return value


def _statuses(asked: Doc) -> set[str]:
    """Tell the statuses asked for; none means all."""
    named = asked.get("standard_aftersale_status") or []
    if not isinstance(named, list):
        raise wrong("standard_aftersale_status", "必须是数组")
    return set(map(str, named))


def _sorting(asked: Doc) -> list[tuple[str, bool]]:
    """Read ``["update_time asc"]``: what to sort by, and whether backwards; most important first.

    Claims of the same second keep the order in which they were opened.
    """
    told = asked.get("order_by") or ["apply_time desc"]
    wishes = [str(wish).split() for wish in told] if isinstance(told, list) else []
    if not wishes or any(
        len(wish) != 2 or wish[0] not in SORTED_BY or wish[1] not in ("asc", "desc")  # noqa: PLR2004 - a name and a direction
        for wish in wishes
    ):
        raise wrong("order_by", "必须是“字段 asc”或“字段 desc”的数组")
    return [(SORTED_BY[by], direction == "desc") for by, direction in wishes]
