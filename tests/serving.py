"""Serves an ASGI application on a free loopback port, inside the test's own event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve ``app`` and tell its base URL.

    The server's own loop of ticks is left out: it only keeps the Date header fresh and looks for
    signals, and waiting for its next tick at each end would make up most of a test's time.
    """
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    await server.on_tick(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await _close(server)


async def _close(server: uvicorn.Server) -> None:
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    under_way = list(server.server_state.tasks)
    for task in under_way:
        task.cancel()  # an answer that is lost on purpose would wait for its caller
    await asyncio.gather(*under_way, return_exceptions=True)
    await server.lifespan.shutdown()
