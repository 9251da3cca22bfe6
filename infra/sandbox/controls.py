"""The sandbox's own switches and views, under ``/_sandbox``; no partner has these."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.sandbox.abuse import CLAIMS, Abuse
from infra.sandbox.faults import Fault
from infra.sandbox.ledger import Doc
from infra.sandbox.partner import Partner
from infra.sandbox.partners import miniprogram, printer, wecom_app
from infra.sandbox.partners.carriage import Policy
from infra.sandbox.sample_orders import CHANNELS, SampleOrders
from infra.sandbox.shop import BUYER_ORDERED, DEEDS, switch_protocol
from infra.sandbox.world import World

PREFIX = "/_sandbox"
MOST_ORDERS = 100_000  # in one call, and the highest number and seed
CALL = ("at", "operation", "subject", "outcome")
CARRIERS = ("sf", "kuaidi100")
PRINTER_FLAGS = ("paper_out", "paused", "head_open", "silent")


@dataclass(frozen=True, slots=True)
class Controls:
    """What a person, the CLI or a test may do to the sandbox.

    ``printer_ports`` tells each warehouse's printer port.
    """

    world: World
    partners: Mapping[str, Partner]
    printer_ports: Mapping[str, int]

    def routes(self) -> list[Route]:
        """Tell the paths."""
        return [
            Route(f"{PREFIX}/health", _answering(self.health)),
            Route(f"{PREFIX}/urls", _answering(self.urls)),
            Route(f"{PREFIX}/faults", _answering(self.faults), methods=["POST"]),
            Route(f"{PREFIX}/ledger/{{partner}}", _answering(self.ledger)),
            Route(f"{PREFIX}/orders", _answering(self.orders), methods=["POST"]),
            Route(f"{PREFIX}/orders/progress", _answering(self.progress)),
            Route(f"{PREFIX}/deeds/{{deed}}", _answering(self.deed), methods=["POST"]),
            Route(f"{PREFIX}/abusers/{{name}}", _answering(self.abuser), methods=["POST"]),
            Route(f"{PREFIX}/abusers/{{name}}/claims", _answering(self.abuse), methods=["POST"]),
            Route(f"{PREFIX}/cards/{{task_id}}", _answering(self.card), methods=["POST"]),
            Route(f"{PREFIX}/carriers/{{carrier}}", _answering(self.carrier), methods=["POST"]),
            Route(f"{PREFIX}/shops/{{channel}}", _answering(self.shop), methods=["POST"]),
            Route(f"{PREFIX}/printers/{{warehouse}}", _answering(self.printer), methods=["POST"]),
        ]

    async def health(self, _: Request) -> Doc:
        """Say that the sandbox is up, what time it is there, and which faults are on."""
        faults = {name: plan.rates() for name, plan in self.world.plans.items() if plan.rates()}
        now = self.world.clock.now().isoformat()
        return {"world_time": now, "speed": self.world.clock.speed, "faults": faults}

    async def urls(self, request: Request) -> Doc:
        """Tell each partner's base, paths and test credentials, and the printers' addresses."""
        base = str(request.base_url).rstrip("/")
        told: Doc = {name: _told(base, partner) for name, partner in self.partners.items()}
        host = request.base_url.hostname
        ports = {house: f"{host}:{port}" for house, port in self.printer_ports.items()}
        return {**told, printer.NAME: {"base": "tcp", "urls": ports, "credentials": {}}}

    async def faults(self, request: Request) -> Doc:
        """Turn a switch ``{partner, kind, rate}``; tell the partner's switches that are on."""
        asked = await _asked(request)
        name, kind, rate = asked.get("partner"), asked.get("kind"), asked.get("rate")
        plan = self.world.plan_of(_one_of("伙伴", name, (*self.partners, printer.NAME), 404))
        fault = Fault(_one_of("故障", kind, tuple(Fault), 400))
        if type(rate) not in (int, float) or not 0 <= float(str(rate)) <= 1:
            raise HTTPException(400, f"故障率 rate 必须在 0 与 1 之间:{rate}")
        plan.switch(fault, float(str(rate)))
        return {"partner": name, "faults": plan.rates()}

    async def abuser(self, request: Request) -> Doc:
        """Let an abuser order ``{channel, orders, seed}``; tell which orders that were."""
        asked = await _asked(request)
        channel = _one_of("渠道", asked.get("channel"), self._channels(), 400)
        orders, seed = _whole(asked, "orders", least=1), _whole(asked, "seed", least=0)
        name = str(request.path_params["name"])
        return await Abuse(self.world).order(name, channel, orders, seed)

    async def abuse(self, request: Request) -> Doc:
        """Let an abuser claim three times at once."""
        name = str(request.path_params["name"])
        if len((self.world.ledger.get("abuser", name) or {"orders": []})["orders"]) < CLAIMS:
            raise HTTPException(404, f"{name} 还没有下够 {CLAIMS} 单")
        return await Abuse(self.world).claim(name)

    async def carrier(self, request: Request) -> Doc:
        """Say ``{intercepts}``: what a carrier does when a parcel is to be called back."""
        name = _one_of("承运商", request.path_params["carrier"], CARRIERS, 404)
        policy = Policy(
            _one_of("intercepts", (await _asked(request)).get("intercepts"), tuple(Policy), 400)
        )
        ledger = self.world.open_ledger(name)
        if not ledger.put("policy", "intercepts", {"is": policy.value}):
            ledger.amend("policy", "intercepts", **{"is": policy.value})
        return {"carrier": name, "intercepts": policy.value}

    async def ledger(self, request: Request) -> Doc:
        """Tell what a partner did: ``{entries: {kind: {key: doc}}, calls: [...]}``."""
        known = (*self.partners, printer.NAME, "world")
        ledger = self.world.open_ledger(_one_of("伙伴", request.path_params["partner"], known, 404))
        calls = [dict(zip(CALL, call, strict=True)) for call in ledger.calls()]
        return {
            "entries": {kind: dict(ledger.each(kind)) for kind in ledger.kinds()},
            "calls": calls,
        }

    async def orders(self, request: Request) -> Doc:
        """Let buyers order samples ``{count, seed, from, channel}``; tell which were queued.

        ``orders`` are the channel's own numbers, ``ids`` those with the channel before them.
        """
        asked = await _asked(request)
        named = asked.get("channel", miniprogram.NAME)
        channel = _one_of("渠道", named, self._channels(), 404)
        count = _whole(asked, "count", least=1)
        first = _whole({"from": 1, **asked}, "from", least=1)
        seed = _whole({"seed": self.world.seed, **asked}, "seed", least=0)
        samples = SampleOrders(seed)
        orders = [samples.order(n, channel) for n in range(first, first + count)]
        for order in orders:
            await self.world.tell(BUYER_ORDERED, order)
        numbers = [order["order_no"] for order in orders]
        ids = [f"{channel}/{number}" for number in numbers]
        return {"queued": count, "orders": numbers, "ids": ids}

    def _channels(self) -> tuple[str, ...]:
        """Tell the partners that are shops."""
        return tuple(name for name in CHANNELS if name in self.partners)

    async def progress(self, _: Request) -> Doc:
        """Count the shops' orders, the pushes that the hub has, and the shipments it told of."""
        shops = [self.world.open_ledger(name) for name in self._channels()]
        return {
            "orders": sum(shop.count("order") for shop in shops),
            "acknowledged": sum(
                push["acknowledged"] for shop in shops for _, push in shop.each("push")
            ),
            "shipments": sum(shop.count("shipment") for shop in shops),
        }

    async def deed(self, request: Request) -> Doc:
        """Let a buyer or a platform do something, ``infra.sandbox.shop`` says what, and to what."""
        deed = _one_of("举动", request.path_params["deed"], DEEDS, 404)
        asked = await _asked(request)
        _one_of("渠道", asked.get("channel"), self._channels(), 404)
        try:
            await self.world.tell(deed, asked)
        except LookupError as unknown:
            raise HTTPException(400, f"做不到:{unknown}") from unknown
        return {"done": deed}

    async def card(self, request: Request) -> Doc:
        """Press a ``{button}`` of a card, as the risk officer or as whoever ``by`` names."""
        cards = dict(self.world.open_ledger(wecom_app.NAME).each("card"))
        task_id = _one_of("卡片", request.path_params["task_id"], tuple(cards), 404)
        asked = {"by": wecom_app.OFFICER, **await _asked(request)}
        keys = tuple(button["key"] for button in cards[task_id]["card"]["button_list"])
        click = {
            "task_id": task_id,
            "button": _one_of("按钮", asked.get("button"), keys, 400),
            "by": str(asked["by"]),
        }
        await self.world.tell(wecom_app.CARD_CLICKED, click)
        return click

    async def shop(self, request: Request) -> Doc:
        """Let a shop speak another ``{protocol}`` from now on."""
        channel = _one_of("渠道", request.path_params["channel"], self._channels(), 404)
        protocol = (await _asked(request)).get("protocol")
        if not isinstance(protocol, str) or not protocol:
            raise HTTPException(400, '字段 protocol 必须是版本号,例如 "3.2"')
        switch_protocol(self.world, channel, protocol)
        return {"channel": channel, "protocol": protocol}

    async def printer(self, request: Request) -> Doc:
        """Do to a printer what a person would: ``{paper_out, paused, head_open, silent}``."""
        house = _one_of("仓库", request.path_params["warehouse"], tuple(self.printer_ports), 404)
        flags = await _asked(request)
        if not flags.keys() <= set(PRINTER_FLAGS) or not all(
            type(v) is bool for v in flags.values()
        ):
            raise HTTPException(
                400, f"打印机状态只有 {'、'.join(PRINTER_FLAGS)},取值 true 或 false"
            )
        printer.set_state(self.world.open_ledger(printer.NAME), house, **flags)
        return {"warehouse": house, **flags}


