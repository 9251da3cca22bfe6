"""Durable steps on the road: follow a parcel whose carrier has gone silent, and call one back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.comeback import Interception
from domain.parcel import TURNING_POINTS, Dispatch, Milestone, Scan, Waybill

NOTHING_NEW = "NothingNew"  # the failure's name on the wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Whom to follow and what is known.

    Attributes:
        phone_tail: The receiver's last four digits; SF answers nobody without them.
        known: The turning points that the order has already heard of.
        every: How long to leave the carrier alone between two questions.
    """

    waybill: Waybill
    phone_tail: str
    known: tuple[Milestone, ...]
    every: timedelta


class Tracks(Protocol):
    """What this step needs from the carriers: the whole trace, oldest scan first."""

    async def trace(self, waybill: Waybill, phone_tail: str) -> tuple[Scan, ...]: ...


class Interceptors(Protocol):
    """What this step needs from the carriers; asking again for the same parcel is safe."""

    async def intercept(self, dispatch: Dispatch) -> Interception: ...


class LogisticsActivities:
    """Asks carriers where parcels are, and has them brought back."""

    def __init__(self, tracks: Tracks, interceptors: Interceptors) -> None:
        self._tracks = tracks
        self._interceptors = interceptors

    @activity.defn(name="logistics.follow")
    async def follow(self, question: Follow) -> tuple[Scan, ...]:
        """Wait for the next turning point, and tell every one that is new.

        The wait is the server's retry delay, so months of asking add nothing to the history.
        """
        scans = await self._tracks.trace(question.waybill, question.phone_tail)
        news = tuple(
            scan
            for scan in scans
            if scan.milestone in TURNING_POINTS and scan.milestone not in question.known
        )
        if not news:
            raise nothing_new(question.every)
        return news

    @activity.defn(name="logistics.intercept")
    async def intercept(self, dispatch: Dispatch) -> Interception:
        """Ask the carrier to bring a parcel back; one that is on its way back already is a yes.

        Raises:
            GatewayRefused: the carrier does not know the parcel, or lets nobody stop it this way.
            GatewayBusy: no answer; asking again is safe.
        """
        return await self._interceptors.intercept(dispatch)


def nothing_new(every: timedelta) -> ApplicationError:
    """Ask Temporal to come back later; expected, so it is neither logged nor counted as a fault."""
    return ApplicationError(
        "nothing new yet",
        type=NOTHING_NEW,
        next_retry_delay=every,
        category=ApplicationErrorCategory.BENIGN,
    )
