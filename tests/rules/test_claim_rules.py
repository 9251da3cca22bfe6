"""What the rules say of a claim: a table, and the fake that stands for them says the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.claim import Refund, RefundKind, RefundStage
from domain.order import OrderId
from domain.ruling import ClaimCase, Verdict, Whereabouts
from rulebook.claims import faults_of_claims, load_claim_rules
from tests.fakes.claims import FakeClaimRules
from tests.fakes.orders import PAID_AT

RULES = Path(__file__).parents[2] / "rules"
CLAIM = Refund(
    id="1",
    order_id=OrderId("douyin/1"),
    kind=RefundKind.REFUND_ONLY,
    stage=RefundStage.ASKED,
    amount_fen=1990,
    lines=(),
    reason="不想要了",
    changed_at=PAID_AT,
    protocol="1",
)


def a_case(
    kind: RefundKind, goods: Whereabouts, amount_fen: int = 1990, left_fen: int = 1990
) -> ClaimCase:
    claim = replace(CLAIM, kind=kind, amount_fen=amount_fen)
    return ClaimCase(refund=claim, channel="douyin", goods=goods, paid_fen=1990, left_fen=left_fen)


@pytest.mark.parametrize("left_fen", [1989, 1990])
@pytest.mark.parametrize("goods", Whereabouts)
@pytest.mark.parametrize("kind", RefundKind)
def test_the_fake_says_what_the_shipped_rules_say(
    kind: RefundKind, goods: Whereabouts, left_fen: int
) -> None:
    case = a_case(kind, goods, left_fen=left_fen)

    assert load_claim_rules(RULES).rule(case).verdict is FakeClaimRules().rule(case).verdict


@pytest.mark.parametrize(
    ("goods", "verdict"),
    [
        (Whereabouts.WITH_US, Verdict.AGREE),
        (Whereabouts.COMING_BACK, Verdict.WAIT),
        (Whereabouts.ON_THE_WAY, Verdict.REFUSE),
        (Whereabouts.WITH_BUYER, Verdict.ASK),
        (Whereabouts.LOST, Verdict.AGREE),
    ],
)
def test_money_goes_back_only_where_the_goods_are_not_gone(
    goods: Whereabouts, verdict: Verdict
) -> None:
    ruling = load_claim_rules(RULES).rule(a_case(RefundKind.REFUND_ONLY, goods))

    assert verdict is ruling.verdict
    assert ruling.reason
    assert ruling.rule
    assert len(ruling.digest) == 12


def test_nobody_gets_more_back_than_was_paid_without_a_person() -> None:
    case = a_case(RefundKind.REFUND_ONLY, Whereabouts.WITH_US, left_fen=1989)

    assert Verdict.ASK is load_claim_rules(RULES).rule(case).verdict


@pytest.mark.parametrize(
    ("amount_fen", "verdict"),
    [(398, Verdict.AGREE), (399, Verdict.ASK), (1001, Verdict.ASK)],
)
def test_a_small_allowance_is_agreed_to(amount_fen: int, verdict: Verdict) -> None:
    case = a_case(RefundKind.REFUND_ONLY, Whereabouts.NO_MATTER, amount_fen)

    assert verdict is load_claim_rules(RULES).rule(case).verdict


def test_a_rule_may_look_at_how_far_the_claim_is(tmp_path: Path) -> None:
    said = (RULES / "claims.yaml").read_text("utf-8")
    asked = 'goods == "with_us" && stage == "asked"'
    _write(tmp_path, said.replace('goods == "with_us"', asked))
    case = a_case(RefundKind.RETURN, Whereabouts.WITH_US)
    on_its_way = replace(case, refund=replace(case.refund, stage=RefundStage.RETURNING))

    rules = load_claim_rules(tmp_path)

    assert Verdict.AGREE is rules.rule(case).verdict
    assert Verdict.ASK is rules.rule(on_its_way).verdict


def test_a_claim_that_no_rule_speaks_of_is_left_to_a_person(tmp_path: Path) -> None:
    said = (RULES / "claims.yaml").read_text("utf-8")
    _write(tmp_path, said.replace('when: "true"', 'when: "false"'))

    ruling = load_claim_rules(tmp_path).rule(a_case(RefundKind.REFUND_ONLY, Whereabouts.WITH_BUYER))

    assert ruling.verdict is Verdict.ASK
    assert "人工" in ruling.reason


@pytest.mark.parametrize(
    ("cell", "instead", "complaint"),
    [
        ('goods == "lost"', "goods = ", "rules[6].when"),
        ('goods == "lost"', 'where == "lost"', "where"),
        ('goods == "lost"', "amount_fen", "真假"),
        ("verdict: wait", "verdict: later", "verdict"),
        ("name: 丢失", "name: 货在仓", "已经用过"),
        ("reason: 快递丢失,同意退款", "reason: 退 {price}", "price"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, cell: str, instead: str, complaint: str) -> None:
    said = (RULES / "claims.yaml").read_text("utf-8")
    assert cell in said
    _write(tmp_path, said.replace(cell, instead))

    (fault,) = faults_of_claims(tmp_path)

    assert complaint in fault


def _write(folder: Path, said: str) -> None:
    (folder / "claims.yaml").write_text(said, "utf-8")
    (folder / "schema").mkdir()
    schema = (RULES / "schema" / "claims.json").read_text("utf-8")
    (folder / "schema" / "claims.json").write_text(schema, "utf-8")
