"""Receivers as ciphertext, which only the shop's own key opens (protocols 3.3).

The same text is the same ciphertext on every order of the shop. What is inside the signs is ours.
"""

from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from infra.sandbox.partners.youzan_words import KDT_ID

HEAD, TAIL = "$", "$1$"
_box = AESSIV(sha256(f"sandbox-yz-seal/{KDT_ID}".encode()).digest())


def seal(text: str) -> str:
    """Make a text's ciphertext; nothing stays nothing."""
    if not text:
        return ""
    return HEAD + b64encode(_box.encrypt(text.encode(), None)).decode() + TAIL


def unseal(given: str) -> str | None:
    """Open a ciphertext; what is no ciphertext comes back as it is, a broken one as ``None``."""
    if not (given.startswith(HEAD) and given.endswith(TAIL)):
        return given
    try:
        inside = b64decode(given.removeprefix(HEAD).removesuffix(TAIL), validate=True)
        return _box.decrypt(inside, None).decode()
    except (ValueError, InvalidTag):
        return None
