"""Both sides of the bench do the same work, so that their ratio says something."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from bench.sides import Bare, Orders, Side
from bench.work import Work, work_of


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


async def lived(client: Client, side: Side) -> Work:
    async with side.worker:
        life = await side.open("1")
        await client.get_workflow_handle(life).result()
    return await work_of(client, life)


async def test_an_order_and_the_bare_workflow_do_the_same_work(
    dev_env: WorkflowEnvironment, threads: ThreadPoolExecutor
) -> None:
    client = dev_env.client
    order = await lived(client, Orders(client, threads))
    bare = await lived(client, Bare(client, threads))

    assert Work(activities=7, local_activities=4, signals=3) == order
    assert order == bare
