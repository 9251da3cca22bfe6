"""A whole hub of its own for a test: free ports, a folder, and the ``lifeline`` command."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.free_ports import a_free_row

ROOT = Path(__file__).parents[2]
PORTS = 16  # engine, its UI and metrics, sandbox, front, and ten printers in a row
WITHIN_S = 240
# What may exist once for each key, whatever is repeated: partner → kinds of its ledger.
SHOPS = ("miniprogram", "pinduoduo", "douyin", "youzan")
EFFECTS = {
    **dict.fromkeys(SHOPS, ("order", "shipment")),
    "sf": ("order",),
    "kuaidi100": ("order",),
    "qimen": ("delivery_order",),
    "printer": ("label",),
    "nuonuo": ("invoice",),
    "kingdee": ("voucher",),
    "erp": ("order",),
    "mes": ("completion",),
}


@dataclass(frozen=True)
class House:
    """One hub's folder and ports."""

    folder: Path
    environment: Mapping[str, str]
    sandbox: str

    @classmethod
    def in_folder(cls, folder: Path, **more: str) -> "House":
        first = a_free_row(PORTS)
        ours = {
            "LIFELINE_ENGINE__PORT": str(first),
            "LIFELINE_ENGINE__UI_PORT": str(first + 1),
            "LIFELINE_WEB__PORT": str(first + 2),
            "LIFELINE_SANDBOX__PORT": str(first + 3),
            "LIFELINE_PRINTERS__SANDBOX_FIRST_PORT": str(first + 4),
            "PYTHONPATH": str(ROOT),
        }
        return cls(folder, {**os.environ, **ours, **more}, f"http://127.0.0.1:{first + 3}")

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start ``lifeline`` with these words, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ask(self, *words: str) -> tuple[int, str]:
        """Run ``lifeline`` to its end; tell its code and what it said."""
        with self.start(*words) as command:
            try:
                said, _ = command.communicate(timeout=WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(command.pid, signal.SIGKILL)
                raise
        return command.returncode, said

    def run_file(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "var" / "run.json").read_text())
        return found

    def effects(self) -> Counter[str]:
        """Count what every partner did, from its own ledger."""
        counts: Counter[str] = Counter()
        for partner, kinds in EFFECTS.items():
            for kind in kinds:
                counts[f"{partner}/{kind}"] = _count(self._ledger(partner), kind)
        return counts

    def sold(self) -> int:
        """Count what all shops sold."""
        return sum(self.effects()[f"{shop}/order"] for shop in SHOPS)

    def _ledger(self, partner: str) -> Path:
        return self.folder / "var" / "sandbox" / f"{partner}.sqlite"

    def shop_has(self, orders: int) -> bool:
        """Tell whether the shops have sold so many orders by now."""
        try:
            answer = httpx.get(f"{self.sandbox}/_sandbox/orders/progress", timeout=2)
        except httpx.TransportError:
            return False
        return bool(answer.is_success and answer.json()["orders"] >= orders)


def _count(file: Path, kind: str) -> int:

    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        (found,) = db.execute("SELECT count(*) FROM entry WHERE kind = ?", (kind,)).fetchone()
    db.close()
    return int(found)
