"""How a buyer is known without a phone number."""

import hmac
from hashlib import sha256

KEY_LENGTH = 32  # 128 bits: no two buyers meet


def buyer_key(secret: bytes, phone: str) -> str:
    """Hash a phone number, or a channel's own buyer id, with our secret.

    The same buyer has the same key on every channel; without the secret nobody finds the phone.
    """
    return hmac.new(secret, phone.encode(), sha256).hexdigest()[:KEY_LENGTH]
