"""Which claims reach the guard of a buyer, and what an officer's click does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.service import RPCError, RPCStatusCode

from domain.claim import Refund, RefundKind, RefundStage
from domain.errors import GatewayRefused
from domain.events import CardClicked
from domain.freeze import FreezeState, GuardState
from domain.guard import Claim
from domain.hands import Hand
from domain.order import OrderId
from gateways.buyers import Act
from gateways.order_book import OrderBook
from rulebook.risk import load_risk
from tests.fakes.orders import an_order
from tests.gateways.freezes import BUYER, a_notice
from tests.web.lives import LivesInMemory
from tests.web.shops import ShopsInMemory
from tests.web.sightings import at, claimed, seen
from web.guards import NotFrozen
from web.officer import OLD, RiskDesk
from web.outcome import Did, Outcome, Unknown
from web.sights import Sights
from web.teller import Teller

RULE = load_risk(Path(__file__).parents[2] / "rules")
CARD = f"guard-{BUYER}-{a_notice().freeze.no}"


@dataclass
class GuardsInMemory:
    """The guards, and one freeze that they know of."""

    told: list[tuple[str, Claim]] = field(default_factory=list)
    state_now: GuardState | None = None
    hands: list[tuple[str, Hand]] = field(default_factory=list)
    refusal: str = ""
    away: bool = False

    def watches(self, refund: Refund) -> bool:
        return RULE.watches(refund)

    async def claimed(self, buyer_key: str, claim: Claim) -> None:
        if self.away:
            raise RPCError("engine away", RPCStatusCode.UNAVAILABLE, b"")
        self.told.append((buyer_key, claim))

    async def state(self, buyer_key: str) -> GuardState | None:
        return self.state_now if buyer_key == BUYER else None

    async def unfreeze(self, buyer_key: str, hand: Hand) -> str:
        return self._act("unfreeze", hand)

    async def confirm(self, buyer_key: str, hand: Hand) -> str:
        return self._act("confirm", hand)

    def _act(self, deed: str, hand: Hand) -> str:
        if self.refusal:
            raise NotFrozen(self.refusal)
        self.hands.append((deed, hand))
        return f"{hand.by} {deed}"


@dataclass
class CardsInMemory:
    """What the officers see; a used ticket changes nothing more."""

    closed: list[str] = field(default_factory=list)
    drawn: list[Mapping[str, Any]] = field(default_factory=list)
    used: bool = False

    async def change(self, ticket: str, card: Mapping[str, Any]) -> None:
        self._spend()
        self.drawn.append(card)

    async def close(self, ticket: str, words: str) -> None:
        self._spend()
        self.closed.append(words)

    def _spend(self) -> None:
        if self.used:
            raise GatewayRefused("wecom_app", "41101", "used")


@dataclass
class ActsInMemory:
    noted: list[tuple[Act, str]] = field(default_factory=list)

    def note(self, buyer_key: str, act: Act, until: datetime, reason: str, by: str) -> None:
        self.noted.append((act, by))


@pytest.fixture
def guards() -> GuardsInMemory:
    return GuardsInMemory()


@pytest.fixture
def book(hub: Engine) -> OrderBook:
    return OrderBook(hub)


@pytest.fixture
def teller(book: OrderBook, guards: GuardsInMemory) -> Teller:
    lives = LivesInMemory()
    sights = Sights(book=book, lives=lives)
    return Teller(book=book, lives=lives, sights=sights, shops=ShopsInMemory(), guards=guards)


async def test_a_claim_reaches_the_guard_of_the_orders_buyer_once(
    teller: Teller, guards: GuardsInMemory
) -> None:
    order = an_order()
    await teller.tell(seen(order))

    first = await teller.tell(claimed(order))
    again = await teller.tell(claimed(order))

    assert (Did.TOLD, Did.NO_NEWS) == (first.did, again.did)
    ((buyer_key, claim),) = guards.told
    assert (order.buyer_key, order.id, order.paid_fen) == (
        buyer_key,
        claim.order_id,
        claim.amount_fen,
    )


async def test_another_kind_of_claim_is_no_business_of_the_guard(
    teller: Teller, guards: GuardsInMemory
) -> None:
    order = an_order()
    await teller.tell(seen(order))
    event = claimed(order)

    await teller.tell(replace(event, refund=replace(event.refund, kind=RefundKind.RETURN)))

    assert [] == guards.told


async def test_a_claim_before_its_order_reaches_the_guard_later(
    teller: Teller, guards: GuardsInMemory
) -> None:
    order = an_order()
    with pytest.raises(Unknown):
        await teller.tell(claimed(order))
    assert [] == guards.told

    await teller.tell(seen(order))
    await teller.tell(claimed(order))

    assert [order.buyer_key] == [buyer_key for buyer_key, _ in guards.told]


async def test_a_claim_that_no_guard_could_hear_is_told_again(
    teller: Teller, guards: GuardsInMemory
) -> None:
    order = an_order()
    await teller.tell(seen(order))
    guards.away = True
    with pytest.raises(RPCError):
        await teller.tell(claimed(order))

    guards.away = False
    assert Did.TOLD is (await teller.tell(claimed(order))).did

    assert 1 == len(guards.told)


async def test_a_claim_that_was_paid_before_we_heard_of_it_keeps_when_it_was_asked(
    teller: Teller, guards: GuardsInMemory
) -> None:
    order = an_order()
    await teller.tell(seen(order))
    event = claimed(order, RefundStage.REFUNDED, minute=9)

    for _ in range(2):
        await teller.tell(replace(event, refund=replace(event.refund, asked_at=at(2))))

    ((_, claim),) = guards.told
    assert (RefundStage.REFUNDED, at(9), at(2)) == (claim.stage, claim.at, claim.asked_at)


async def test_a_withdrawal_is_told_too(teller: Teller, guards: GuardsInMemory) -> None:
    order = an_order()
    await teller.tell(seen(order))
    await teller.tell(claimed(order))
    await teller.tell(claimed(order, RefundStage.WITHDRAWN, minute=2))

    assert [RefundStage.ASKED, RefundStage.WITHDRAWN] == [claim.stage for _, claim in guards.told]


def test_the_buyer_of_an_order_that_was_written_down_first_without_one(book: OrderBook) -> None:
    order = an_order()
    entry = (order.id, order.channel, order.number, order.received_at)
    assert book.enter(*entry)
    assert None is book.buyer_of(order.id)

    assert not book.enter(*entry, buyer_key="k1")
    assert not book.enter(*entry, buyer_key="k2")

    assert "k1" == book.buyer_of(order.id)
    assert [order.id] == [each.order_id for each in book.of_buyer("k1", 5)]
    assert None is book.buyer_of(OrderId("miniprogram/none"))


@dataclass
class Desk:
    guards: GuardsInMemory
    cards: CardsInMemory
    acts: ActsInMemory
    desk: RiskDesk

    async def click(self, button: str, card: str = CARD) -> None:
        await self.desk.clicked(CardClicked(card=card, button=button, by="fengkong", ticket="t"))


@pytest.fixture
def desk(guards: GuardsInMemory, book: OrderBook) -> Desk:
    guards.state_now = GuardState(buyer_key=BUYER, freeze=a_notice().freeze, claims=())
    cards, acts = CardsInMemory(), ActsInMemory()
    return Desk(guards, cards, acts, RiskDesk(guards=guards, cards=cards, orders=book, acts=acts))


@pytest.mark.parametrize("button", ["unfreeze", "confirm"])
async def test_a_click_does_it_and_the_card_says_who(desk: Desk, button: str) -> None:
    await desk.click(button)

    ((deed, hand),) = desk.guards.hands
    assert (button, "fengkong") == (deed, hand.by)
    assert [f"fengkong {button}"] == desk.cards.closed


async def test_a_click_that_is_told_again_says_what_became_of_it(desk: Desk) -> None:
    desk.guards.refusal = "已由 fengkong 解冻"

    await desk.click("unfreeze")

    assert ["已由 fengkong 解冻"] == desk.cards.closed


@pytest.mark.parametrize("card", [f"guard-{BUYER}-1", "guard-k-1", "something"])
async def test_a_click_on_an_old_card_says_so_and_does_nothing(desk: Desk, card: str) -> None:
    await desk.click("unfreeze", card)

    assert [] == desk.guards.hands
    assert [OLD] == desk.cards.closed


async def test_looking_shows_the_past_orders_and_is_on_record(desk: Desk, book: OrderBook) -> None:
    order = an_order()
    book.enter(order.id, order.channel, order.number, order.received_at, buyer_key=BUYER)

    await desk.click("look")

    (card,) = desk.cards.drawn
    assert [order.id] == [line["value"] for line in card["horizontal_content_list"]]
    assert CARD == card["task_id"]
    assert [(Act.LOOK, "fengkong")] == desk.acts.noted


async def test_a_used_ticket_stops_no_deed(desk: Desk) -> None:
    desk.cards.used = True

    await desk.click("unfreeze")

    assert ["unfreeze"] == [deed for deed, _ in desk.guards.hands]


async def test_the_teller_hands_a_click_to_the_officers_desk(
    desk: Desk, book: OrderBook, teller: Teller
) -> None:
    told = replace(teller, officers=desk.desk)
    click = CardClicked(card=CARD, button="confirm", by="fengkong", ticket="t")

    assert Outcome(did=Did.TOLD) == await told.tell(click)

    assert FreezeState.FROZEN is a_notice().freeze.state
    assert ["confirm"] == [deed for deed, _ in desk.guards.hands]
