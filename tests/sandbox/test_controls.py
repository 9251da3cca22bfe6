"""The sandbox's own switches, through the client that the command line uses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox import client
from infra.sandbox.app import build_app
from infra.sandbox.controls import Controls
from infra.sandbox.faults import Fault
from infra.sandbox.partner import Surroundings
from infra.sandbox.partners import miniprogram, wecom
from infra.sandbox.world import World
from tests.serving import served


async def take(_: Request) -> Response:
    """Be a hub that takes every order."""
    return JSONResponse({"code": 0, "msg": "ok"})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    hub = Starlette(routes=[Route("/api/order/create", take, methods=["POST"])])
    async with served(hub) as hub_url:
        made = World(tmp_path, speed=1, seed=7, hub_url=hub_url)
        yield made
    for ledger in made.ledgers.values():
        ledger.close()


@pytest.fixture
async def base(world: World) -> AsyncIterator[str]:
    async with httpx.AsyncClient(trust_env=False) as http:
        surroundings = Surroundings(world=world, http=http)
        built = (wecom.build(surroundings), miniprogram.build(surroundings))
        partners = {partner.name: partner for partner in built}
        controls = Controls(world, partners, {"HZ-GS": 9101})
        async with served(build_app(world, built, controls.routes())) as url:
            yield url


async def ask(call: Callable[..., client.Answer], *args: Any, **more: Any) -> client.Answer:
    """Call the client from a thread; the loop is busy serving."""
    return await asyncio.to_thread(call, *args, **more)


async def test_urls_tell_where_each_partner_is_and_what_opens_its_door(base: str) -> None:
    told = await ask(client.urls, base)

    assert told["miniprogram"] == {
        "base": f"{base}/miniprogram",
        "urls": {
            f"{about}_{what}": f"{base}/miniprogram/api/{about}/{what}"
            for about, what in (
                ("order", "status"),
                ("order", "changed"),
                ("order", "detail"),
                ("refund", "detail"),
                ("refund", "answer"),
            )
        },
        "credentials": {"secret": "sandbox-miniprogram-secret"},
    }
    assert told["printer"]["urls"] == {"HZ-GS": "127.0.0.1:9101"}


async def test_a_switch_is_turned_and_its_strikes_are_logged(base: str, world: World) -> None:
    told = await ask(client.fault, base, "wecom", "fail_before", 1)
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{base}/wecom/cgi-bin/webhook/send")

    assert told == {"partner": "wecom", "faults": {"fail_before": 1.0}}
    assert answer.status_code == 503
    assert world.plan_of("wecom").rates() == {Fault.FAIL_BEFORE.value: 1.0}
    (call,) = (await ask(client.ledger, base, "wecom"))["calls"]
    assert (call["operation"], call["outcome"]) == ("/wecom/cgi-bin/webhook/send", "fail_before")


@pytest.mark.parametrize(
    ("partner", "kind", "rate", "said"),
    [
        ("sff", "slow", 1, "没有名为 sff 的伙伴;已有:wecom、miniprogram、printer"),
        ("wecom", "slowly", 1, "没有名为 slowly 的故障;已有:slow、fail_before"),
        ("wecom", "slow", 2, "0 与 1 之间"),
    ],
)
async def test_an_unknown_switch_is_answered_with_the_known_ones(
    base: str, partner: str, kind: str, rate: float, said: str
) -> None:
    with pytest.raises(client.SandboxError, match=said):
        await ask(client.fault, base, partner, kind, rate)


async def test_samples_are_ordered_once_however_often_they_are_asked_for(base: str) -> None:
    first = await ask(client.push_orders, base, 3, first=2)
    again = await ask(client.push_orders, base, 3, first=2)

    assert first == again
    assert first["orders"] == ["MP7-00002", "MP7-00003", "MP7-00004"]
    entries = (await ask(client.ledger, base, "miniprogram"))["entries"]
    assert list(entries["order"]) == first["orders"]
    assert (await ask(client.progress, base))["orders"] == 3


async def test_progress_tells_how_many_orders_the_hub_has(base: str) -> None:
    await ask(client.push_orders, base, 2, seed=9)

    async with asyncio.timeout(20):
        while (told := await ask(client.progress, base))["acknowledged"] < 2:
            pass
    assert told == {"orders": 2, "acknowledged": 2, "shipments": 0}


@pytest.mark.parametrize("count", [0, -1, 10**6, True, "3"])
async def test_a_number_of_orders_that_makes_no_sense_is_refused(base: str, count: Any) -> None:
    with pytest.raises(client.SandboxError, match="字段 count"):
        await ask(client.push_orders, base, count)


async def test_a_printer_runs_out_of_paper_and_gets_some(base: str, world: World) -> None:
    await ask(client.printer, base, "HZ-GS", paper_out=True)
    assert (world.open_ledger("printer").get("state", "HZ-GS") or {})["paper_out"] is True

    await ask(client.printer, base, "HZ-GS", paper_out=False)
    assert (world.open_ledger("printer").get("state", "HZ-GS") or {})["paper_out"] is False


async def test_a_printer_that_is_not_there_or_can_not_do_that_is_named(base: str) -> None:
    with pytest.raises(client.SandboxError, match="HZ-GS"):
        await ask(client.printer, base, "HZ-XX", paper_out=True)
    with pytest.raises(client.SandboxError, match="paper_out"):
        await ask(client.printer, base, "HZ-GS", on_fire=True)


async def test_a_carrier_is_told_what_to_do_about_parcels_that_are_called_back(
    base: str, world: World
) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for policy in ("never", "promises", "stops"):
            await http.post(f"{base}/_sandbox/carriers/sf", json={"intercepts": policy})
            assert {"is": policy} == world.open_ledger("sf").get("policy", "intercepts")
        wrong = await http.post(f"{base}/_sandbox/carriers/sf", json={"intercepts": "maybe"})
        nobody = await http.post(f"{base}/_sandbox/carriers/dhl", json={"intercepts": "never"})

    assert (400, 404) == (wrong.status_code, nobody.status_code)
    assert {"is": "stops"} == world.open_ledger("sf").get("policy", "intercepts")


async def test_health_tells_the_worlds_time(base: str, world: World) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        told = (await http.get(f"{base}/_sandbox/health")).json()

    assert told["speed"] == 1
    assert told["world_time"] <= world.clock.now().isoformat()


def test_a_sandbox_that_is_not_up_is_one_sentence_with_the_remedy() -> None:
    with pytest.raises(
        client.SandboxError, match=r"没有在 http://127\.0\.0\.1:9 运行.*lifeline up"
    ):
        client.urls("http://127.0.0.1:9")
