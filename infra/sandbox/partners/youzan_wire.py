"""How Youzan's gateway is asked, and the forms in which it answers (protocols 3.1, 3.2).

Every answer is HTTP 200. Methods of version 3 are read by clients of two ages: the older look into
``response`` and ``error_response``, the newer into ``data`` and ``gw_err_resp``. What they get
holds both.
"""

import json
import secrets
from hashlib import md5

from starlette.requests import Request
from starlette.responses import JSONResponse

from infra.sandbox.ledger import Doc

OLD = "3."  # how the versions begin whose answers older clients read
OLD_BAD_TOKEN = 40010
TOKEN_CODES = (4201, 4202, 4203)
TOKEN = "access_token"  # noqa: S105 - the parameter's name
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class GateSays(Exception):
    """The gateway lets a call not through: its code and its words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class YouzanSays(Exception):
    """The business behind the gateway refuses; ``data`` is what it still tells."""

    def __init__(self, code: int, text: str, data: Doc | None = None) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text
        self.data = data


async def read(request: Request) -> Doc:
    """Read what a call asks; PHP clients write "nothing" as an empty list.

    Raises:
        GateSays: a content type or a body that the gateway does not take.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "GET":
        return {name: value for name, value in request.query_params.items() if name != TOKEN}
    if kind in FORMS:
        async with request.form() as sent:
            return {name: str(value) for name, value in sent.items()}
    if kind not in ("", "application/json"):
        raise GateSays(4007, f"非法的请求姿势,httpMethod:{request.method}, contentType:{kind}")
    return parsed(await request.body())


def parsed(body: bytes) -> Doc:
    """Read a JSON object."""
    try:
        asked = json.loads(body or b"{}")
        json.dumps(asked, ensure_ascii=False).encode()  # half a character is no text
    except (ValueError, RecursionError) as e:
        raise GateSays(4004, "非法的 Content:请求体不是 JSON") from e
    if asked == []:
        return {}
    if not isinstance(asked, dict):
        raise GateSays(4004, "非法的 Content:请求体不是 JSON 对象")
    return asked


def success(version: str, data: object) -> JSONResponse:
    """Answer what was asked."""
    answer = {
        "trace_id": trace_id(),
        "code": 200,
        "success": True,
        "message": "successful",
        "data": data,
    }
    return JSONResponse({**answer, "response": data} if version.startswith(OLD) else answer)


def refusal(version: str, said: YouzanSays) -> JSONResponse:
    """Answer why not."""
    answer = {
        "trace_id": trace_id(),
        "code": said.code,
        "success": False,
        "message": said.text,
        "data": said.data,
    }
    old = {"error_response": _old_error(said.code, said.text)}
    return JSONResponse({**answer, **old} if version.startswith(OLD) else answer)


def barrier(version: str, said: GateSays) -> JSONResponse:
    """Answer that a call did not come through."""
    error = {"trace_id": trace_id(), "err_code": said.code, "err_msg": said.text}
    code = OLD_BAD_TOKEN if said.code in TOKEN_CODES else said.code
    old = {"error_response": _old_error(code, said.text)}
    answer: Doc = {"gw_err_resp": error}
    return JSONResponse({**answer, **old} if version.startswith(OLD) else answer)


def trace_id() -> str:
    """Make the number by which the vendor's support finds a call."""
    return f"yz7-{secrets.token_hex(12)}"


def event_sign(client_id: str, body: bytes, secret: str) -> str:
    """Sign a push over exactly these bytes, for the header."""
    return md5(client_id.encode() + body + secret.encode()).hexdigest()


def body_sign(client_id: str, message: str, secret: str) -> str:
    """Sign a push the old way: over ``msg`` as it is sent, still URL-encoded."""
    return md5(f"{client_id}{message}{secret}".encode()).hexdigest()


def _old_error(code: int, text: str) -> Doc:
    return {"code": code, "msg": text, "sub_code": "", "sub_msg": ""}
