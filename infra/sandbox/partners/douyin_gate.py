"""Whom the Douyin gateway believes, and the form of its answers (protocols 2.1)."""

import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5

from starlette.responses import JSONResponse

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_words import APP_KEY, APP_SECRET, CHINA

OK = 10000
FRESH_S = 300
VERSION = "2"
UNREADABLE = (ValueError, RecursionError)  # no JSON, half a letter in it, or nested too deep
WITHOUT_OLD_CODES = "x-open-no-old-err-code"
MESSAGES: Mapping[int, str] = {
    OK: "success",
    40001: "缺少必选参数",
    40002: "缺少必选参数",
    40003: "非法的参数",
    40004: "非法的参数",
    50001: "平台处理失败",
    50002: "业务处理失败",
    60000: "触发限流,请稍后重试",
    70000: "接口服务已下线",
}


class DouyinSays(Exception):
    """A refusal in Douyin's own words."""

    def __init__(self, code: int, sub_code: str, text: str) -> None:
        super().__init__(f"{code} {sub_code} {text}")
        self.code = code
        self.sub_code = sub_code
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it came.

    Attributes:
        path: The address below the prefix, with or without slashes around it.
        params: What the query says, and a form if the body is one.
        body: The rest: the ``param_json`` itself, unless ``params`` has it.
    """

    path: str
    params: Mapping[str, str]
    body: str

    @property
    def method(self) -> str:
        """The method that the address names, such as ``order.orderDetail``."""
        return self.path.strip("/").replace("/", ".")

    def believe(self) -> Doc:
        """Tell the business parameters once the call proves to be signed, and now."""
        self._check_names()
        self._check_timestamp()
        signed = self._signed_text() or "{}"
        try:
            asked = json.loads(signed)
            json.dumps(asked, ensure_ascii=False).encode()
        except UNREADABLE:
            asked = None
        if not isinstance(asked, dict):
            raise DouyinSays(40003, "isv.parameter-format-invalid", "业务参数 json 解析失败")
        return asked

    def _check_names(self) -> None:
        given = self.params.get("app_key", "")
        if not given:
            raise DouyinSays(40001, "isv.app-id-missing", "app_key 不能为空")
        if given != APP_KEY:
            raise DouyinSays(40003, "isv.app-id-invalid", "app_key 不存在")
        # Nobody names the sub code of these two; it is that of other ill-formed parameters.
        if self.params.get("method", "").casefold() != self.method.casefold():
            raise DouyinSays(40003, "isv.parameter-invalid", "method 与请求路径不一致")
        if self.params.get("v") != VERSION:
            raise DouyinSays(40003, "isv.parameter-invalid", "v 只支持 2")

    def _check_timestamp(self) -> None:
        now = datetime.now(UTC)
        meant = tuple(_meant(self.params.get("timestamp", "")))
        if not meant:
            raise DouyinSays(40003, "isv.timestamp-format-error", "时间戳格式错误")
        if all(abs((now - at).total_seconds()) > FRESH_S for at in meant):
            raise DouyinSays(40003, "isv.timestamp-invalid", "时间戳不合法")

    def _signed_text(self) -> str:
        """Find which form of ``param_json`` was signed; only what was signed is acted on."""
        sign, names = self.params.get("sign", ""), self.params.get("sign_method", "")
        if not sign:
            raise DouyinSays(40001, "isv.signature-missing", "签名不能为空")
        if names not in (*SIGNERS, ""):
            raise DouyinSays(40003, "isv.parameter-invalid", f"sign_method 不支持 {names}")
        signers = [SIGNERS[names]] if names else SIGNERS.values()
        for text in self._texts():
            wanted = sign_text(self.params, text)
            for signer in signers:
                if hmac.compare_digest(signer(wanted, APP_SECRET).encode(), sign.encode()):
                    return text
        raise DouyinSays(40003, "isv.signature-invalid", "签名校验失败")

    def _texts(self) -> Iterator[str]:
        """Tell the forms that clients sign: as sent, or sorted and compact."""
        for text in (self.body, self.params.get("param_json")):
            if text is not None:
                yield text
                yield compact(text)


def sign_text(params: Mapping[str, str], param_json: str) -> str:
    """Join what is signed, the secret apart; the access token is not in it."""
    signed = {**params, "param_json": param_json}
    names = ("app_key", "method", "param_json", "timestamp", "v")
    return "".join(name + signed.get(name, "") for name in names)


def hmac_sign(text: str, secret: str) -> str:
    """Sign: HMAC-SHA256 in lower hex, keyed with the secret, which is also around the text."""
    return hmac.new(secret.encode(), f"{secret}{text}{secret}".encode(), "sha256").hexdigest()


def md5_sign(text: str, secret: str) -> str:
    """Sign as older clients do."""
    return md5(f"{secret}{text}{secret}".encode()).hexdigest()


SIGNERS: Mapping[str, Callable[[str, str], str]] = {"hmac-sha256": hmac_sign, "md5": md5_sign}


def compact(param_json: str) -> str:
    """Write JSON with its keys sorted all the way down and no space; other text stays as it is."""
    try:
        said = json.loads(param_json)
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        text.encode()
    except UNREADABLE:
        return param_json
    return text


def _meant(timestamp: str) -> Iterator[datetime]:
    """Tell which moments a timestamp may mean.

    The older form names no zone: the platform's clients are in China, but a client reads its own
    machine's clock, which may be set to another zone.
    """
    if re.fullmatch(r"[0-9]{1,11}", timestamp):
        yield datetime.fromtimestamp(int(timestamp), UTC)
    elif re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", timestamp, re.ASCII):
        try:
            local = datetime.fromisoformat(timestamp)
            yield local.replace(tzinfo=CHINA)
            yield local.astimezone()
        except (ValueError, OverflowError):
            return


def said_yes(call: Call, headers: Mapping[str, str], data: object) -> JSONResponse:
    """Answer with data."""
    return _envelope(headers, _log_id(call), OK, data=data)


def said_no(call: Call, headers: Mapping[str, str], no: DouyinSays) -> JSONResponse:
    """Refuse; it is HTTP 200 all the same."""
    return _envelope(headers, _log_id(call), no.code, no.sub_code, no.text)


def complaint(no: DouyinSays) -> JSONResponse:
    """Refuse whatever it was, unread."""
    return _envelope({}, "", no.code, no.sub_code, no.text)


def _envelope(
    headers: Mapping[str, str],
    log_id: str,
    code: int,
    sub_code: str = "",
    sub_msg: str = "",
    data: object = None,
) -> JSONResponse:
    told: Doc = {"code": code, "msg": MESSAGES[code], "sub_code": sub_code, "sub_msg": sub_msg}
    if headers.get(WITHOUT_OLD_CODES) != "1":
        told |= {"err_no": 0 if code == OK else code, "message": sub_msg or MESSAGES[code]}
    return JSONResponse({**told, "log_id": log_id, "data": data})


def _log_id(call: Call) -> str:
    at = f"{datetime.now(CHINA):%Y%m%d%H%M%S}"
    return at + md5(f"{call.path}{call.body}".encode()).hexdigest()[:18].upper()
