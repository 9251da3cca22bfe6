"""How Pinduoduo believes a call: common parameters, signature, refusals (protocols 1.1).

Every parameter is handled as the text that was signed. The codes and their words are those of the
tables in the platform's own pages, which also allow a clock to be ten minutes off; 50002 for a
business refusal is from memory.
"""

import hmac
import json
import re
import time
from collections.abc import Mapping
from hashlib import md5
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from infra.sandbox.ledger import Doc

CLIENT_ID = "sandbox-pdd-client"
CLIENT_SECRET = "sandbox-pdd-secret"  # noqa: S105 - the sandbox's public test credential
CLOCK_S = 600
COMMON = ("type", "client_id", "timestamp", "sign")
ONLY = {"data_type": "JSON", "version": "V1"}  # may be left out

Form = Mapping[str, str]


class PinduoduoSays(Exception):
    """A refusal in the platform's own words; ``sub_msg`` says which field or why."""

    def __init__(self, code: int, text: str, sub_msg: str = "") -> None:
        super().__init__(f"{code} {text} {sub_msg}")
        self.code = code
        self.text = text
        self.sub_msg = sub_msg

    def envelope(self) -> JSONResponse:
        """Wrap it up; the platform refuses with HTTP 200."""
        said = {
            "error_code": self.code,
            "error_msg": self.text,
            "sub_code": str(self.code) if self.sub_msg else None,
            "sub_msg": self.sub_msg,
            "request_id": request_id(),
        }
        return JSONResponse({"error_response": said})


def common_fault(name: str) -> PinduoduoSays:
    """Refuse a parameter that every call has."""
    return PinduoduoSays(10001, f"公共参数错误:{name}")


def token_fault() -> PinduoduoSays:
    """Refuse an access token that is missing, unknown or over."""
    return PinduoduoSays(10019, "access_token已过期")


def business_fault(reason: str) -> PinduoduoSays:
    """Refuse what is well said and can not be done."""
    return PinduoduoSays(50002, "业务服务错误", reason)


class PinduoduoComplaints:
    """The platform's words for faults that are part of its protocol."""

    def too_many(self) -> JSONResponse:
        """Say "throttled"."""
        return PinduoduoSays(70031, "调用过于频繁,请调整调用频率").envelope()

    def session_lost(self) -> JSONResponse:
        """Say "the access token ran out"."""
        return token_fault().envelope()


async def read(request: Request) -> Form:
    """Read the query with the form or JSON body over it, each value as its signed text."""
    if request.method != "POST":
        raise PinduoduoSays(10002, "请求方法错误,仅支持POST")
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if "json" in kind or body.lstrip().startswith(b"{"):
        return {**request.query_params, **texts_of(body)}
    try:
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
    except HTTPException as e:  # a multipart body that is none
        raise PinduoduoSays(10000, "参数错误", "请求体无法解析") from e
    return {**request.query_params, **form}


def texts_of(body: bytes) -> Form:
    """Read a JSON body; what is null was not said."""
    try:
        values = json.loads(body)
        texts = json.loads(body, parse_int=str, parse_float=str)  # "1.50" was signed as such
        json.dumps(values, ensure_ascii=False).encode()  # half a character can not be kept
    except (ValueError, RecursionError) as e:
        raise PinduoduoSays(10000, "参数错误", "请求体不是 JSON") from e
    if not isinstance(values, dict):
        raise PinduoduoSays(10000, "参数错误", "请求体不是 JSON 对象")
    return {name: _text(value, texts[name]) for name, value in values.items() if value is not None}


def _text(value: Any, text: Any) -> str:  # noqa: ANN401 - JSON values
    match value:
        case bool():
            return "true" if value else "false"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(text)


def signature(form: Form, secret: str) -> str:
    """Sign parameters: upper hex MD5 of all of them, sorted, between the secret."""
    said = "".join(f"{name}{form[name]}" for name in sorted(form) if name != "sign")
    return md5(f"{secret}{said}{secret}".encode()).hexdigest().upper()


def believe(form: Form) -> None:
    """Refuse a call that is not from our client, of now, and signed."""
    for name in COMMON:
        if not form.get(name):
            raise common_fault(name)
    for name, value in ONLY.items():
        if form.get(name, value) != value:
            raise common_fault(name)
    if form["client_id"] != CLIENT_ID:
        raise PinduoduoSays(10016, "client下线或者clientId不正确")
    if not is_now(form["timestamp"], CLOCK_S):
        raise common_fault("timestamp")
    if not same(signature(form, CLIENT_SECRET), form["sign"]):
        raise PinduoduoSays(20004, "签名sign校验失败")


def is_now(seconds: str, most_s: int) -> bool:
    """Tell whether Unix seconds are close enough to the platform's clock."""
    return (
        re.fullmatch(r"[0-9]{1,12}", seconds) is not None
        and abs(time.time() - int(seconds)) <= most_s
    )


def same(wanted: str, said: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(wanted.encode(), said.encode())


def answered(name: str, content: Doc) -> JSONResponse:
    """Wrap up a success; without a name the documents list the fields at the root."""
    told = {**content, "request_id": request_id()}
    return JSONResponse({name: told} if name else told)


def request_id() -> str:
    """Name one call."""
    return str(time.time_ns())
