"""The merchant's ERP: shown each order once, asked for its audit, told when it is cancelled.

There is no such thing as the ERP's protocol: each has fields and headers of its own. So the fields
are data (``rules/erp.yaml``), the headers are settings, and only this much is taken for granted:
``POST {url}`` takes an order as JSON, and ``GET {url}/{key}`` tells it, or 404.
"""

from collections.abc import Mapping
from urllib.parse import quote

import httpx

from domain.erp import ErpOrder, ErpStanding, ErpState
from domain.errors import GatewayBusy, GatewayRefused
from gateways.answers import content_of
from rulebook.erp import ErpSheet, Wish
from rulebook.faults import BrokenRules
from settings import Erp

NAME = "erp"
PATIENCE_S = 3.0
THERE = frozenset({httpx.codes.OK, httpx.codes.CREATED})
LATER = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT})
STRANGERS = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})


class ErpRelay:
    """Relays orders to the ERP that the settings name; to none when they say so."""

    def __init__(
        self,
        settings: Erp,
        sheet: ErpSheet,
        http: httpx.AsyncClient,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._used = settings.enabled
        self._url = settings.url.rstrip("/")
        self._headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        self._sheet = sheet
        self._http = http
        self._patience_s = patience_s

    async def relay(self, order: ErpOrder) -> ErpState:
        """Tell where the order stands in the ERP; post it when it is not there.

        Safe to repeat: the ERP is asked for the order's key before anything is posted.

        Raises:
            GatewayRefused: the ERP does not know us or does not take the order, or its answer is
                not what the rules say.
            GatewayBusy: no answer within 3 s, or "later".
        """
        if not self._used:
            return ErpState(standing=ErpStanding.NOT_USED)
        known = await self._call("GET", f"{self._url}/{quote(order.key, safe='')}", {})
        if known.status_code == httpx.codes.NOT_FOUND:
            return await self._post(order, Wish.PAID)
        return self._understood(known)

    async def withdraw(self, order: ErpOrder) -> ErpState:
        """Post the order as cancelled, whether it is there or not; the same faults as ``relay``."""
        if not self._used:
            return ErpState(standing=ErpStanding.NOT_USED)
        return await self._post(order, Wish.CANCELLED)

    async def _post(self, order: ErpOrder, wish: Wish) -> ErpState:
        document = self._sheet.written(order, wish)
        key = {"Idempotency-Key": quote(f"{order.key}/{wish}", safe="/")}
        return self._understood(await self._call("POST", self._url, key, document))

    async def _call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        document: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        try:
            answer = await self._http.request(
                method,
                url,
                json=document,
                headers={**self._headers, **headers},
                timeout=self._patience_s,
            )
        except httpx.TransportError as e:
            raise GatewayBusy(NAME, type(e).__name__) from e
        if answer.is_server_error or answer.status_code in LATER:
            raise GatewayBusy(NAME, f"HTTP {answer.status_code}")
        return answer

    def _understood(self, answer: httpx.Response) -> ErpState:
        code = f"HTTP {answer.status_code}"
        if answer.status_code in STRANGERS:
            raise GatewayRefused(NAME, code, "ERP 不认我们的请求头,请核对设置 erp.headers")
        if answer.status_code not in THERE:
            said = answer.text[:200]
            raise GatewayRefused(
                NAME, code, f"ERP 不收这张订单,请核对 rules/erp.yaml 与设置 erp.url:{said}"
            )
        try:
            return self._sheet.read(content_of(NAME, answer))
        except BrokenRules as fault:
            raise GatewayRefused(NAME, code, f"答复与 rules/erp.yaml 不符:{fault}") from fault
