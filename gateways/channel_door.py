"""Where any sales channel's pushes come in: what is said and how it is proved is its mapping's.

Versions stand side by side: each event is read by the newest version in force that it belongs to.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from channels.credentials import Credentials
from channels.envelope import BAD_ENVELOPE, BAD_PROOF
from channels.mapping import BuyerKey, ChannelMapping, Reply
from channels.signatures import BAD_SIGN, GREETINGS, SCHEMES, SEALED, STALE
from channels.unpacking import About, Unpacked
from domain.acceptance import Decision
from domain.errors import Untranslatable
from domain.events import LATER, Answer, Event, OrderNamed, OrderSeen, Push, RefundNamed, RefundSeen
from domain.order import Order
from gateways.channel_shelf import ChannelShelf
from gateways.field_watch import FieldWatch

BAD_SIGNS = dict.fromkeys((BAD_SIGN, BAD_PROOF, BAD_ENVELOPE), ("sign", 401))
FAULTS = {**BAD_SIGNS, STALE: ("stale", 401), LATER: ("busy", 503)}
BAD_FIELD = ("field", 400)


class ChannelDoor:
    """One channel's door."""

    media_types: ClassVar[frozenset[str]] = frozenset({"application/json"})

    def __init__(
        self,
        name: str,
        shelf: ChannelShelf,
        who: Credentials,
        buyer_key: BuyerKey,
        watch: FieldWatch,
    ) -> None:
        self.name = name
        self._shelf = shelf
        self._who = who
        self._buyer_key = buyer_key
        self._watch = watch

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless the channel signed exactly these bytes."""
        self._proven(push)

    def key(self, push: Push) -> str:
        """Name the push by the events that it brings.

        Raises:
            Untranslatable: no version in force can read it.
        """
        return "+".join(event.key for _, event in self._events(push))

    def read(self, push: Push) -> tuple[Event, ...]:
        """Tell the push in our words; ``Untranslatable`` names the field that is wrong."""
        return tuple(
            told
            for mapping, event in self._events(push)
            for told in self._event(mapping, event, push)
        )

    def opening(self, push: Push) -> Order | None:
        """Tell the order that its sender waits to hear about; ``None`` when nobody waits."""
        if not self._shelf.current(self.name).is_waited_for:
            return None
        match self.read(push):
            case (OrderSeen(order=order),):
                return order
            case _:
                return None

    def greet(self, query: Mapping[str, str]) -> Answer | None:
        """Answer whether this address is ours; ``None`` for a channel that never asks.

        Raises:
            ForgedPush: somebody else asks.
        """
        signed = self._shelf.current(self.name).signed
        if signed.scheme not in GREETINGS:
            return None
        said = GREETINGS[signed.scheme](query, self._who, signed.settings)
        return Answer(body=said.encode(), media_type="text/plain")

    def accept(self) -> Answer:
        """Say "got it"."""
        return _answer(self._shelf.current(self.name).accepted())

    def decided(self, decision: Decision) -> Answer:
        """Say whether we take the order."""
        return _answer(self._shelf.current(self.name).decided(decision))

    def refuse(self, reason: str) -> Answer:
        """Say which rule was broken, the signature, the time or a field; or to come again later."""
        fault, status = FAULTS.get(reason, BAD_FIELD)
        return _answer(self._shelf.current(self.name).refused(reason, fault), status)

    def _proven(self, push: Push) -> bytes:
        signed = self._shelf.current(self.name).signed
        return SCHEMES[signed.scheme](push, self._who, signed.settings)

    def said(self, push: Push) -> bytes:
        """Tell what the push says; a kept one was proved when it came."""
        sealed = self._shelf.current(self.name).signed.scheme in SEALED
        return self._proven(push) if sealed else push.body

    def _events(self, push: Push) -> Sequence[tuple[ChannelMapping, Unpacked]]:
        """Tell each event with the newest version that reads it."""
        body, found = self.said(push), dict[int, tuple[ChannelMapping, Unpacked]]()
        places = range(0)
        for mapping in self._shelf.in_force(self.name):
            events = mapping.unpack(body, found)
            places = range(len(events))
            found |= {place: (mapping, event) for place, event in enumerate(events) if event}
        strange = next((place for place in places if place not in found), None)
        if strange is not None:
            raise Untranslatable(self.name, f"$[{strange}]", "没有一个启用的协议版本认得它")
        return [found[place] for place in places]

    def _event(self, mapping: ChannelMapping, event: Unpacked, push: Push) -> Iterator[Event]:
        if event.document is not None:
            self._watch.see(self.name, mapping.version, event.document)
        match event.about:
            case About.ORDER if event.document is not None:
                yield mapping.order(event.document, push.received_at, self._buyer_key)
            case About.ORDER:
                yield OrderNamed(channel=self.name, number=event.number)
            case About.REFUND if event.document is not None:
                yield RefundSeen(refund=mapping.refund(event.document))
            case About.REFUND:
                yield RefundNamed(channel=self.name, number=event.number, refund_id=event.refund_id)
            case _:
                return


def _answer(reply: Reply, status: int = 200) -> Answer:
    return Answer(body=reply.body, media_type=reply.media_type, status=status)
