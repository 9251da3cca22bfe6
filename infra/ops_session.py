"""One call of ``lifeline ops``: whom it means, and what it needs to be done."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import typer
from rich.console import Console

from domain.clock import CHINA
from domain.hands import Deed, Hand
from domain.order import OrderId
from gateways.buyer_acts import BuyerActs
from gateways.buyers import BuyerBook
from gateways.database import open_database
from infra.connect import connect
from infra.departure import leave
from infra.migrate import migrate_hub
from infra.ops_desk import Consent, OpsDesk, UnknownCondition, query_of
from infra.ops_screens import buyer_of, buyer_table
from infra.screens import find
from settings import Settings
from web.bulk import Bulk
from web.buyers import BuyerCard, Buyers
from web.handled import Handled
from web.hands import Hands
from web.telling import build_listeners

Act = Callable[[Hands, OrderId, Hand, str], Awaitable[Handled]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a person typed."""

    settings: Settings
    console: Console
    order_no: str
    where: tuple[str, ...]
    consent: Consent
    as_json: bool

    @property
    def warehouse(self) -> str:
        """The warehouse that the conditions name, if any."""
        return query_of(self.where).warehouse if self.where else ""

    @property
    def order_id(self) -> OrderId:
        """The order that is meant.

        Raises:
            NoSuchOrder: there is none, or more than one.
        """
        return find(self.settings, self.order_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A session, connected to the engine and to the hub's database."""

    session: Session
    hands: Hands
    buyers: Buyers

    async def act(self, deed: Deed, hand: Hand, act: Act) -> int:
        """Act on the one order, or on all that the conditions mean.

        Raises:
            UnknownCondition: neither is given.
        """
        session = self.session

        async def deal(order_id: OrderId, key: str) -> Handled:
            return await act(self.hands, order_id, hand, key)

        desk = OpsDesk(
            bulk=Bulk(hands=self.hands),
            console=session.console,
            consent=session.consent,
            as_json=session.as_json,
        )
        if session.order_no:
            return await desk.one(session.order_id, deal)
        if session.where:
            return await desk.many(query_of(session.where), deed, deal)
        raise UnknownCondition("请给出订单号,或用 --where 给出批量条件,例如 warehouse=HZ-XS")

    async def buyer_key(self, named: str) -> str:
        """Tell whom is meant: by key, or by any order of theirs.

        Raises:
            UnknownCondition: neither is given.
        """
        if named:
            return named
        if not self.session.order_no:
            raise UnknownCondition("请给出买家的任一订单号,或用 --buyer 给出买家标识")
        return (await self.hands.card(self.session.order_id)).buyer_key

    def tell_frozen(self, key: str, until: datetime) -> int:
        """Tell until when a buyer is frozen."""
        at = f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}"
        document = {"buyer_key": key, "frozen_until": until.isoformat()}
        return self._tell(document, f"已冻结 {key},到 {at}")

    def tell_unfrozen(self, key: str, orders: int) -> int:
        """Tell that a buyer may order again."""
        document = {"buyer_key": key, "orders": orders}
        return self._tell(document, f"已解冻 {key},{orders} 个等待中的订单随即重新核验")

    def show_buyer(self, card: BuyerCard) -> int:
        """Show a buyer."""
        if self.session.as_json:
            typer.echo(json.dumps(buyer_of(card), ensure_ascii=False, indent=2))
        else:
            self.session.console.print(buyer_table(card), highlight=False)
        return 0

    def _tell(self, document: Mapping[str, object], line: str) -> int:
        if self.session.as_json:
            typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            self.session.console.print(line, markup=False, highlight=False)
        return 0


@contextlib.asynccontextmanager
async def opened(session: Session) -> AsyncIterator[Room]:
    """Connect; the engine must be there, since a hand that nobody hears is none.

    Raises:
        CannotStart: the engine does not answer within five seconds.
    """
    client = await connect(session.settings, within_s=5)
    migrate_hub(session.settings.hub.url)
    hub = open_database(session.settings.hub.url)
    listeners = build_listeners(session.settings, client)
    buyers = Buyers(BuyerBook(hub), BuyerActs(hub), listeners)
    try:
        yield Room(session=session, hands=Hands(client), buyers=buyers)
    finally:
        hub.dispose()


def do(session: Session, deed: Deed, hand: Hand, act: Act) -> None:
    """Do one command, and leave with its code."""

    async def work() -> int:
        async with opened(session) as room:
            return await room.act(deed, hand, act)

    leave(asyncio.run(work()))
