"""Random walks: several claims, hands of people, and a fault, wherever they come in a life."""

import asyncio

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fakes.hub import LiveOrder
from tests.proof.cases import EVENTS, Case, Point
from tests.proof.company import each_proved
from tests.proof.injector import Fault, Strike
from tests.proof.prover import Outcome
from tests.proof.scripts import SCRIPTS, Script

STEPS = (
    "stock.lock",
    "printer.print",
    "label.create",
    "handover.create",
    "handover.cancel",
    "label.void",
    "stock.release",
    "logistics.intercept",
    "returns.announce",
    "stock.put_back",
    "channel.answer_claim",
    "channel.tell_shipped",
    "invoice.issue",
    "erp.relay",
    "invoice.redden",
    "voucher.book",
    "voucher.reverse",
)


async def _held_a_while(order: LiveOrder) -> str:
    await order.hold()
    return await order.release()


async def _rerouted(order: LiveOrder) -> str:
    return await order.reroute()


HANDS = {
    "held": Script("held", hands=(_held_a_while,)),
    "rerouted": Script("rerouted", hands=(_rerouted,)),
    "cancelled": Script("cancelled", hands=(LiveOrder.cancel,)),
    "tried_again": Script("tried_again", hands=(LiveOrder.retry_now,)),
}
# Each walk has a server of its own, so that nothing is timed; a failure is told as it was found.
WALKING = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
WALKS = st.builds(
    Case,
    script=st.sampled_from(list(SCRIPTS.values())),
    point=st.builds(Point, st.sampled_from(EVENTS)),
    fault=st.none() | st.builds(Fault, st.sampled_from(STEPS), st.sampled_from(list(Strike))),
    later=st.lists(
        st.tuples(
            st.builds(Point, st.sampled_from(EVENTS)),
            st.sampled_from([*SCRIPTS.values(), *HANDS.values()]),
        ),
        max_size=3,
        unique_by=lambda told: told[1].name,
    ).map(tuple),
)


def walk(times: int, *, derandomize: bool = False) -> None:
    """Go so many walks, each time others; or each time the same ones.

    Raises:
        AssertionError: a walk broke a promise; hypothesis shows it, and how to go it again.
    """
    kept = None if derandomize else WALKING.database
    going = settings(WALKING, max_examples=times, derandomize=derandomize, database=kept)
    going(given(case=WALKS)(_go))()


def _go(case: Case) -> None:
    outcome = asyncio.run(_lived(case))
    assert outcome.checks > 0
    assert not outcome.wrong, f"{case} {case.later}: {'; '.join(outcome.wrong)}"


async def _lived(case: Case) -> Outcome:
    async for outcome in each_proved([case]):
        return outcome
    raise AssertionError(case)
