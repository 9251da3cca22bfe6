"""Puts a run's figures together, keeps them in ``var/run.json``, and shows them."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.claim import RefundStage
from domain.words import zh
from infra.auditor.audit import Findings
from infra.demo.figures import (
    AuditFigures,
    ClaimFigures,
    Intervals,
    Percentiles,
    RunFigures,
    percentiles,
)
from infra.demo.run import Outcome

RUN_FILE = "run.json"


def figures(
    outcome: Outcome,
    lives: Sequence[Intervals],
    findings: Findings,
    claims: ClaimFigures | None = None,
) -> RunFigures:
    """Compute what the run amounts to."""
    hands = sum(life.hands for life in lives)
    return RunFigures(
        orders=outcome.expected - outcome.unopened,
        completed=len(outcome.completed),
        exceptions=len(outcome.stuck),
        duration_s=round(outcome.duration_s, 1),
        orders_per_s=round(len(outcome.completed) / max(outcome.duration_s, 0.001), 2),
        created_to_routed_ms=percentiles(
            life.created_to_routed for life in lives if life.created_to_routed is not None
        ),
        routed_to_labelled_ms=percentiles(t for life in lives for t in life.routed_to_labelled),
        labelled_to_first_scan_ms=percentiles(
            t for life in lives for t in life.labelled_to_first_scan
        ),
        manual_interventions_per_order=round(hands / max(len(lives), 1), 3),
        audit=AuditFigures(checks=findings.checks, mismatches=len(findings.mismatches)),
        claims=claims,
    )


def keep(run: RunFigures, var: Path) -> None:
    """Write ``var/run.json``."""
    (var / RUN_FILE).write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")


def is_green(run: RunFigures) -> bool:
    """Tell whether every order reached its end and the auditor found nothing."""
    return run.completed == run.orders and run.audit.mismatches == 0


def show(run: RunFigures, outcome: Outcome, findings: Findings, console: Console) -> None:
    """Show the run to a person."""
    table = Table(title="运行小结", show_header=False)
    table.add_row("订单 / 走完一生", f"{run.orders} / {run.completed}")
    table.add_row("用时", f"{run.duration_s} 秒,每秒 {run.orders_per_s} 单")
    table.add_row("创建 → 分仓(毫秒)", _line(run.created_to_routed_ms))
    table.add_row("分仓 → 面单(毫秒)", _line(run.routed_to_labelled_ms))
    table.add_row("面单 → 首扫(毫秒)", _line(run.labelled_to_first_scan_ms))
    table.add_row("每单人工干预", f"{run.manual_interventions_per_order}")
    if run.claims is not None:
        _show_claims(table, run.claims)
    table.add_row("审计", f"{run.audit.checks} 项检查,{run.audit.mismatches} 处不符")
    console.print(table)
    for mismatch in findings.mismatches:
        console.print(f"[red]不符[/red] {escape(mismatch)}")
    for order in outcome.stuck[:20]:
        console.print(f"[yellow]未完结[/yellow] {order}:lifeline order show {order}")


def _show_claims(table: Table, claims: ClaimFigures) -> None:
    told = "  ".join(f"{zh(RefundStage(stage))} {n}" for stage, n in claims.outcomes.items())
    table.add_row("售后", told)
    table.add_row("售后 → 答复(毫秒)", _line(claims.answered_ms))
    table.add_row("拦截 / 退货收货", f"{claims.intercepted} / {claims.returned}")
    table.add_row("红字发票", str(claims.red_letters))
    table.add_row("冻结买家", str(claims.frozen))


def _line(p: Percentiles) -> str:
    return "—" if p.p50 is None else f"p50 {p.p50}  p95 {p.p95}  p99 {p.p99}"
