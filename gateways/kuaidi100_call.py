"""How kuaidi100 is called: its signatures, its forms, and its verdicts (protocols 8.1)."""

import json
from collections.abc import Mapping
from hashlib import md5

import httpx
from pydantic import AliasChoices, Field

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused
from gateways.carrier_forms import Shape, Text, Wire, post_form, read_as
from settings import Kuaidi100

NAME = "kuaidi100"

DONE = "200"
SERVER_FAILED = "500"
SERVER_FAILED_TOO = "501"
SERVER_BUSY = "502"


def signature(*parts: str) -> str:
    """Sign parts as they are joined: the MD5 in upper-case letters."""
    return md5("".join(parts).encode()).hexdigest().upper()


def compact(message: Mapping[str, object]) -> str:
    """Write JSON the way it is signed and sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


class Verdict(Wire):
    """What kuaidi100 says of a call; each of its interfaces names the code differently."""

    code: str = Field(validation_alias=AliasChoices("returnCode", "code", "status"))
    message: Text = ""


class Kuaidi100Service:
    """Calls kuaidi100's three interfaces, each with the signature of its own."""

    def __init__(self, settings: Kuaidi100, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http

    async def label(self, method: str, message: Mapping[str, object]) -> bytes:
        """Call the label interface: signed over param, time, key and secret."""
        param, t = compact(message), str(int(utc_now().timestamp() * 1000))
        key = self._settings.key.get_secret_value()
        sign = signature(param, t, key, self._settings.secret.get_secret_value())
        form = {"method": method, "key": key, "t": t, "param": param, "sign": sign}
        return await post_form(self._http, NAME, self._settings.order_url, form)

    async def subscribe(self, message: Mapping[str, object]) -> bytes:
        """Call the subscription interface: not signed, it carries the key inside."""
        param = compact({**message, "key": self._settings.key.get_secret_value()})
        form = {"schema": "json", "param": param}
        return await post_form(self._http, NAME, self._settings.subscribe_url, form)

    async def query(self, message: Mapping[str, object]) -> bytes:
        """Call the query interface: signed over param, key and customer."""
        param = compact(message)
        customer = self._settings.customer
        sign = signature(param, self._settings.key.get_secret_value(), customer)
        form = {"customer": customer, "param": param, "sign": sign}
        return await post_form(self._http, NAME, self._settings.query_url, form)


def data_of(raw: bytes, shape: type[Shape], busy: frozenset[str]) -> Shape:
    """Read an answer's data once its verdict is "done".

    Raises:
        GatewayBusy: the verdict is one of ``busy``.
        GatewayRefused: any other verdict but "done"; ``code`` is kuaidi100's.
    """
    verdict = read_as(NAME, Verdict, raw)
    if verdict.code in busy:
        raise GatewayBusy(NAME, f"{verdict.code} {verdict.message}")
    if verdict.code != DONE:
        raise GatewayRefused(NAME, verdict.code, verdict.message)
    return read_as(NAME, shape, raw)
