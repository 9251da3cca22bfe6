"""Keys that keep secrets at rest: one seals now, the older ones still open what they sealed.

AES-256-GCM with a random nonce of 96 bits. A key may seal 2^32 times before two nonces are likely
enough to meet (NIST SP 800-38D, 8.3): at ten million payloads a day that is a year.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from domain.errors import HubError
from settings import Keys

KEY_BYTES = 32
NONCE_BYTES = 12
NAME_END = b":"  # no key's name has one
REMEDY = "可用 openssl rand -base64 32 生成一把"


class KeyRingFault(HubError):
    """The keys in the settings can not be used."""


class CannotOpen(HubError):
    """No key here opens this: trying again does not help."""


class _Key(NamedTuple):
    """One key: its cipher, made once, and a secret of its own for signatures."""

    cipher: AESGCM
    signer: bytes


class KeyRing:
    """Seals under the current key, and opens under whichever key a sealed thing names."""

    def __init__(self, current: str, keys: Mapping[str, bytes]) -> None:
        self.current = current
        self._keys = {
            name: _Key(AESGCM(key), hmac.digest(key, b"lifeline/signatures", sha256))
            for name, key in keys.items()
        }
        self._cipher = self._keys[current].cipher

    @classmethod
    def of(cls, settings: Keys) -> Self:
        """Make the ring that the settings describe.

        Raises:
            KeyRingFault: A key is not base64 of 32 bytes, or the current key is not on the ring.
        """
        keys = {name: _key(name, written) for name, written in settings.ring.items()}
        if settings.current not in keys:
            raise KeyRingFault(
                f"[keys] current 写的是 {settings.current},但 [keys] ring 里没有这把密钥:"
                "请把它加进 ring,或改 current"
            )
        return cls(settings.current, keys)

    def seal(self, plain: bytes) -> bytes:
        """Seal under the current key; the result carries the key's name."""
        name = self.current.encode()
        return name + NAME_END + self.lock(plain, name)

    def open(self, sealed: bytes) -> bytes:
        """Open what ``seal`` made, also under a key that is no longer current.

        Raises:
            CannotOpen: The key is not on the ring, or the bytes were changed.
        """
        name, _, box = sealed.partition(NAME_END)
        return self.unlock(name.decode(errors="replace"), box, name)

    def lock(self, plain: bytes, context: bytes) -> bytes:
        """Seal under the current key for a caller who keeps the key's name beside it.

        Args:
            plain: What to seal.
            context: Must be the same when it is opened; it is not kept with it.
        """
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context)

    def unlock(self, name: str, box: bytes, context: bytes) -> bytes:
        """Open what ``lock`` made under the key ``name``.

        Raises:
            CannotOpen: The key is not on the ring, the bytes were changed, or the context differs.
        """
        if name not in self._keys:
            raise CannotOpen(f"密钥 {name[:40]} 不在 [keys] ring 里:请把这把旧密钥加回去")
        nonce, sealed = box[:NONCE_BYTES], box[NONCE_BYTES:]
        try:
            return self._keys[name].cipher.decrypt(nonce, sealed, context)
        except (InvalidTag, ValueError) as changed:  # ValueError: too short for a nonce
            raise CannotOpen(
                f"用密钥 {name[:40]} 解不开:内容被改动过,或 ring 里同名的密钥换过"
            ) from changed

    def sign(self, message: bytes) -> bytes:
        """Sign a message; a signature lapses with the key that is current now."""
        return hmac.digest(self._keys[self.current].signer, message, sha256)


def _key(name: str, written: SecretStr) -> bytes:
    try:
        key = base64.b64decode(written.get_secret_value(), validate=True)
    except (binascii.Error, ValueError) as odd:
        raise KeyRingFault(f"[keys] ring 的 {name} 不是 base64:{REMEDY}") from odd
    if len(key) != KEY_BYTES:
        raise KeyRingFault(f"[keys] ring 的 {name} 是 {len(key)} 字节,应为 {KEY_BYTES}:{REMEDY}")
    if NAME_END.decode() in name or not name:
        raise KeyRingFault(f"[keys] ring 里的密钥名 {name!r} 不能为空,也不能含冒号")
    return key
