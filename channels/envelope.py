"""WeChat's encrypted envelope, shared by WeCom and WeChat's shops (protocols 6).

AES-256-CBC under a 43-letter key, its first 16 bytes the IV, padded to 32 bytes; inside, 16 random
bytes, the length in 4 bytes, the message, and whom it is for.
"""

import base64
import hmac
import json
import struct
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from domain.errors import ForgedPush
from domain.events import Push

PADDED_TO_BITS = 32 * 8
RANDOM_BYTES = 16
LENGTH_BYTES = 4
BAD_PROOF = "签名不符,请核对 Token"
BAD_ENVELOPE = "消息解密失败,请核对 EncodingAESKey 与 AppID"


def opened(push: Push, token: str, key: str, receiver: str) -> bytes:
    """Prove and decrypt a push.

    Raises:
        ForgedPush: it was not signed with our token, or is not for us.
    """
    encrypted = _encrypted(push.body)
    timestamp, nonce = push.query.get("timestamp", ""), push.query.get("nonce", "")
    wanted = envelope_signature(token, timestamp, nonce, encrypted)
    given = push.query.get("msg_signature", "")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise ForgedPush(BAD_PROOF)
    message, addressee = decrypted(encrypted, key)
    if not hmac.compare_digest(addressee.encode(), receiver.encode()):
        raise ForgedPush(BAD_ENVELOPE)
    return message


def envelope_signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """SHA-1 hex of the four texts, sorted and put together."""
    text = "".join(sorted((token, timestamp, nonce, encrypted)))
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def decrypted(encrypted: str, key: str) -> tuple[bytes, str]:
    """Tell the message and whom it is for."""
    try:
        secret = base64.b64decode(f"{key}=")
        cipher = Cipher(AES256(secret), CBC(secret[:16])).decryptor()
        padded = cipher.update(base64.b64decode(encrypted, validate=True)) + cipher.finalize()
        unpadder = PKCS7(PADDED_TO_BITS).unpadder()
        plain = unpadder.update(padded) + unpadder.finalize()
        start = RANDOM_BYTES + LENGTH_BYTES
        (length,) = struct.unpack(">I", plain[RANDOM_BYTES:start])
        return plain[start : start + length], plain[start + length :].decode()
    except (ValueError, struct.error) as e:
        raise ForgedPush(BAD_ENVELOPE) from e


def _encrypted(body: bytes) -> str:
    """Find the ciphertext in a JSON envelope."""
    try:
        return str(json.loads(body)["Encrypt"])
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise ForgedPush(BAD_ENVELOPE) from e
