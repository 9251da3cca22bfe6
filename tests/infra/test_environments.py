"""Both test servers run a workflow, and both know the order's search attributes."""

from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from workflows import attributes


@workflow.defn(name="test.patient", sandboxed=False)
class Patient:
    @workflow.run
    async def run(self, wait: timedelta) -> str:
        await workflow.sleep(wait)
        return "done"


async def start(env: WorkflowEnvironment, wait: timedelta) -> WorkflowHandle[Patient, str]:
    channel = SearchAttributePair(attributes.CHANNEL, "miniprogram")
    return await env.client.start_workflow(
        Patient.run,
        wait,
        id=f"patient-{wait.total_seconds()}",
        task_queue="patient",
        search_attributes=TypedSearchAttributes([channel]),
    )


@pytest.fixture(params=["skipping_env", "dev_env"])
def env(request: pytest.FixtureRequest) -> WorkflowEnvironment:
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, WorkflowEnvironment)
    return chosen


async def test_a_workflow_ends_and_keeps_its_channel(env: WorkflowEnvironment) -> None:
    async with Worker(env.client, task_queue="patient", workflows=[Patient]):
        handle = await start(env, timedelta(milliseconds=1))

        assert await handle.result() == "done"
    description = await handle.describe()
    assert description.typed_search_attributes[attributes.CHANNEL] == "miniprogram"


async def test_thirty_days_pass_in_a_moment(skipping_env: WorkflowEnvironment) -> None:
    before = await skipping_env.get_current_time()
    async with Worker(skipping_env.client, task_queue="patient", workflows=[Patient]):
        handle = await start(skipping_env, timedelta(days=30))
        assert await handle.result() == "done"

    assert await skipping_env.get_current_time() - before >= timedelta(days=30)
