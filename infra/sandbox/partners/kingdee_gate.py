"""Who may come into Kingdee: three logins, and calls that carry both signatures (protocols 5.1).

What Kingdee says to a wrong signature is not published; here it is "no permission", and it names
the header.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request

from infra.sandbox.ledger import Ledger
from infra.sandbox.partners.kingdee_words import Complaint, Doc, MsgCode

ACCOUNT = "5f3a0000000001"
USERNAME = "lifeline"
PASSWORD = "sandbox-kingdee-password"  # noqa: S105 - public, for the sandbox only
APP_ID = "200001_Q2VydGFpbmx5Tm90QVJlYWxTZWNyZXQw"
APP_SECRET = "sandbox-kingdee-app-secret"  # noqa: S105 - the same
SESSION = "kdservice-sessionid"
MASK = b"0054f397c6234378b09ca7d3e5debce7"
CLOCK_DRIFT_S = 600
NINE = (
    "X-Api-ClientID",
    "X-Api-Auth-Version",
    "x-api-timestamp",
    "x-api-nonce",
    "x-api-signheaders",
    "X-Api-Signature",
    "X-Kd-Appkey",
    "X-Kd-Appdata",
    "X-Kd-Signature",
)


class Gate:
    """Opens sessions and recognises them. Ledger kind ``session`` by id {username, mode}."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def log_in(self, service: str, body: Doc) -> Doc:
        """Answer a login; the session id comes back with it."""
        if not _LOGINS[service](body):
            return {"LoginResultType": 0, "Message": "用户名或密码错误", "KDSVCSessionId": ""}
        return {
            "LoginResultType": 1,
            "Message": None,
            "MessageCode": "CheckPasswordPolicy",
            "KDSVCSessionId": self._open("login"),
            "Context": {"UserName": USERNAME, "UserLocale": "zh-CN"},
            "IsSuccessByAPI": True,
        }

    def admit(self, request: Request) -> str | None:
        """Let a call in; tells the id of the session that a signed first call opens.

        Raises:
            Complaint: no session and no signature, or one that does not hold.
        """
        headers = request.headers
        shown = request.cookies.get(SESSION) or headers.get(SESSION, "")
        known = self._ledger.get("session", shown) is not None
        if any(name in headers for name in NINE):
            _check_signatures(headers, request.url.path)
            return None if known else self._open("signed")
        if not known:
            raise Complaint(MsgCode.SESSION_LOST, "会话信息已丢失,请重新登录")
        return None

    def _open(self, mode: str) -> str:
        session = str(uuid.uuid4())
        self._ledger.put("session", session, {"username": USERNAME, "mode": mode})
        return session


def _check_signatures(headers: Headers, path: str) -> None:
    missing = next((name for name in NINE if name not in headers), None)
    if missing is not None:
        raise Complaint(MsgCode.NO_PERMISSION, f"缺少请求头 {missing}", missing)
    wanted = {
        "X-Api-ClientID": APP_ID.split("_", maxsplit=1)[0],
        "X-Api-Auth-Version": "2.0",
        "x-api-signheaders": "x-api-timestamp,x-api-nonce",
        "X-Api-Signature": _api_signature(headers, path),
        "X-Kd-Appkey": APP_ID,
        "X-Kd-Signature": _hex_hmac(APP_SECRET, APP_ID + _app_data(headers)),
    }
    for name, value in wanted.items():
        if not hmac.compare_digest(value.encode(), headers[name].encode()):
            raise Complaint(MsgCode.NO_PERMISSION, f"应用校验失败:{name}", name)
    if not _is_now(headers["x-api-timestamp"]):
        raise Complaint(MsgCode.NO_PERMISSION, "时间戳已过期", "x-api-timestamp")


def _app_data(headers: Headers) -> str:
    """Read who calls: account, user, language, organisation."""
    try:
        text = base64.b64decode(headers["X-Kd-Appdata"], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as e:
        raise Complaint(MsgCode.NO_PERMISSION, "应用数据无法识别", "X-Kd-Appdata") from e
    if text.split(",")[:2] != [ACCOUNT, USERNAME]:
        raise Complaint(MsgCode.NO_PERMISSION, "账套或用户不存在", "X-Kd-Appdata")
    return text


def _api_signature(headers: Headers, path: str) -> str:
    mixed = base64.b64decode(APP_ID.split("_")[1])
    plain = bytes(mixed[index] ^ MASK[index] for index in range(len(mixed)))
    lines = (
        "POST",
        quote(path).replace("/", "%2F"),
        "",
        f"x-api-nonce:{headers['x-api-nonce']}",
        f"x-api-timestamp:{headers['x-api-timestamp']}",
        "",
    )
    return _hex_hmac(base64.b64encode(plain).decode(), "\n".join(lines))


def _hex_hmac(secret: str, text: str) -> str:
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _is_now(timestamp: str) -> bool:
    """Callers live in real time, whatever the speed of the world."""
    if not timestamp.isdigit():
        return False
    return abs(datetime.now(UTC).timestamp() - int(timestamp)) <= CLOCK_DRIFT_S


def _by_password(body: Doc) -> bool:
    return _same(body, acctid=ACCOUNT, username=USERNAME, password=PASSWORD)


def _by_app_secret(body: Doc) -> bool:
    return _same(body, acctid=ACCOUNT, username=USERNAME, appid=APP_ID, appsecret=APP_SECRET)


def _by_sign(body: Doc) -> bool:
    """Check a login of [account, user, app id, timestamp, sign, language]."""
    parameters = [str(value) for value in body.get("parameters") or []]
    if len(parameters) != 6 or not _is_now(parameters[3]):  # noqa: PLR2004 - protocols 5.1
        return False
    values = sorted([ACCOUNT, USERNAME, APP_ID, APP_SECRET, parameters[3]])
    sign = hashlib.sha256("".join(values).encode()).hexdigest()
    return parameters[:3] == [ACCOUNT, USERNAME, APP_ID] and hmac.compare_digest(
        sign.encode(), parameters[4].encode()
    )


def _same(body: Doc, **wanted: str) -> bool:
    return all(
        hmac.compare_digest(str(body.get(name)).encode(), value.encode())
        for name, value in wanted.items()
    )


_LOGINS = {
    "ValidateUser": _by_password,
    "LoginByAppSecret": _by_app_secret,
    "LoginBySign": _by_sign,
}
