"""The real rules of ``rules/``, asked about orders made to meet them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import Sku
from domain.geography import EARTH_RADIUS_M, distance_m
from domain.order import Place
from domain.routing import Plan, RoutingQuestion
from rulebook.planner import Planner
from rulebook.sifting import Shelves
from tests.rules.routing_cases import (
    A_MONDAY,
    ICE,
    MILK,
    RICE,
    WARDROBE,
    XIHU,
    a_question,
    a_receiver,
    a_sku,
    full,
    hangzhou,
    real_baskets,
    real_skus,
    the_book,
)

SKUS = {sku.code: sku for sku in (MILK, RICE, ICE, WARDROBE)}
PLANNER = Planner(the_book())
BANDS = {house.code: house.bands for house in the_book().warehouses}


def planned(
    question: RoutingQuestion,
    stock: Mapping[tuple[str, str], int] | None = None,
    skus: Mapping[str, Sku] = SKUS,
    at: datetime = A_MONDAY,
) -> Plan:
    kept = full(skus.values()) if stock is None else stock
    return PLANNER.plan(question, Shelves(skus=skus, stock=kept, at=at))


def why(plan: Plan, warehouse: str, line_no: int = 1) -> tuple[str, str]:
    """Tell the one rule and reason that kept a warehouse from a line."""
    (found,) = [r for r in plan.refusals if (r.warehouse, r.line_no) == (warehouse, line_no)]
    return found.rule, found.reason


def north_of(place: Place, metres: int) -> Place:
    degrees = metres / (EARTH_RADIUS_M * pi / 180)
    return replace(place, latitude=place.latitude + degrees)


def test_each_temperature_leaves_from_the_best_warehouse_that_keeps_it() -> None:
    plan = planned(a_question((RICE.code, 1), (MILK.code, 2), (ICE.code, 1)))

    assert ["HZ-XH", "HZ-SC", "HZ-JG"] == [parcel.warehouse for parcel in plan.parcels]
    assert ["zhongtong", "yuantong", "shunfeng"] == [parcel.carrier for parcel in plan.parcels]
    assert [1, 2, 3] == [parcel.no for parcel in plan.parcels]


def test_a_refused_temperature_names_goods_and_warehouse() -> None:
    plan = planned(a_question((MILK.code, 1)))

    assert ("temperature", "牛奶 需要冷藏仓,西湖常温仓只有常温") == why(plan, "HZ-XH")
    assert ("temperature", "牛奶 需要冷藏仓,江干冷冻仓只有冷冻") == why(plan, "HZ-JG")


@pytest.mark.parametrize(("metres", "served"), [(2_999, True), (3_000, True), (3_001, False)])
def test_bulky_goods_go_three_kilometres(metres: int, served: bool) -> None:  # noqa: FBT001 - a table's column
    home = a_receiver(north_of(XIHU, metres))
    assert metres == distance_m(XIHU, north_of(XIHU, metres))

    plan = planned(a_question((WARDROBE.code, 1), receiver=home, only=("HZ-XH",)))

    assert served is bool(plan.parcels)
    assert served is not bool(plan.unserved)


def test_what_is_not_bulky_goes_further() -> None:
    small = a_sku("衣柜", volume_cm3=30_000)
    home = a_receiver(north_of(XIHU, 3_001))

    plan = planned(
        a_question((small.code, 1), receiver=home, only=("HZ-XH",)), skus={small.code: small}
    )

    assert ["HZ-XH"] == [parcel.warehouse for parcel in plan.parcels]


@pytest.mark.parametrize(
    ("warehouse", "beyond"), [("HZ-XH", 25_001), ("HZ-XS", 30_001), ("HZ-FY", 60_001)]
)
def test_a_warehouse_delivers_within_its_radius(warehouse: str, beyond: int) -> None:
    (house,) = [house for house in the_book().warehouses if house.code == warehouse]
    sku = a_sku("货", house.bands[0])
    home = a_receiver(north_of(house.place, beyond))

    plan = planned(a_question((sku.code, 1), receiver=home), skus={sku.code: sku})

    rule, reason = why(plan, warehouse)
    assert "radius" == rule
    assert f"{beyond} 米" in reason


def test_a_neighbouring_city_is_served_by_the_warehouse_that_lists_the_province() -> None:
    huzhou = a_receiver(Place(longitude=120.08, latitude=30.49), "吴兴区", "湖州市")

    plan = planned(a_question((RICE.code, 1), receiver=huzhou))

    assert ["HZ-LA"] == [parcel.warehouse for parcel in plan.parcels]
    assert ("region", "拱墅常温仓不送浙江省/湖州市/吴兴区,只送浙江省/杭州市") == why(plan, "HZ-GS")


def test_nobody_serves_a_far_province() -> None:
    harbin = a_receiver(Place(longitude=126.6, latitude=45.7), "道里区", "哈尔滨市")
    harbin = replace(harbin, province="黑龙江省")

    plan = planned(a_question((RICE.code, 1), receiver=harbin))

    assert (1,) == plan.unserved
    assert {house.code for house in the_book().warehouses} == {r.warehouse for r in plan.refusals}


@pytest.mark.parametrize(
    ("local", "open_"),
    [
        ("2026-11-23 10:00", True),  # a Monday
        ("2026-11-22 10:00", False),  # it rests on Sundays
        ("2026-11-23 05:59", False),
        ("2026-11-23 06:00", True),
        ("2026-11-23 21:59", True),
        ("2026-11-23 22:00", False),
        ("2027-02-05 10:00", False),  # New Year's Eve
    ],
)
def test_the_calendar_of_a_warehouse_is_kept_in_chinese_time(local: str, open_: bool) -> None:  # noqa: FBT001 - a table's column
    at = datetime.fromisoformat(f"{local}+08:00").astimezone(UTC)

    plan = planned(a_question((RICE.code, 1), only=("HZ-FY",)), at=at)

    assert open_ is bool(plan.parcels)


def test_a_line_whose_warehouse_is_closed_waits_instead_of_calling_people() -> None:
    plan = planned(a_question((RICE.code, 1), only=("HZ-FY",)), at=A_MONDAY - timedelta(days=1))

    assert (1,) == plan.short
    assert () == plan.unserved
    assert ("calendar", "富阳常温仓在 2026-11-22 10 点不发货") == why(plan, "HZ-FY")


@pytest.mark.parametrize(("free", "served"), [(0, False), (2, False), (3, True)])
def test_a_warehouse_keeps_its_reserve(free: int, served: bool) -> None:  # noqa: FBT001 - a table's column
    plan = planned(a_question((MILK.code, 1), only=("HZ-SC",)), {("HZ-SC", MILK.code): free})

    assert served is bool(plan.parcels)
    assert served is not bool(plan.short)


def test_a_short_line_waits_while_the_others_go() -> None:
    stock = {("HZ-GS", RICE.code): 5, ("HZ-XC", MILK.code): 1}

    plan = planned(a_question((RICE.code, 5), (MILK.code, 2)), stock)

    assert [frozenset({1})] == [parcel.line_nos for parcel in plan.parcels]
    assert (2,) == plan.short
    assert ("stock", "下城冷藏仓的牛奶可用 1 件,不够 2 件") == why(plan, "HZ-XC", 2)


def test_two_lines_of_one_article_are_told_who_took_it() -> None:
    plan = planned(
        a_question((RICE.code, 3), (RICE.code, 2), only=("HZ-GS",)), {("HZ-GS", RICE.code): 4}
    )

    assert (2,) == plan.short
    assert "已派给本单的其他行" in why(plan, "HZ-GS", 2)[1]


def test_an_unknown_article_is_nobodys_to_serve() -> None:
    plan = planned(a_question((RICE.code, 1), ("没有的", 1)))

    assert (2,) == plan.unserved
    assert ("catalogue", "商品主档里没有 没有的(没有的),请先导入") == why(plan, "", 2)
    assert 1 == len(plan.parcels)


def test_without_a_place_nothing_is_guessed() -> None:
    plan = planned(a_question((RICE.code, 1), (MILK.code, 1), receiver=a_receiver(None)))

    assert (1, 2) == plan.unserved
    assert () == plan.parcels
    assert "地址缺少坐标" in why(plan, "", 2)[1]


def test_a_warehouse_that_lost_the_race_is_left_out() -> None:
    first = planned(a_question((RICE.code, 1)))

    again = planned(a_question((RICE.code, 1), without=("HZ-XH",), next_parcel_no=2))

    assert "HZ-XH" == first.parcels[0].warehouse
    assert ("HZ-GS", 2) == (again.parcels[0].warehouse, again.parcels[0].no)
    assert "without" == why(again, "HZ-XH")[0]


def test_when_every_warehouse_lost_the_race_the_line_waits() -> None:
    plan = planned(a_question((RICE.code, 1), without=tuple(BANDS)))

    assert (1,) == plan.short


def test_a_person_who_chooses_a_cold_store_for_rice_is_told_why_not() -> None:
    plan = planned(a_question((RICE.code, 1), only=("HZ-XS",)))

    assert (1,) == plan.unserved
    assert "temperature" == why(plan, "HZ-XS")[0]
    assert ("only", "人工指定了 HZ-XS,不用西湖常温仓") == why(plan, "HZ-XH")


def test_only_the_lines_that_are_asked_for_are_planned() -> None:
    question = replace(a_question((RICE.code, 1), (MILK.code, 1)), lines=(2,))

    plan = planned(question)

    assert [frozenset({2})] == [parcel.line_nos for parcel in plan.parcels]
    assert {2} == {refusal.line_no for refusal in plan.refusals}


@st.composite
def orders(draw: st.DrawFn) -> tuple[RoutingQuestion, Mapping[tuple[str, str], int]]:
    bought = st.tuples(st.sampled_from(sorted(SKUS)), st.integers(1, 5))
    codes = sorted(BANDS)
    question = a_question(
        *draw(st.lists(bought, min_size=1, max_size=8)),
        receiver=draw(st.sampled_from(hangzhou())),
        without=tuple(draw(st.sets(st.sampled_from(codes), max_size=3))),
    )
    stock = {(code, sku): draw(st.integers(0, 9)) for code in codes for sku in SKUS}
    return question, stock


@settings(max_examples=150, deadline=None)
@given(orders())
def test_whatever_is_ordered_goods_stay_at_their_temperature(
    case: tuple[RoutingQuestion, Mapping[tuple[str, str], int]],
) -> None:
    """Milk never leaves from an ambient warehouse, though its books say that it lies there."""
    plan = planned(*case)

    leaving = [(parcel.warehouse, item) for parcel in plan.parcels for item in parcel.items]
    assert [] == [item for house, item in leaving if item.band not in BANDS[house]]
    assert all(item.band is SKUS[item.sku].band for _, item in leaving)


@settings(max_examples=150, deadline=None)
@given(orders())
def test_every_line_is_sent_or_short_or_unserved_and_the_reasons_are_told(
    case: tuple[RoutingQuestion, Mapping[tuple[str, str], int]],
) -> None:
    question, _ = case

    plan = planned(*case)

    sent = [line for parcel in plan.parcels for line in parcel.line_nos]
    assert sorted([*sent, *plan.short, *plan.unserved]) == sorted(question.lines)
    assert all(refusal.reason.strip() for refusal in plan.refusals)
    for line in (*plan.short, *plan.unserved):
        assert set(BANDS) == {r.warehouse for r in plan.refusals if r.line_no == line}


def test_real_baskets_to_hangzhou_need_one_parcel_for_each_temperature() -> None:
    """With full shelves only bulky goods are refused, or leave from a second warehouse."""
    skus, homes = real_skus(), hangzhou()
    for at, lines in enumerate(list(real_baskets().values())[:400]):
        bought = [skus[code] for code, _ in lines]
        question = a_question(*lines, receiver=homes[at % len(homes)])

        plan = planned(question, full(bought), skus)

        bulky = {no for no, sku in enumerate(bought, 1) if sku.volume_cm3 > 30_000}
        bands = sorted(parcel.items[0].band for parcel in plan.parcels)
        assert plan.exact
        assert () == plan.short
        assert set(plan.unserved) <= bulky
        assert bulky or bands == sorted({sku.band for sku in bought})


def test_the_same_question_gets_the_same_plan() -> None:
    question = a_question((RICE.code, 1), (MILK.code, 2), (ICE.code, 1))

    assert planned(question) == Planner(the_book()).plan(
        question, Shelves(skus=SKUS, stock=full(SKUS.values()), at=A_MONDAY)
    )


CAKE = replace(RICE, code="CAKE", made_to_order=True)
WITH_CAKE = {**SKUS, CAKE.code: CAKE}


def test_a_line_that_must_be_made_waits_and_the_others_go() -> None:
    plan = planned(a_question((RICE.code, 1), (CAKE.code, 1)), skus=WITH_CAKE)

    assert (2,) == plan.awaited
    assert () == plan.short == plan.unserved
    assert [1] == [item.line_no for parcel in plan.parcels for item in parcel.items]
    assert "made_to_order" == why(plan, "", 2)[0]


def test_a_line_whose_goods_are_made_goes_as_any_other() -> None:
    question = replace(a_question((RICE.code, 1), (CAKE.code, 1)), made=(2,))

    plan = planned(question, skus=WITH_CAKE)

    assert () == plan.awaited
    assert {1, 2} == {item.line_no for parcel in plan.parcels for item in parcel.items}


def test_what_no_warehouse_serves_is_not_worth_making() -> None:
    plan = planned(replace(a_question((CAKE.code, 1)), only=("NOWHERE",)), skus=WITH_CAKE)

    assert () == plan.awaited
    assert (1,) == plan.unserved
    assert plan.serves_nothing
