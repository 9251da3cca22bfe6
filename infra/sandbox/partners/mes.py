"""The shop floor's MES: makes what is made to order, and says so, by push and by file in turns.

A completion goes to ``/hooks/mes`` of the hub as JSON with ``X-MES-Token``, or as a CSV file into
``<var>/mes``: written aside first and renamed in, so that nobody reads half of it. It has no calls
of its own.

Ledger ``mes``: ``completion`` by its number: ``{order_no, sku, quantity, finished_at, by}``, where
``by`` is ``push`` or ``file``. ``file`` by the same number, once the file is in the folder.
"""

import csv
import io
import json
import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette

from infra.sandbox.goods import articles
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.erp import ERP_RECEIVED
from infra.sandbox.push import Push, Pusher
from infra.sandbox.world import World

NAME = "mes"
TOKEN = "sandbox-mes-token"  # noqa: S105 - the sandbox's public test credential
COMPLETE = "mes_complete"  # on the agenda
LEAST, MOST = 1.0, 3.0  # world hours that a piece of work takes
HEAD = ("产线完工单号", "订单号", "SKU", "数量", "完工时间")


def build(surroundings: Surroundings) -> Partner:
    """Set the shop floor up."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = Pusher(surroundings.http, ledger, world.plan_of(NAME), acknowledged)
    floor = ShopFloor(world, ledger, pusher, world.shared / NAME)
    world.listen(ERP_RECEIVED, floor.schedule)
    world.on_agenda(COMPLETE, floor.complete)
    return Partner(
        name=NAME,
        app=Starlette(),
        credentials={"X-MES-Token": TOKEN},
        urls={},
        resume=floor.resume,
    )


@dataclass(frozen=True, slots=True)
class ShopFloor:
    """Makes goods; ``folder`` is where its files go."""

    world: World
    ledger: Ledger
    pusher: Pusher
    folder: Path

    async def schedule(self, order: Doc) -> None:
        """Put every article of an order that is made to order on the agenda."""
        for detail in order["details"]:
            article = articles().get(detail["skuCode"])
            if article is not None and article.made_to_order:
                number = f"WG-{order['order_id']}-{detail['lineNo']}"
                hours = random.Random(f"{self.world.seed}/{number}").uniform(LEAST, MOST)
                work = {
                    "number": number,
                    "order_no": order["order_id"],
                    "sku": detail["skuCode"],
                    "quantity": detail["qty"],
                }
                self.world.later(timedelta(hours=hours), COMPLETE, number, work)

    async def complete(self, work: Doc) -> None:
        """Finish a piece of work and say so; each is said once."""
        number = work["number"]
        by = "file" if self.ledger.count("completion") % 2 else "push"
        done = {name: work[name] for name in ("order_no", "sku", "quantity")}
        at = self.world.clock.now().isoformat()
        self.ledger.put("completion", number, {**done, "finished_at": at, "by": by})
        self._say(number)

    def resume(self) -> None:
        """After a restart: say what is finished and was perhaps never said."""
        self.pusher.resume()
        for number, _ in self.ledger.each("completion"):
            self._say(number)

    def _say(self, number: str) -> None:
        done = self.ledger.get("completion", number) or {}
        if done["by"] == "push":
            self._push(number, done)
        else:
            self._drop(number, done)

    def _push(self, number: str, done: Doc) -> None:
        told = {name: value for name, value in done.items() if name != "by"}
        body = json.dumps(
            {"completion_no": number, **told, "status": "completed"}, ensure_ascii=False
        )
        headers = {"content-type": "application/json", "X-MES-Token": TOKEN}
        push = Push(url=f"{self.world.hub_url}/hooks/mes", body=body.encode(), headers=headers)
        self.pusher.send(number, push)

    def _drop(self, number: str, done: Doc) -> None:
        """Put a file into the folder; a kill before it is noted puts it there again."""
        if self.ledger.get("file", number) is not None:
            return
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(HEAD)
        rows.writerow(
            (number, done["order_no"], done["sku"], done["quantity"], done["finished_at"])
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        name = number.replace("/", "_")
        aside = self.folder / f".{name}.part"
        aside.write_bytes(text.getvalue().encode("gb18030"))
        aside.rename(self.folder / f"{name}.csv")
        self.ledger.put("file", number, {})


def acknowledged(answer: httpx.Response) -> bool:
    """Read the hub's "got it"."""
    said = answer.json()
    return isinstance(said, dict) and said.get("code") == 0
