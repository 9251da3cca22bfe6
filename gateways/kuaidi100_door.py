"""Where kuaidi100's subscription pushes come in (protocols 8.1)."""

import hmac
import json
from hashlib import sha256
from urllib.parse import parse_qs

from domain.errors import ForgedPush, Untranslatable
from domain.events import Answer, Event, ParcelScanned, Push
from gateways.carrier_forms import Wire, read_as
from gateways.kuaidi100_call import DONE, NAME, signature
from gateways.kuaidi100_track import Track
from settings import Kuaidi100

NOT_LIKE_THIS = "500"


class TrackPush(Wire):
    """One push: the whole trace so far, or none when a subscription was given up."""

    last_result: Track | None = None


class Kuaidi100Door:
    """Reads kuaidi100's pushes, which know the waybill number only, not the parcel's key."""

    name = NAME
    media_types = frozenset({"application/x-www-form-urlencoded"})

    def __init__(self, settings: Kuaidi100) -> None:
        self._salt = settings.salt.get_secret_value()

    def verify(self, push: Push) -> None:
        """Raise ``ForgedPush`` unless ``sign`` is the MD5 of the param and our salt."""
        form = _form(push)
        wanted = signature(form.get("param", ""), self._salt)
        if not hmac.compare_digest(form.get("sign", "").encode(), wanted.encode()):
            raise ForgedPush("kuaidi100:签名不符")

    def key(self, push: Push) -> str:
        """Name the push by its content: a redelivery brings the same trace."""
        return sha256(_param(push).encode()).hexdigest()

    def read(self, push: Push) -> tuple[Event, ...]:
        """Tell the trace as one event, or nothing when the push brings none."""
        track = read_as(NAME, TrackPush, _param(push)).last_result
        if track is None or not track.data:
            return ()
        scanned = ParcelScanned(
            carrier=track.com, waybill=track.nu, parcel_key=None, scans=track.scans()
        )
        return (scanned,)

    def accept(self) -> Answer:
        """Say "got it"."""
        return _answer("成功", DONE, done=True)

    def refuse(self, reason: str) -> Answer:
        """Say "not like this"; kuaidi100 pushes it again later."""
        return _answer(reason, NOT_LIKE_THIS, done=False)


def _form(push: Push) -> dict[str, str]:
    text = push.body.decode("utf-8", errors="replace")
    return {name: values[0] for name, values in parse_qs(text).items()}


def _param(push: Push) -> str:
    param = _form(push).get("param")
    if param is None:
        raise Untranslatable(NAME, "param", "missing")
    return param


def _answer(text: str, code: str, *, done: bool) -> Answer:
    verdict = {"result": done, "returnCode": code, "message": text}
    body = json.dumps(verdict, ensure_ascii=False)
    return Answer(body=body.encode(), media_type="application/json")
