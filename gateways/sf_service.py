"""How SF is called: the signature, the form, and the two envelopes of each answer (protocols 4.1).

The outer envelope is the platform's (``A1000`` means "delivered", not "done"); the inner one, JSON
in a string, is the business's.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import md5
from urllib.parse import quote_plus
from uuid import NAMESPACE_URL, uuid5

import httpx

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused, HubError
from gateways.carrier_forms import Shape, Wire, post_form, read_as
from settings import Sf

NAME = "sf"

PLATFORM_OK = "A1000"
BUSINESS_OK = "S0000"
THROTTLED = "A1005"  # 30 calls a second, so a second is enough
# A session that ran out is here too: the next try signs anew.
COME_BACK_LATER = frozenset({"A1002", THROTTLED, "A1009", "A1010", "A1099"})


def digest(message: str, timestamp: str, check_word: str) -> str:
    """Sign a call: Base64 of the MD5 of the URL-encoded text.

    The encoding is Java's ``URLEncoder``, which leaves ``*`` bare and encodes ``~``.
    """
    encoded = quote_plus(message + timestamp + check_word, safe="*").replace("~", "%7E")
    return b64encode(md5(encoded.encode()).digest()).decode()


class Outer(Wire):
    """The platform's envelope."""

    api_result_code: str
    api_error_msg: str | None = None
    api_result_data: str | None = None


class Verdict(Wire):
    """What the business says of the call, before its data is read."""

    success: bool
    error_code: str | None = None
    error_msg: str | None = None


class SfService:
    """Calls SF's services, each by its code."""

    def __init__(self, settings: Sf, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http

    async def ask(self, code: str, question: Mapping[str, object], shape: type[Shape]) -> Shape:
        """Call one service and read its data.

        Raises:
            GatewayBusy: no answer, throttled, or the platform is ill; the outcome is unknown.
            GatewayRefused: SF says that the question is wrong; ``code`` is SF's.
            Untranslatable: the answer is not what SF's documents promise.
        """
        message = json.dumps(question, ensure_ascii=False, separators=(",", ":"))
        form = self._form(code, message)
        outer = read_as(NAME, Outer, await post_form(self._http, NAME, self._settings.url, form))
        if outer.api_result_code != PLATFORM_OK:
            raise _platform_fault(outer)
        inner = outer.api_result_data or ""
        verdict = read_as(NAME, Verdict, inner)
        if not verdict.success or verdict.error_code != BUSINESS_OK:
            raise GatewayRefused(NAME, verdict.error_code or "无错误码", verdict.error_msg or "")
        return read_as(NAME, shape, inner)

    def _form(self, code: str, message: str) -> dict[str, str]:
        timestamp = str(int(utc_now().timestamp() * 1000))
        check_word = self._settings.check_word.get_secret_value()
        return {
            "partnerID": self._settings.partner_id,
            "requestID": str(uuid5(NAMESPACE_URL, f"{code}{timestamp}{message}")),
            "serviceCode": code,
            "timestamp": timestamp,
            "msgDigest": digest(message, timestamp, check_word),
            "msgData": message,
        }


def _platform_fault(outer: Outer) -> HubError:
    code, reason = outer.api_result_code, outer.api_error_msg or ""
    if code in COME_BACK_LATER:
        wait = timedelta(seconds=1) if code == THROTTLED else None
        return GatewayBusy(NAME, f"{code} {reason}", wait)
    return GatewayRefused(NAME, code, reason)
