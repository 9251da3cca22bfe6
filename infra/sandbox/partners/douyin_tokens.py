"""The Douyin shop's tokens: seven days to call with, fourteen to get the next (protocols 2.1).

Ledger ``token`` by access token ``{refresh_token, expires_at, refresh_expires_at}`` and
``auth_code`` by code ``{expires_at}``, all in Unix seconds of the wall's clock.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.douyin_gate import DouyinSays
from infra.sandbox.partners.douyin_words import SHOP_ID, SHOP_NAME

ACCESS_S = 7 * 24 * 3600
REFRESH_S = 14 * 24 * 3600
HOUR_S = 3600  # before its end a token is not renewed, and a renewed one still lives so long
CODE_S = 600


@dataclass(frozen=True, slots=True)
class Tokens:
    """Gives tokens, and knows those that it gave."""

    ledger: Ledger

    def authorize(self) -> str:
        """Give a code for ``authorization_code``, as the merchant's click on the page does."""
        code = secrets.token_hex(16)
        self.ledger.put("auth_code", code, {"expires_at": _now_s() + CODE_S})
        return code

    def create(self, asked: Doc) -> Doc:
        """Sign in; a token that is good for more than an hour is given again."""
        match asked.get("grant_type"):
            case "authorization_self":
                _check_shop(asked)
            case "authorization_code":
                self._spend(str(asked.get("code") or ""))
            case _:
                raise _failed("grant-type-invalid", "grant_type 参数取值不正确")
        for access, token in self.ledger.each("token"):
            if token["expires_at"] > _now_s() + HOUR_S:
                return _told(access, token)
        return self._issue()

    def refresh(self, asked: Doc) -> Doc:
        """Renew; early on the same token comes back, and its time is not longer for it."""
        if asked.get("grant_type") != "refresh_token":
            raise _failed("grant-type-invalid", "grant_type 参数取值不正确")
        access, token = self._by_refresh_token(str(asked.get("refresh_token") or ""))
        now = _now_s()
        if token["refresh_expires_at"] <= now:
            raise _failed("token-expired", "refresh_token 已过期")
        if token["expires_at"] > now + HOUR_S:
            return _told(access, token)
        until = now + HOUR_S if token["expires_at"] > now else now
        with self.ledger.together():
            self.ledger.amend("token", access, expires_at=until, refresh_expires_at=until)
            return self._issue()

    def check(self, access: str) -> None:
        """Refuse whoever is not signed in."""
        if not access:
            raise DouyinSays(40001, "isv.access-token-missing", "access_token 不能为空")
        token = self.ledger.get("token", access)
        if token is None:
            raise DouyinSays(40003, "isv.access-token-no-existed", "access_token 不存在")
        if token["expires_at"] <= _now_s():
            raise expired()

    def _spend(self, code: str) -> None:
        known = self.ledger.get("auth_code", code)
        if known is None:
            raise _failed("code-invalid", "code 参数不正确")
        if known["expires_at"] <= _now_s():
            raise _failed("code-expired", "code 已经失效(有效期 10 分钟)")
        self.ledger.drop("auth_code", code)

    def _by_refresh_token(self, refresh: str) -> tuple[str, Doc]:
        for access, token in self.ledger.each("token"):
            if token["refresh_token"] == refresh:
                return access, token
        raise _failed("token-invalid", "refresh_token 不存在")

    def _issue(self) -> Doc:
        access, now = secrets.token_hex(18), _now_s()
        token: Doc = {
            "refresh_token": secrets.token_hex(18),
            "expires_at": now + ACCESS_S,
            "refresh_expires_at": now + REFRESH_S,
        }
        self.ledger.put("token", access, token)
        return _told(access, token)


def expired() -> DouyinSays:
    """Say that a token ran out."""
    return DouyinSays(40003, "isv.access-token-expired", "access_token 已过期")


def _check_shop(asked: Doc) -> None:
    """Only our own shop; clients name it as text or as a number, or ask for "the test shop"."""
    named = str(asked.get("shop_id") or asked.get("auth_id") or "")
    if named != SHOP_ID and not (named == "" and str(asked.get("test_shop")) == "1"):
        raise _failed("no-authorization", "店铺授权已失效,请核对 shop_id")


def _told(access: str, token: Doc) -> Doc:
    return {
        "access_token": access,
        "expires_in": token["expires_at"] - _now_s(),
        "refresh_token": token["refresh_token"],
        "scope": "SCOPE",
        "shop_id": SHOP_ID,
        "shop_name": SHOP_NAME,
        "authority_id": "",
        "auth_subject_type": "",
    }


def _failed(why: str, text: str) -> DouyinSays:
    return DouyinSays(50001, f"dop.token-generate-failed:{why}", f"生成 token 失败,{text}")


def _now_s() -> int:
    return int(datetime.now(UTC).timestamp())
