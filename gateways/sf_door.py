"""Where SF's route pushes come in (protocols 4.3).

SF signs nothing, so the path that it pushes to holds a secret.
"""

import hmac
import json
from hashlib import sha256

from pydantic import Field

from domain.errors import ForgedPush
from domain.events import Answer, Event, ParcelScanned, Push
from gateways.carrier_forms import Text, Wire, read_as
from gateways.sf import CARRIER
from gateways.sf_routes import Route, scans_of
from gateways.sf_service import NAME
from settings import Sf

GOT_IT = "0000"
NOT_LIKE_THIS = "1000"


class PushedRoute(Route):
    """A scan with the parcel that it belongs to; ``orderid`` is our parcel's key."""

    id: str
    mailno: str
    orderid: Text = ""


class PushBody(Wire):
    """A wrapper of SF's around the scans."""

    routes: tuple[PushedRoute, ...] = Field(alias="WaybillRoute", min_length=1)


class RoutePush(Wire):
    """One push; it may tell of many scans, and of many parcels."""

    body: PushBody = Field(alias="Body")


class SfDoor:
    """Reads SF's route pushes."""

    name = NAME
    media_types = frozenset({"application/json", "application/x-www-form-urlencoded"})

    def __init__(self, settings: Sf) -> None:
        self._secret = settings.push_path_secret.get_secret_value().encode()

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless the path ends with our secret."""
        told = push.path.rsplit("/", 1)[-1].encode()
        if not hmac.compare_digest(told, self._secret):
            raise ForgedPush("sf:推送路径不符")

    def key(self, push: Push) -> str:
        """Name the push by the ids of its scans; SF resends the same ids."""
        ids = sorted(route.id for route in _routes(push))
        return sha256("\n".join(ids).encode()).hexdigest()

    def read(self, push: Push) -> tuple[Event, ...]:
        """Tell one event for each parcel that was scanned."""
        parcels: dict[tuple[str, str], list[PushedRoute]] = {}
        for route in _routes(push):
            parcels.setdefault((route.mailno, route.orderid), []).append(route)
        return tuple(
            ParcelScanned(
                carrier=CARRIER, waybill=mailno, parcel_key=orderid or None, scans=scans_of(routes)
            )
            for (mailno, orderid), routes in parcels.items()
        )

    def accept(self) -> Answer:
        """Say "got it"."""
        return _answer(GOT_IT, "成功")

    def refuse(self, reason: str) -> Answer:
        """Say "not like this"; SF sends the same scans again later."""
        return _answer(NOT_LIKE_THIS, reason)


def _routes(push: Push) -> tuple[PushedRoute, ...]:
    return read_as(NAME, RoutePush, push.body).body.routes


def _answer(code: str, text: str) -> Answer:
    body = json.dumps({"return_code": code, "return_msg": text}, ensure_ascii=False)
    return Answer(body=body.encode(), media_type="application/json")
