"""The sandbox's MES: makes what must be made, says it once, by push and by file in turns."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.sandbox.goods import articles
from infra.sandbox.partners import mes
from infra.sandbox.partners.erp import ERP_RECEIVED
from tests.fakes.hub import eventually
from tests.sandbox.rig import Rig, rigged

CAKE = next(sku for sku, article in articles().items() if article.made_to_order)
RICE = next(sku for sku, article in articles().items() if not article.made_to_order)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "sandbox", mes.build, speed=86_400) as rig:
        yield rig


async def received(rig: Rig, number: str, *skus: str) -> None:
    details = [
        {"lineNo": no, "skuCode": sku, "qty": no + 1} for no, sku in enumerate(skus, start=1)
    ]
    order = {"order_id": f"miniprogram/{number}", "details": details}
    await rig.world.tell(ERP_RECEIVED, order)


async def finished(rig: Rig, count: int) -> None:
    """Wait until so many completions are said."""
    ledger = rig.world.open_ledger("mes")
    await eventually(lambda: ledger.count("push") + ledger.count("file") >= count)


async def test_what_is_made_to_order_is_made_and_pushed(rig: Rig) -> None:
    await received(rig, "A", RICE, CAKE)

    async with asyncio.timeout(20):
        push = await rig.pushes.get()

    said = json.loads(push.body)
    assert "/hooks/mes" == push.path
    assert mes.TOKEN == push.headers["x-mes-token"]
    assert ("WG-miniprogram/A-2", "miniprogram/A", CAKE, 3, "completed") == tuple(
        said[name] for name in ("completion_no", "order_no", "sku", "quantity", "status")
    )


async def test_every_other_completion_comes_as_a_file(rig: Rig, tmp_path: Path) -> None:
    await received(rig, "A", CAKE)
    await finished(rig, 1)
    await received(rig, "B", CAKE)
    await finished(rig, 2)

    (file,) = (tmp_path / "mes").iterdir()
    head, row = file.read_text(encoding="gb18030").splitlines()

    assert "产线完工单号,订单号,SKU,数量,完工时间" == head
    assert row.startswith(f"WG-miniprogram/B-1,miniprogram/B,{CAKE},2,")


async def test_an_order_that_is_told_twice_is_made_once(rig: Rig) -> None:
    await received(rig, "A", CAKE)
    await finished(rig, 1)
    await received(rig, "A", CAKE)
    await received(rig, "B", CAKE)
    await finished(rig, 2)

    assert 2 == rig.world.open_ledger("mes").count("completion")


def test_a_few_articles_are_made_to_order() -> None:
    assert 0 < sum(article.made_to_order for article in articles().values()) < 100
