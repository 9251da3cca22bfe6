"""The whole hub on real input: every order lives to its end, and nothing happens twice."""

import asyncio
import json
import os
import signal
import socket
from pathlib import Path

from infra.mariadb import Mariadb
from tests.fakes.hub import eventually
from tests.house.house import WITHIN_S, House
from tests.mariadb import mariadb

__all__ = ["mariadb"]

# Ten days in 24 seconds, eight orders a second.
PLAY = ("demo", "--orders", "12", "--seed", "11", "--speed", "600", "--rate", "8", "--exit")


def test_orders_live_to_their_end_through_chaos_and_a_second_run_doubles_nothing(
    tmp_path: Path,
) -> None:
    """Every partner fails a tenth of its calls, half of them after the effect."""
    house = House.in_folder(tmp_path)

    code, said = house.ask(*PLAY, "--chaos", "0.1")

    run = house.run_file()
    assert 0 == code, said
    assert (12, 12, 0) == (run["orders"], run["completed"], run["audit"]["mismatches"])
    assert run["audit"]["checks"] > 12
    assert run["created_to_routed_ms"]["p50"] > 0

    before = house.effects()
    code, said = house.ask(*PLAY)

    assert 0 == code, said
    assert before == house.effects()
    assert 12 == before["nuonuo/invoice"] == before["kingdee/voucher"]


async def test_a_hub_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    house = House.in_folder(tmp_path)
    first = house.start(*PLAY)
    await eventually(lambda: asyncio.to_thread(house.shop_has, 6), WITHIN_S)
    os.kill(first.pid, signal.SIGKILL)  # the system kills its children with it
    first.communicate()

    code, said = await asyncio.to_thread(house.ask, *PLAY)

    assert 0 == code, said
    assert 12 == house.run_file()["completed"]
    assert 12 == house.sold()


def test_the_stock_may_live_on_mariadb(tmp_path: Path, mariadb: Mariadb) -> None:
    house = House.in_folder(tmp_path, LIFELINE_STOCK__URL=mariadb.create("shelves"))

    code, said = house.ask(*PLAY, "--speed", "1200")

    assert 0 == code, said
    assert 0 == house.run_file()["audit"]["mismatches"]


async def test_a_hub_that_is_up_can_be_asked(tmp_path: Path) -> None:
    house = House.in_folder(tmp_path)
    ours = ("--channels", "miniprogram")
    up = house.start("demo", "--orders", "2", "--seed", "11", "--speed", "2000", *ours)
    try:
        await eventually((tmp_path / "var" / "run.json").exists, WITHIN_S)

        listed = json.loads((await _told(house, "order", "list", "--json"))[1])
        assert {"miniprogram/MP11-00001", "miniprogram/MP11-00002"} == {
            order["order_id"] for order in listed
        }
        assert "已完结" in (await _told(house, "order", "show", "MP11-00001"))[1]
        assert "获取运单号" in (await _told(house, "trace", "MP11-00001"))[1]
        code, said = await _told(house, "label", "show", "MP11-00001")
        assert (0, True) == (code, _is_png(tmp_path / said.split()[0]))
        assert [] == json.loads((await _told(house, "audit", "--json"))[1])["mismatches"]
        urls = json.loads((await _told(house, "sandbox", "urls", "--json"))[1])
        assert urls["kingdee"]["base"].endswith("/kingdee")
        code, said = await _told(house, "order", "show", "nobody's")
        assert (2, True) == (code, "没有订单 nobody's" in said)
    finally:
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=60)
    assert 0 == up.returncode


def _is_png(file: Path) -> bool:
    return file.read_bytes().startswith(b"\x89PNG")


async def _told(house: House, *words: str) -> tuple[int, str]:
    return await asyncio.to_thread(house.ask, *words)


def test_a_taken_port_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    house = House.in_folder(tmp_path)
    with socket.create_server(("127.0.0.1", int(house.environment["LIFELINE_WEB__PORT"]))):
        code, said = house.ask(*PLAY)

    assert 2 == code
    assert "已被占用" in said
    assert "[web] port" in said
