"""How WeCom signs and encrypts what it calls back with (protocols 6)."""

import struct
from base64 import b64decode, b64encode
from hashlib import sha1
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32


def seal(message: bytes, key: str, corp_id: str) -> str:
    """Encrypt a message for a company."""
    secret = b64decode(f"{key}=")
    plain = token_bytes(16) + struct.pack(">I", len(message)) + message + corp_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    cipher = Cipher(AES256(secret), CBC(secret[:16])).encryptor()
    return b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Sign the four texts."""
    text = "".join(sorted((token, timestamp, nonce, encrypted)))
    return sha1(text.encode()).hexdigest()
