"""An engine for the bench alone, launched as production launches it, in a folder that is left."""

import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import Client

from infra.connect import connect
from infra.engine.launcher import engine_child
from infra.supervisor import Supervisor
from settings import Engine, Settings


@contextlib.asynccontextmanager
async def engine_of_its_own() -> AsyncIterator[Client]:
    """Run the embedded engine with an empty database, on ports that are free now.

    Raises:
        CannotStart: The engine is not installed, or does not get healthy.
    """
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(port=_free_port(), ui_port=_free_port())
        settings = Settings(var=Path(folder), engine=engine)
        async with Supervisor([engine_child(settings)], logs=settings.var / "log"):
            yield await connect(settings)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
