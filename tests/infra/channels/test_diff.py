"""``lifeline channels diff``: the past, read by two versions."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from channels.comparison import Replayed
from channels.mapping import ChannelMapping
from channels.samples import samples
from gateways.database import open_database
from gateways.inbox import Inbox
from gateways.inbox_desk import InboxDesk
from infra.channel_desk import compared, past_documents
from infra.sandbox import shop as deeds
from tests.gateways.channel_stage import Stage, on_stage
from tests.infra.channels.terminal import Terminal, a_push, document


def test_two_versions_are_compared_on_the_same_documents() -> None:
    old, new = (ChannelMapping.load("pinduoduo", version) for version in ("3.1", "3.2"))
    documents = [
        Replayed(name=s.name, kind=s.kind, document=s.document) for s in samples("pinduoduo")
    ]

    found = compared(old, new, documents)

    assert {"push-refund-3.2.json", "push-refund.json", "refund-3.2.json", "refund.json"} == {
        difference.name for difference in found
    }
    (claim,) = (difference for difference in found if difference.name == "refund.json")
    assert "$.after_sales.lines" in claim.new
    assert [] == list(compared(old, old, documents))


@pytest.fixture
async def stage(tmp_path: Path) -> Any:
    async with on_stage("pinduoduo", tmp_path) as stage:
        yield stage


async def test_past_pushes_and_the_documents_that_they_name_are_replayed(
    stage: Stage, tmp_path: Path
) -> None:
    sold = await stage.sell()
    await stage.do(
        deeds.BUYER_CLAIMED,
        order_no=sold["order_no"],
        claim="5000001",
        kind="refund_only",
        amount_fen=100,
        lines=[],
        reason="不要了",
    )
    hub = open_database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    said = document("pinduoduo", "push-order.json"), document("pinduoduo", "push-refund.json")
    for n, push in enumerate(said):
        content = {"tid": sold["order_no"], "refund_id": 5000001}
        push["message"]["content"] = json.dumps(content)
        Inbox(hub).keep("pinduoduo", str(n), a_push(json.dumps(push).encode()))
    Inbox(hub).keep("pinduoduo", "rubbish", a_push(b"\xff"))
    old, new = (ChannelMapping.load("pinduoduo", version) for version in ("3.1", "3.2"))

    documents = await past_documents(stage.shops, (old, new), InboxDesk(hub), 100)
    found = compared(old, new, documents)
    hub.dispose()

    assert {"订单", "售后", "推送"} == {one.name.split()[0] for one in documents}
    assert 4 == len(documents)
    assert "售后 5000001" in {difference.name for difference in found}


def test_without_a_past_diff_says_how_to_get_one(terminal: Terminal) -> None:
    result = terminal.ran("diff", "pinduoduo", "3.1", "3.2")

    assert (0, "") == (result.returncode, result.stderr)
    assert "没有历史推送可重放" in result.stdout
    told = json.loads(terminal.ran("diff", "pinduoduo", "3.1", "3.2", "--json").stdout)
    assert {"documents": 0, "differences": []} == told


def test_a_past_that_reads_differently_is_listed(terminal: Terminal, hub: Engine) -> None:
    body = json.dumps(document("pinduoduo", "push-refund.json")).encode()
    Inbox(hub).keep("pinduoduo", "1", a_push(body))

    result = terminal.ran("diff", "pinduoduo", "3.1", "3.2", "--json")

    told = json.loads(result.stdout)
    assert 1 == told["documents"]
    assert {"推送 1"} == {difference["name"] for difference in told["differences"]}
    assert "重放 1 份单据" in terminal.ran("diff", "pinduoduo", "3.1", "3.2").stdout
