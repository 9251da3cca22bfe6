"""Hands one kept push on: reads it in its partner's words, and tells the order's life."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from temporalio.service import RPCError, RPCStatusCode

from domain.clock import utc_now
from domain.errors import GatewayBusy, GatewayRefused, Untranslatable
from domain.events import Door
from domain.order import OrderId
from gateways.inbox import KeptPush
from gateways.order_rows import has_room_for
from web.outcome import Unknown
from web.settlement import Done, Early, Parked, Postponed, Settlement
from web.stumble import log_stumble
from web.teller import Teller

# A partner that does not answer is asked again after a second, two, four, and then each minute.
LONGEST_PAUSE = timedelta(minutes=1)
# An order may come hours after news of it, with the next reconciliation; not a day after.
EARLY_AGE = timedelta(days=1)
# What the engine says of itself when it is away, or has its hands full.
AWAY = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
    }
)

Doors = Callable[[str], Door | None]

log = structlog.get_logger()


class EngineAway(Exception):
    """Nobody can be told anything now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """Knows what to do with a push, and with each way in which that can fail.

    Attributes:
        doors: Finds the door of a partner by its name.
    """

    doors: Doors
    teller: Teller
    now: Callable[[], datetime] = utc_now

    async def hand_on(self, kept: KeptPush) -> Settlement:
        """Tell what a push says; answer what became of it.

        Raises:
            EngineAway: it could not be told, and neither could any other.
        """
        try:
            return Done(push_id=kept.id, order_id=await self._tell(kept))
        except Unknown as fault:
            return self._early(kept, fault)
        except (Untranslatable, GatewayRefused) as fault:
            return _parked(kept, _path(fault), str(fault))
        except GatewayBusy as fault:
            return _postponed(kept, fault)
        except RPCError as fault:
            if fault.status in AWAY:
                raise EngineAway from fault
            return _bug(kept, fault)
        except Exception as bug:  # noqa: BLE001 - ``_bug`` logs it
            return _bug(kept, bug)

    async def _tell(self, kept: KeptPush) -> OrderId | None:
        door = self.doors(kept.door)
        if door is None:
            reason = "没有这个渠道:请恢复它的设置后重放,或忽略"
            raise GatewayRefused(kept.door, "NO_DOOR", reason)
        about: OrderId | None = None
        for event in door.read(kept.push):
            about = (await self.teller.tell(event)).order_id or about
        return about

    def _early(self, kept: KeptPush, fault: Unknown) -> Settlement:
        if fault.order_id is None or not has_room_for(fault.order_id):
            return _parked(kept, fault.path, str(fault))
        if self.now() - kept.push.received_at < EARLY_AGE:
            log.info("push_early", push=kept.id, door=kept.door)
            return Early(
                push_id=kept.id, order_id=fault.order_id, path=fault.path, reason=str(fault)
            )
        reason = (
            f"等了一天,订单 {fault.order_id} 仍未出现:请核对渠道是否有此单、对账是否正常,"
            "然后重放或忽略"
        )
        return _parked(kept, fault.path, reason)


def _path(fault: Untranslatable | GatewayRefused) -> str:
    """Name what is wrong: a field, or the partner's own code."""
    return fault.path if isinstance(fault, Untranslatable) else f"{fault.partner}.{fault.code}"


def _parked(kept: KeptPush, path: str, reason: str) -> Parked:
    log.warning("push_parked", push=kept.id, door=kept.door, path=path)
    return Parked(push_id=kept.id, path=path, reason=reason)


def _postponed(kept: KeptPush, fault: GatewayBusy) -> Postponed:
    tries = min(kept.attempts, 7)  # from here on the pause is the longest anyway
    pause = min(fault.wait or timedelta(seconds=2 ** (tries - 1)), LONGEST_PAUSE)
    log.info("push_postponed", push=kept.id, door=kept.door, partner=fault.partner)
    return Postponed(push_id=kept.id, pause=pause)


def _bug(kept: KeptPush, bug: Exception) -> Parked:
    """Park what is our own fault: it must stop neither this push from being seen nor the rest."""
    log_stumble("push_hit_a_bug", bug, push=kept.id, door=kept.door)
    reason = f"程序内部错误 {type(bug).__name__}:请把日志交给开发者,修复后重放"
    return Parked(push_id=kept.id, path="?", reason=reason)
