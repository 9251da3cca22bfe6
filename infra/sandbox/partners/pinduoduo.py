"""Pinduoduo as the hub meets it: the API gateway, tokens, and the message socket (protocols 1).

Ledger ``pinduoduo``: ``infra.sandbox.shop`` says what every shop keeps, the files beside this one
what is kept besides.
"""

from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partner import Partner, Surroundings
from infra.sandbox.partners import pinduoduo_socket
from infra.sandbox.partners.pinduoduo_aftersales import ClaimDesk
from infra.sandbox.partners.pinduoduo_asked import Asked
from infra.sandbox.partners.pinduoduo_book import Book
from infra.sandbox.partners.pinduoduo_desk import OrderDesk
from infra.sandbox.partners.pinduoduo_gate import (
    CLIENT_ID,
    CLIENT_SECRET,
    Form,
    PinduoduoComplaints,
    PinduoduoSays,
    answered,
    believe,
    read,
)
from infra.sandbox.partners.pinduoduo_outbox import Outbox
from infra.sandbox.partners.pinduoduo_parcels import ParcelDesk
from infra.sandbox.partners.pinduoduo_shop import Shop
from infra.sandbox.partners.pinduoduo_socket import MessageDoor, Patience
from infra.sandbox.partners.pinduoduo_tokens import ACCESS_TOKEN, CODE, REFRESH_TOKEN, Tokens
from infra.sandbox.partners.pinduoduo_words import MALL_ID, NAME
from infra.sandbox.world import World

ROUTER, ARK_ROUTER, TOKEN = "/api/router", "/ark/router", "/oauth/token"
SUBJECTS = ("order_sn", "after_sales_id", "order_sns")  # what a call is about, for the call log

Act = Callable[[Asked], Doc]
# By type: the name of the answer (none: its fields are at the root), and what is done.
Services = Mapping[str, tuple[str, Act]]


def services_of(world: World, book: Book) -> Services:
    """Tell what the gateway can be asked."""
    orders, claims, parcels = OrderDesk(book), ClaimDesk(world, book), ParcelDesk(book)
    return {
        "pdd.order.information.get": ("order_info_get_response", orders.order),
        "pdd.order.list.get": ("order_list_get_response", orders.by_deal),
        "pdd.order.number.list.increment.get": (
            "order_sn_increment_get_response",
            orders.by_change,
        ),
        "pdd.open.decrypt.batch": ("open_decrypt_batch_response", orders.opened),
        "pdd.pmc.user.permit": ("pmc_user_permit_response", orders.permit),
        "pdd.logistics.online.send": ("logistics_online_send_response", parcels.send),
        "pdd.order.upload.extra.logistics": ("upload_extra_logistics_response", parcels.add),
        "pdd.refund.list.increment.get": ("refund_increment_get_response", claims.by_change),
        "pdd.refund.information.get": ("", claims.claim),
        "pdd.refund.status.check": ("refund_status_check_response", claims.check),
        "pdd.refund.agree": ("response", claims.agree),
        "pdd.refund.returngoods.agree": ("response", claims.agree_to_return),
        "pdd.refund.refuse": ("response", claims.refuse),
        "pdd.rdc.pddgenius.sendgoods.cancel": (
            "rdc_pddgenius_sendgoods_cancel_response",
            claims.stopped,
        ),
    }


class Gateway:
    """Believes calls that are signed, and lets the desks answer them."""

    def __init__(self, services: Services, tokens: Tokens, ledger: Ledger) -> None:
        self._services = services
        self._tokens = tokens
        self._ledger = ledger

    async def route(self, request: Request) -> Response:
        """Answer one call of the gateway."""
        return await self._answer(request, self._served)

    async def token(self, request: Request) -> Response:
        """Give an access token; the answer's fields are at the root."""
        return await self._answer(request, lambda form: ("", self._tokens.give(form)))

    async def _answer(self, request: Request, act: Callable[[Form], tuple[str, Doc]]) -> Response:
        form: Form = {}
        try:
            form = await read(request)
            with self._ledger.together():
                name, content = act(form)
        except PinduoduoSays as said:
            self._note(form, str(said))
            return said.envelope()
        self._note(form, "ok")
        return answered(name, content)

    def _served(self, form: Form) -> tuple[str, Doc]:
        believe(form)
        if form["type"] not in self._services:
            raise PinduoduoSays(10017, "type不正确")
        self._tokens.believe(form)
        name, act = self._services[form["type"]]
        return name, act(Asked(form))

    def _note(self, form: Form, outcome: str) -> None:
        subject = next((form[name] for name in SUBJECTS if form.get(name)), "")
        self._ledger.note(form.get("type", ""), subject, outcome)


def build(surroundings: Surroundings, patience: Patience | None = None) -> Partner:
    """Open Pinduoduo; ``patience`` is for whoever can not wait for a message to come again."""
    world = surroundings.world
    ledger, plan = world.open_ledger(NAME), world.plan_of(NAME)
    outbox = Outbox(ledger, plan)
    book = Book(ledger, outbox)
    Shop(world, book).listen()
    gateway = Gateway(services_of(world, book), Tokens(ledger), ledger)
    door = MessageDoor(outbox, plan, ledger, patience or Patience())
    return Partner(
        name=NAME,
        app=_app(gateway, door),
        credentials=_credentials(),
        urls={"router": ROUTER, "token": TOKEN, "message": pinduoduo_socket.PATH},
        complaints=PinduoduoComplaints(),
    )


def _app(gateway: Gateway, door: MessageDoor) -> Starlette:
    calls = ["GET", "POST"]  # a GET is refused in the platform's own words
    return Starlette(
        routes=[
            Route(ROUTER, gateway.route, methods=calls),
            Route(ARK_ROUTER, gateway.route, methods=calls),
            Route(TOKEN, gateway.token, methods=calls),
            WebSocketRoute(pinduoduo_socket.PATH, door.open),
        ]
    )


def _credentials() -> dict[str, str]:
    return {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "access_token": ACCESS_TOKEN,
        "mall_id": str(MALL_ID),
        "code": CODE,
        "refresh_token": REFRESH_TOKEN,
    }
