"""How stories are loaded: in Temporal's sandbox once, when a worker starts, and plainly ever after.

The sandbox says at start which import would let the world into a story. Inside it each life would
load its story anew, and each payload would enter and leave it three times: that took a third of the
worker's time, and nothing in ``workflows`` keeps state between lives. The linter forbids clocks and
chance there, and recorded histories are replayed in the tests.
"""

from typing import Any

from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy as Imports

# What a story is made of. Any other package that it reaches stops the worker when it starts.
PASSED_THROUGH = (
    "domain",
    "activities",
    "workflows.after_sale",
    "workflows.attributes",
    "workflows.calls",
    "workflows.channel_side",
    "workflows.claim_facts",
    "workflows.claim_return",
    "workflows.claims",
    "workflows.deeds",
    "workflows.doorway",
    "workflows.ear",
    "workflows.errands",
    "workflows.guard",
    "workflows.guard_errands",
    "workflows.handlers",
    "workflows.homecoming",
    "workflows.journey",
    "workflows.life",
    "workflows.loss",
    "workflows.outset",
    "workflows.papers",
    "workflows.reconcile",
    "workflows.relay",
    "workflows.requests",
    "workflows.road",
    "workflows.silence",
    "workflows.story",
    "workflows.telling",
    "workflows.whereabouts",
)
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        *PASSED_THROUGH
    ).with_import_notification_policy(
        Imports.WARN_ON_DYNAMIC_IMPORT | Imports.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )
)


class StoryRunner(UnsandboxedWorkflowRunner):
    """Checks each workflow in the sandbox when the worker starts, and runs it outside."""

    def prepare_workflow(self, defn: Any) -> None:  # noqa: ANN401 - the SDK's type is private
        """Load the workflow in the sandbox, which refuses imports that let the world in."""
        SANDBOX.prepare_workflow(defn)
