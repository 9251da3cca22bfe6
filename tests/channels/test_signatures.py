"""Every scheme against the published rules' vectors (protocols 12)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from channels.buyer import buyer_key
from channels.credentials import Credentials
from channels.requests import Call, douyin, lifeline_hmac, pinduoduo, token_in_query
from channels.signatures import SCHEMES, lifeline_signature
from domain.errors import ForgedPush
from domain.events import Push
from gateways.pmc import digest

WHO = Credentials(account="cid", secret="TESTSECRET")
AT = datetime.fromtimestamp(1_700_000_000, tz=UTC)
DOUYIN_PUSH = b'[{"tag":"0","msg_id":"0","data":"{}"}]'
YOUZAN_PUSH = b'{"type":"trade_TradePaid","id":"E1"}'


def a_push(body: bytes, headers: Mapping[str, str], query: Mapping[str, str] | None = None) -> Push:
    return Push(path="/hooks/x", headers=headers, query=query or {}, body=body, received_at=AT)


def a_call(name: str, token: str = "", **body: object) -> Call:
    return Call(name=name, body=body, token=token, at=AT, nonce="n1")


def test_pinduoduo_calls_are_signed_as_published() -> None:
    call = a_call(
        "pdd.order.information.get", "tok", order_sn="210707-339507978993455", left_out=None
    )
    said = json.loads(pinduoduo(call, WHO).content)

    assert "97ED41F24C6248ABFF1C178D1AD28515" == said.pop("sign")
    assert "tok" == said["access_token"]


def test_pinduoduo_signs_the_very_text_of_an_object_that_it_sends() -> None:
    said = json.loads(
        pinduoduo(a_call("x", list=[{"b": "中", "a": True}], flag=False), WHO).content
    )

    assert '[{"b":"中","a":true}]' == said["list"]
    assert "false" == said["flag"]
    assert "access_token" not in said


def test_the_message_sockets_digest_is_as_published() -> None:
    wanted = "NTUzNzYxNzFkNDIzZTk5ZjZlODM4YjNjYmY2NjUzMDU="
    assert wanted == digest("cid", "1700000000000", "TESTSECRET")


def test_douyin_calls_are_signed_as_published() -> None:
    request = douyin(a_call("order.orderDetail", "tok", order_id="4781320682406083640"), WHO)

    wanted = "958e6474ee547dfa861d9c4a2b43ea6c3a17a97df30ad99a64c81722183e3959"
    assert wanted == request.query["sign"]
    assert "/order/orderDetail" == request.path
    assert b'{"order_id":"4781320682406083640"}' == request.content


def test_a_token_in_the_query_is_all_that_youzan_wants() -> None:
    request = token_in_query(a_call("/api/youzan.trade.get/4.0.1", "tok", tid="E1"), WHO)

    assert {"access_token": "tok"} == request.query
    assert "/api/youzan.trade.get/4.0.1" == request.path


def test_our_own_calls_are_signed_over_time_nonce_and_body() -> None:
    request = lifeline_hmac(a_call("/api/order/detail", order_no="1"), WHO)

    wanted = lifeline_signature(b"TESTSECRET", "1700000000", "n1", b'{"order_no":"1"}')
    assert wanted == request.headers["x-lifeline-sign"]


@pytest.mark.parametrize(
    ("body", "header", "sign"),
    [
        (DOUYIN_PUSH, "event-sign", "2823cda80e86b3f63f9a46357e3ff67f"),
        (YOUZAN_PUSH, "Event-Sign", "ad770400b64fb499848525506d01d2e6"),
    ],
)
def test_a_push_is_believed_when_the_digest_is_over_exactly_its_bytes(
    body: bytes, header: str, sign: str
) -> None:
    prove, said = SCHEMES["md5_around"], {"header": header}

    assert body == prove(a_push(body, {header.lower(): sign}), WHO, said)
    for headers, forged in (({header.lower(): sign}, body + b" "), ({}, body)):
        with pytest.raises(ForgedPush):
            prove(a_push(forged, headers), WHO, said)


def test_our_own_push_is_refused_when_it_is_five_minutes_old() -> None:
    for seconds, fresh in ((1_700_000_300, True), (1_699_999_699, False), (1_700_000_301, False)):
        stamp = str(seconds)
        headers = {
            "x-lifeline-timestamp": stamp,
            "x-lifeline-nonce": "n",
            "x-lifeline-sign": lifeline_signature(b"TESTSECRET", stamp, "n", b"{}"),
        }
        push = a_push(b"{}", headers)
        if fresh:
            assert b"{}" == SCHEMES["lifeline_hmac"](push, WHO, {})
        else:
            with pytest.raises(ForgedPush, match="300 秒"):
                SCHEMES["lifeline_hmac"](push, WHO, {})


def test_our_own_signature_is_the_published_one() -> None:
    """Worked out by hand: ``printf '1\\nn\\n{}' | openssl dgst -sha256 -hmac key``."""
    wanted = "a61b88d51f666d84e9e969c832ad839815a5232874776d1263b110a8c2c48a3d"
    assert wanted == lifeline_signature(b"key", "1", "n", b"{}")


def test_a_buyer_is_known_without_the_phone() -> None:
    key = buyer_key(b"key", "13800000001")

    assert key == buyer_key(b"key", "13800000001")
    assert key != buyer_key(b"other", "13800000001")
    assert 32 == len(key)
