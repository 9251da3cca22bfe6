"""Where the WMS's pushes come in: what has left, arrived, or come back (protocols 10.1).

What its status words mean is in ``rules/statuses.yaml``.
"""

import hashlib
import hmac

from domain.comeback import Pieces, Receipt
from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, Event, GoodsArrived, GoodsReturned, ParcelPacked, Push
from domain.partner_words import Packing, Shelving
from gateways.qimen_line import GOOD
from gateways.qimen_wire import METHOD_PREFIX, sign
from gateways.qimen_xml import PARTNER, Node, document
from rulebook.statuses import standard_statuses
from settings import Qimen

OUR_RETURNS = "/return/"  # in the code of every return that we announced


class QimenDoor:
    """The door at ``/hooks/qimen``. A method that says nothing to us is acknowledged and kept."""

    name = PARTNER
    media_types = frozenset({"text/xml", "application/xml"})

    def __init__(self, settings: Qimen) -> None:
        self._secret = settings.secret.get_secret_value()

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless Qimen signed exactly this query and this body."""
        wanted = sign(self._secret, push.query, push.body)
        if not hmac.compare_digest(wanted.encode(), push.query.get("sign", "").encode()):
            raise ForgedPush(PARTNER)

    def key(self, push: Push) -> str:
        """Name the push by the WMS's own ``outBizCode``; ``Untranslatable`` without one.

        A large receipt comes as several pushes with one code; their first article tells them apart.
        """
        method = _method(push)
        if method == "deliveryorder.confirm":
            code = Node.parse(push.body).at("deliveryOrder").text("outBizCode")
        elif method == "returnorder.confirm":
            code = Node.parse(push.body).at("returnOrder").text("outBizCode")
        elif method == "entryorder.confirm":
            request = Node.parse(push.body)
            first = next((line.text("itemCode") for line in _lines(request)), "")
            code = f"{request.at('entryOrder').text('outBizCode')}/{first}"
        else:
            code = hashlib.sha256(push.body).hexdigest()
        return f"{method}/{code}"

    def read(self, push: Push) -> tuple[Event, ...]:
        """Tell the push in our words; ``Untranslatable`` names the field that is wrong."""
        match _method(push):
            case "deliveryorder.confirm":
                return _packed(push)
            case "entryorder.confirm":
                return _arrived(Node.parse(push.body))
            case "returnorder.confirm":
                return _returned(push)
            case _:
                return ()

    def accept(self) -> Answer:
        """Say "got it" in Qimen's form."""
        return _answer("success", "0", "ok")

    def refuse(self, reason: str) -> Answer:
        """Say "not like this"; HTTP 200, as Qimen does."""
        return _answer("failure", "REFUSED", reason)


def _method(push: Push) -> str:
    method = push.query.get("method", "").removeprefix(METHOD_PREFIX)
    if not method:
        raise Untranslatable(PARTNER, "method", "缺失")
    return method


def _packed(push: Push) -> tuple[Event, ...]:
    order = Node.parse(push.body).at("deliveryOrder")
    if standard_statuses().deliveries.read(order.text("status")) is not Packing.LEFT:
        return ()
    return (
        ParcelPacked(
            parcel_key=order.text("deliveryOrderCode"),
            event_id=order.text("outBizCode"),
            at=order.time("operateTime", otherwise=push.received_at),
        ),
    )


def _arrived(request: Node) -> tuple[Event, ...]:
    entry = request.at("entryOrder")
    skus = tuple(line.text("itemCode") for line in _lines(request) if line.whole("actualQty"))
    status = standard_statuses().entries.read(entry.text("status"))
    if status is not Shelving.SHELVED or not skus:
        return ()
    return (GoodsArrived(warehouse=entry.text("warehouseCode"), skus=skus),)


def _returned(push: Push) -> tuple[Event, ...]:
    """Read what was found in a return; its fields are from memory.

    Of what can not be sold any more nothing is told: the order sees that it is missing.
    """
    request = Node.parse(push.body)
    order = request.at("returnOrder")
    code = order.text("returnOrderCode")
    if OUR_RETURNS not in code:
        return ()
    found = [(line.text("itemCode"), line) for line in _lines(request)]
    good = [
        Pieces(sku=sku, quantity=line.whole("actualQty"))
        for sku, line in found
        if (line.maybe("inventoryType") or GOOD) == GOOD and line.whole("actualQty")
    ]
    receipt = Receipt(
        key=code,
        event_id=order.text("outBizCode"),
        warehouse=order.text("warehouseCode"),
        goods=tuple(good),
        at=order.time("orderConfirmTime", otherwise=push.received_at),
    )
    return (GoodsReturned(receipt=receipt),)


def _lines(request: Node) -> list[Node]:
    return list(request.each("orderLines", "orderLine"))


def _answer(flag: str, code: str, message: str) -> Answer:
    body = document("response", {"flag": flag, "code": code, "message": message})
    return Answer(body=body, media_type="text/xml")
