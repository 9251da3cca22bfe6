"""A story as it must not be: it reaches the outside."""

import httpx
from temporalio import workflow


@workflow.defn
class Leaky:
    """Knows a way out of the sandbox."""

    @workflow.run
    async def run(self) -> str:
        return httpx.__name__
