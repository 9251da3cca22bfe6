"""When the claims of one buyer are too many."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.claim import RefundKind, RefundStage
from domain.guard import (
    Action,
    Breaker,
    Claim,
    GuardPace,
    KnownClaim,
    Measure,
    RiskRule,
    learn,
    tripping,
)
from domain.order import OrderId
from rulebook.faults import BrokenRules
from rulebook.risk import load_risk

RULES = Path(__file__).parents[2] / "rules"
RULE = load_risk(RULES)
HOUR = GuardPace.of(RULE, 1).window
NOON = datetime(2026, 2, 6, 12, 0, tzinfo=UTC)
OVER, EXACT = 20_001, 20_000


def claim(
    no: int,
    minute: float = 0,
    amount_fen: int = OVER,
    stage: RefundStage = RefundStage.ASKED,
    kind: RefundKind = RefundKind.REFUND_ONLY,
    asked: float | None = None,
) -> Claim:
    return Claim(
        refund_id=f"R{no}",
        order_id=OrderId(f"douyin/{no}"),
        kind=kind,
        amount_fen=amount_fen,
        at=NOON + timedelta(minutes=minute),
        stage=stage,
        asked_at=None if asked is None else NOON + timedelta(minutes=asked),
    )


def known(*told: Claim) -> list[KnownClaim]:
    claims: dict[str, KnownClaim] = {}
    for each in told:
        claims[each.refund_id] = learn(claims.get(each.refund_id), each)
    return list(claims.values())


def trips(*told: Claim, rule: RiskRule = RULE) -> bool:
    return bool(tripping(rule, HOUR, known(*told)))


def test_the_shipped_rule_is_three_refund_only_claims_over_200_yuan_within_an_hour() -> None:
    assert RULE == RiskRule(
        count=3,
        window_minutes=60,
        amount_fen=20_000,
        measure=Measure.EACH,
        channels=(),
        kinds=(RefundKind.REFUND_ONLY,),
        freeze_hours=24,
        actions=(Action.CARD, Action.KINGDEE),
        breaker=Breaker.CLOSED,
    )


@pytest.mark.parametrize(
    ("told", "tripped"),
    [
        ((claim(1), claim(2, 1)), False),
        ((claim(1), claim(2, 1), claim(3, 2)), True),  # exactly at the third
        ((claim(1), claim(2, 1), claim(3, 60)), True),  # the hour is over only after it
        ((claim(1), claim(2, 1), claim(3, 60.1)), False),
        ((claim(1), claim(2, 1), claim(3, 61.1), claim(4, 61.1)), False),  # two and two
        ((claim(1), claim(2, 50), claim(3, 100), claim(4, 105)), True),  # the last three
        ((claim(1), claim(2, 1), claim(3, 2, EXACT)), False),  # 200 yuan is not over 200 yuan
        ((claim(1), claim(2, 1), claim(2, 1)), False),  # told twice
        ((claim(1), claim(2, 1), claim(2, 30, stage=RefundStage.AGREED)), False),
        ((claim(1), claim(2, 1), claim(3, 2, kind=RefundKind.RETURN)), False),
        ((claim(1), claim(2, 1), claim(3, 2), claim(1, 3, stage=RefundStage.WITHDRAWN)), False),
        ((claim(1), claim(2, 1), claim(3, 2), claim(1, 3, stage=RefundStage.REFUSED)), True),
        (tuple(claim(n, n, stage=RefundStage.AGREED) for n in range(3)), False),
    ],
)
def test_which_claims_trip_the_guard(told: tuple[Claim, ...], tripped: bool) -> None:  # noqa: FBT001 - the wanted answer
    assert tripped is trips(*told)


@pytest.mark.parametrize(
    "stage", [RefundStage.AGREED, RefundStage.RETURNING, RefundStage.REFUNDED, RefundStage.REFUSED]
)
@pytest.mark.parametrize(("third", "tripped"), [(2, True), (61, False)])
def test_a_claim_that_is_first_heard_of_late_counts_when_it_was_asked(
    stage: RefundStage,
    third: int,
    tripped: bool,  # noqa: FBT001 - the wanted answer
) -> None:
    late = (claim(no, 300 + no, stage=stage, asked=at) for no, at in ((1, 0), (2, 1), (3, third)))
    assert tripped is trips(*late)


def test_a_claim_counts_once_whether_its_question_was_told_or_only_dated() -> None:
    told = (claim(1), claim(1, 5, stage=RefundStage.REFUNDED, asked=0), claim(2, 1))
    assert not trips(*told)
    assert trips(*told, claim(3, 9, stage=RefundStage.AGREED, asked=2))


@pytest.mark.parametrize(
    ("amounts", "tripped"),
    [
        ((7_000, 7_000, 6_000), False),  # 200 yuan together is not over it
        ((7_000, 7_000, 6_001), True),
        ((30_000, 30_000), False),  # the count must be reached all the same
    ],
)
def test_a_rule_may_look_at_the_sum(amounts: tuple[int, ...], tripped: bool) -> None:  # noqa: FBT001 - the wanted answer
    told = (claim(no, no, amount) for no, amount in enumerate(amounts))
    assert tripped is trips(*told, rule=replace(RULE, measure=Measure.SUM))


def test_the_claims_that_trip_are_told_oldest_first() -> None:
    found = tripping(RULE, HOUR, known(claim(3, 2), claim(1), claim(2, 1)))
    assert ["R1", "R2", "R3"] == [each.last.refund_id for each in found]


def test_tellings_of_one_claim_come_to_the_same_in_every_order() -> None:
    told = (
        claim(1),
        claim(1, 5, stage=RefundStage.AGREED),
        claim(1, 5, stage=RefundStage.WITHDRAWN),
        claim(1, 2),
    )
    ends = {tuple(known(*order)) for order in permutations(told)}
    assert 1 == len(ends)


stages = st.sampled_from(RefundStage)
claims = st.builds(
    claim,
    st.integers(1, 5),
    st.integers(0, 90),
    st.sampled_from((EXACT, OVER, 50_000)),
    stages,
    asked=st.none() | st.integers(0, 90),
)


@given(st.lists(claims, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(told: list[Claim], chance: object) -> None:
    shuffled = told[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' random has no public type
    again = shuffled + told[: len(told) // 2]  # and some come twice

    assert tripping(RULE, HOUR, known(*told)) == tripping(RULE, HOUR, known(*again))


@given(st.lists(claims, max_size=12))
def test_a_claim_more_never_lets_a_buyer_off(told: list[Claim]) -> None:
    if trips(*told):
        assert trips(*told, claim(99, 30))


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("count", 0, "rules/risk.yaml count: 不能小于 1"),
        ("count", "三", "rules/risk.yaml count: 应为 整数"),
        ("measure", "max", "rules/risk.yaml measure: 只能是"),
        ("channels", "douyin", "rules/risk.yaml channels: 只能是"),
        ("channels", [], "rules/risk.yaml channels: "),
        ("kinds", ["gift"], "rules/risk.yaml kinds[0]: 只能是"),
        ("breaker", "half-open", "rules/risk.yaml breaker: 只能是"),
        ("actions", {"freeze_hours": 24}, "rules/risk.yaml actions: 缺少 card、kingdee"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, cell: str, value: object, said: str) -> None:
    sheet = yaml.safe_load((RULES / "risk.yaml").read_text(encoding="utf-8"))
    place = tmp_path / "rules"
    (place / "schema").mkdir(parents=True)
    (place / "schema" / "risk.json").write_text((RULES / "schema" / "risk.json").read_text())
    text = yaml.safe_dump({**sheet, cell: value}, allow_unicode=True)
    (place / "risk.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BrokenRules) as broken:
        load_risk(place)

    assert any(fault.startswith(said) for fault in broken.value.faults), broken.value.faults


@pytest.mark.parametrize(
    ("channels", "breaker", "watched"),
    [
        ((), Breaker.CLOSED, True),
        (("douyin",), Breaker.DRY_RUN, True),
        (("pinduoduo",), Breaker.CLOSED, False),
        ((), Breaker.OPEN, False),
    ],
)
def test_what_a_guard_hears_of(channels: tuple[str, ...], breaker: Breaker, watched: bool) -> None:  # noqa: FBT001 - the wanted answer
    from tests.fakes.orders import an_order  # noqa: PLC0415 - only here
    from tests.web.sightings import claimed  # noqa: PLC0415 - the same

    order = replace(an_order(), id=OrderId("douyin/1"), channel="douyin")
    rule = replace(RULE, channels=channels, breaker=breaker)
    assert watched is rule.watches(claimed(order).refund)
