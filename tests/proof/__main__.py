"""``make prove``: every case of the proof, on every core, with its count and its time.

``python -m tests.proof CASE …`` lives single cases again, by name; ``--walks 300`` goes at random.
"""

import argparse
import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.departure import leave
from tests.proof.cases import Case, named, with_each_fault, without_fault
from tests.proof.company import Told, be_quiet, plain_steps, prove_batch
from tests.proof.scripts import SCRIPTS
from tests.proof.walks import walk

BATCH = 20  # cases for each server


def main() -> None:
    """Prove what is asked for, and leave with 1 when anything is wrong."""
    options = _options()
    console = Console()
    be_quiet()
    began = time.monotonic()
    if options.walks:
        walk(options.walks)
        console.print(f"{options.walks} walks, none wrong, {_minutes(began)}", highlight=False)
        leave(0)
    if options.cases:
        done = _proved([named(name) for name in options.cases], console)
    else:
        done = _everything(console, options.script, faults=not options.plain)
    wrong = [told for told in done if told[2]]
    checks = sum(told[1] for told in done)
    found = f"{len(done)} cases, {checks} checks, {len(wrong)} wrong, {_minutes(began)}"
    console.print(found, highlight=False)
    leave(1 if wrong else 0)


def _minutes(began: float) -> str:
    return f"{(time.monotonic() - began) / 60:.1f} min"


def _everything(console: Console, scripts: Sequence[str], *, faults: bool) -> list[Told]:
    steps = asyncio.run(plain_steps())
    plain = [case for case in without_fault(steps) if case.script.name in scripts]
    done = _proved(plain, console)
    if faults:
        touched = {name: met for name, _, _, met in done}
        done += _proved(list(_struck(plain, touched)), console)
    return done


def _struck(plain: Sequence[Case], touched: dict[str, tuple[str, ...]]) -> Iterator[Case]:
    for case in plain:
        yield from with_each_fault(case, touched[str(case)])


def _proved(cases: Sequence[Case], console: Console) -> list[Told]:
    batches = [[str(c) for c in cases[at : at + BATCH]] for at in range(0, len(cases), BATCH)]
    done: list[Told] = []
    with (
        _progress(console) as progress,
        multiprocessing.get_context("spawn").Pool(os.cpu_count(), be_quiet) as pool,
    ):
        bar = progress.add_task("cases", total=len(cases))
        for told in pool.imap_unordered(prove_batch, batches):
            done += told
            _show_wrong(told, console)
            progress.update(bar, completed=len(done))
    return done


def _show_wrong(told: Sequence[Told], console: Console) -> None:
    for name, _, sentences, _ in told:
        if sentences:
            console.print(f"[red]{name}[/red]: {'; '.join(sentences)}", highlight=False)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("cases", nargs="*", help="names of cases; without any, all of them")
    parser.add_argument("--plain", action="store_true", help="only the cases without a fault")
    parser.add_argument(
        "--script",
        nargs="+",
        choices=list(SCRIPTS),
        default=list(SCRIPTS),
        help="only what these kinds of claims do",
    )
    parser.add_argument("--walks", type=int, default=0, help="so many random walks instead")
    return parser.parse_args()


if __name__ == "__main__":
    main()
