"""Ways to tell that a child of the supervisor does its work."""

from collections.abc import Awaitable, Callable

import httpx


def answers(url: str) -> Callable[[], Awaitable[bool]]:
    """Make a check that ``GET url`` answers with a success."""

    async def check() -> bool:
        # A loopback address needs neither certificates, which are slow to load, nor a proxy.
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=2) as client:  # noqa: S501 - plain http
            try:
                return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False

    return check
