"""The guard of one buyer: hears each refund claim, and freezes the buyer when they are too many.

It lives while something may still come of what it knows, and ends by itself; a later claim begins
a new run. The workflow id is ``guard/`` and the buyer's key.
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from activities.guard import Release
from domain.freeze import GUARD, Freeze, FreezeNotice, FreezeState, GuardState, standing_words, why
from domain.guard import Breaker, Claim, GuardPace, KnownClaim, RiskRule, learn, tripping
from domain.hands import Hand
from domain.permission import Refusal, may_act
from workflows.guard_errands import GuardErrands

LAPSED = Hand(by=GUARD, reason="规定时间内无人确认,自动解冻")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardOpening:
    """What a guard begins with; the rest is what a run hands on to the next."""

    buyer_key: str
    rule: RiskRule
    pace: GuardPace
    claims: tuple[KnownClaim, ...] = ()
    freeze: Freeze | None = None


@workflow.defn(name="guard")
class CustomerGuardWorkflow:
    """Watches the claims of one buyer.

    Signal: ``claimed``. Updates: ``unfreeze``, ``confirm``. Query: ``state``.
    """

    @workflow.init
    def __init__(self, opening: GuardOpening) -> None:
        self._rule = opening.rule
        self._pace = opening.pace
        self._buyer_key = opening.buyer_key
        self._claims = {claim.last.refund_id: claim for claim in opening.claims}
        self._freeze = opening.freeze
        self._news = 0
        self._errands = GuardErrands(opening.rule)

    @workflow.run
    async def run(self, opening: GuardOpening) -> GuardState:
        while True:
            seen = self._news
            self._forget()
            self._trip()
            self._end_in_time()
            await self._errands.welcome()
            next_at = self._next_moment()
            if seen == self._news and next_at is None and self._errands.are_run:
                return self.state()
            if workflow.info().is_continue_as_new_suggested() and self._errands.are_run:
                self._begin_anew()
            await self._hear(seen, next_at)

    # The story.

    def _trip(self) -> None:
        """Freeze the buyer if it is time, and have everybody told who should know."""
        if self._freeze is not None or not (claims := self._tripping()):
            return
        self._freeze = self._new_freeze(tuple(claim.last for claim in claims))
        self._errands.freeze(self._notice())

    def _end_in_time(self) -> None:
        """End a freeze whose time has come, or that nobody confirmed."""
        freeze, now = self._freeze, workflow.now()
        if freeze is None:
            return
        if freeze.until <= now:
            self._freeze = None
            self._claims.clear()  # what tripped the guard is dealt with
        elif _unconfirmed_since(freeze, now):
            self._lift(FreezeState.LAPSED, LAPSED)

    async def _hear(self, seen: int, until: datetime | None) -> None:
        """Wait for news, for an errand, or for the next moment at which something ends."""
        left = max(until - workflow.now(), timedelta(0)) if until else None
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._news != seen or self._errands.one_is_run(),
                timeout=left,
                timeout_summary="守卫到期",
            )

    def _begin_anew(self) -> None:
        """Hand what is known on to a new run, so that no history grows for ever."""
        workflow.continue_as_new(
            GuardOpening(
                buyer_key=self._buyer_key,
                rule=self._rule,
                pace=self._pace,
                claims=tuple(self._claims.values()),
                freeze=self._freeze,
            )
        )

    # What follows from what is known.

    def _tripping(self) -> tuple[KnownClaim, ...]:
        return tripping(self._rule, self._pace.window, self._claims.values())

    def _new_freeze(self, claims: tuple[Claim, ...]) -> Freeze:
        now = workflow.now()
        half_open = self._rule.breaker is Breaker.HALF_OPEN
        dry = self._rule.breaker is Breaker.DRY_RUN
        return Freeze(
            no=f"{now:%Y%m%d%H%M%S}",
            since=now,
            until=now + self._pace.freeze,
            confirm_by=now + self._pace.confirm if half_open else None,
            state=FreezeState.WATCHED if dry else FreezeState.FROZEN,
            reason=why(claims),
            claims=claims,
        )

    def _notice(self) -> FreezeNotice:
        assert self._freeze is not None  # noqa: S101 - only a freeze is told of
        return FreezeNotice(buyer_key=self._buyer_key, freeze=self._freeze)

    def _next_moment(self) -> datetime | None:
        """Tell when something ends next; ``None`` when nothing is left to wait for.

        A freeze that was lifted is remembered until it would have ended: the claims that led to
        it may be told again, and must not freeze the buyer again.
        """
        freeze = self._freeze
        if freeze is not None:
            waits = freeze.state is FreezeState.FROZEN and freeze.confirm_by is not None
            return freeze.confirm_by if waits else freeze.until
        newest = max((claim.last.at for claim in self._claims.values()), default=None)
        idle_at = newest + self._pace.window if newest else None
        return idle_at if idle_at and idle_at > workflow.now() else None

    def _forget(self) -> None:
        """Drop what is too old to matter."""
        oldest = workflow.now() - self._pace.memory
        self._claims = {no: known for no, known in self._claims.items() if known.last.at >= oldest}

    # What is done.

    def _lift(self, state: FreezeState, hand: Hand) -> None:
        """Let the buyer order again, and wake the orders that wait for that."""
        assert self._freeze is not None  # noqa: S101 - a validator has seen it
        self._freeze = replace(self._freeze, state=state, by=hand.by)
        self._errands.let_go(Release(notice=self._notice(), hand=hand))
        self._news += 1

    # What is told to it, done to it, and asked of it.

    @workflow.signal
    def claimed(self, claim: Claim) -> None:
        """Keep a claim; one that is older than the guard's memory was heard in its time."""
        known = self._claims.get(claim.refund_id)
        if known is not None or claim.at >= workflow.now() - self._pace.memory:
            self._claims[claim.refund_id] = learn(known, claim)
            self._news += 1

    @workflow.update
    def unfreeze(self, hand: Hand) -> str:
        """Let the buyer order again at once."""
        self._lift(FreezeState.LIFTED, hand)
        return self._words()

    @unfreeze.validator
    def _may_unfreeze(self, hand: Hand) -> None:
        _refuse(may_act(hand) or self._not_frozen())

    @workflow.update
    def confirm(self, hand: Hand) -> str:
        """Stand by the freeze: it goes on until its end."""
        assert self._freeze is not None  # noqa: S101 - the validator has seen it
        self._freeze = replace(self._freeze, state=FreezeState.CONFIRMED, by=hand.by)
        self._errands.confirm(Release(notice=self._notice(), hand=hand))
        self._news += 1
        return self._words()

    @confirm.validator
    def _may_confirm(self, hand: Hand) -> None:
        confirmed = self._freeze is not None and self._freeze.state is FreezeState.CONFIRMED
        _refuse(may_act(hand) or (self._words() if confirmed else self._not_frozen()))

    @workflow.query
    def state(self) -> GuardState:
        return GuardState(
            buyer_key=self._buyer_key,
            freeze=self._freeze,
            claims=tuple(self._claims.values()),
            troubles=self._errands.troubles,
        )

    def _words(self) -> str:
        return "买家没有被冻结" if self._freeze is None else standing_words(self._freeze)

    def _not_frozen(self) -> Refusal:
        return None if self._freeze is not None and self._freeze.bites else self._words()


def _unconfirmed_since(freeze: Freeze, now: datetime) -> bool:
    waits = freeze.state is FreezeState.FROZEN and freeze.confirm_by is not None
    return waits and freeze.confirm_by is not None and freeze.confirm_by <= now


def _refuse(reason: Refusal) -> None:
    if reason is not None:
        raise ApplicationError(reason, type="Refused")
