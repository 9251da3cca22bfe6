"""What every router promises: the one that knows the rules, and the fake of the workflow tests."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from activities.routing import Router
from domain.catalogue import Sku
from gateways.router import RuleRouter
from tests.fakes.router import FakeRouter
from tests.rules.routing_cases import A_MONDAY, RICE, a_question, full, the_book

PEAS = replace(RICE, code="豆子", name="豆子")
SKUS = {sku.code: sku for sku in (RICE, PEAS)}


class FullShelves:
    """Two articles, and plenty of both everywhere."""

    def lookup(self, codes: Collection[str]) -> Mapping[str, Sku]:
        return {code: SKUS[code] for code in codes}

    def snapshot(self, skus: Collection[str]) -> Mapping[tuple[str, str], int]:
        return full([SKUS[code] for code in skus])


@pytest.fixture(params=["fake", "rules"])
def router(request: pytest.FixtureRequest) -> Router:
    if request.param == "fake":
        return FakeRouter()
    shelves = FullShelves()
    return RuleRouter(the_book(), shelves, shelves, now=lambda: A_MONDAY)


def test_every_line_travels_in_exactly_one_parcel(router: Router) -> None:
    plan = router.plan(a_question((RICE.code, 2), (PEAS.code, 1), (RICE.code, 1)))

    assert [1, 2, 3] == sorted(item.line_no for p in plan.parcels for item in p.items)
    assert ((), ()) == (plan.short, plan.unserved)


def test_an_item_carries_its_lines_article_quantity_and_price(router: Router) -> None:
    (parcel,) = router.plan(a_question((RICE.code, 3))).parcels

    (item,) = parcel.items
    assert (RICE.code, 3, 300) == (item.sku, item.quantity, item.paid_fen)
    assert 3 * RICE.weight_g == parcel.weight_g


def test_parcels_are_numbered_from_where_the_order_stands(router: Router) -> None:
    plan = router.plan(a_question((RICE.code, 1), next_parcel_no=4))

    assert ["test/1/4"] == [parcel.key for parcel in plan.parcels]


def test_lines_that_have_a_parcel_are_left_alone(router: Router) -> None:
    question = replace(a_question((RICE.code, 1), (PEAS.code, 1)), lines=(2,))

    plan = router.plan(question)

    assert [frozenset({2})] == [parcel.line_nos for parcel in plan.parcels]


def test_a_warehouse_that_lost_the_race_is_left_out(router: Router) -> None:
    (first,) = router.plan(a_question((RICE.code, 1))).parcels

    (second,) = router.plan(a_question((RICE.code, 1), without=(first.warehouse,))).parcels

    assert first.warehouse != second.warehouse


def test_a_person_may_choose_the_warehouse(router: Router) -> None:
    (parcel,) = router.plan(a_question((RICE.code, 1), only=("HZ-LA",))).parcels

    assert ("HZ-LA", "yuantong") == (parcel.warehouse, parcel.carrier)


def test_when_nobody_is_left_the_line_waits_and_says_why(router: Router) -> None:
    everybody = tuple(house.code for house in the_book().warehouses)

    plan = router.plan(a_question((RICE.code, 1), without=everybody))

    assert ((), (1,)) == (plan.parcels, plan.short)
    assert all(refusal.reason for refusal in plan.refusals)
    assert {1} == {refusal.line_no for refusal in plan.refusals}


def test_the_fake_plays_what_it_is_told() -> None:
    fake = FakeRouter()
    fake.apart, fake.short, fake.unserved = {2: "HZ-XH"}, {3}, {4}

    plan = fake.plan(a_question(("a", 1), ("b", 2), ("c", 1), ("d", 1), next_parcel_no=7))

    assert [("HZ-GS", 7), ("HZ-XH", 8)] == [(p.warehouse, p.no) for p in plan.parcels]
    assert ((3,), (4,)) == (plan.short, plan.unserved)
    assert {3, 4} == {refusal.line_no for refusal in plan.refusals}
