"""Where the buttons of the risk officers' cards come in: ``/hooks/wecom`` (protocols 6).

WeCom signs and encrypts each callback, and asks once with a GET whether the address is ours.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from xml.etree.ElementTree import ParseError

import structlog
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels.envelope import decrypted, envelope_signature, opened
from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, CardClicked, Push
from settings import WecomApp

NAME = "wecom"
CLICK = "template_card_event"
BAD_PROOF = "签名不符,请核对 wecom_app.token"
NOT_OURS = "解密失败,请核对 wecom_app.aes_key 与 corp_id"

log = structlog.get_logger()


class WecomDoor:
    """Reads clicks on cards; any other callback is kept and says nothing."""

    name = NAME
    media_types = frozenset({"text/xml", "application/xml"})

    def __init__(self, settings: WecomApp) -> None:
        self._token = settings.token.get_secret_value()
        self._key = settings.aes_key.get_secret_value()
        self._corp_id = settings.corp_id
        self._officers = frozenset(settings.officers)

    def greet(self, query: Mapping[str, str]) -> Answer | None:
        """Answer WeCom's question whether the address is ours.

        Raises:
            ForgedPush: somebody else asks.
        """
        echo = query.get("echostr")
        if echo is None:
            return None
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        wanted = envelope_signature(self._token, timestamp, nonce, echo)
        if not hmac.compare_digest(query.get("msg_signature", "").encode(), wanted.encode()):
            raise ForgedPush(BAD_PROOF)
        message, receiver = decrypted(echo, self._key)
        if receiver != self._corp_id:
            raise ForgedPush(NOT_OURS)
        return Answer(body=message, media_type="text/plain")

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless WeCom has signed it for us."""
        self._open(push)

    def key(self, push: Push) -> str:
        """Name the click: a callback that comes again tells the same one."""
        said = _fields(self._open(push))
        parts = ("TaskId", "EventKey", "FromUserName", "CreateTime")
        return "/".join(said.get(part, "") for part in parts)

    def read(self, push: Push) -> tuple[CardClicked, ...]:
        """Tell the click of an officer; whoever else presses a button says nothing here.

        Raises:
            Untranslatable: the field that is wrong.
        """
        said = _fields(self._open(push))
        if said.get("Event") != CLICK:
            return ()
        by = _text(said, "FromUserName")
        if by not in self._officers:
            log.warning("card_clicked_by_no_officer", by=by)
            return ()
        click = CardClicked(
            card=_text(said, "TaskId"),
            button=_text(said, "EventKey"),
            by=by,
            ticket=_text(said, "ResponseCode"),
        )
        return (click,)

    def accept(self) -> Answer:
        """Say "got it": an empty answer is enough."""
        return Answer(body=b"", media_type="text/plain")

    def refuse(self, reason: str) -> Answer:
        """Say "not like this"."""
        return Answer(body=reason.encode(), media_type="text/plain", status=400)

    def _open(self, push: Push) -> bytes:
        """Prove and decrypt a callback."""
        try:
            encrypted = _fields(push.body).get("Encrypt", "")
        except Untranslatable as e:
            raise ForgedPush(BAD_PROOF) from e
        envelope = replace(push, body=json.dumps({"Encrypt": encrypted}).encode())
        return opened(envelope, self._token, self._key, self._corp_id)


def _fields(body: bytes) -> Mapping[str, str]:
    """Read the fields of a flat XML document; entities are refused."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as e:
        raise Untranslatable(NAME, "正文", "不是规范的 XML") from e
    return {child.tag: (child.text or "").strip() for child in root}


def _text(said: Mapping[str, str], name: str) -> str:
    if not said.get(name):
        raise Untranslatable(NAME, name, "缺失")
    return said[name]
