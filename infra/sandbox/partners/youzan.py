"""Youzan as the hub meets it: tokens, one gateway for every method, signed pushes (protocols 3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.youzan_book import Book
from infra.sandbox.partners.youzan_claims import Claims
from infra.sandbox.partners.youzan_desk import Desk, Method
from infra.sandbox.partners.youzan_news import News, YouzanPusher
from infra.sandbox.partners.youzan_refunds import Refunds
from infra.sandbox.partners.youzan_shipping import Shipping
from infra.sandbox.partners.youzan_shop import Shop
from infra.sandbox.partners.youzan_tokens import CLIENT_ID, CLIENT_SECRET, CODE, Tokens
from infra.sandbox.partners.youzan_trades import Trades
from infra.sandbox.partners.youzan_wire import (
    OLD,
    TOKEN,
    GateSays,
    YouzanSays,
    barrier,
    parsed,
    read,
    refusal,
    success,
)
from infra.sandbox.partners.youzan_words import KDT_ID, NAME
from infra.sandbox.shop import (
    BUYER_CANCELLED,
    BUYER_CLAIMED,
    BUYER_MOVED,
    BUYER_ORDERED,
    BUYER_WITHDREW,
    GOODS_SENT_BACK,
    MONEY_RETURNED,
    REVIEW_BEGAN,
    REVIEW_ENDED,
    now_ms,
)
from infra.sandbox.world import Deed, World

__all__ = ["NAME", "build"]
JSON = "application/json"
RICH_TEXT = "_textarea_"  # how paths begin for methods that take rich text
METHOD_AND_VERSION = 2


class YouzanComplaints:
    """Its own words for faults that are part of its protocol; the version is not known here."""

    def too_many(self) -> JSONResponse:
        """Say "too often"."""
        return barrier(OLD, GateSays(4101, "请求太频繁"))

    def session_lost(self) -> JSONResponse:
        """Say "the token ran out"."""
        return barrier(OLD, GateSays(4202, "请求凭证过期"))


@dataclass(frozen=True, slots=True)
class Gate:
    """Signs clients in, and lets those that are signed in come to the desk."""

    tokens: Tokens
    methods: Mapping[str, Method]
    ledger: Ledger

    async def token(self, request: Request) -> JSONResponse:
        """``/auth/token``."""
        try:
            data = self.tokens.grant(await _asked_for_token(request))
        except YouzanSays as said:
            self.ledger.note("auth.token", "", f"{said.code} {said.text}")
            no = {"success": False, "code": said.code, "data": None, "message": said.text}
            return JSONResponse(no)
        self.ledger.note("auth.token", "", "200")
        return JSONResponse({"success": True, "code": 200, "data": data, "message": None})

    async def call(self, request: Request) -> JSONResponse:
        """``/api/{method}/{version}``: the path, the content type, the token, then the method."""
        path = request.path_params["path"].removeprefix(f"{RICH_TEXT}/")
        name, _, version = path.partition("/")
        try:
            method = self._method(path)
            asked = await read(request)
            self.tokens.admit(request.query_params.get(TOKEN, ""))
            data = method.act(asked)
        except GateSays as said:
            self.ledger.note(name, "", str(said))
            return barrier(version, said)
        except YouzanSays as said:
            self.ledger.note(name, _subject(asked), str(said))
            return refusal(version, said)
        self.ledger.note(name, _subject(asked), "200")
        return success(version, data)

    def _method(self, path: str) -> Method:
        steps = path.split("/")
        if len(steps) != METHOD_AND_VERSION:
            raise GateSays(4001, "非法请求地址")
        method = self.methods.get(steps[0])
        if method is None or steps[1] not in method.versions:
            raise GateSays(4005, "非法的API")
        return method


async def _asked_for_token(request: Request) -> Doc:
    kind = request.headers.get("content-type", "")
    if not kind.startswith(JSON):
        raise YouzanSays(1000, f"Content type '{kind}' not supported,Please use '{JSON}'")
    try:
        return parsed(await request.body())
    except GateSays as e:
        raise YouzanSays(1000, e.text) from e


def _subject(asked: Doc) -> str:
    return str(asked.get("tid") or asked.get("refund_id") or "")


def build(surroundings: Surroundings) -> Partner:
    """Open the shop."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = YouzanPusher(surroundings.http, ledger, world.plan_of(NAME))
    book, news = Book(ledger), News(pusher, world.hub_url)
    trades = Trades(book)
    shop = Shop(book, trades, news)
    claims = Claims(world, book, shop, news)
    _listen(world, shop, claims)
    desk = Desk(book, trades, Refunds(book, claims), Shipping(book, shop))

    def resume() -> None:
        pusher.resume()
        news.probe(now_ms())

    return Partner(
        name=NAME,
        app=_app(Gate(Tokens(ledger), desk.methods(), ledger)),
        credentials={
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "kdt_id": KDT_ID,
            "code": CODE,
        },
        urls={"token": "/auth/token", "api": "/api"},
        complaints=YouzanComplaints(),
        resume=resume,
    )


def _app(gate: Gate) -> Starlette:
    return Starlette(
        routes=[
            Route("/auth/token", gate.token, methods=["POST"]),
            Route("/api/{path:path}", gate.call, methods=["GET", "POST"]),
        ]
    )


def _listen(world: World, shop: Shop, claims: Claims) -> None:
    deeds: Mapping[str, Deed] = {
        BUYER_CLAIMED: claims.ask,
        BUYER_WITHDREW: claims.withdraw,
        MONEY_RETURNED: claims.pay_back,
        GOODS_SENT_BACK: claims.send_back,
        BUYER_MOVED: shop.move,
        BUYER_CANCELLED: shop.cancel,
        REVIEW_BEGAN: shop.begin_review,
        REVIEW_ENDED: shop.end_review,
    }
    world.listen(BUYER_ORDERED, shop.sell)
    for event, deed in deeds.items():
        world.listen(event, _ours(deed))


def _ours(deed: Deed) -> Deed:
    """Do not listen to what happens in other shops."""

    async def heard(payload: Doc) -> None:
        if payload["channel"] == NAME:
            await deed(payload)

    return heard
