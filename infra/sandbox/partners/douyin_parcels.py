"""How a parcel is read from what the hub says of it, and how messages tell of one."""

import re
from dataclasses import dataclass

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_asked import each, text, text_or_none, whole, wrong
from infra.sandbox.partners.douyin_gate import DouyinSays
from infra.sandbox.partners.douyin_news import about
from infra.sandbox.partners.douyin_orders import (
    line_id,
    lines_of,
    shipped_lines,
    status_of,
)
from infra.sandbox.partners.douyin_papers import product_id
from infra.sandbox.partners.douyin_receivers import receiver_msg
from infra.sandbox.partners.douyin_words import COMPANIES, OrderStatus, epoch_s

NUMBER = re.compile(r"[0-9A-Z]{8,32}")
MOST_LINES = 40
NOT_SHIPPABLE = (OrderStatus.TO_PAY, OrderStatus.PAID, OrderStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Who carries a parcel, and under which number."""

    carrier: str
    tracking_no: str

    def doc(self) -> Doc:
        """Tell it as the ledger keeps it."""
        return {"carrier": self.carrier, "tracking_no": self.tracking_no}


def read_label(asked: Doc) -> Label:
    """Read it strictly."""
    carrier, tracking_no = text(asked, "company_code"), text(asked, "logistics_code")
    if carrier not in COMPANIES:
        raise wrong("company_code", f"不支持物流公司 {carrier}")
    if NUMBER.fullmatch(tracking_no) is None:
        raise wrong("logistics_code", "必须是 8 到 32 位大写字母或数字")
    return Label(carrier=carrier, tracking_no=tracking_no)


def read_order_no(asked: Doc) -> str:
    """Read which order a parcel is of; the platform's list may name several, ours one."""
    named = asked.get("order_id_list")
    if not named:
        return text(asked, "order_id")
    if not isinstance(named, list) or len(named) != 1:
        raise wrong("order_id_list", "沙箱只支持一个订单")
    return text({"order_id_list": named[0]}, "order_id_list")


def read_lines(asked: Doc, order: Doc) -> list[int]:
    """Read which lines are in a parcel; two names of the list are in use."""
    name = "shipped_order_info" if asked.get("shipped_order_info") else "order_list"
    return sorted({_line(item, order) for item in each(asked, name, MOST_LINES)})


def _line(item: Doc, order: Doc) -> int:
    shipped, number = text(item, "shipped_order_id"), order["order_no"]
    no = next((no for no in lines_of(order) if str(line_id(number, no)) == shipped), None)
    if no is None:
        raise wrong("shipped_order_id", f"{shipped} 不是订单 {number} 的子订单")
    pieces = order["items"][no - 1]["quantity"]
    if whole(item, "shipped_num") != pieces:
        raise wrong("shipped_num", f"必须是子订单 {shipped} 的件数 {pieces}")
    return no


def check_shippable(order: Doc, label: Label, lines: list[int]) -> None:
    """Refuse what can not be shipped, or was shipped under another number."""
    number = order["order_no"]
    if status_of(order) in NOT_SHIPPABLE or set(order["closed"]) & set(lines):
        raise DouyinSays(50002, "isv.business-failed", f"订单 {number} 当前状态不允许发货")
    if not lines or shipped_lines(order) & set(lines):
        raise DouyinSays(50002, "isv.business-failed", f"订单 {number} 的商品已发货")
    if pack_of(order, label.tracking_no) is not None:
        said = f"运单号 {label.tracking_no} 已用于订单 {number} 的另一个包裹"
        raise DouyinSays(50002, "isv.business-failed", said)


def pack_of(order: Doc, tracking_no: str) -> Doc | None:
    """Find a parcel by its number."""
    return next((pack for pack in order["packs"] if pack["tracking_no"] == tracking_no), None)


def pack_meant(order: Doc, asked: Doc) -> Doc:
    """Find the parcel whose number changes."""
    packs: list[Doc] = order["packs"]
    for name, field in (("pack_id", "pack_id"), ("logistics_code_old", "tracking_no")):
        if (said := text_or_none(asked, name)) is not None:
            packs = [pack for pack in packs if pack[field] == said]
    if not packs:
        raise DouyinSays(50002, "isv.business-failed", "没有这个包裹,不能修改物流")
    if len(packs) > 1:
        raise wrong("pack_id", "缺失:多包裹订单必须指明是哪个包裹")
    return packs[0]


def told_of(order: Doc, pack: Doc) -> Doc:
    """Say in a message what is in a parcel."""
    msg = {
        "express_company_id": pack["carrier"],
        "logistics_code": pack["tracking_no"],
        "pack_id": pack["pack_id"],
        "shipped_order_info": [_shipped(order, no) for no in pack["lines"]],
    }
    receiver, at = receiver_msg(order["receiver"]), epoch_s(order["updated_at"])
    return about(order, logistics_msg=msg, receiver_msg=receiver, update_time=at)


def _shipped(order: Doc, no: int) -> Doc:
    item = order["items"][no - 1]
    product = product_id(item["sku"])
    return {
        "shipped_order_id": line_id(order["order_no"], no),
        "shipped_num": item["quantity"],
        "sku_num": item["quantity"],
        "product_id": product,
        "sku_id": product,
    }
