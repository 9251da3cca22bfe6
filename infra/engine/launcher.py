"""The embedded engine as a child of the supervisor."""

from collections.abc import Awaitable, Callable

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from infra import search_attributes
from infra.connect import address
from infra.engine import database
from infra.engine.binary import engine_version
from infra.engine.command import command
from infra.processes import Child
from settings import Settings


def engine_child(settings: Settings) -> Child:
    """Make ready to start the embedded engine.

    Raises:
        CannotStart: The engine is not installed, or its database is another version's.
    """
    database.claim(settings.var, engine_version())
    return Child(name="engine", command=command(settings), healthy=serving(settings))


def serving(settings: Settings) -> Callable[[], Awaitable[bool]]:
    """Make a check that the engine serves our namespace and knows our search attributes.

    A database from before an attribute was invented does not learn it from the command line, so
    the check teaches what is missing.
    """
    connected: list[Client] = []

    async def check() -> bool:
        try:
            if not connected:
                connected.append(await Client.connect(**address(settings.engine)))
            return await _serves(connected[0])
        except (RPCError, RuntimeError):  # the SDK says RuntimeError when nobody listens
            return False

    return check


async def _serves(client: Client) -> bool:
    await client.service_client.check_health()
    await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    await search_attributes.register(client)
    return await search_attributes.visible(client)
