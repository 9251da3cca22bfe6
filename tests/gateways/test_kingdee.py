import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from domain.errors import GatewayBusy, GatewayRefused, HubError, Untranslatable
from domain.papers import Sale, Voucher
from gateways.kingdee import KingdeeBooks
from infra.sandbox.faults import Fault
from infra.sandbox.partners import kingdee
from settings import Kingdee
from tests.gateways.sales import a_sale
from tests.partnered import STRIKES, Outside, partnered

Mode = Literal["login", "signed"]


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, kingdee.build) as served:
        yield served


def books_at(outside: Outside, mode: Mode = "login", patience_s: float = 3.0) -> KingdeeBooks:
    settings = Kingdee(url=outside.url, mode=mode)
    return KingdeeBooks(settings, outside.http, patience_s=patience_s)


async def booked_in_the_end(books: KingdeeBooks, sale: Sale) -> Voucher:
    async with asyncio.timeout(60):
        while True:
            try:
                return await books.book(sale)
            except GatewayBusy:
                continue


def services_called(outside: Outside) -> list[str]:
    return [operation for _, operation, _, _ in outside.ledger.calls()]


@pytest.mark.parametrize("mode", ["login", "signed"])
@pytest.mark.parametrize("fault", STRIKES)
async def test_any_fault_ends_in_one_audited_voucher(
    outside: Outside, fault: Fault, mode: Mode
) -> None:
    outside.plan.switch(fault, 0.3)
    books = books_at(outside, mode, patience_s=0.2)
    sales = [a_sale(f"M{no}") for no in range(3)]

    booked = {sale.key: (await booked_in_the_end(books, sale)).id for sale in sales}

    vouchers = list(outside.ledger.each("voucher"))
    assert booked == {doc["reference"]: key for key, doc in vouchers}
    assert [doc["status"] for _, doc in vouchers] == ["C", "C", "C"]
    assert fault in {outcome for _, _, _, outcome in outside.ledger.calls()}


@pytest.mark.parametrize("status", ["Z", "A", "B", "C", "D"])
async def test_a_voucher_goes_on_from_where_it_stands(outside: Outside, status: str) -> None:
    first = await books_at(outside).book(a_sale())
    outside.ledger.amend("voucher", first.id, status=status)

    second = await books_at(outside).book(a_sale())

    assert second.id == first.id
    assert [doc["status"] for _, doc in outside.ledger.each("voucher")] == ["C"]


async def test_callers_at_once_share_one_login(outside: Outside) -> None:
    books = books_at(outside)

    await asyncio.gather(*(books.book(a_sale(f"M{no}")) for no in range(8)))

    assert outside.ledger.count("voucher") == 8
    assert services_called(outside).count("ValidateUser") == 1


async def test_callers_do_not_queue_up_behind_a_login_that_is_never_answered(
    outside: Outside,
) -> None:
    outside.plan.switch(Fault.LOST_ANSWER, 1.0)
    books = books_at(outside, patience_s=0.2)

    async with asyncio.timeout(10):  # one after the other, they would need 20 s
        calls = [books.book(a_sale(f"M{no}")) for no in range(100)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {GatewayBusy}


@pytest.mark.parametrize(("mode", "logins"), [("login", 2), ("signed", 0)])
async def test_a_lost_session_is_opened_again_by_itself(
    outside: Outside, mode: Mode, logins: int
) -> None:
    books = books_at(outside, mode)
    await books.book(a_sale("M1"))
    for session, _ in outside.ledger.each("session"):
        outside.ledger.drop("session", session)

    await books.book(a_sale("M2"))

    assert outside.ledger.count("voucher") == 2
    assert outside.ledger.count("session") == 1
    assert services_called(outside).count("ValidateUser") == logins


async def test_the_signed_way_keeps_the_session_of_its_first_answer(outside: Outside) -> None:
    await books_at(outside, "signed").book(a_sale())

    assert outside.ledger.count("session") == 1


async def test_a_wrong_password_is_refused_and_names_the_setting(outside: Outside) -> None:
    settings = Kingdee(url=outside.url, password="guess")

    with pytest.raises(GatewayRefused, match=r"kingdee\.password"):
        await KingdeeBooks(settings, outside.http).book(a_sale())


async def test_a_wrong_app_secret_is_refused(outside: Outside) -> None:
    settings = Kingdee(url=outside.url, mode="signed", app_secret="guess")

    with pytest.raises(GatewayRefused, match="X-Kd-Signature"):
        await KingdeeBooks(settings, outside.http).book(a_sale())


async def test_an_account_that_is_not_in_the_chart_is_named(outside: Outside) -> None:
    settings = Kingdee(url=outside.url, revenue_account="9999")

    with pytest.raises(GatewayRefused, match="FACCOUNTID"):
        await KingdeeBooks(settings, outside.http).book(a_sale())

    assert outside.ledger.count("voucher") == 0


async def test_two_vouchers_for_one_sale_are_a_person_s_matter(outside: Outside) -> None:
    first = await books_at(outside).book(a_sale())
    twin = outside.ledger.get("voucher", first.id)
    assert twin is not None
    outside.ledger.put("voucher", "100002", {**twin, "number": "PZ00000002"})
    outside.ledger.amend("reference", a_sale().key, ids=[first.id, "100002"])

    with pytest.raises(GatewayRefused, match=r"PZ00000001、PZ00000002"):
        await books_at(outside).book(a_sale())


async def test_a_quote_in_a_key_breaks_no_filter(outside: Outside) -> None:
    first = await books_at(outside).book(a_sale("O'Brien"))
    second = await books_at(outside).book(a_sale("O'Brien"))

    assert first.id == second.id


def kingdee_that_says(answer: httpx.Response) -> httpx.MockTransport:
    """Let everybody in, and answer every other call the same."""

    def handle(request: httpx.Request) -> httpx.Response:
        if "AuthService" in request.url.path:
            welcome = {"LoginResultType": 1, "KDSVCSessionId": "s"}
            return httpx.Response(200, json=welcome)
        return answer

    return httpx.MockTransport(handle)


def a_complaint(code: int) -> dict[str, Any]:
    return {"Result": {"ResponseStatus": {"IsSuccess": False, "MsgCode": code, "Errors": []}}}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(503), GatewayBusy),
        (httpx.Response(404), GatewayRefused),
        (httpx.Response(200, text="<html>"), Untranslatable),
        (httpx.Response(200, json=[["1", "PZ1"]]), Untranslatable),
        (httpx.Response(200, json=[["1", "PZ1", "X"]]), Untranslatable),
        (httpx.Response(200, json={"rows": 1}), Untranslatable),
        (httpx.Response(200, json=a_complaint(14)), GatewayBusy),
        (httpx.Response(200, json=a_complaint(13)), GatewayBusy),
        (httpx.Response(200, json=[[a_complaint(1)]]), GatewayBusy),
        (httpx.Response(200, json=[[a_complaint(9)]]), GatewayRefused),
    ],
)
async def test_anything_else_is_a_fault(answer: httpx.Response, fault: type[HubError]) -> None:
    async with httpx.AsyncClient(transport=kingdee_that_says(answer)) as http:
        with pytest.raises(fault):
            await KingdeeBooks(Kingdee(), http).book(a_sale())
