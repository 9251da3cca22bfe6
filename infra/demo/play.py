"""Starts the house and plays in it: what ``lifeline up``, ``demo`` and ``audit`` do."""

import asyncio
from collections.abc import Sequence

from rich.console import Console
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from infra.auditor.audit import Findings, Life, audit
from infra.auditor.audit import StockNames as AuditedNames
from infra.connect import connect
from infra.demo import report
from infra.demo.claims import claim_figures
from infra.demo.run import Demonstration, Play
from infra.house import Rehearsal, children, make_ready
from infra.lock import sole_user
from infra.ports import ports_of, require_free
from infra.prepare import teach_engine
from infra.supervisor import Supervisor
from settings import Settings
from workflows.attributes import EXCEPTION

LIVES = 'WorkflowType = "order"'


async def serve(settings: Settings, rehearsal: Rehearsal, console: Console) -> int:
    """Run the hub until Ctrl-C."""
    with sole_user(settings.var):
        house = await _house(settings, rehearsal)
        async with house:
            _say_where(settings, console)
            await house.until_told()
    return 0


async def perform(
    settings: Settings, rehearsal: Rehearsal, play: Play, console: Console, *, stay: bool
) -> int:
    """Run the hub, live the sample orders through it, and tell what came of it.

    Returns:
        0 when every order reached its end and the auditor found nothing, else 1.
    """
    with sole_user(settings.var):
        console.print("正在启动内置引擎、沙箱、工作进程与前端……")
        house = await _house(settings, rehearsal)
        async with house:
            _say_where(settings, console)
            green = await house.while_up(_play(settings, play, console))
            if stay and green is not None:
                console.print("演示结束,中枢继续运行;按 Ctrl-C 停止。")
                await house.until_told()
    return 0 if green or stay else 1


async def audit_now(settings: Settings) -> Findings:
    """Audit a hub that is up, as it stands now."""
    return await _audit(settings, await connect(settings, within_s=5))


async def _house(settings: Settings, rehearsal: Rehearsal) -> Supervisor:
    require_free(ports_of(settings))
    await asyncio.to_thread(make_ready, settings)
    if settings.engine.profile:
        await teach_engine(settings)  # the embedded one learns as it starts
    return Supervisor(children(settings, rehearsal), logs=settings.var / "log")


async def _play(settings: Settings, play: Play, console: Console) -> bool:
    client = await connect(settings)
    demonstration = Demonstration(client, f"http://127.0.0.1:{settings.sandbox.port}", play)
    outcome = await demonstration.run()
    lives = await demonstration.intervals_of(outcome.completed)
    findings = await _audit(settings, client)
    sandbox_url = f"http://127.0.0.1:{settings.sandbox.port}"
    claims = await asyncio.to_thread(claim_figures, sandbox_url, play.channels)
    run = report.figures(outcome, lives, findings, claims)
    report.keep(run, settings.var)
    report.show(run, outcome, findings, console)
    return report.is_green(run)


async def _audit(settings: Settings, client: Client) -> Findings:
    names = AuditedNames(**settings.stock.names.model_dump())
    lives = await _lives(client)
    return audit(settings.var, settings.stock.url, lives, names, hub_url=settings.hub.url)


async def _lives(client: Client) -> Sequence[Life]:
    """List every life that the engine knows, as the auditor wants to hear of it."""
    runs: dict[str, list[WorkflowExecution]] = {}
    async for execution in client.list_workflows(LIVES):
        runs.setdefault(execution.id, []).append(execution)
    return [_life(workflow_id, found) for workflow_id, found in runs.items()]


def _life(workflow_id: str, runs: Sequence[WorkflowExecution]) -> Life:
    open_runs = [run for run in runs if run.status is WorkflowExecutionStatus.RUNNING]
    return Life(
        order_id=workflow_id.removeprefix("order/"),
        open=bool(open_runs),
        waits_for_person=any(run.typed_search_attributes.get(EXCEPTION) for run in open_runs),
        runs=len(runs),
    )


def _say_where(settings: Settings, console: Console) -> None:
    front = f"http://{settings.web.host}:{settings.web.port}"
    console.print(f"Temporal 界面  http://127.0.0.1:{settings.engine.ui_port}", highlight=False)
    console.print(f"中枢前端      {front}/healthz", highlight=False)
    console.print(f"登录          {front}/sign-in", highlight=False)
    if settings.sandbox.enabled:
        sandbox = f"http://127.0.0.1:{settings.sandbox.port}/_sandbox/urls"
        console.print(f"沙箱伙伴      {sandbox}", highlight=False)
