from datetime import UTC, datetime

from gateways.kingdee_session import client_secret, signed_headers
from settings import Kingdee

PATH = "/kingdee/K3Cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.Save.common.kdsvc"
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


def test_the_signatures_are_those_of_kingdee_s_own_client() -> None:
    at = datetime.fromtimestamp(1700000000, UTC)

    headers = signed_headers(Kingdee(org_number="0"), PATH, at=at, nonce="1700000000")

    assert headers == RECORDED


def test_the_client_secret_is_the_unmixed_second_half_of_the_app_id() -> None:
    assert client_secret("AAAAAAAA") == "MDA1NGYz"  # six zeros show the mix itself: 0054f3
