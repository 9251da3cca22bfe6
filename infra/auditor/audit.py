"""The auditor: checks the promises of design 6 against what outside systems wrote down themselves.

It shares no code with the hub. It may run while the hub works: orders whose life is open are
checked only for what must hold at all times, and a mismatch that the next audit still sees is real.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from infra.auditor.evidence import Evidence, gather
from infra.auditor.promises import (
    Checks,
    channel,
    cold,
    erp,
    guarding,
    money,
    one_life,
    papers,
    parcels,
    red_letters,
    refunds,
    returns,
    shelves,
)
from infra.auditor.records import Life
from infra.auditor.source import Unreadable
from infra.auditor.stock import StockNames

__all__ = ["Findings", "Life", "StockNames", "Verdict", "audit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise of the hub, and how it is examined."""

    no: int
    name: str
    examine: Callable[[Evidence], Checks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one promise: how many facts were looked at, and what is wrong."""

    no: int
    name: str
    checks: int
    mismatches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What an audit found.

    Attributes:
        checks: How many single facts were looked at.
        mismatches: A sentence for each one that is wrong.
        verdicts: The same by promise; empty when something could not be read at all.
    """

    checks: int
    mismatches: tuple[str, ...]
    verdicts: tuple[Verdict, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Tell it for scripts; ``promises`` has ``{no, name, checks, mismatches}`` of each."""
        return {
            "checks": self.checks,
            "mismatches": list(self.mismatches),
            "promises": [
                {
                    "no": verdict.no,
                    "name": verdict.name,
                    "checks": verdict.checks,
                    "mismatches": len(verdict.mismatches),
                }
                for verdict in self.verdicts
            ],
        }


def _parcels_and_papers(evidence: Evidence) -> Checks:
    examined = (parcels, returns, papers, red_letters, erp)
    return chain.from_iterable(each.examine(evidence) for each in examined)


def _money_and_guard(evidence: Evidence) -> Checks:
    examined = (money, refunds, guarding)
    return chain.from_iterable(each.examine(evidence) for each in examined)


PROMISES = (
    Promise(no=1, name="订单不丢不重", examine=one_life.examine),
    Promise(no=2, name="钱货票一致", examine=_money_and_guard),
    Promise(no=3, name="不超卖", examine=shelves.examine),
    Promise(no=4, name="一包裹一面单、一发票一凭证", examine=_parcels_and_papers),
    Promise(no=5, name="每次发货告知渠道一次", examine=channel.examine),
    Promise(no=6, name="冷货不出常温仓", examine=cold.examine),
)
DEFAULT_NAMES = StockNames()


def audit(
    var: Path,
    stock_url: str,
    lives: Collection[Life],
    stock_names: StockNames = DEFAULT_NAMES,
    *,
    hub_url: str = "",
) -> Findings:
    """Check every promise.

    Args:
        var: The hub's folder; the partners' ledgers are in ``sandbox`` below it.
        stock_url: The merchant's stock database, on SQLite or MySQL.
        lives: Every life that the engine knows, listed before this call.
        stock_names: How that database calls its tables and columns.
        hub_url: The hub's own database, for what only it has on record: write-offs, freezes.

    Returns:
        What was found; a ledger that is missing or has another shape is a mismatch of its own.
    """
    try:
        evidence = gather(var, stock_url, hub_url, lives, stock_names)
    except Unreadable as missing:
        return Findings(checks=0, mismatches=(str(missing),))
    verdicts = tuple(_verdict(promise, evidence) for promise in PROMISES)
    return Findings(
        checks=sum(verdict.checks for verdict in verdicts),
        mismatches=tuple(sentence for verdict in verdicts for sentence in verdict.mismatches),
        verdicts=verdicts,
    )


def _verdict(promise: Promise, evidence: Evidence) -> Verdict:
    looked_at = list(promise.examine(evidence))
    return Verdict(
        no=promise.no,
        name=promise.name,
        checks=len(looked_at),
        mismatches=tuple(
            f"承诺 {promise.no} {promise.name}:{wrong}" for wrong in looked_at if wrong is not None
        ),
    )
