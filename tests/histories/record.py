"""Records one history of each kind of life: ``python -m tests.histories.record [KIND ...]``.

Run it when a kind of life is added, or when running orders may be left behind on purpose. Otherwise
the old histories must go on replaying: they stand for the orders that are under way out there.
They are kept unsealed, so that a person can read what changed; their buyers are made up.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from infra.connect import CONVERTER
from infra.departure import leave
from infra.engine import binary
from tests.fakes.hub import Hub
from tests.fakes.invoices import FakeInvoices
from tests.histories.lives import KINDS
from workflows import attributes

HERE = Path(__file__).parent


async def record(kinds: Sequence[str]) -> None:
    """Play each kind once and keep its history."""
    async with await WorkflowEnvironment.start_local(
        data_converter=CONVERTER,
        search_attributes=attributes.ALL,
        dev_server_existing_path=str(binary.temporal()),
        dev_server_log_level="error",
        identity="recorder",
    ) as env:
        for kind in kinds:
            hub = Hub(env)
            hub.invoices = FakeInvoices(asks=0)
            async with hub.working():
                order = await KINDS[kind](hub)
                history = await order.handle.fetch_history()
            keep(kind, history)
            print(f"{kind}: {len(history.events)} events")  # noqa: T201 - this is a command


def keep(kind: str, history: WorkflowHistory) -> None:
    """Write a history down, without the paths of the machine that it was lived on."""
    document = json.loads(history.to_json(), object_hook=without_stack_trace)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (HERE / f"{kind}.json").write_text(text + "\n", encoding="utf-8")


def without_stack_trace(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "stackTrace"}


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:] or tuple(KINDS)))
    leave(0)
