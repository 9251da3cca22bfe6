"""A story that reaches for the network, which no story may."""

import httpx
from temporalio import workflow


@workflow.defn(name="test.worldly")
class WorldlyStory:
    @workflow.run
    async def run(self) -> str:
        return httpx.__version__
