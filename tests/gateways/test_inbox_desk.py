"""What people may do with a push, and what stays on record of it."""

from datetime import timedelta

import pytest

from domain.hands import Hand
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk, NoSuchPush, NotNow
from gateways.tables import InboxState
from tests.gateways.hubs import hub
from tests.gateways.inboxes import A_PUSH, AN_ORDER, NOON, Clock, clock, desk, inbox
from tests.mariadb import mariadb

__all__ = ["clock", "desk", "hub", "inbox", "mariadb"]


A_HAND = Hand(by="李四", reason="映射已修正")


@pytest.mark.parametrize("settle", ["park", "early", "drop", "done"])
def test_a_person_hands_a_settled_push_on_again(inbox: Inbox, desk: InboxDesk, settle: str) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    match settle:
        case "done":
            inbox.done(kept.id)
        case "early":
            inbox.early(kept.id, AN_ORDER, "x", "y")
        case _:
            inbox.park(kept.id, "x", "y")
    if settle == "drop":
        desk.drop(kept.id, A_HAND)

    desk.replay(kept.id, A_HAND)

    (again,) = inbox.claim(1)
    assert (again.id, again.attempts) == (kept.id, 2)
    entry = desk.entry(kept.id)
    assert (A_HAND.by, A_HAND.reason) == (entry.settled_by, entry.settled_why)


def test_what_is_on_its_way_can_be_neither_replayed_nor_dropped(
    inbox: Inbox, desk: InboxDesk
) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)

    for act in (desk.replay, desk.drop):
        with pytest.raises(NotNow, match="正在等待处理"):
            act(kept.id, A_HAND)
        with pytest.raises(NoSuchPush, match="lifeline inbox list"):
            act(kept.id + 1, A_HAND)
    assert [] == inbox.claim(1)  # the claim still holds


def test_what_is_done_can_not_be_dropped(inbox: Inbox, desk: InboxDesk) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    inbox.done(kept.id, AN_ORDER)

    with pytest.raises(NotNow, match="已处理完"):
        desk.drop(kept.id, A_HAND)


def test_what_is_dropped_stays_but_is_handed_on_no_more(
    inbox: Inbox, desk: InboxDesk, clock: Clock
) -> None:
    inbox.keep("sf", "1", A_PUSH)
    (kept,) = inbox.claim(1)
    inbox.park(kept.id, "x", "y")

    desk.drop(kept.id, A_HAND)

    clock.time = NOON + timedelta(days=2)
    assert [] == inbox.claim(1)
    assert A_PUSH == desk.content(kept.id)
    with pytest.raises(NotNow, match="已被忽略"):
        desk.drop(kept.id, A_HAND)


def test_all_that_is_parked_for_one_cause_is_replayed_at_once(
    inbox: Inbox, desk: InboxDesk
) -> None:
    for n, path in enumerate(["price", "price", "sku"]):
        inbox.keep("youzan", str(n), A_PUSH)
        (kept,) = inbox.claim(1)
        inbox.park(kept.id, path, "y")

    assert 2 == len(desk.parked_ids("youzan", "price"))
    assert 3 == len(desk.parked_ids("youzan"))
    assert desk.replay_parked("youzan", "price", A_HAND) == 2
    assert ["0", "1"] == [kept.key for kept in inbox.claim(9)]
    assert ["sku"] == [entry.fault_path for entry in desk.entries(state=InboxState.PARKED)]


def test_the_newest_come_first_page_by_page(inbox: Inbox, desk: InboxDesk) -> None:
    for n in range(5):
        inbox.keep("sf", str(n), A_PUSH)
    inbox.keep("qimen", "q", A_PUSH)

    first = desk.entries(door="sf", limit=2)
    second = desk.entries(door="sf", limit=2, before=first[-1].id)

    assert ["4", "3", "2", "1"] == [entry.key for entry in (*first, *second)]
