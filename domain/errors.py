"""Every fault the hub raises on purpose, and whether trying again can help.

HubError
├── Untranslatable   a partner sent what its documents do not promise   (never)
├── ForgedPush       the signature does not match the bytes             (never)
├── GatewayRefused   the remote system says our request is wrong        (never)
└── GatewayBusy      no answer, or "come back later"                    (retry)

An expected answer, such as "not enough stock", is a value and not a fault.
Messages reach people through the exception queue, so they are written in Chinese
and carry no buyer's name, phone or address.
"""

from datetime import timedelta
from typing import ClassVar


class HubError(Exception):
    """Base of every fault the hub raises on purpose."""

    retry: ClassVar[bool] = False


class Untranslatable(HubError):
    """A partner sent what its documents do not promise; ``path`` names the field."""

    def __init__(self, partner: str, path: str, found: object) -> None:
        super().__init__(f"{partner}:字段 {path} 无法识别({str(found)[:60]!r})")
        self.partner = partner
        self.path = path


class ForgedPush(HubError):
    """The signature does not match the bytes."""


class GatewayRefused(HubError):
    """The remote system says our request is wrong; a person must look.

    Attributes:
        partner: The partner's name, for example ``sf``.
        code: The partner's own error code, kept as it came.
    """

    def __init__(self, partner: str, code: str, reason: str) -> None:
        super().__init__(f"{partner} 拒绝了请求:{code} {reason}")
        self.partner = partner
        self.code = code


class GatewayBusy(HubError):
    """The remote system did not answer, or asked us to come back later.

    Attributes:
        partner: The partner's name, for example ``sf``.
        wait: How long the partner asked us to stay away; ``None`` leaves it to the retry policy.
    """

    retry = True

    def __init__(self, partner: str, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(f"{partner} 暂无答复:{reason}")
        self.partner = partner
        self.wait = wait
