"""How pushes prove who sent them: one function for each scheme, chosen by name.

A scheme checks over the raw bytes, in constant time, and answers what the push says: the body
itself, or what was encrypted in it.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import md5, sha1, sha256

from channels.credentials import Credentials
from channels.envelope import opened
from domain.errors import ForgedPush, GatewayRefused
from domain.events import Push

FRESH_S = 300  # how far a timestamp may be from our clock
UNIX_SECONDS = re.compile(r"[0-9]{1,12}")
BAD_SIGN = "签名不符,请核对密钥与签名原文"
STALE = "时间戳与服务器相差超过 300 秒,请校准时钟后重新签名"

Scheme = Callable[[Push, Credentials, Mapping[str, str]], bytes]


def none(push: Push, _: Credentials, __: Mapping[str, str]) -> bytes:
    """Nothing to prove: the hub itself opened the connection, and proved who it is."""
    return push.body


def md5_around(push: Push, who: Credentials, said: Mapping[str, str]) -> bytes:
    """Lower hex MD5 of account, raw body and secret, in a header (protocols 2.2 and 3.2)."""
    wanted = md5(
        who.account.encode() + push.body + who.secret.encode(), usedforsecurity=False
    ).hexdigest()
    if not same(push.headers.get(said["header"].lower(), ""), wanted):
        raise ForgedPush(BAD_SIGN)
    return push.body


def lifeline_hmac(push: Push, who: Credentials, _: Mapping[str, str]) -> bytes:
    """Sign as our own mini program does: see ``lifeline_signature``."""
    timestamp = push.headers.get("x-lifeline-timestamp", "")
    nonce = push.headers.get("x-lifeline-nonce", "")
    wanted = lifeline_signature(who.secret.encode(), timestamp, nonce, push.body)
    if not same(push.headers.get("x-lifeline-sign", ""), wanted):
        raise ForgedPush(BAD_SIGN)
    if not is_fresh(timestamp, push.received_at):
        raise ForgedPush(STALE)
    return push.body


def wechat_aes(push: Push, who: Credentials, said: Mapping[str, str]) -> bytes:
    """WeChat's encrypted envelope (protocols 6): ``token`` and ``key`` name further secrets."""
    if not is_fresh(push.query.get("timestamp", ""), push.received_at):
        raise ForgedPush(STALE)
    return opened(push, _secret(who, said["token"]), _secret(who, said["key"]), who.account)


def wechat_greeting(query: Mapping[str, str], who: Credentials, said: Mapping[str, str]) -> str:
    """Answer WeChat's question whether this address is ours: say its ``echostr`` again.

    It is asked once, when the address is saved; SHA-1 of token, timestamp and nonce proves it.

    Raises:
        ForgedPush: somebody else asks.
    """
    parts = sorted(
        (_secret(who, said["token"]), query.get("timestamp", ""), query.get("nonce", ""))
    )
    wanted = sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
    if not same(query.get("signature", ""), wanted):
        raise ForgedPush(BAD_SIGN)
    return query.get("echostr", "")


def lifeline_signature(secret: bytes, timestamp: str, nonce: str, body: bytes) -> str:
    """Lower hex HMAC-SHA256 of timestamp, nonce and body, with a line feed between them."""
    head = f"{timestamp}\n{nonce}\n".encode()
    return hmac.new(secret, head + body, sha256).hexdigest()


def _secret(who: Credentials, name: str) -> str:
    """Tell a further secret; without it the platform is asked to push again later."""
    if name not in who.more:
        raise GatewayRefused("channels", "no_secret", f"lifeline.toml 的 more 里缺少 {name}")
    return who.more[name]


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Whether Unix seconds are of these minutes."""
    if UNIX_SECONDS.fullmatch(timestamp) is None:
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH_S


def same(given: str, wanted: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())


SCHEMES: Mapping[str, Scheme] = {
    scheme.__name__: scheme for scheme in (none, md5_around, lifeline_hmac, wechat_aes)
}
# Schemes whose platform first asks, with a GET, whether the address is ours.
GREETINGS: Mapping[str, Callable[[Mapping[str, str], Credentials, Mapping[str, str]], str]] = {
    "wechat_aes": wechat_greeting
}
SEALED = frozenset({"wechat_aes"})  # the body has to be opened each time it is read
# What each scheme must be told in the mapping file.
NEEDS: Mapping[str, tuple[str, ...]] = {"md5_around": ("header",), "wechat_aes": ("token", "key")}