def _answering(
    deed: Callable[[Request], Awaitable[Doc]],
) -> Callable[[Request], Awaitable[Response]]:
    """Answer JSON; a refusal is one sentence under ``error``."""

    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await deed(request))
        except HTTPException as no:
            return JSONResponse({"error": no.detail}, no.status_code)

    return answer


def _told(base: str, partner: Partner) -> Doc:
    home = f"{base}/{partner.name}"
    urls = {name: home + path for name, path in partner.urls.items()}
    return {"base": home, "urls": urls, "credentials": partner.credentials}


async def _asked(request: Request) -> Doc:
    try:
        asked = json.loads(await request.body())
    except ValueError as e:
        raise HTTPException(400, "请求体必须是 JSON 对象") from e
    if not isinstance(asked, dict):
        raise HTTPException(400, "请求体必须是 JSON 对象")
    return asked


def _one_of(what: str, name: object, known: Sequence[str], status: int) -> str:
    if not isinstance(name, str) or name not in known:
        raise HTTPException(status, f"没有名为 {name} 的{what};已有:{'、'.join(known)}")
    return name


def _whole(asked: Doc, name: str, *, least: int) -> int:
    found = asked.get(name)
    if type(found) is not int or not least <= found <= MOST_ORDERS:
        raise HTTPException(400, f"字段 {name} 必须是 {least} 到 {MOST_ORDERS} 的整数")
    return found
