"""Qimen as the WMS sees it: signature, XML in and out, and this WMS's error codes (protocols 10.1).

Qimen fixes the form of an answer (HTTP 200, ``flag``, ``code``, ``message``), not the codes. 20000,
10004, 30002 and 30033 have been seen in the wild; the others are this WMS's own.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring
from starlette.responses import Response

APP_KEY = "sandbox-qimen-app"
SECRET = "sandbox-qimen-secret"  # noqa: S105 - the sandbox's public test credential
CUSTOMER = "LIFELINE"
OWNER = "LIFELINE"
SHANGHAI = timezone(timedelta(hours=8))


class Code(StrEnum):
    """This WMS's answers."""

    OK = "20000"
    BAD_SIGN = "10004"
    UNKNOWN_METHOD = "30002"
    BAD_XML = "30033"
    MISSING_FIELD = "30034"
    DUPLICATE = "40001"
    SHORT = "40002"
    CLOSED = "40003"
    CANCELLED_BEFORE = "40004"
    TOO_LATE = "40005"
    UNKNOWN_ORDER = "40006"
    TOO_MANY = "50001"
    MAINTENANCE = "50002"


class Declined(Exception):
    """The WMS says no: its code and its words."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


def sign(query: Mapping[str, str], body: bytes) -> str:
    """Upper-case MD5 over secret, sorted query without ``sign``, raw body, secret."""
    digest = hashlib.md5(SECRET.encode())
    for name, value in sorted(query.items()):
        if name != "sign":
            digest.update(f"{name}{value}".encode())
    digest.update(body + SECRET.encode())
    return digest.hexdigest().upper()


def check_sign(query: Mapping[str, str], body: bytes) -> None:
    """Decline a call that our customer did not sign."""
    ours = query.get("app_key") == APP_KEY and query.get("customerId") == CUSTOMER
    told = query.get("sign", "").encode()
    if not ours or not hmac.compare_digest(told, sign(query, body).encode()):
        raise Declined(Code.BAD_SIGN, "签名校验失败")


@dataclass(frozen=True, slots=True)
class Form:
    """A request's XML; what is required and absent is declined by name."""

    element: Element

    @classmethod
    def parse(cls, body: bytes) -> "Form":
        """Read the body, or decline it."""
        try:
            return cls(fromstring(body))
        except (SyntaxError, ValueError) as e:  # ParseError is a SyntaxError
            raise Declined(Code.BAD_XML, "请求报文不是规范的 XML") from e

    def text(self, path: str) -> str:
        """Read a required field."""
        found = (self.element.findtext(path) or "").strip()
        if not found:
            raise Declined(Code.MISSING_FIELD, f"缺少必填字段 {path}")
        return found

    def pieces(self, path: str) -> int:
        """Read a required number of pieces, at least 1."""
        text = self.text(path)
        if not text.isdecimal() or int(text) == 0:
            raise Declined(Code.MISSING_FIELD, f"字段 {path} 必须是正整数")
        return int(text)

    def each(self, path: str) -> Iterator["Form"]:
        """Tell the entries of a list."""
        return (Form(entry) for entry in self.element.findall(path))


def answered(code: Code, words: str, more: str = "") -> Response:
    """Answer in Qimen's form; ``more`` is XML that stands beside the code."""
    flag = "success" if code is Code.OK else "failure"
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><response><flag>{flag}</flag>'
        f"<code>{code}</code><message>{escape(words)}</message>{more}</response>"
    )
    return Response(text, media_type="text/xml")


def tag(name: str, content: str) -> str:
    """Write a field."""
    return f"<{name}>{escape(content)}</{name}>"


def local_time(at: datetime) -> str:
    """Write a time as Qimen does: Shanghai's, without saying so."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


class QimenComplaints:
    """This WMS's words for faults of its endpoint."""

    def too_many(self) -> Response:
        """Say that the caller is over its limit."""
        return answered(Code.TOO_MANY, "调用过于频繁,请稍后再试")

    def session_lost(self) -> Response:
        """Say "later": Qimen knows no sessions, so its endpoint is under maintenance instead."""
        return answered(Code.MAINTENANCE, "系统维护中,请稍后再试")
