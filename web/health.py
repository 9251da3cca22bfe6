"""Tells whoever watches the front that it serves, and how much it has not handed on yet."""

import asyncio
from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel


class Waiting(Protocol):
    """What this needs from the inbox."""

    def waiting(self) -> int: ...


class Health(BaseModel):
    """The front's health.

    Attributes:
        inbox_waiting: Pushes that are kept and not yet handed on.
    """

    ok: bool
    inbox_waiting: int


def health_router(inbox: Waiting) -> APIRouter:
    """Serve ``GET /healthz``."""
    router = APIRouter()

    @router.get("/healthz")
    async def health() -> Health:
        return Health(ok=True, inbox_waiting=await asyncio.to_thread(inbox.waiting))

    return router
