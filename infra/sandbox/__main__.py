"""``python -m infra.sandbox``: all partners in one process, until SIGTERM or Ctrl-C.

Everything is in the ledgers under ``<var>/sandbox``; started again, it goes on where it stopped.
"""

import argparse
import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette

from infra.sandbox.app import build_app
from infra.sandbox.buyer_returns import BuyerReturns
from infra.sandbox.controls import Controls
from infra.sandbox.faults import Fault
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import (
    douyin,
    erp,
    kingdee,
    kuaidi100,
    mes,
    miniprogram,
    nuonuo,
    pinduoduo,
    printer,
    qimen,
    sf,
    wecom,
    wecom_app,
    youzan,
)
from infra.sandbox.partners.qimen_floor import WarehouseFloor
from infra.sandbox.sample_orders import CHANNELS
from infra.sandbox.scenario import GOODS_IN, Scenario
from infra.sandbox.shop import BUYER_ORDERED
from infra.sandbox.stock_database import FAULTS, StockDatabase
from infra.sandbox.world import World

HOST = "127.0.0.1"
BUILDERS = (
    miniprogram.build,
    douyin.build,
    youzan.build,
    pinduoduo.build,
    sf.build,
    kuaidi100.build,
    qimen.build,
    nuonuo.build,
    kingdee.build,
    erp.build,
    mes.build,
    wecom.build,
    wecom_app.build,
)
LAST_WORDS_S = 2  # for requests that are under way at the end
CANNOT_START = 2


class CannotStart(Exception):
    """Something is in the way; the message is one Chinese sentence with the remedy."""


def main() -> int:
    """Serve until told to stop."""
    options = _options()
    try:
        asyncio.run(_serve(options))
    except CannotStart as reason:
        sys.stderr.write(f"{reason}\n")
        return CANNOT_START
    return 0


async def _serve(options: argparse.Namespace) -> None:
    with contextlib.closing(_listen(options.port)) as door:
        async with httpx.AsyncClient(trust_env=False) as http, _world(options) as world:
            surroundings = Surroundings(world=world, http=http)
            partners = {made.name: made for made in (build(surroundings) for build in BUILDERS)}
            _unsettle(world, (*partners, printer.NAME), options)
            BuyerReturns(world).listen()
            async with _printers(world, options.printer_port) as ports:
                _stock(surroundings, options.stock_url)
                controls = Controls(world, partners, ports)
                await _until_told(build_app(world, partners.values(), controls.routes()), door)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.sandbox", description=__doc__)
    parser.add_argument("--var", type=Path, default=Path("var"), help="folder of the ledgers")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--hub-url", default="http://127.0.0.1:8080", help="where pushes go")
    parser.add_argument("--speed", type=float, default=1.0, help="world time per wall time")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--printer-port", type=int, default=9101, help="of the first warehouse")
    parser.add_argument("--stock-url", default="sqlite:///var/stock.sqlite")
    parser.add_argument("--chaos", type=float, default=0.0, help="share of calls that fail")
    parser.add_argument(
        "--lost-pushes", type=float, default=0.0, help="share of the channels' pushes that are lost"
    )
    return parser.parse_args()


def _listen(port: int) -> socket.socket:
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, port))
    except OSError as e:
        door.close()
        raise _taken(f"端口 {port}", "--port 或设置 sandbox.port", e) from e
    return door


def _taken(what: str, option: str, fault: OSError) -> Exception:
    if fault.errno != errno.EADDRINUSE:
        return fault
    return CannotStart(f"{what} 已被占用:请停掉占用它的程序(ss -ltnp 可查),或用 {option} 换一个")


@contextlib.asynccontextmanager
async def _world(options: argparse.Namespace) -> AsyncIterator[World]:
    var = options.var / "sandbox"
    world = World(var, speed=options.speed, seed=options.seed, hub_url=options.hub_url)
    try:
        yield world
    finally:
        await _send_home()
        for ledger in world.ledgers.values():
            ledger.close()


async def _send_home() -> None:
    """Stop whoever is still pushing; the ledger knows what is owed."""
    pushing = asyncio.all_tasks() - {asyncio.current_task()}
    for task in pushing:
        task.cancel()
    await asyncio.gather(*pushing, return_exceptions=True)


def _unsettle(world: World, partners: tuple[str, ...], options: argparse.Namespace) -> None:
    """Let every partner fail its share of calls, half before and half after the effect."""
    for name in partners:
        world.plan_of(name).switch(Fault.FAIL_BEFORE, options.chaos / 2)
        world.plan_of(name).switch(Fault.FAIL_AFTER, options.chaos / 2)
    for name in CHANNELS:
        world.plan_of(name).switch(Fault.LOST_PUSH, options.lost_pushes)


def _stock(surroundings: Surroundings, url: str) -> None:
    """Fill the shelves of a new world, and have missing goods come in."""
    world = surroundings.world
    scenario = Scenario(world, WarehouseFloor.of(surroundings), StockDatabase(url))
    try:
        scenario.prepare()
    except FAULTS as e:
        where = url.rpartition("@")[2]  # what is before it are the credentials
        reason = f"库存数据库 {where} 无法写入,请先执行 lifeline up 建表,再核对 --stock-url"
        raise CannotStart(reason) from e
    world.listen(BUYER_ORDERED, scenario.expect_goods)
    world.on_agenda(GOODS_IN, scenario.receive)


@contextlib.asynccontextmanager
async def _printers(world: World, first_port: int) -> AsyncIterator[Mapping[str, int]]:
    async with contextlib.AsyncExitStack() as running:
        try:
            ports = await running.enter_async_context(printer.serve_printers(world, first_port))
        except OSError as e:
            option = "--printer-port 或设置 printers.sandbox_first_port"
            raise _taken(f"打印机端口(从 {first_port} 起)", option, e) from e
        yield ports


class Server(uvicorn.Server):
    """Leaves the signals to us, so that the ledgers are closed after it stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch nothing."""
        yield


async def _until_told(app: Starlette, door: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        app, log_level="warning", lifespan="on", timeout_graceful_shutdown=LAST_WORDS_S
    )
    server = Server(config)
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, server.handle_exit, sign, None)
    await server.serve(sockets=[door])


if __name__ == "__main__":
    sys.exit(main())
