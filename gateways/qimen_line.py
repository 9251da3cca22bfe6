"""How Qimen's WMS is called, and the words that all calls share (protocols 10.1)."""

from collections.abc import Mapping

import httpx

from domain.clock import utc_now
from gateways.qimen_wire import CODES, PATIENCE_S, Meaning, Reply, read_reply, seal, silence_is_busy
from gateways.qimen_xml import Tree
from rulebook.waybills import standard_numbers
from settings import Qimen

GOOD = "ZP"  # goods that can be sold (正品)
OTHER = "OTHER"  # Qimen's word for a carrier that it has no code for


class QimenLine:
    """One Qimen endpoint. ``codes`` tells what this WMS's error codes mean."""

    def __init__(
        self, settings: Qimen, http: httpx.AsyncClient, codes: Mapping[str, Meaning] = CODES
    ) -> None:
        self._settings = settings
        self._http = http
        self._codes = codes

    async def call(self, method: str, request: Mapping[str, Tree]) -> Reply:
        """Make one signed call.

        Raises:
            GatewayRefused: nobody speaks Qimen at this address.
            GatewayBusy: no answer, or "come back later".
        """
        envelope = seal(self._settings, method, request, utc_now())
        with silence_is_busy():
            answer = await self._http.post(
                self._settings.url,
                params=envelope.query,
                content=envelope.body,
                headers={"content-type": "text/xml; charset=utf-8"},
                timeout=PATIENCE_S,
            )
        return read_reply(answer, self._codes)


def logistics_code(carrier: str) -> str:
    """Tell Qimen's own code of a carrier, after ``rules/carriers.yaml``."""
    profile = standard_numbers().carrier(carrier)
    return profile.qimen if profile is not None else OTHER
