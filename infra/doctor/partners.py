"""The partners: does somebody answer at their addresses, and do their clocks agree with ours?

Only the front page of each address is asked for, so no partner does anything.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from domain.clock import utc_now
from infra.doctor.finding import Finding, fine, wrong
from settings import SANDBOX, Settings

# Signed calls carry a time; the strictest partner refuses one that is older than a few minutes.
WIDEST_CLOCK_GAP = timedelta(minutes=2)
EARLIEST_SANE = datetime(2026, 1, 1, tzinfo=UTC)


async def reach(settings: Settings) -> list[Finding]:
    """Look at each partner's address, and at our clock beside theirs."""
    fronts = _fronts(settings)
    async with httpx.AsyncClient(timeout=3) as client:
        answers = await asyncio.gather(*(_ask(client, front) for front in fronts))
    found = [_finding(front, answer) for front, answer in zip(fronts, answers, strict=True)]
    return [*found, clock([answer for answer in answers if answer is not None])]


def clock(answers: list[httpx.Response], now: datetime | None = None) -> Finding:
    """Look whether our clock can be right."""
    ours = now or utc_now()
    if ours < EARLIEST_SANE:
        return wrong(
            "时钟", f"系统时间 {ours:%Y-%m-%d %H:%M} 不对:请运行 timedatectl set-ntp true。"
        )
    gap = max((abs(theirs - ours) for theirs in _times(answers)), default=timedelta())
    if gap > WIDEST_CLOCK_GAP:
        return wrong(
            "时钟",
            f"系统时间与合作方相差 {gap.total_seconds():.0f} 秒,签名会被拒绝:"
            "请运行 timedatectl set-ntp true。",
        )
    return fine("时钟", f"{ours:%Y-%m-%d %H:%M:%S} UTC")


def _fronts(settings: Settings) -> list[str]:
    """Tell the front page of each address that is set, each once."""
    urls = (
        *(channel.url for channel in settings.channels.values() if channel.url),
        settings.sf.url,
        settings.kuaidi100.query_url,
        settings.qimen.url,
        settings.nuonuo.url,
        settings.kingdee.url,
        settings.wecom.url,
        settings.wecom_app.url,
        settings.erp.url,
    )
    return list(dict.fromkeys(str(httpx.URL(url).join("/")) for url in urls))


async def _ask(client: httpx.AsyncClient, front: str) -> httpx.Response | None:
    try:
        return await client.head(front)
    except httpx.HTTPError:
        return None


def _finding(front: str, answer: httpx.Response | None) -> Finding:
    if answer is not None:
        return fine("合作方", f"{front} 有应答")
    if front == str(httpx.URL(SANDBOX).join("/")):
        return fine("合作方", f"沙箱 {front} 没有启动:lifeline up 会启动它")
    return wrong("合作方", f"{front} 没有应答:请检查网络,以及 lifeline.toml 里的地址。")


def _times(answers: list[httpx.Response]) -> Iterator[datetime]:
    for answer in answers:
        if "date" in answer.headers:
            yield parsedate_to_datetime(answer.headers["date"])
