"""The Douyin shop as the hub meets it: signed calls, tokens, pushes in arrays (protocols 2).

Facts that protocols 2 does not tell are from the platform's public SDK or, where it says so, from
memory. What the ledger keeps is said in the files beside this one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners.douyin_claim_desk import ClaimDesk
from infra.sandbox.partners.douyin_claims import Claims
from infra.sandbox.partners.douyin_desk import OrderDesk
from infra.sandbox.partners.douyin_gate import OK, Call, DouyinSays, complaint, said_no, said_yes
from infra.sandbox.partners.douyin_news import News, acknowledged
from infra.sandbox.partners.douyin_orders import Orders
from infra.sandbox.partners.douyin_shipping import Shipping
from infra.sandbox.partners.douyin_shop import Shop
from infra.sandbox.partners.douyin_tokens import Tokens, expired
from infra.sandbox.partners.douyin_words import APP_KEY, APP_SECRET, NAME, SHOP_ID
from infra.sandbox.push import Pusher
from infra.sandbox.world import World

__all__ = ["NAME", "build"]

FORM = "application/x-www-form-urlencoded"
SUBJECTS = ("shop_order_id", "order_id", "after_sale_id", "aftersale_id")

Method = Callable[[Doc], Doc | list[Doc]]


class DouyinComplaints:
    """The platform's words for faults that are part of its protocol."""

    def too_many(self) -> JSONResponse:
        """Say "throttled"."""
        return complaint(DouyinSays(60000, "", "触发限流,请稍后重试"))

    def session_lost(self) -> JSONResponse:
        """Say "the access token ran out"."""
        return complaint(expired())


@dataclass(frozen=True, slots=True)
class Counter:
    """Believes calls that are signed and signed in, and lets the desks answer them.

    Methods are found whichever letters are capital: the platform's own clients do not agree.
    """

    tokens: Tokens
    doors: Mapping[str, Method]  # open without a token
    methods: Mapping[str, Method]
    ledger: Ledger

    async def serve(self, request: Request) -> JSONResponse:
        """Answer one call."""
        call, asked, outcome = await _call(request), dict[str, object](), str(OK)
        try:
            asked = call.believe()
            return said_yes(call, request.headers, self._method(call)(asked))
        except DouyinSays as no:
            outcome = f"{no.code} {no.sub_code}"
            return said_no(call, request.headers, no)
        finally:
            self.ledger.note(call.method, _subject(asked), outcome)

    async def authorize(self, request: Request) -> JSONResponse:
        """Give a code along with ``state``, as the page does where a merchant authorises an app."""
        state = request.query_params.get("state", "")
        return JSONResponse({"code": self.tokens.authorize(), "state": state})

    def _method(self, call: Call) -> Method:
        name = call.method.casefold()
        if name in self.doors:
            return self.doors[name]
        if name not in self.methods:
            raise DouyinSays(70000, "isp.api-service-off", "API 不存在或 API 已下线")
        self.tokens.check(call.params.get("access_token", ""))
        return self.methods[name]


async def _call(request: Request) -> Call:
    body = (await request.body()).decode(errors="replace")
    params = dict(request.query_params)
    if request.headers.get("content-type", "").startswith(FORM) and not body.startswith("{"):
        params, body = {**params, **dict(parse_qsl(body, keep_blank_values=True))}, ""
    return Call(path=request.path_params["path"], params=params, body=body)


def _subject(asked: Mapping[str, object]) -> str:
    """Tell for the call log what a call is about."""
    return next((str(asked[name]) for name in SUBJECTS if asked.get(name)), "")


def build(surroundings: Surroundings) -> Partner:
    """Open the shop."""
    world = surroundings.world
    ledger = world.open_ledger(NAME)
    pusher = Pusher(surroundings.http, ledger, world.plan_of(NAME), acknowledged)
    orders, news = Orders(ledger), News(world, ledger, pusher)
    claims = Claims(orders, news)
    Shop(orders, news).listen(world)
    claims.listen(world)
    return Partner(
        name=NAME,
        app=_app(_counter(world, orders, news, claims)),
        credentials={"app_key": APP_KEY, "app_secret": APP_SECRET, "shop_id": SHOP_ID},
        urls={"gateway": "", "authorize": "/authorize"},
        complaints=DouyinComplaints(),
        resume=news.resume,
    )


def _counter(world: World, orders: Orders, news: News, claims: Claims) -> Counter:
    tokens, desk, shipping = Tokens(orders.ledger), OrderDesk(orders), Shipping(orders, news)
    claim_desk = ClaimDesk(world, claims)
    methods: dict[str, Method] = {
        "order.orderDetail": desk.detail,
        "order.searchList": desk.search,
        "order.batchDecrypt": desk.decrypt,
        "order.logisticsCompanyList": desk.companies,
        "order.logisticsAdd": shipping.add,
        "order.logisticsAddSinglePack": shipping.add_single,
        "order.logisticsEdit": shipping.edit,
        "order.logisticsEditByPack": shipping.edit_by_pack,
        "afterSale.List": claim_desk.search,
        "afterSale.Detail": claim_desk.detail,
        "afterSale.operate": claim_desk.operate,
    }
    doors: dict[str, Method] = {"token.create": tokens.create, "token.refresh": tokens.refresh}
    return Counter(tokens, _casefolded(doors), _casefolded(methods), orders.ledger)


def _casefolded(methods: Mapping[str, Method]) -> dict[str, Method]:
    return {name.casefold(): method for name, method in methods.items()}


def _app(counter: Counter) -> Starlette:
    return Starlette(
        routes=[
            Route("/authorize", counter.authorize),
            # Older clients ask with GET and have everything in the query.
            Route("/{path:path}", counter.serve, methods=["GET", "POST"]),
        ]
    )
