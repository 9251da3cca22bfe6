"""What a partner is to the sandbox, and how a request with form or JSON gets into it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette

from infra.sandbox.faults import Complaints, PlainComplaints
from infra.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One partner, ready to be mounted under ``/{name}``.

    Attributes:
        name: Its prefix, its ledger's file name, and its name for the fault switches.
        app: Its HTTP side, with the vendor's own paths.
        credentials: What a client must know, shown by ``lifeline sandbox urls``.
        urls: The vendor's paths below the prefix, by what they are for.
        complaints: Its own words for "too many" and "session lost".
        resume: Called once when the sandbox starts, inside the event loop.
    """

    name: str
    app: Starlette
    credentials: dict[str, str]
    urls: dict[str, str]
    complaints: Complaints = field(default_factory=PlainComplaints)
    resume: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a partner is built from: ``build(surroundings) -> Partner`` in each partner's file."""

    world: World
    http: httpx.AsyncClient
