"""What a sales channel says, told in our words by its mapping: data, not code.

One YAML file for each channel and protocol version says how pushes are taken apart, how the
channel's API is asked, and how each field of an order or a refund is computed.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from channels import signatures
from channels.api import Api
from channels.document import Document, parsed
from channels.fields import (
    Applies,
    LineFields,
    OrderFields,
    ReceiverFields,
    RefundFields,
    SealFields,
)
from channels.formulas import Compiler
from channels.reading import BuyerKey, OrderReading, RefundReading
from channels.sheets import FOLDER, MappingSheet, read_mapping_sheet
from channels.unpacking import Unpacked, Unpacking
from domain.acceptance import Decision
from domain.claim import ClaimReply, Refund, RefundStage
from domain.errors import Untranslatable
from domain.events import OrderSeen
from domain.parcel import ShipmentNews
from rulebook.expression import Expression, Scene
from rulebook.faults import BrokenRules

__all__ = ["BuyerKey", "ChannelMapping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a channel hears on its push."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a push is answered: a JSON document, or plain words such as ``success``.

    Attributes:
        decided: For senders that wait to hear whether we take the order.
    """

    accepted: Expression
    refused: Expression
    decided: Expression | None

    @classmethod
    def of(cls, compiler: Compiler) -> Self:
        """Compile the answers of the section ``push``."""
        decided = compiler.has("push.decided")
        return cls(
            accepted=compiler.answer("push.accepted", facts=()),
            refused=compiler.answer("push.refused", facts=("reason", "fault")),
            decided=compiler.answer("push.decided", facts=("decision",)) if decided else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """How a push proves who sent it: a scheme's name and its own settings."""

    scheme: str
    settings: Mapping[str, str]


class ChannelMapping:
    """One version of one channel's protocol.

    Attributes:
        title: What people call the channel.
        transport: ``http`` when it calls us, ``pmc`` when we hold a socket of its.
        path: Where it calls us; ``has_own_path`` when that is not for us to choose.
        initial: In force from the start, until somebody decides otherwise.
        api: How the channel is asked; ``None`` for one that only ever pushes.
    """

    def __init__(self, source: MappingSheet) -> None:
        said: Mapping[str, Any] = source.sheet.content
        compiler = Compiler(name=source.sheet.name, content=said)
        self.source = source
        self.channel: str = said["channel"]
        self.version: str = said["version"]
        self.title: str = said["title"]
        self.initial: bool = said.get("initial", False)
        self.transport: str = said["push"]["transport"]
        self.path: str = said["push"].get("path", f"/hooks/{self.channel}")
        self.has_own_path = "path" in said["push"]
        self.signed = _signed(compiler)
        self.carriers: Mapping[str, str] = said.get("carriers", {})
        self.statuses: Mapping[str, Mapping[str, str]] = said["status"]
        self.api = Api.of(compiler)
        self._functions = {"status": compiler.functions["status"]}
        self._applies = Applies.of(compiler)
        self._unpacking = Unpacking.of(compiler)
        self._answers = Answers.of(compiler)
        self._order = OrderReading(
            channel=self.channel,
            protocol=self.version,
            order=OrderFields.of(compiler),
            receiver=ReceiverFields.of(compiler),
            sealed=SealFields.of(compiler),
            lines=LineFields.of(compiler),
        )
        self._refund = _refund_reading(compiler, self.channel, self.version)

    @classmethod
    def load(cls, channel: str, version: str, folder: Path = FOLDER) -> Self:
        """Read ``<channel>/<version>.yaml``; ``BrokenRules`` when it can not be right."""
        return cls(read_mapping_sheet(folder / channel / f"{version}.yaml"))

    def unpack(self, body: bytes, known: Collection[int] = ()) -> tuple[Unpacked | None, ...]:
        """Take a push apart; ``None`` stands for an event that another version reads.

        Args:
            body: The raw push.
            known: The places of events that another version has read already.

        Raises:
            Untranslatable: it is no JSON, or does not say what it is about.
        """
        return self._unpacking.read(parsed(self.channel, body), known)

    def reads_order(self, document: object) -> bool:
        """Whether this version is the one that an order's document is written in."""
        applies = self._applies.order
        return applies is None or self._document("order", document).read(applies, bool)

    def reads_refund(self, document: object) -> bool:
        """Whether this version is the one that a claim's document is written in."""
        applies = self._applies.refund
        return applies is None or self._document("refund", document).read(applies, bool)

    def order(self, document: object, received_at: datetime, buyer_key: BuyerKey) -> OrderSeen:
        """Tell an order in our words.

        Raises:
            Untranslatable: a field is missing, ill-formed, or does not add up; it is named.
        """
        return self._order.read(self._document("order", document), received_at, buyer_key)

    def refund(self, document: object) -> Refund:
        """Tell a refund claim in our words.

        Raises:
            Untranslatable: a field is missing or ill-formed, or this channel has no refunds.
        """
        if self._refund is None:
            raise Untranslatable(self.channel, "refund", "映射文件没有 refund 一节")
        return self._refund.read(self._document("refund", document))

    def news(self, news: ShipmentNews, number: str) -> Mapping[str, object]:
        """Tell a shipment to the mapping's cells: ``number`` is the waybill as channels take it.

        Raises:
            Untranslatable: the channel has no word for this carrier.
        """
        carrier = news.waybill.carrier
        if self.carriers and carrier not in self.carriers:
            raise Untranslatable(self.channel, "carriers", f"缺少快递 {carrier} 的渠道代码")
        return {
            "key": news.key,
            "number": news.number,
            "carrier": carrier,
            "carrier_word": self.carriers.get(carrier, carrier),
            "waybill": number,
            "replaces": news.replaces,
            "lines": list(news.line_nos),
            "refs": list(news.line_refs),
        }

    def claim(self, reply: ClaimReply, stage: RefundStage, number: str) -> Mapping[str, object]:
        """Tell our word on a claim to the mapping's cells; ``number`` is as for ``news``.

        An answer may take two calls, from one ``stage`` to the next; each has a key of its own.
        """
        carrier = reply.waybill.carrier if reply.waybill else ""
        return {
            "key": f"{reply.order_id}/claim/{reply.claim_id}/{stage}/{reply.answer}",
            "number": reply.number,
            "id": reply.claim_id,
            "kind": reply.kind.value,
            "reason": reply.reason,
            "carrier": carrier,
            "carrier_word": self.carriers.get(carrier, carrier),
            "waybill": number,
        }

    def accepted(self) -> Reply:
        """Say "got it" in the channel's own form."""
        return _reply(self._answers.accepted, {})

    def refused(self, reason: str, fault: str) -> Reply:
        """Say "not like this" in the channel's own form.

        ``fault`` is ``sign``, ``stale``, ``field`` or ``busy``.
        """
        return _reply(self._answers.refused, {"reason": reason, "fault": fault})

    @property
    def is_waited_for(self) -> bool:
        """Whether whoever pushes an order waits to hear if we take it."""
        return self._answers.decided is not None

    def decided(self, decision: Decision) -> Reply:
        """Say whether we take the order."""
        if self._answers.decided is None:
            return self.accepted()
        told = {"acceptance": decision.acceptance.value, "reason": decision.reason}
        return _reply(self._answers.decided, {"decision": told})

    def _document(self, name: str, content: object) -> Document:
        if not isinstance(content, dict):
            raise Untranslatable(self.channel, "$", "不是 JSON 对象")
        return Document(self.channel, name, content, self._functions)


def _refund_reading(compiler: Compiler, channel: str, version: str) -> RefundReading | None:
    fields = RefundFields.of(compiler)
    if fields is None:
        return None
    return RefundReading(channel=channel, protocol=version, refund=fields)


def _signed(compiler: Compiler) -> Signed:
    """Read how pushes are signed; ``BrokenRules`` for a scheme that nobody knows."""
    said = compiler.content["push"].get("signature", {"scheme": "none"})
    place, scheme = f"{compiler.name} push.signature", said["scheme"]
    if scheme not in signatures.SCHEMES:
        known = "、".join(signatures.SCHEMES)
        raise BrokenRules.at(f"{place}.scheme", f"不认识的签名方式 {scheme},可用的有:{known}")
    for setting in signatures.NEEDS.get(scheme, ()):
        if setting not in said:
            raise BrokenRules.at(place, f"签名方式 {scheme} 还需要 {setting}")
    settings = {key: value for key, value in said.items() if key != "scheme"}
    return Signed(scheme=scheme, settings=settings)


def _reply(expression: Expression, facts: Mapping[str, object]) -> Reply:
    said = expression.value(Scene(facts))
    if isinstance(said, str):
        return Reply(body=said.encode(), media_type="text/plain")
    body = json.dumps(said, ensure_ascii=False).encode()
    return Reply(body=body, media_type="application/json")
