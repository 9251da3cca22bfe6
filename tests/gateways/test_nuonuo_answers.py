import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.errors import GatewayBusy, GatewayRefused, HubError, Untranslatable
from domain.papers import Invoice
from gateways.nuonuo import NuonuoInvoices
from settings import Nuonuo
from tests.gateways.bills import a_bill


def nuonuo_that_says(answer: Callable[[str], dict[str, Any]]) -> httpx.MockTransport:
    """Answer each service by its name, and hand out tokens."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("accessToken"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": "86400"})
        return httpx.Response(200, json=answer(request.headers["method"].rpartition(".")[2]))

    return httpx.MockTransport(handle)


async def issued_when_told(answer: Callable[[str], dict[str, Any]]) -> Invoice | None:
    async with httpx.AsyncClient(transport=nuonuo_that_says(answer)) as http:
        return await NuonuoInvoices(Nuonuo(), http).issue(a_bill())


def found(**progress: Any) -> Callable[[str], dict[str, Any]]:
    return lambda _: {"code": "E0000", "describe": "", "result": [progress]}


async def test_a_duplicate_order_number_is_as_good_as_a_yes() -> None:
    codes = {"queryInvoiceResult": "E9500", "requestBillingNew": "E9106"}

    assert await issued_when_told(lambda method: {"code": codes[method], "describe": ""}) is None


@pytest.mark.parametrize("status", ["20", "21"])
async def test_an_invoice_under_way_is_waited_for(status: str) -> None:
    assert await issued_when_told(found(status=status)) is None


@pytest.mark.parametrize("status", ["22", "24"])
async def test_a_failed_invoice_tells_a_person_why(status: str) -> None:
    with pytest.raises(GatewayRefused, match="开票员未登录"):
        await issued_when_told(found(status=status, failCause="开票员未登录"))


@pytest.mark.parametrize("status", ["3", "31"])
async def test_a_voided_invoice_is_a_person_s_matter(status: str) -> None:
    with pytest.raises(GatewayRefused, match="作废"):
        await issued_when_told(found(status=status))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "99"),
        ("allElectronicInvoiceNumber", "123"),
        ("orderAmount", "10.001"),
        ("invoiceTime", None),
    ],
)
async def test_an_unreadable_field_is_named(field: str, value: object) -> None:
    good = {
        "status": "2",
        "allElectronicInvoiceNumber": "26332000000000000001",
        "orderAmount": "39.90",
        "invoiceTime": 1790000000000,
    }
    assert await issued_when_told(found(**good)) is not None

    with pytest.raises(Untranslatable, match=field):
        await issued_when_told(found(**{**good, field: value}))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(503), GatewayBusy),
        (httpx.Response(429), GatewayBusy),
        (httpx.Response(404), GatewayRefused),
        (httpx.Response(200, text="<html>"), Untranslatable),
        (httpx.Response(200, content=json.dumps({"code": "070306"})), GatewayBusy),
    ],
)
async def test_anything_else_is_a_fault(answer: httpx.Response, fault: type[HubError]) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        with pytest.raises(fault):
            await NuonuoInvoices(Nuonuo(), http).issue(a_bill())
