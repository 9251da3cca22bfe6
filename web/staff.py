"""Tells who asks: by a token in the header, or by the cookie of a person who has signed in."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256

from fastapi import HTTPException, Request, status

from domain.staff import Role, StaffMember
from domain.words import zh
from settings import Member
from web.sessions import COOKIE, Sessions, claim_of

__all__ = ["Role", "Staff", "StaffMember"]

BEARER = "bearer "
NOT_SIGNED_IN = "请先登录:打开 /sign-in 输入令牌,或在请求头里带 Authorization: Bearer 令牌"


class Staff:
    """The members, and what proves who they are.

    Args:
        members: Each member by the name that goes on record.
        sessions: Reads the cookies; without it only tokens count.
    """

    def __init__(self, members: Mapping[str, Member], sessions: Sessions | None = None) -> None:
        self._members = members
        self._sessions = sessions

    def who(self, request: Request) -> StaffMember | None:
        """Tell who asks, ``None`` when nobody proves to be anybody.

        A header that is there counts alone: a wrong token is not mended by a cookie.
        """
        header = request.headers.get("authorization")
        if header is not None:
            token = header[len(BEARER) :] if header.lower().startswith(BEARER) else ""
            return self.with_token(token.strip())
        return self._with_cookie(request.cookies.get(COOKIE, ""))

    def must(self, *roles: Role) -> Callable[[Request], Awaitable[StaffMember]]:
        """Make a dependency that lets in who has one of the roles; without roles, everybody.

        It raises ``HTTPException`` with a Chinese sentence: 401 for who is not signed in, 403 for
        who may not.
        """

        async def admitted(request: Request) -> StaffMember:
            member = self.who(request)
            if member is None:
                raise HTTPException(
                    status.HTTP_401_UNAUTHORIZED, NOT_SIGNED_IN, {"WWW-Authenticate": "Bearer"}
                )
            if roles and not any(member.role.covers(role) for role in roles):
                needed = "或".join(zh(role) for role in roles)
                raise HTTPException(
                    status.HTTP_403_FORBIDDEN,
                    f"{member.name} 的角色是{zh(member.role)},此操作需要{needed}:请联系管理员",
                )
            return member

        return admitted

    def with_token(self, token: str) -> StaffMember | None:
        """Find who has this token. Every member is compared, so the time taken tells nothing."""
        shown, found = _digest(token), None
        for name, member in self._members.items():
            if hmac.compare_digest(shown, _digest(member.token.get_secret_value())):
                found = StaffMember(name=name, role=member.role)
        return found

    def _with_cookie(self, cookie: str) -> StaffMember | None:
        claim = claim_of(cookie)
        member = self._members.get(claim.name) if claim else None
        if self._sessions is None or claim is None or member is None:
            return None
        if not self._sessions.holds(cookie, claim, member.token.get_secret_value()):
            return None
        return StaffMember(name=claim.name, role=member.role)


def _digest(token: str) -> bytes:
    """Make tokens equally long, so that comparing them does not tell their length."""
    return sha256(token.encode()).digest()
