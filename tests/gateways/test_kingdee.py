import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.errors import GatewayBusy, GatewayRefused, HubError, Untranslatable
from domain.money import fen
from domain.papers import Sale, Voucher
from gateways.kingdee import KingdeeBooks
from gateways.kingdee_session import client_secret, signed_headers
from gateways.kingdee_voucher import load_template, voucher_model
from infra.sandbox.faults import Fault
from infra.sandbox.partners import kingdee
from settings import Kingdee
from tests.gateways.sales import a_sale
from tests.partnered import STRIKES, Outside, partnered

Mode = Literal["login", "signed"]

# Recorded from Kingdee's own Python client 8.2.0, given our test credentials and a stopped clock.
RECORDED = {
    "X-Api-ClientID": "200001",
    "X-Api-Auth-Version": "2.0",
    "x-api-timestamp": "1700000000",
    "x-api-nonce": "1700000000",
    "x-api-signheaders": "x-api-timestamp,x-api-nonce",
    "X-Api-Signature": (
        "ZmY2OWRjNWEwMzZhNWI3OGUyOTFjYjM0MjMwMTQ0OWJmOGEzM2JmYTY1YTg2MjY3MjdiZWE4Nzg0MGRiODQ0Ng=="
    ),
    "X-Kd-Appkey": "200001_Q2VydGFpbmx5Tm90QVJlYWxTZWNyZXQw",
    "X-Kd-Appdata": "NWYzYTAwMDAwMDAwMDEsbGlmZWxpbmUsMjA1Miww",
    "X-Kd-Signature": (
        "ZjI1NGNiZTMzZTU5MDhmOTQzMjI5NjI5YTdhNjg4ZDk5NDg1MWQzOWIyMzRjYTA5ZjI2ODIwOWQzZmUxNzAxYw=="
    ),
}
DYNAMIC = "K3Cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService"


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


# --- the voucher itself ---


def test_the_house_s_own_template_books_a_sale() -> None:
    model = voucher_model(Kingdee(), load_template(), a_sale(amount_fen=10900))

    assert model["FDate"] == "2026-11-23"  # it is past midnight in China
    assert [
        (entry["FACCOUNTID"]["FNumber"], entry["FDEBIT"], entry["FCREDIT"])
        for entry in model["FEntity"]
    ] == [("1122", "109.00", "0.00"), ("6001", "0.00", "100.00"), ("2221.01.02", "0.00", "9.00")]


def test_finance_reads_the_order_and_the_invoice_on_every_entry() -> None:
    model = voucher_model(Kingdee(), load_template(), a_sale("M7"))

    assert {entry["FEXPLANATION"] for entry in model["FEntity"]} == {
        "线上销售 miniprogram/M7 发票 26332000000000000001"
    }
    assert {entry["FBUSNO"] for entry in model["FEntity"]} == {"miniprogram/M7/voucher/sale"}


@given(amount=st.integers(1, 10**10), rate=st.sampled_from([0, 1, 3, 6, 9, 13]))
def test_every_sale_balances_to_the_fen(amount: int, rate: int) -> None:
    settings = Kingdee(tax_rate_percent=rate)

    entries = voucher_model(settings, load_template(), a_sale(amount_fen=amount))["FEntity"]

    debits = [fen(entry["FDEBIT"]) for entry in entries]
    credits_ = [fen(entry["FCREDIT"]) for entry in entries]
    assert sum(debits) == sum(credits_) == amount
    for debit, credit in zip(debits, credits_, strict=True):
        assert (debit > 0) != (credit > 0)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("sale: {explanation: x, entries: []}", "借贷不平"),
        (
            "sale: {explanation: x, entries: [{side: debit, account: tax, amount: tax}]}",
            "借贷不平",
        ),
        ("sale: {explanation: '{buyer}', entries: []}", "buyer"),
        ("sale: {explanation: x, entries: [], colour: red}", "colour"),
        ("refund: {}", "sale"),
    ],
)
def test_a_template_that_can_not_work_is_refused_when_it_is_read(
    tmp_path: Path, template: str, complaint: str
) -> None:
    path = tmp_path / "voucher.yaml"
    path.write_text(template, encoding="utf-8")

    with pytest.raises((ValueError, ValidationError), match=complaint):
        load_template(path)


# --- signatures ---


def test_the_signatures_are_those_of_kingdee_s_own_client() -> None:
    at = datetime.fromtimestamp(1700000000, UTC)
    path = f"/kingdee/{DYNAMIC}.Save.common.kdsvc"

    headers = signed_headers(Kingdee(org_number="0"), path, at=at, nonce="1700000000")

    assert headers == RECORDED


def test_the_client_secret_is_the_unmixed_second_half_of_the_app_id() -> None:
    assert client_secret("AAAAAAAA") == "MDA1NGYz"  # six zeros show the mix itself: 0054f3


# --- the conversation ---


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
