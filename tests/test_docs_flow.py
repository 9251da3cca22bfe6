"""The page on an order's life shows every message of it, with a true payload."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from workflows.handlers import OrderHandlers

FLOW = Path(__file__).parents[1] / "docs" / "flow.md"


def test_the_flow_shows_a_true_payload_for_each_message_of_a_life() -> None:
    shown = dict(payloads(FLOW.read_text(encoding="utf-8")))
    asked = {name: asks for name, asks in messages().items() if asks is not None}

    assert shown.keys() == asked.keys()
    for name, text in shown.items():
        TypeAdapter(asked[name]).validate_json(text)


def test_the_flow_names_each_message_of_a_life() -> None:
    flow = FLOW.read_text(encoding="utf-8")

    assert {name for name in messages() if f"| `{name}` |" not in flow} == set()


def messages() -> dict[str, Any]:
    """Tell every signal, update and query with the type of what it asks for, if anything."""
    public = {
        name: deed
        for name, deed in vars(OrderHandlers).items()
        if callable(deed) and not name.startswith("_") and name != "run"
    }
    return {name: asks(inspect.unwrap(deed)) for name, deed in public.items()}


def asks(deed: Any) -> Any:
    parameters = list(inspect.signature(deed).parameters.values())[1:]
    return parameters[0].annotation if parameters else None


def payloads(text: str) -> Iterator[tuple[str, str]]:
    """Tell each JSON example under the names that the line above it begins with."""
    for names, example in re.findall(
        r"^([^\n]+)\n\n```json\n(.*?)```", text, re.DOTALL | re.MULTILINE
    ):
        for name in re.findall(r"`(\w+)`", names.split(":")[0]):
            yield name, example
