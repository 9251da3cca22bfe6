"""Our words as people read them: Chinese first, English one click away.

``docs/words.md`` is the dictionary; a test holds the two together.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from domain.acceptance import Acceptance
from domain.carrier import PhoneTail, Sureness
from domain.claim import ClaimAnswer, RefundKind, RefundStage
from domain.comeback import Interception
from domain.erp import ErpStanding
from domain.freeze import FreezeState
from domain.guard import Breaker
from domain.hands import Decided, Deed
from domain.lifecycle import OrderStage, ParcelStage
from domain.parcel import Milestone
from domain.partner_words import Making, Packing, Shelving
from domain.ruling import Verdict as Ruled
from domain.ruling import Whereabouts
from domain.staff import Role
from domain.standing import Standing
from domain.trouble import HoldReason, Remedy
from domain.waybill_number import Verdict


class Word(NamedTuple):
    """One thing in both languages."""

    zh: str
    en: str


# By kind first: two states of different kinds may share a value, and are then equal as strings.
WORDS: Mapping[type[StrEnum], Mapping[StrEnum, Word]] = {
    OrderStage: {
        OrderStage.ACCEPTED: Word("已接单", "accepted"),
        OrderStage.WAITING: Word("挂起", "on hold"),
        OrderStage.ROUTED: Word("已分仓", "routed"),
        OrderStage.LABELLED: Word("已出面单", "labelled"),
        OrderStage.HANDED_OVER: Word("已交仓库", "handed over"),
        OrderStage.SHIPPED: Word("已发货", "shipped"),
        OrderStage.DELIVERED: Word("已签收", "delivered"),
        OrderStage.SETTLED: Word("已开票入账", "settled"),
        OrderStage.CLOSED: Word("已完结", "closed"),
        OrderStage.CANCELLED: Word("已取消", "cancelled"),
    },
    ParcelStage: {
        ParcelStage.PLANNED: Word("待锁库存", "planned"),
        ParcelStage.LOCKED: Word("已锁库存", "locked"),
        ParcelStage.LABELLED: Word("已出面单", "labelled"),
        ParcelStage.HANDED_OVER: Word("已交仓库", "handed over"),
        ParcelStage.SHIPPED: Word("已发货", "shipped"),
        ParcelStage.DELIVERED: Word("已签收", "delivered"),
        ParcelStage.CANCELLED: Word("已取消", "cancelled"),
        ParcelStage.INTERCEPTING: Word("拦截中", "intercepting"),
        ParcelStage.INTERCEPTED: Word("已拦截", "intercepted"),
        ParcelStage.LOST: Word("已丢失", "lost"),
    },
    Milestone: {
        Milestone.BOOKED: Word("已下单", "booked"),
        Milestone.COLLECTED: Word("已揽收", "collected"),
        Milestone.IN_TRANSIT: Word("运输中", "in transit"),
        Milestone.OUT_FOR_DELIVERY: Word("派送中", "out for delivery"),
        Milestone.PROBLEM: Word("派送异常", "delivery problem"),
        Milestone.RETURNED: Word("已退回", "returned"),
        Milestone.LOST: Word("已丢失", "lost"),
        Milestone.DELIVERED: Word("已签收", "delivered"),
    },
    HoldReason: {
        HoldReason.SHORT_OF_STOCK: Word("缺货待补", "short of stock"),
        HoldReason.FROZEN_BUYER: Word("买家已冻结", "buyer frozen"),
        HoldReason.BAD_ADDRESS: Word("地址不可用", "address unusable"),
        HoldReason.NO_WAREHOUSE: Word("无仓可发", "no warehouse serves it"),
        HoldReason.MADE_TO_ORDER: Word("等待生产", "being made"),
        HoldReason.CHANNEL_HOLD: Word("渠道暂停发货", "held by the channel"),
        HoldReason.BY_HAND: Word("人工挂起", "held by hand"),
    },
    Remedy: {
        Remedy.RETRY: Word("重试", "retry"),
        Remedy.DONE_BY_HAND: Word("已人工处理", "done by hand"),
        Remedy.REROUTE: Word("改派仓库", "re-route"),
        Remedy.EDIT_ADDRESS: Word("修改地址", "edit address"),
        Remedy.CANCEL: Word("取消", "cancel"),
        Remedy.DECIDE_CLAIM: Word("处理售后", "decide the claim"),
    },
    Deed: {
        Deed.REROUTE: Word("改派仓库", "re-route"),
        Deed.HOLD: Word("挂起", "hold"),
        Deed.RELEASE: Word("解除挂起", "release"),
        Deed.CANCEL: Word("取消", "cancel"),
        Deed.EDIT_ADDRESS: Word("修改地址", "edit address"),
        Deed.CORRECT_WAYBILL: Word("更正运单号", "correct waybill"),
        Deed.DECIDE_CLAIM: Word("处理售后", "decide the claim"),
        Deed.RETRY_NOW: Word("立即重试", "retry now"),
        Deed.RESOLVE: Word("处理异常", "resolve"),
    },
    Decided: {
        Decided.AGREE: Word("同意退款", "agree"),
        Decided.REFUSE: Word("拒绝", "refuse"),
        Decided.WRITE_OFF: Word("核销", "write off"),
    },
    Standing: {
        Standing.UNPAID: Word("未付款", "unpaid"),
        Standing.PENDING: Word("暂缓发货", "not to be shipped yet"),
        Standing.DUE: Word("待发货", "due"),
        Standing.SHIPPED: Word("已发货", "shipped"),
        Standing.DELIVERED: Word("已签收", "delivered"),
        Standing.CANCELLED: Word("已关闭", "closed"),
    },
    Acceptance: {
        Acceptance.ACCEPTED: Word("已接受", "accepted"),
        Acceptance.FROZEN: Word("买家已冻结", "buyer frozen"),
        Acceptance.OUT_OF_RANGE: Word("超出配送范围", "out of range"),
        Acceptance.PENDING: Word("稍后决定", "decided later"),
    },
    RefundKind: {
        RefundKind.REFUND_ONLY: Word("仅退款", "refund only"),
        RefundKind.RETURN: Word("退货退款", "return and refund"),
        RefundKind.EXCHANGE: Word("换货", "exchange"),
        RefundKind.RESEND: Word("补发", "send again"),
        RefundKind.REPAIR: Word("维修", "repair"),
    },
    RefundStage: {
        RefundStage.ASKED: Word("待处理", "asked"),
        RefundStage.AGREED: Word("已同意", "agreed"),
        RefundStage.RETURNING: Word("退货中", "on its way back"),
        RefundStage.REFUSED: Word("已拒绝", "refused"),
        RefundStage.REFUNDED: Word("已退款", "refunded"),
        RefundStage.WITHDRAWN: Word("已撤销", "withdrawn"),
    },
    ClaimAnswer: {
        ClaimAnswer.AGREE: Word("同意退款", "agree"),
        ClaimAnswer.AGREE_RETURN: Word("同意退货", "agree to the return"),
        ClaimAnswer.REFUSE: Word("拒绝", "refuse"),
        ClaimAnswer.SHIPPED: Word("已发货", "shipped already"),
    },
    Interception: {
        Interception.ACCEPTED: Word("已受理", "accepted"),
        Interception.TOO_LATE: Word("太晚", "too late"),
    },
    Whereabouts: {
        Whereabouts.WITH_US: Word("在仓", "with us"),
        Whereabouts.COMING_BACK: Word("退回途中", "coming back"),
        Whereabouts.ON_THE_WAY: Word("在途", "on the way"),
        Whereabouts.WITH_BUYER: Word("买家已收", "with the buyer"),
        Whereabouts.LOST: Word("已丢失", "lost"),
        Whereabouts.NO_MATTER: Word("不涉及货物", "no matter"),
    },
    Ruled: {
        Ruled.AGREE: Word("同意退款", "agree"),
        Ruled.AGREE_RETURN: Word("同意退货", "agree to the return"),
        Ruled.REFUSE: Word("拒绝", "refuse"),
        Ruled.WAIT: Word("等待货物", "wait for the goods"),
        Ruled.ASK: Word("转人工", "ask a person"),
    },
    Breaker: {
        Breaker.CLOSED: Word("生效", "closed"),
        Breaker.DRY_RUN: Word("试运行", "dry run"),
        Breaker.HALF_OPEN: Word("需确认", "half open"),
        Breaker.OPEN: Word("关闭", "open"),
    },
    FreezeState: {
        FreezeState.WATCHED: Word("仅记录", "watched"),
        FreezeState.FROZEN: Word("已冻结", "frozen"),
        FreezeState.CONFIRMED: Word("已确认风险", "confirmed"),
        FreezeState.LIFTED: Word("已解冻", "lifted"),
        FreezeState.LAPSED: Word("未确认自动解冻", "lapsed"),
    },
    ErpStanding: {
        ErpStanding.POSTED: Word("待审核", "posted"),
        ErpStanding.AUDITED: Word("已审核", "audited"),
        ErpStanding.CANCELLED: Word("已作废", "cancelled"),
        ErpStanding.NOT_USED: Word("未使用", "not used"),
    },
    Role: {
        Role.VIEWER: Word("只读", "viewer"),
        Role.OPERATOR: Word("运营", "operator"),
        Role.RISK: Word("风控", "risk"),
        Role.ADMIN: Word("管理员", "admin"),
    },
    Verdict: {
        Verdict.RECORDED: Word("分配记录已定", "on record"),
        Verdict.EXACT: Word("只有一家符合", "one carrier fits"),
        Verdict.AMBIGUOUS: Word("几家都可能", "several carriers fit"),
        Verdict.MISFIT: Word("不像这家的单号", "unlike that carrier"),
        Verdict.UNKNOWN: Word("认不出", "unknown"),
    },
    Sureness: {
        Sureness.FIRM: Word("独有", "its own"),
        Sureness.SHARED: Word("共用", "shared"),
        Sureness.ASSUMED: Word("凭记忆", "from memory"),
        Sureness.LOOSE: Word("宽松", "loose"),
    },
    PhoneTail: {
        PhoneTail.ALWAYS: Word("总要", "always"),
        PhoneTail.SOMETIMES: Word("有时要", "sometimes"),
        PhoneTail.NEVER: Word("不要", "never"),
    },
    Packing: {
        Packing.WORKING: Word("处理中", "working on it"),
        Packing.LEFT: Word("已出库", "left"),
        Packing.STUCK: Word("受阻", "stuck"),
        Packing.STOPPED: Word("已停止", "stopped"),
    },
    Shelving: {
        Shelving.WORKING: Word("处理中", "working on it"),
        Shelving.SHELVED: Word("已上架", "on the shelf"),
        Shelving.STUCK: Word("受阻", "stuck"),
        Shelving.STOPPED: Word("已停止", "stopped"),
    },
    Making: {
        Making.STARTED: Word("已开工", "started"),
        Making.MADE: Word("已完工", "made"),
        Making.SCRAPPED: Word("已报废", "scrapped"),
    },
}

STEPS: Mapping[str, Word] = {
    "risk.check": Word("买家核验", "check the buyer"),
    "routing.plan": Word("分仓拆单", "route and split"),
    "stock.lock": Word("锁定库存", "lock stock"),
    "stock.ship": Word("扣减库存", "take off the shelf"),
    "stock.release": Word("释放库存", "release stock"),
    "stock.put_back": Word("退货入账", "put what came back on the shelf"),
    "label.create": Word("获取运单号", "get the waybill"),
    "label.void": Word("作废面单", "void the label"),
    "printer.print": Word("打印面单", "print the label"),
    "handover.create": Word("下发仓库", "hand over to the WMS"),
    "handover.cancel": Word("仓库截单", "call back from the WMS"),
    "channel.tell_shipped": Word("回传渠道发货", "tell the channel"),
    "channel.answer_claim": Word("答复售后", "answer the claim"),
    "logistics.follow": Word("查询物流", "follow the parcel"),
    "logistics.intercept": Word("快递拦截", "call back from the carrier"),
    "returns.announce": Word("通知仓库收退货", "announce the return"),
    "claim.judge": Word("判定售后", "judge the claim"),
    "claim.decide": Word("人工处理售后", "decide the claim"),
    "claim.write_off": Word("核销", "write off"),
    "invoice.issue": Word("开具发票", "issue the invoice"),
    "invoice.find": Word("查询发票", "look for the invoice"),
    "invoice.redden": Word("开具红字发票", "issue the red letter"),
    "voucher.book": Word("生成凭证", "book the voucher"),
    "voucher.reverse": Word("冲销凭证", "reverse the voucher"),
    "erp.relay": Word("同步 ERP", "relay to the ERP"),
    "erp.withdraw": Word("撤回 ERP", "take back from the ERP"),
    "guard.freeze": Word("冻结买家", "freeze the buyer"),
    "guard.confirm": Word("记录确认", "record the confirmation"),
    "guard.unfreeze": Word("解冻买家", "let the buyer order"),
    "guard.wake": Word("唤醒订单", "wake the held orders"),
    "guard.card": Word("发风控卡片", "send the risk card"),
    "guard.mark": Word("金蝶标记", "mark in Kingdee"),
    "alert.ring": Word("通知值班", "call people"),
    "alert.clear": Word("关闭异常", "close the exception"),
}


def word(state: StrEnum) -> Word:
    """Tell both names of one of our states."""
    return WORDS[type(state)][state]


def zh(state: StrEnum) -> str:
    """Say one of our states in Chinese."""
    return word(state).zh
