"""How a call to a channel is signed: one function for each scheme, chosen by name.

Pure: who asks and what time it is are given, a request comes out, and nothing is sent here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5, sha256
from hmac import new as hmac_new
from typing import Any

from channels.credentials import Credentials
from channels.signatures import lifeline_signature

Json = dict[str, Any]
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked, and of whom.

    Attributes:
        name: The call's name at the channel, for example ``order.orderDetail``.
        token: The access token; empty for calls that need none.
        nonce: Random letters, for schemes that want some.
    """

    name: str
    body: Json
    token: str
    at: datetime
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST that is ready to be sent; ``path`` goes behind the channel's address."""

    path: str
    content: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


Scheme = Callable[[Call, Credentials], Request]


def pinduoduo(call: Call, who: Credentials) -> Request:
    """Upper MD5 around the sorted parameters (protocols 1.1); objects travel as JSON text."""
    fields = {
        "type": call.name,
        "client_id": who.account,
        "timestamp": str(int(call.at.timestamp())),
        "data_type": "JSON",
        "version": "V1",
        **{key: _plain(value) for key, value in call.body.items() if value is not None},
    }
    if call.token:
        fields["access_token"] = call.token
    text = "".join(f"{key}{fields[key]}" for key in sorted(fields))
    sign = md5(f"{who.secret}{text}{who.secret}".encode(), usedforsecurity=False)
    return Request(path="", content=compact({**fields, "sign": sign.hexdigest().upper()}))


def douyin(call: Call, who: Credentials) -> Request:
    """HMAC-SHA256 over the sorted, compact body and the parameters (protocols 2.1)."""
    content = compact(call.body)
    timestamp = str(int(call.at.timestamp()))
    text = (
        f"{who.secret}app_key{who.account}method{call.name}param_json{content.decode()}"
        f"timestamp{timestamp}v2{who.secret}"
    )
    query = {
        "app_key": who.account,
        "method": call.name,
        "timestamp": timestamp,
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": hmac_new(who.secret.encode(), text.encode(), sha256).hexdigest(),
    }
    token = {"access_token": call.token} if call.token else {}
    path = "/" + call.name.replace(".", "/")
    return Request(path=path, content=content, query={**query, **token})


def token_in_query(call: Call, _: Credentials) -> Request:
    """JSON under ``?access_token=``: Youzan (protocols 3.1), WeChat's shops. The name is a path."""
    query = {"access_token": call.token} if call.token else {}
    return Request(path=call.name, content=compact(call.body), query=query)


def lifeline_hmac(call: Call, who: Credentials) -> Request:
    """Sign as our own mini program does; the name is a path."""
    content, timestamp = compact(call.body), str(int(call.at.timestamp()))
    sign = lifeline_signature(who.secret.encode(), timestamp, call.nonce, content)
    headers = {
        **JSON,
        "x-lifeline-timestamp": timestamp,
        "x-lifeline-nonce": call.nonce,
        "x-lifeline-sign": sign,
    }
    return Request(path=call.name, content=content, headers=headers)


def compact(body: Mapping[str, object]) -> bytes:
    """Write JSON with sorted keys and no blanks, Chinese as it is."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> str:
    """Write a parameter as it is signed: objects as JSON, truth in lower case."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


SCHEMES: Mapping[str, Scheme] = {
    scheme.__name__: scheme for scheme in (pinduoduo, douyin, token_in_query, lifeline_hmac)
}
