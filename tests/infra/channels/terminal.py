"""A person at the command line, the hub that they ask, and what they may type in."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from channels.samples import samples
from domain.clock import utc_now
from domain.events import Push
from infra.channel_commands import app

ROOT = Path(__file__).parents[3]
CHANNELS = ("douyin", "miniprogram", "pinduoduo", "youzan")


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """A person at the command line.

    Some commands leave the process as one that used Temporal's SDK must: those are run in one of
    their own.
    """

    url: str

    def typed(self, *words: str) -> str:
        result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
        assert 0 == result.exit_code, result.output
        return result.stdout

    def told(self, *words: str) -> Any:
        return json.loads(self.typed(*words, "--json"))

    def ran(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", "channels", *words],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "LIFELINE_HUB__URL": self.url, "COLUMNS": "200"}


def document(channel: str, name: str) -> Any:
    """Tell a recorded document."""
    (sample,) = (s for s in samples(channel) if s.name == name)
    return sample.document


def a_push(body: bytes) -> Push:
    return Push(path="/", headers={}, query={}, body=body, received_at=utc_now())
