"""Receivers as ciphertext and as masks; only the platform opens the ciphertext (protocols 1.2).

The same text is the same ciphertext on every order, so that a client knows a buyer again without
knowing the buyer. The ciphertext's inside is ours; nobody but the decrypting API reads it.
"""

from base64 import b64decode, b64encode
from enum import IntEnum
from hashlib import blake2b, sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from infra.sandbox.ledger import Doc

SECRET = b"sandbox-pdd-seal"  # the platform's own; no client is told
FORM_PARTS = 5  # "~ciphertext~index~1~" has nothing before the first sign and after the last
_box = AESSIV(sha256(SECRET).digest())


class Sealed(IntEnum):
    """What a ciphertext holds, in the platform's numbers."""

    NAME = 5
    PHONE = 6
    WHOLE_ADDRESS = 7
    ADDRESS = 8


class CannotOpen(Exception):
    """That is no ciphertext of ours."""


def plain(receiver: Doc) -> dict[Sealed, str]:
    """Tell what of a receiver is kept secret."""
    district = "".join(receiver[part] for part in ("province", "city", "district"))
    return {
        Sealed.NAME: receiver["name"],
        Sealed.PHONE: receiver["phone"],
        Sealed.ADDRESS: receiver["address"],
        Sealed.WHOLE_ADDRESS: district + receiver["address"],
    }


def seal(kind: Sealed, text: str) -> str:
    """Make a text's ciphertext, with an index by which equal texts are found."""
    inside = _box.encrypt(f"{kind.value}{text}".encode(), None)
    index = blake2b(text.encode(), key=SECRET, digest_size=9).digest()
    return f"~{b64encode(inside).decode()}~{b64encode(index).decode()}~1~"


def unseal(ciphertext: str) -> tuple[Sealed, str]:
    """Open a ciphertext: what it holds, and the text.

    Raises:
        CannotOpen: It was not made here, or something was changed.
    """
    parts = ciphertext.split("~")
    try:
        inside = _box.decrypt(b64decode(parts[1], validate=True), None).decode()
    except (IndexError, ValueError, InvalidTag) as e:
        raise CannotOpen from e
    kind, text = Sealed(int(inside[0])), inside[1:]
    if len(parts) != FORM_PARTS or seal(kind, text) != ciphertext:
        raise CannotOpen
    return kind, text


def mask(kind: Sealed, text: str) -> str:
    """Show as much as a person at a screen may see."""
    match kind:
        case Sealed.NAME:
            return text[:1] + "*" * (len(text) - 1)
        case Sealed.PHONE:
            return f"{text[:3]}****{text[-4:]}"
        case Sealed.ADDRESS | Sealed.WHOLE_ADDRESS:
            return "".join("*" if letter.isdigit() else letter for letter in text)
