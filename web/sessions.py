"""Signed cookies that say who has signed in. Nothing is kept on this side."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clock import utc_now
from gateways.key_ring import KeyRing

LASTS = timedelta(hours=12)  # a shift, and nobody has to think of signing out
COOKIE = "lifeline_staff"


class Claim(NamedTuple):
    """What a cookie says. It proves nothing by itself."""

    name: str
    ends: int  # Unix seconds


class Sessions:
    """Writes and reads the cookie's value: name, end and signature."""

    def __init__(self, ring: KeyRing, now: Callable[[], datetime] = utc_now) -> None:
        self._ring = ring
        self._now = now

    def begin(self, name: str, token: str) -> str:
        """Write a session for a member; it ends by itself, and when their token changes."""
        return self._signed(Claim(name, int((self._now() + LASTS).timestamp())), token)

    def holds(self, cookie: str, claim: Claim, token: str) -> bool:
        """Tell whether we wrote this cookie, for the member who has this token now."""
        genuine = hmac.compare_digest(self._signed(claim, token).encode(), cookie.encode())
        return genuine and claim.ends > self._now().timestamp()

    def _signed(self, claim: Claim, token: str) -> str:
        said = f"{claim.name.encode().hex()}.{claim.ends}"
        return f"{said}.{self._ring.sign(f'staff/{said}/{token}'.encode()).hex()}"


def claim_of(cookie: str) -> Claim | None:
    """Read what a cookie says; ``None`` when it is none of ours."""
    try:
        name, ends, _ = cookie.split(".")
        return Claim(bytes.fromhex(name).decode(), int(ends))
    except ValueError:
        return None
