"""Access tokens: given for a code or a refresh token, and over some day (protocols 1.1).

Ledger: ``token`` by the access token: ``{expires_at}``, Unix milliseconds. The fields of the
answer are from memory.
"""

import time

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.pinduoduo_gate import (
    CLIENT_ID,
    CLIENT_SECRET,
    Form,
    common_fault,
    same,
    token_fault,
)
from infra.sandbox.partners.pinduoduo_words import MALL_ID
from infra.sandbox.shop import now_ms

ACCESS_TOKEN = "sandbox-pdd-token"  # noqa: S105 - the sandbox's public test credential
REFRESH_TOKEN = "sandbox-pdd-refresh"  # noqa: S105 - the sandbox's public test credential
CODE = "sandbox-pdd-code"
LIFE_S = 24 * 3600
FIRST_LIFE_S = 3650 * 24 * 3600  # whoever only knows the published token shall not lose it
GRANTS = {
    "authorization_code": ("code", CODE),
    "refresh_token": ("refresh_token", REFRESH_TOKEN),
}


class Tokens:
    """Knows which access tokens are good."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        ledger.put("token", ACCESS_TOKEN, {"expires_at": now_ms() + FIRST_LIFE_S * 1000})

    def believe(self, form: Form) -> None:
        """Refuse a call without a good access token."""
        token = self._ledger.get("token", form.get("access_token", ""))
        if token is None or token["expires_at"] <= now_ms():
            raise token_fault()

    def give(self, form: Form) -> Doc:
        """Give a new access token to whoever has the secret and a grant."""
        for name, value in (("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)):
            if not same(value, form.get(name, "")):
                raise common_fault(name)
        name, grant = GRANTS.get(form.get("grant_type", ""), ("grant_type", ""))
        if not grant or not same(grant, form.get(name, "")):
            raise common_fault(name)
        token, expires_at = f"{ACCESS_TOKEN}-{time.time_ns()}", now_ms() + LIFE_S * 1000
        self._ledger.put("token", token, {"expires_at": expires_at})
        return _given(token, expires_at)


def _given(token: str, expires_at: int) -> Doc:
    return {
        "access_token": token,
        "expires_in": LIFE_S,
        "expires_at": expires_at // 1000,
        "refresh_token": REFRESH_TOKEN,
        "scope": ["pdd.order.list.get"],
        "owner_id": str(MALL_ID),
        "owner_name": "沙箱店铺",
    }
