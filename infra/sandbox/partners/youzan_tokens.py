"""Youzan's tokens: seven days to call with (protocols 3.1). A new one invalidates no older one.

Ledger ``token`` by access token and ``refresh_token`` by refresh token, each ``{expires}`` in Unix
milliseconds of the wall's clock. The codes of the refusals are those of the vendor's documents.
"""

import hmac
import secrets
from dataclasses import dataclass

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.youzan_wire import GateSays, YouzanSays
from infra.sandbox.partners.youzan_words import KDT_ID
from infra.sandbox.shop import now_ms

CLIENT_ID = "sandbox-yz-client"
CLIENT_SECRET = "sandbox-yz-secret"  # noqa: S105 - the sandbox's public test credential
CODE = "sandbox-yz-code"  # what a merchant's consent gives to a tool's maker
ACCESS_MS = 7 * 24 * 3600 * 1000
REFRESH_MS = 28 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Tokens:
    """Gives tokens, and knows those that it gave."""

    ledger: Ledger

    def grant(self, asked: Doc) -> Doc:
        """Sign a client in.

        Raises:
            YouzanSays: who it is or what it shows is not known here.
        """
        _check_client(asked)
        match asked.get("authorize_type"):
            case "silent":
                return self._silent(asked)
            case "authorization_code":
                if not _same(asked.get("code"), CODE):
                    raise YouzanSays(1005, "非法授权码")
                return self._issue(renewable=True)
            case "refresh_token":
                self._check_refresh(str(asked.get("refresh_token") or ""))
                return self._issue(renewable=True)
            case _:
                raise YouzanSays(1105, "不支持的应用类型")

    def admit(self, access: str) -> None:
        """Let a call through.

        Raises:
            GateSays: it shows no token, an unknown or an old one.
        """
        if not access:
            raise GateSays(4201, "非法的请求凭证")
        token = self.ledger.get("token", access)
        if token is None:
            raise GateSays(4203, "Token 不存在")
        if token["expires"] <= now_ms():
            raise GateSays(4202, "请求凭证过期")

    def _silent(self, asked: Doc) -> Doc:
        """Give the shop's own application a token; without ``refresh``, the one that runs."""
        if not _same(asked.get("grant_id"), KDT_ID):
            raise YouzanSays(1103, "授权关系不存在")
        if asked.get("refresh") in (True, "true"):
            return self._issue(renewable=True)
        running = [
            _told(access, token["expires"])
            for access, token in self.ledger.each("token")
            if token["expires"] > now_ms()
        ]
        return running[-1] if running else self._issue(renewable=False)

    def _check_refresh(self, shown: str) -> None:
        known = self.ledger.get("refresh_token", shown)
        if known is None or known["expires"] <= now_ms():
            raise YouzanSays(1004, "授权关系已过期")

    def _issue(self, *, renewable: bool) -> Doc:
        access, expires = secrets.token_hex(16), now_ms() + ACCESS_MS
        self.ledger.put("token", access, {"expires": expires})
        told = _told(access, expires)
        if renewable:
            told["refresh_token"] = secrets.token_hex(16)
            until = now_ms() + REFRESH_MS
            self.ledger.put("refresh_token", told["refresh_token"], {"expires": until})
        return told


def _check_client(asked: Doc) -> None:
    if not _same(asked.get("client_id"), CLIENT_ID):
        raise YouzanSays(1103, "Client 不存在")
    if not _same(asked.get("client_secret"), CLIENT_SECRET):
        raise YouzanSays(1000, "应用信息错误")


def _told(access: str, expires: int) -> Doc:
    return {
        "access_token": access,
        "expires": expires,
        "authority_id": KDT_ID,
        "scope": "item trade trade_advanced logistics",
    }


def _same(shown: object, wanted: str) -> bool:
    return hmac.compare_digest(str(shown).encode(), wanted.encode())
