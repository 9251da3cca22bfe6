"""``make bench``: measures speed beside something plain, and writes ``bench/results/latest.json``.

A bench is not a test: a missed goal is shown, and only what breaks ends with an error.
"""

import argparse
import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import lives, stock_locks
from bench.report import keep, table
from bench.rows import Row
from infra.departure import leave
from infra.errors import CannotStart
from infra.mariadb import MariadbMissing

LATEST = Path(__file__).parent / "results" / "latest.json"
LIVES, LOCKS = "lives", "locks"

console = Console()


def main() -> None:
    """Measure what is asked for, show it, and keep it."""
    wanted = _arguments().parse_args()
    try:
        rows = _measured(wanted.only or (LIVES, LOCKS), wanted.pairs, wanted.orders)
    except CannotStart as told:
        console.print(f"[red]{told}[/]")
        leave(1)
    keep(rows, LATEST)
    console.print(table(rows))
    leave(0)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="并排测速 side by side")
    parser.add_argument("--pairs", type=int, default=9, help="每项重复几对 repeated pairs")
    parser.add_argument(
        "--orders", type=int, default=60, help="每对每边几个订单 lives of each side in a pair"
    )
    parser.add_argument("--only", nargs=1, choices=(LIVES, LOCKS), help="只测一项 measure one")
    return parser


def _measured(what: tuple[str, ...], pairs: int, orders: int) -> list[Row]:
    """Measure one thing after the other, under a bar that moves with each pair."""
    rows: list[Row] = []
    with _bar() as bar:
        if LIVES in what:
            task = bar.add_task("订单全程 order lives", total=lives.turns(pairs))
            rows += asyncio.run(lives.measure(pairs, orders, partial(bar.advance, task)))
        if LOCKS in what:
            task = bar.add_task("库存锁定 stock locks", total=1)
            rows += _locks(pairs, partial(bar.advance, task))
    return rows


def _locks(pairs: int, done: Callable[[], None]) -> list[Row]:
    """Measure the locks where there is a MariaDB to lock in."""
    try:
        rows = stock_locks.measure(pairs)
    except MariadbMissing as told:
        console.print(f"[yellow]{told}[/]")
        return []
    done()
    return rows


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console)


if __name__ == "__main__":
    main()
