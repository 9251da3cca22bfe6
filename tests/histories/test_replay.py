"""Every recorded life replays, so that a change never breaks an order that is under way.

The records are from before payloads were sealed, as many a life is that is under way out there.
"""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from activities.faults import FaultInterceptor
from infra.connect import converter
from infra.stories import StoryRunner
from settings import Keys
from tests.histories.lives import KINDS
from workflows.order import OrderWorkflow

RECORDED = sorted(Path(__file__).parent.glob("*.json"))


def recorded(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"order/{file.stem}", file.read_text(encoding="utf-8"))


@pytest.fixture
def replayer() -> Replayer:
    """Replays with the worker's own workflows, runner, interceptors and converter."""
    return Replayer(
        workflows=[OrderWorkflow],
        workflow_runner=StoryRunner(),
        interceptors=[FaultInterceptor()],
        data_converter=converter(Keys()),
    )


def test_every_kind_of_life_is_recorded() -> None:
    assert sorted(KINDS) == [file.stem for file in RECORDED]


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_a_recorded_life_replays(replayer: Replayer, file: Path) -> None:
    outcome = await replayer.replay_workflow(recorded(file), raise_on_replay_failure=False)

    assert outcome.replay_failure is None


async def test_a_life_that_was_lived_otherwise_does_not_replay(replayer: Replayer) -> None:
    """So the test above can fail: here another step stands in the plain life."""
    (plain,) = (recorded(file) for file in RECORDED if file.stem == "plain")
    changed = plain.to_json().replace("handover.create", "handover.renamed")
    history = WorkflowHistory.from_json("order/plain", changed)

    outcome = await replayer.replay_workflow(history, raise_on_replay_failure=False)

    assert outcome.replay_failure is not None
