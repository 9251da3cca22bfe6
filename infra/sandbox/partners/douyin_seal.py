"""How the Douyin shop hides its buyers: ciphertext that only it can open, masks, an open id.

The same plain text has the same ciphertext. What the ciphertext looks like is from memory: a mark
that says what it hides, and something in between that nobody can read.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.douyin_words import APP_SECRET

KEY = f"{APP_SECRET}/seal".encode()
OPEN_ID_KEY = f"{APP_SECRET}/open-id".encode()


class Hidden(IntEnum):
    """What a ciphertext hides, as ``data_type`` says it."""

    ADDRESS = 1
    NAME = 2
    PHONE = 3


MARKS: Mapping[Hidden, str] = {Hidden.ADDRESS: "##", Hidden.NAME: "#", Hidden.PHONE: "$"}
FIELDS: Mapping[Hidden, str] = {
    Hidden.ADDRESS: "address",
    Hidden.NAME: "name",
    Hidden.PHONE: "phone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was under a seal."""

    hidden: Hidden
    plain: str


def seal(hidden: Hidden, plain: str) -> str:
    """Hide a text."""
    mark = MARKS[hidden]
    return f"{mark}{_digest(KEY, f'{hidden}/{plain}')}{mark}1{mark}{mark}"


def unseal(cipher: str, receivers: Iterable[Doc]) -> Opened | None:
    """Open a seal, if it hides something of these receivers."""
    for receiver in receivers:
        for hidden, field in FIELDS.items():
            if hmac.compare_digest(seal(hidden, receiver[field]).encode(), cipher.encode()):
                return Opened(hidden=hidden, plain=receiver[field])
    return None


def open_id(phone: str) -> str:
    """Name a buyer, the same for all of one buyer's orders."""
    return f"1@#{_digest(OPEN_ID_KEY, phone)}"


def masked_name(name: str) -> str:
    """Leave the family name."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_phone(phone: str) -> str:
    """Leave the first three digits and the last four."""
    return f"{phone[:3]}****{phone[-4:]}"


def masked_address(address: str) -> str:
    """Leave two letters."""
    return f"{address[:2]}******"


def _digest(key: bytes, text: str) -> str:
    return b64encode(hmac.new(key, text.encode(), "sha256").digest()).decode()
