import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.partners import nuonuo
from tests.partnered import Outside, partnered

A_LINE = {
    "goodsName": "鲜奶",
    "goodsCode": "1030201030000000000",
    "withTaxFlag": "1",
    "num": "1",
    "price": "10.00",
    "taxRate": "0.09",
    "tax": "0.83",
    "taxExcludedAmount": "9.17",
    "taxIncludedAmount": "10.00",
}
AN_ORDER = {
    "buyerName": "张三",
    "salerTaxNum": "91330100MA27XYZ123",
    "salerTel": "0571-88888888",
    "salerAddress": "杭州",
    "orderNo": "A1",
    "invoiceDate": "2026-11-22 10:00:00",
    "clerk": "财务一号",
    "invoiceType": "1",
    "invoiceLine": "pc",
    "invoiceDetail": [A_LINE],
}


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, nuonuo.build) as served:
        yield served


async def token_of(outside: Outside) -> str:
    form = {
        "client_id": "sandbox-nuonuo-app",
        "client_secret": "sandbox-nuonuo-secret",
        "grant_type": "client_credentials",
    }
    answer = await outside.http.post(f"{outside.url}/accessToken", data=form)
    return str(answer.json()["access_token"])


async def ask(outside: Outside, method: str, content: Any, **wrong: str) -> dict[str, Any]:
    """Call a service as its document says, except for what is ``wrong``."""
    body = json.dumps(content)
    query = {
        "senid": "a" * 32,
        "nonce": "12345678",
        "timestamp": str(int(datetime.now(UTC).timestamp())),
        "appkey": "sandbox-nuonuo-app",
    } | {name: value for name, value in wrong.items() if name in {"timestamp", "appkey", "nonce"}}
    text = (
        f"a=services&l=v1&p=open&k={query['appkey']}&i={query['senid']}&n={query['nonce']}"
        f"&t={query['timestamp']}&f={wrong.get('signed', body)}"
    )
    secret = b"sandbox-nuonuo-secret"
    sign = base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha1).digest()).decode()
    headers = {
        "X-Nuonuo-Sign": sign,
        "accessToken": wrong.get("token") or await token_of(outside),
        "userTax": wrong.get("tax_no", "91330100MA27XYZ123"),
        "method": f"nuonuo.OpeMplatform.{method}",
    }
    answer = await outside.http.post(
        f"{outside.url}/open/v1/services", params=query, headers=headers, content=body
    )
    return dict(answer.json())


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"signed": "other bytes"}, "070201"),
        ({"token": "stolen"}, "070304"),
        ({"appkey": "nobody"}, "070101"),
        ({"timestamp": "1700000000"}, "070106"),
        ({"nonce": "1"}, "070105"),
        ({"tax_no": "another"}, "E4000"),
    ],
)
async def test_a_call_that_is_not_ours_changes_nothing(
    outside: Outside, wrong: dict[str, str], code: str
) -> None:
    answer = await ask(outside, "requestBillingNew", {"order": AN_ORDER}, **wrong)

    assert answer["code"] == code
    assert outside.ledger.count("invoice") == 0


async def test_an_order_number_is_taken_once(outside: Outside) -> None:
    first = await ask(outside, "requestBillingNew", {"order": AN_ORDER})
    second = await ask(outside, "requestBillingNew", {"order": AN_ORDER})

    assert [first["code"], second["code"]] == ["E0000", "E9106"]
    invoice = outside.ledger.get("invoice", "A1")
    assert invoice is not None
    assert invoice["serial"] == first["result"]["invoiceSerialNum"]
    assert (invoice["amount_fen"], invoice["tax_fen"]) == (1000, 83)
    assert invoice["buyer_masked"] == "张**"


async def test_a_fresh_order_is_being_issued(outside: Outside) -> None:
    await ask(outside, "requestBillingNew", {"order": AN_ORDER})

    answer = await ask(outside, "queryInvoiceResult", {"orderNos": ["A1"]})

    assert answer["result"][0]["status"] == "20"
    assert answer["result"][0]["allElectronicInvoiceNumber"] == ""


async def test_an_order_that_nobody_placed_is_not_found(outside: Outside) -> None:
    assert (await ask(outside, "queryInvoiceResult", {"orderNos": ["A1"]}))["code"] == "E9500"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"tax": "1.00", "taxExcludedAmount": "9.00"}, "E9130"),
        ({"taxExcludedAmount": "9.18"}, "E9130"),
        ({"taxIncludedAmount": "10"}, "E4000"),
        ({"price": "9.00"}, "E4000"),
        ({"goodsCode": "1"}, "E4000"),
    ],
)
async def test_figures_that_disagree_are_refused(
    outside: Outside, line: dict[str, str], code: str
) -> None:
    order = {**AN_ORDER, "invoiceDetail": [{**A_LINE, **line}]}

    answer = await ask(outside, "requestBillingNew", {"order": order})

    assert answer["code"] == code


@pytest.mark.parametrize("field", ["orderNo", "buyerName", "clerk", "salerTaxNum", "invoiceLine"])
async def test_a_missing_field_is_named(outside: Outside, field: str) -> None:
    order = {name: value for name, value in AN_ORDER.items() if name != field}

    answer = await ask(outside, "requestBillingNew", {"order": order})

    assert answer["code"] == "E4000"
    assert field in answer["describe"]


async def test_a_wrong_secret_gets_no_token(outside: Outside) -> None:
    form = {"client_id": "sandbox-nuonuo-app", "client_secret": "guess"}

    answer = await outside.http.post(f"{outside.url}/accessToken", data=form)

    assert answer.json()["error"] == "invalid_client"
    assert outside.ledger.count("token") == 0
