"""Answers a buyer's claim at its channel, in the words of the channel's mapping."""

from dataclasses import dataclass

from channels.asking import Ask, ClaimWords
from channels.mapping import ChannelMapping
from domain.claim import ClaimAnswer, ClaimReply, Refund, RefundKind, RefundStage
from domain.errors import GatewayRefused
from gateways.channel_shop import ChannelShop

MOST_STEPS = 2  # an agreed return whose goods are here already: the return, then the money
SENT_BACK = frozenset({RefundStage.AGREED, RefundStage.RETURNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A claim as its channel shows it, in its words and in ours."""

    document: object
    claim: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelClaims:
    """One channel's claims."""

    shop: ChannelShop

    async def answer(self, reply: ClaimReply) -> Refund:
        """Answer a claim that waits for this answer, and tell how it stands after that.

        The claim is looked at before and after, so answering again does nothing twice, and a claim
        that somebody else decided, if only a moment ago, is told as it is.

        Raises:
            GatewayRefused: the channel does not take the answer, or there are no words for it.
            GatewayBusy: no answer; answering again is safe.
        """
        mapping = self.shop.shelf.version(self.shop.name, reply.protocol)
        words = self._words(mapping)
        seen = await self._look(mapping, reply)
        for _ in range(MOST_STEPS):
            word = _word(words, seen.claim, reply.answer)
            if word is None:
                break
            refusal = await self._say(mapping, word, reply, seen)
            known, seen = seen, await self._look(mapping, reply)
            if seen.claim.stage is known.claim.stage:
                if refusal is not None:
                    raise refusal
                break  # said, and the claim stays open
        return seen.claim

    async def _look(self, mapping: ChannelMapping, reply: ClaimReply) -> Seen:
        document = await self.shop.refund_document(mapping, reply.number, reply.claim_id)
        return Seen(document=document, claim=mapping.refund(document))

    async def _say(
        self, mapping: ChannelMapping, word: Ask, reply: ClaimReply, seen: Seen
    ) -> GatewayRefused | None:
        """Say it; a refusal may only mean that somebody was faster, so it is told, not raised."""
        bill = reply.waybill
        number = self.shop.numbers.for_channel(bill.number, bill.carrier) if bill else ""
        claim = mapping.claim(reply, seen.claim.stage, number)
        try:
            await self.shop.caller.ask(mapping, word, {"claim": claim, "refund": seen.document})
        except GatewayRefused as refusal:
            return refusal
        return None

    def _words(self, mapping: ChannelMapping) -> ClaimWords:
        words = mapping.api.claims if mapping.api else None
        if words is None:
            reason = "映射文件没有 api.claims:请在渠道后台答复这张售后单,然后标为「已人工处理」"
            raise GatewayRefused(self.shop.name, "no_claims", reason)
        return words


def _word(words: ClaimWords, claim: Refund, answer: ClaimAnswer) -> Ask | None:
    """Choose the call that a claim waits for; ``None`` when it does not wait for this answer."""
    is_asked, is_return = claim.stage is RefundStage.ASKED, claim.kind is RefundKind.RETURN
    match answer:
        case ClaimAnswer.AGREE if is_asked:
            return words.agree_return if is_return else words.agree
        case ClaimAnswer.AGREE if is_return and claim.stage in SENT_BACK:
            return words.agree_goods
        case ClaimAnswer.AGREE_RETURN if is_asked and is_return:
            return words.agree_return
        case ClaimAnswer.REFUSE if is_asked or claim.stage is RefundStage.RETURNING:
            return words.refuse
        case ClaimAnswer.SHIPPED if is_asked:
            return words.shipped
        case _:
            return None
