"""How an order is written for the ERP, and what the author of those rules is told."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from domain.erp import ErpStanding, erp_order_of
from rulebook.erp import Wish, faults_of_erp, load_erp
from rulebook.faults import BrokenRules
from tests.fakes.orders import an_order
from tests.rules.routing_cases import RULES

SHEET = load_erp(RULES)


def answered(**said: object) -> dict[str, object]:
    data = {"orderNo": "XSDD1", "status": "AUDITED", "auditor": "财务一号", "auditTime": ""}
    return {"code": 0, "data": {**data, **said}}


def test_an_order_is_written_in_the_erp_s_own_fields() -> None:
    order = an_order(lines=2)

    written = SHEET.written(erp_order_of(order), Wish.PAID)

    assert {
        "externalOrderNo": f"{order.id}/erp",
        "platform": "miniprogram",
        "platformOrderNo": order.number,
        "status": "paid",
        "payTime": "2026-02-06T11:30:00+08:00",
        "salesman": "",
        "consignee": "张**",
        "region": "浙江省/杭州市/西湖区",
        "goodsAmount": "30.00",
        "freight": "6.00",
        "payAmount": "36.00",
        "details": [
            {
                "lineNo": 1,
                "skuCode": "MILK-1L",
                "skuName": "鲜牛奶 1L",
                "qty": 2,
                "amount": "10.00",
            },
            {
                "lineNo": 2,
                "skuCode": "RICE-5KG",
                "skuName": "东北大米 5kg",
                "qty": 2,
                "amount": "20.00",
            },
        ],
    } == written


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("WAIT_AUDIT", ErpStanding.POSTED),
        ("AUDITED", ErpStanding.AUDITED),
        ("CANCELLED", ErpStanding.CANCELLED),
    ],
)
def test_the_erp_s_words_become_ours(word: str, standing: ErpStanding) -> None:
    assert standing is SHEET.read(answered(status=word)).standing


def test_an_audit_has_a_person_and_a_time() -> None:
    state = SHEET.read(answered(auditTime="2026-02-06T12:00:00+08:00"))

    assert ("XSDD1", "财务一号") == (state.number, state.audited_by)
    assert datetime(2026, 2, 6, 4, tzinfo=UTC) == state.audited_at


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"code": 0}, "rules/erp.yaml answer.number: 数据里没有字段 data"),
        (answered(status="LOST"), "rules/erp.yaml answer.standing"),
        (answered(orderNo=7), "rules/erp.yaml answer.number: 结果应为文字"),
        (answered(auditTime="昨天"), "rules/erp.yaml answer.audited_at: 不是 ISO 8601 时间"),
        (answered(auditTime="2026-02-06T12:00:00"), "时间没有时区"),
    ],
)
def test_an_answer_of_another_shape_names_the_cell(answer: object, told: str) -> None:
    with pytest.raises(BrokenRules) as caught:
        SHEET.read(answer)

    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("order.number", "order.numbr", "rules/erp.yaml order.platformOrderNo: order 没有字段"),
        ("order.status", "order.status +", "rules/erp.yaml order.status: 语法错误"),
        ("yuan(order.freight_fen)", "fen(order.freight_fen)", "order.freight: 不认识的函数 fen"),
        ("  number: answer", "  numero: answer", "不认识的键 numero"),
        ("answer:\n", "answers:\n", "缺少 answer"),
    ],
)
def test_every_fault_of_the_rules_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = tmp_path / "rules"
    copytree(RULES, folder)
    text = (folder / "erp.yaml").read_text(encoding="utf-8")
    (folder / "erp.yaml").write_text(text.replace(old, new), encoding="utf-8")

    faults = faults_of_erp(folder)

    assert any(told in fault for fault in faults), faults
