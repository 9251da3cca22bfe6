"""The WeCom robot that calls people into a group chat (protocols 6).

WeCom answers HTTP 200 also when it refuses; ``errcode`` tells which. The robot's key is in the URL,
so no URL of it may reach a log or a message.
"""

import logging
from datetime import timedelta, timezone

import httpx

from domain.errors import GatewayBusy, GatewayRefused
from domain.trouble import Alert, Remedy
from domain.words import zh
from gateways.answers import post, without_query
from settings import Wecom

PARTNER = "wecom"
PATIENCE_S = 3.0
LONGEST_BYTES = 4096  # of a markdown message
TOO_MANY = 45009
BUSY = frozenset({-1, 45033})  # the system is busy; too many calls at the same moment
BAD_KEY = 93000
# A robot may speak 20 times a minute: once that is used up, a minute later there is room again.
MINUTE = timedelta(seconds=60)
SHANGHAI = timezone(timedelta(hours=8))


class WecomAlarm:
    """Puts alerts into the group where people look."""

    def __init__(self, settings: Wecom, http: httpx.AsyncClient) -> None:
        self._url = settings.url
        self._key = settings.key.get_secret_value()
        self._http = http
        logging.getLogger("httpx").addFilter(without_query)

    async def ring(self, alert: Alert) -> None:
        """Post the alert; a lost answer may bring it twice, which does no harm.

        Raises:
            GatewayBusy: no answer, or the robot's 20 messages of this minute are used up.
            GatewayRefused: the key is wrong, or the message is.
        """
        await self._post(as_markdown(alert))

    async def ring_parked(self, door: str, path: str, reason: str, count: int) -> None:
        """Post that pushes of one kind wait for a person; the same faults as ``ring``."""
        await self._post(parked_markdown(door, path, reason, count))

    async def _post(self, content: str) -> None:
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


def as_markdown(alert: Alert) -> str:
    """Write the alert for a person; a long reason is cut, so that the actions stay readable."""
    since = alert.since.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    actions = "、".join(_action(remedy) for remedy in alert.remedies)
    head = (
        f"**订单需要人工处理**\n> 订单:{_plain(alert.order_id)}\n> 对象:{_plain(alert.subject)}\n"
        '> 原因:<font color="warning">'
    )
    tail = f"</font>\n> 起始:{since}(北京时间)\n> 可选操作:{_plain(actions) or '查看订单'}"
    room = LONGEST_BYTES - len(head.encode()) - len(tail.encode())
    return head + _cut(_plain(alert.reason), room) + tail


def parked_markdown(door: str, path: str, reason: str, count: int) -> str:
    """Write what is parked for a person, with the command that shows it."""
    head = (
        f"**收件箱有推送无法识别**\n> 来源:{_plain(door)}\n> 字段:{_plain(path)}\n"
        f'> 数量:{count} 条\n> 原因:<font color="warning">'
    )
    tail = (
        "</font>\n> 处理:修正映射或设置后重放,"
        f"命令 lifeline inbox list --state parked --door {_plain(door)}"
    )
    room = LONGEST_BYTES - len(head.encode()) - len(tail.encode())
    return head + _cut(_plain(reason), room) + tail


def _action(remedy: str) -> str:
    return zh(Remedy(remedy)) if remedy in set(Remedy) else remedy


def _plain(text: str) -> str:
    """Keep other people's words on one line, and from being read as tags or mentions."""
    return " ".join(text.replace("<", "〈").replace(">", "〉").split())


def _cut(text: str, room_bytes: int) -> str:
    """Cut a text to so many bytes of UTF-8, between characters, with a mark where it was cut."""
    if len(text.encode()) <= room_bytes:
        return text
    kept = text.encode()[: max(0, room_bytes - len("…".encode()))]
    return kept.decode(errors="ignore") + "…"
