"""The WeCom robot that calls people into a group chat (protocols 6).

WeCom answers HTTP 200 also when it refuses; ``errcode`` tells which. The robot's key is in the URL,
so no URL of it may reach a log or a message.
"""

import logging
from datetime import timedelta

import httpx

from domain.errors import GatewayBusy, GatewayRefused
from gateways.answers import post, without_query
from gateways.ringing import Ringing
from gateways.robot_pace import RobotPace
from gateways.wecom_markdown import parked_markdown, waiting_markdown
from settings import Wecom

PARTNER = "wecom"
PATIENCE_S = 3.0
TOO_MANY = 45009
BUSY = frozenset({-1, 45033})  # the system is busy; too many calls at the same moment
BAD_KEY = 93000
# A robot may speak 20 times a minute: once that is used up, a minute later there is room again.
MINUTE = timedelta(seconds=60)


class WecomAlarm:
    """Calls people in the group where they look.

    Args:
        pace: Keeps the robot within its messages a minute; all who speak through it share it.
    """

    def __init__(
        self, settings: Wecom, http: httpx.AsyncClient, pace: RobotPace | None = None
    ) -> None:
        self._url = settings.url
        self._key = settings.key.get_secret_value()
        self._http = http
        self._pace = pace or RobotPace()
        logging.getLogger("httpx").addFilter(without_query)

    async def ready(self) -> None:
        """Wait until the robot may speak."""
        await self._pace.ready()

    async def ring_waiting(self, ringing: Ringing) -> None:
        """Post that exceptions wait; a lost answer may bring it twice, which does no harm.

        Raises:
            GatewayBusy: no answer, or somebody else has used up the robot's messages.
            GatewayRefused: the key is wrong, or the message is.
        """
        await self._post(waiting_markdown(ringing))

    async def ring_parked(self, door: str, path: str, reason: str, count: int) -> None:
        """Post that pushes of one kind wait for a person; the same faults as ``ring_waiting``."""
        await self._post(parked_markdown(door, path, reason, count))

    async def _post(self, content: str) -> None:
        await self._pace.turn()
        message = {"msgtype": "markdown", "markdown": {"content": content}}
        key = {"key": self._key}
        answer = await post(self._http, PARTNER, self._url, PATIENCE_S, params=key, json=message)
        self._check(answer)

    def _check(self, answer: httpx.Response) -> None:
        try:
            reply = answer.json()
            code, words = int(reply["errcode"]), str(reply.get("errmsg", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise GatewayBusy(PARTNER, "答复不是企业微信格式") from e
        if code != 0:
            raise _fault(code, words.replace(self._key, "***"))


def _fault(code: int, words: str) -> GatewayBusy | GatewayRefused:
    if code == TOO_MANY:
        return GatewayBusy(PARTNER, f"{code} {words}", wait=MINUTE)
    if code in BUSY:
        return GatewayBusy(PARTNER, f"{code} {words}")
    hint = "(请核对 lifeline.toml 中 wecom.key)" if code == BAD_KEY else ""
    return GatewayRefused(PARTNER, str(code), words + hint)
