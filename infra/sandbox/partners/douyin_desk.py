"""What the Douyin shop tells of its orders once a call is believed (protocols 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_asked import each, page, text, text_or_none, within, wrong
from infra.sandbox.partners.douyin_gate import DouyinSays
from infra.sandbox.partners.douyin_orders import Orders, status_of
from infra.sandbox.partners.douyin_papers import shop_order
from infra.sandbox.partners.douyin_seal import unseal
from infra.sandbox.partners.douyin_words import COMPANIES, epoch_s

MOST_SEALS = 50
SORTED_BY: Mapping[str, str] = {"create_time": "paid_at", "update_time": "updated_at"}
# Nobody names these; clients only look whether ``err_no`` is 0.
NOT_YOURS, NOT_OPENED = 300008, 300009


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """Shows orders, and opens their seals."""

    orders: Orders

    def detail(self, asked: Doc) -> Doc:
        """``order.orderDetail``."""
        return {"shop_order_detail": shop_order(self.orders.get(text(asked, "shop_order_id")))}

    def search(self, asked: Doc) -> Doc:
        """``order.searchList``: newest first, unless it is asked otherwise."""
        wanted, statuses = page(asked), _statuses(asked)
        by = text_or_none(asked, "order_by") or "create_time"
        if by not in SORTED_BY:
            raise wrong("order_by", "只支持 create_time、update_time")
        found = [
            order
            for order in self.orders.each()
            if _in_windows(asked, order) and (not statuses or str(status_of(order)) in statuses)
        ]
        newest_first = str(asked.get("order_asc") or "").casefold() != "true"
        found.sort(key=lambda order: (order[SORTED_BY[by]], order["order_no"]))
        if newest_first:
            found.reverse()
        told = [shop_order(order) for order in wanted.of(found)]
        return {
            "page": wanted.number,
            "size": wanted.size,
            "total": len(found),
            "shop_order_list": told,
        }

    def decrypt(self, asked: Doc) -> Doc:
        """``order.batchDecrypt``: each seal on its own (from memory and the public SDK)."""
        infos = [self._opened(info) for info in each(asked, "cipher_infos", MOST_SEALS)]
        return {"decrypt_infos": infos}

    def companies(self, _: Doc) -> list[Doc]:
        """``order.logisticsCompanyList`` (its form is from memory)."""
        named = enumerate(COMPANIES.items(), start=1)
        return [{"id": count, "code": code, "name": name} for count, (code, name) in named]

    def _opened(self, info: Doc) -> Doc:
        number, cipher = text(info, "auth_id"), text(info, "cipher_text")
        told: Doc = {"auth_id": number, "cipher_text": cipher, "is_virtual_tel": False}
        order = self.orders.find(number)
        if order is None:
            return {**told, "decrypt_text": "", "err_no": NOT_YOURS, "err_msg": "订单不存在"}
        opened = unseal(cipher, (order["receiver"], *order["former"]))
        if opened is None:
            return {**told, "decrypt_text": "", "err_no": NOT_OPENED, "err_msg": "密文不正确"}
        plain = {"decrypt_text": opened.plain, "data_type": int(opened.hidden)}
        return {**told, **plain, "err_no": 0, "err_msg": ""}


def _in_windows(asked: Doc, order: Doc) -> bool:
    created, changed = epoch_s(order["paid_at"]), epoch_s(order["updated_at"])
    return within(asked, "create_time_start", "create_time_end", created) and within(
        asked, "update_time_start", "update_time_end", changed
    )


def _statuses(asked: Doc) -> set[str]:
    """Tell the statuses asked for, as numbers with commas between; none means all."""
    combined = asked.get("combine_status") or []
    if not isinstance(combined, list) or not all(isinstance(one, dict) for one in combined):
        raise DouyinSays(40004, "isv.parameter-invalid", "参数 combine_status 必须是对象数组")
    named = ",".join(str(one.get("order_status") or "") for one in combined)
    return {status.strip() for status in named.split(",") if status.strip()}
