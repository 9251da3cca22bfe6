"""The command line of the embedded engine, with what we changed from its defaults and why."""

from infra import search_attributes
from infra.engine.binary import temporal
from infra.engine.database import path_of
from settings import Settings

# Committing without a full sync for each step is what makes the file database fast enough. A killed
# process loses nothing; a power cut may lose the last commits. Steps are then done again under the
# same keys, and the front tells the last minutes' pushes again when it starts.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")

# The defaults of Temporal 1.32 refuse work at about 89 orders a second (temporal 3.1), whatever the
# machine can do. One machine with one user needs no quota, so each limit is far out of reach.
# Fewer partitions per task queue were tried: three pairs of runs showed no difference.
DYNAMIC = {
    "frontend.rps": 100_000,
    "frontend.namespaceRPS": 100_000,
    "frontend.namespaceRPS.visibility": 1_000,
    "frontend.namespaceCount": 20_000,
    "frontend.persistenceMaxQPS": 100_000,
    "matching.rps": 100_000,
    "matching.persistenceMaxQPS": 100_000,
    "history.rps": 100_000,
    "history.persistenceMaxQPS": 100_000,
}


def command(settings: Settings) -> tuple[str, ...]:
    """Tell the command that serves Temporal and its UI on loopback, from ``var/engine.sqlite``."""
    engine = settings.engine
    return (
        *(str(temporal()), "server", "start-dev"),
        *("--ip", "127.0.0.1"),
        *("--port", str(engine.port)),
        *("--ui-port", str(engine.ui_port)),
        # At the UI's own host: only then does the browser send the cookie of who has signed in.
        *("--ui-codec-endpoint", f"http://127.0.0.1:{settings.web.port}/codec"),
        *("--namespace", engine.namespace),
        *("--db-filename", str(path_of(settings.var))),
        *("--log-level", "error"),
        *_repeated("--sqlite-pragma", PRAGMAS),
        *_repeated("--dynamic-config-value", [f"{key}={value}" for key, value in DYNAMIC.items()]),
        *search_attributes.as_flags(),
    )


def _repeated(flag: str, values: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(part for value in values for part in (flag, value))
