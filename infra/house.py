"""The whole hub on one machine: its databases made ready, its processes named in starting order."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateways.catalogue import Catalogue
from gateways.database import open_database
from gateways.key_ring import KeyRing
from infra.engine.launcher import engine_child
from infra.health import answers
from infra.prepare import make_tables
from infra.processes import Child
from infra.pulse import beats
from settings import Settings

ROOT = Path(__file__).parents[1]
SAMPLE_SKUS = ROOT / "infra" / "sandbox" / "data" / "skus.csv"
WORKER_PULSE = "worker.pulse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """How the sandbox of partners behaves.

    Attributes:
        seed: Decides every sample order and every fault.
        chaos: The share of calls that fail at each partner, half before and half after the effect.
        lost_pushes: The share of the channels' pushes that never come.
    """

    seed: int = 7
    chaos: float = 0.0
    lost_pushes: float = 0.0


def make_ready(settings: Settings) -> None:
    """Bring the databases up to date; a new hub that plays with the sandbox gets its articles.

    Raises:
        KeyRingFault: The keys can not be used; told before anything starts that would need them.
    """
    KeyRing.of(settings.keys)
    settings.var.mkdir(parents=True, exist_ok=True)
    (settings.var / WORKER_PULSE).unlink(missing_ok=True)  # of a worker that is no more
    make_tables(settings)
    if settings.sandbox.enabled:
        hub = open_database(settings.hub.url)
        catalogue = Catalogue(hub)
        if catalogue.is_empty():  # a merchant's own list is left alone
            catalogue.import_skus(SAMPLE_SKUS)
        hub.dispose()


def children(settings: Settings, rehearsal: Rehearsal) -> list[Child]:
    """Name the processes in the order in which they start.

    Raises:
        CannotStart: The engine is not installed, or its database is another version's.
    """
    ours = _environment(settings)
    front = f"http://{settings.web.host}:{settings.web.port}"
    house = [
        Child(
            name="worker",
            command=(sys.executable, str(ROOT / "worker.py")),
            environment=ours,
            healthy=beats(settings.var / WORKER_PULSE),
            stop_within_s=30,
        ),
        Child(
            name="starter",
            command=(sys.executable, str(ROOT / "starter.py")),
            environment=ours,
            healthy=answers(f"{front}/healthz"),
        ),
    ]
    if settings.sandbox.enabled:
        house.insert(0, _sandbox(settings, rehearsal, front))
    if not settings.engine.profile:
        house.insert(0, engine_child(settings))
    return house


def _sandbox(settings: Settings, rehearsal: Rehearsal, front: str) -> Child:
    options = {
        "--var": str(settings.var),
        "--port": str(settings.sandbox.port),
        "--hub-url": front,
        "--speed": str(settings.time.speed),
        "--seed": str(rehearsal.seed),
        "--printer-port": str(settings.printers.sandbox_first_port),
        "--stock-url": settings.stock.url,
        "--chaos": str(rehearsal.chaos),
        "--lost-pushes": str(rehearsal.lost_pushes),
    }
    words = [word for option in options.items() for word in option]
    return Child(
        name="sandbox",
        command=(sys.executable, "-m", "infra.sandbox", *words),
        environment={"PYTHONPATH": str(ROOT)},
        healthy=answers(f"http://127.0.0.1:{settings.sandbox.port}/_sandbox/health"),
    )


def _environment(settings: Settings) -> Mapping[str, str]:
    """Hand on what the command line may have said differently from the file."""
    return {
        "PYTHONPATH": str(ROOT),
        "LIFELINE_VAR": str(settings.var),
        "LIFELINE_TIME__SPEED": repr(settings.time.speed),
    }
