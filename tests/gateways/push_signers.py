"""Sign pushes as platforms do, from their published rules; no line of it is the hub's own."""

import base64
import json
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from domain.events import Push
from settings import Channel

NONCE = "372623558"
ECHO = "4375120948345356249"
BLOCK = 32  # bytes: WeChat pads to twice what AES asks for

Signer = Callable[[object, Channel, Mapping[str, str], datetime], Push]
Greeter = Callable[[Channel, Mapping[str, str], datetime], dict[str, str]]


def wechat_aes(document: object, us: Channel, said: Mapping[str, str], at: datetime) -> Push:
    """WeChat's encrypted envelope (protocols 6)."""
    token, key = (us.more[said[name]].get_secret_value() for name in ("token", "key"))
    message = json.dumps(document, ensure_ascii=False).encode()
    encrypted = _encrypted(message, us.account.encode(), base64.b64decode(key + "="))
    stamp = str(int(at.timestamp()))
    signed = "".join(sorted([token, stamp, NONCE, encrypted])).encode()
    return Push(
        path="",
        headers={"content-type": "application/json"},
        query={
            "timestamp": stamp,
            "nonce": NONCE,
            "encrypt_type": "aes",
            "msg_signature": sha1(signed, usedforsecurity=False).hexdigest(),
        },
        body=json.dumps({"ToUserName": "gh_shop", "Encrypt": encrypted}).encode(),
        received_at=at,
    )


def _encrypted(message: bytes, receiver: bytes, key: bytes) -> str:
    plain = b"sixteen letters!" + struct.pack(">I", len(message)) + message + receiver
    missing = BLOCK - len(plain) % BLOCK
    cipher = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    sealed = cipher.update(plain + bytes([missing]) * missing) + cipher.finalize()
    return base64.b64encode(sealed).decode()


def wechat_greeting(us: Channel, said: Mapping[str, str], at: datetime) -> dict[str, str]:
    """WeChat's question whether an address is ours; its answer is the ``echostr`` (protocols 6)."""
    token, stamp = us.more[said["token"]].get_secret_value(), str(int(at.timestamp()))
    signed = "".join(sorted([token, stamp, NONCE])).encode()
    signature = sha1(signed, usedforsecurity=False).hexdigest()
    return {"signature": signature, "timestamp": stamp, "nonce": NONCE, "echostr": ECHO}


SIGNERS: Mapping[str, Signer] = {"wechat_aes": wechat_aes}
# Platforms that ask with a GET before they push anything, by the scheme of their pushes.
GREETERS: Mapping[str, Greeter] = {"wechat_aes": wechat_greeting}
