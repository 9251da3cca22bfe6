"""Where the MES says that goods which were made to order are ready.

What its status words mean is in ``rules/statuses.yaml``; a word but for "made" is kept and says
nothing to an order.
"""

import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from domain.clock import CHINA
from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, GoodsMade, Push
from domain.order import OrderId
from domain.partner_words import Making
from rulebook.statuses import standard_statuses
from settings import Mes

NAME = "mes"
NUMBER_NAMES = ("completion_no", "产线完工单号")
ORDER_ID = re.compile(r"[a-z0-9_]+/\S+")
BAD_TOKEN = "X-MES-Token 不符,请核对设置 mes.token"  # noqa: S105 - a sentence
LONGEST_NUMBER = 128


class MesDoor:
    """The door at ``/hooks/mes``; its files come in here too (``gateways.mes_folder``)."""

    name = NAME
    media_types = frozenset({"application/json"})

    def __init__(self, settings: Mes) -> None:
        self._token = settings.token.get_secret_value().encode()

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless the push brings the MES's token."""
        if not hmac.compare_digest(push.headers.get("x-mes-token", "").encode(), self._token):
            raise ForgedPush(BAD_TOKEN)

    def key(self, push: Push) -> str:
        """Name the push: a completion says each thing once about each article."""
        said = _Completion(push.body)
        return f"{said.number}/{said.text('sku')}/{said.text('status')}"

    def read(self, push: Push) -> tuple[GoodsMade, ...]:
        """Tell what is made, or nothing when nothing is yet.

        Raises:
            Untranslatable: the field that is wrong.
        """
        said = _Completion(push.body)
        if standard_statuses().mes.read(said.text("status")) is not Making.MADE:
            return ()
        made = GoodsMade(
            completion_id=said.number,
            order_id=said.order_id(),
            sku=said.text("sku"),
            quantity=said.quantity(),
            at=said.at(),
        )
        return (made,)

    def accept(self) -> Answer:
        """Say "got it"."""
        return _answer(200, 0, "ok")

    def refuse(self, reason: str) -> Answer:
        """Say "not like this"."""
        return _answer(401 if reason == BAD_TOKEN else 400, 1, reason)


class _Completion:
    """A completion's fields, read strictly; each fault names its field."""

    def __init__(self, body: bytes) -> None:
        try:
            fields = json.loads(body)
        except ValueError as e:
            raise Untranslatable(NAME, "body", "不是 JSON") from e
        if not isinstance(fields, dict):
            raise Untranslatable(NAME, "body", type(fields).__name__)
        self._fields: Mapping[str, object] = fields

    @property
    def number(self) -> str:
        """产线完工单号."""
        name = next((name for name in NUMBER_NAMES if name in self._fields), NUMBER_NAMES[0])
        number = self.text(name)
        if len(number) > LONGEST_NUMBER:
            raise Untranslatable(NAME, name, number)
        return number

    def text(self, name: str) -> str:
        found = self._fields.get(name)
        text = str(found).strip() if isinstance(found, str | int) else ""
        if not text:
            raise Untranslatable(NAME, name, found)
        return text

    def order_id(self) -> OrderId:
        text = self.text("order_no")
        if ORDER_ID.fullmatch(text) is None:
            raise Untranslatable(NAME, "order_no", text)
        return OrderId(text)

    def quantity(self) -> int:
        text = self.text("quantity")
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):  # noqa: PLR2004 - nobody makes a thousand million
            raise Untranslatable(NAME, "quantity", text)
        return int(text)

    def at(self) -> datetime:
        text = self.text("finished_at")
        try:
            at = datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            at = _loose_time(text)
        return (at if at.tzinfo else at.replace(tzinfo=CHINA)).astimezone(UTC)


def _loose_time(text: str) -> datetime:
    """Read what a spreadsheet makes of a time: ``2026/11/22 9:05``."""
    for form in ("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S"):
        try:
            return datetime.strptime(text.replace("-", "/"), form).replace(tzinfo=CHINA)
        except ValueError:
            continue
    raise Untranslatable(NAME, "finished_at", text)


def _answer(status: int, code: int, message: str) -> Answer:
    body = json.dumps({"code": code, "msg": message}, ensure_ascii=False).encode()
    return Answer(body=body, media_type="application/json", status=status)
