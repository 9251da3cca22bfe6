"""Whatever is thrown at a door: no fault of ours, and nothing kept that nobody signed."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Engine, func, select

from domain.events import Door
from gateways.channel_shops import ChannelShops
from gateways.database import open_database
from gateways.kuaidi100_call import signature
from gateways.kuaidi100_door import Kuaidi100Door
from gateways.mes_door import MesDoor
from gateways.qimen_door import QimenDoor
from gateways.qimen_wire import sign
from gateways.sf_door import SfDoor
from gateways.tables import INBOX
from infra.migrate import migrate_hub
from settings import CHANNELS, Kuaidi100, Mes, Qimen, Settings, Sf
from tests.web.corner import SECRET, AskingCorner, CornerDoor, signed
from tests.web.fronts import Front, fronted

ANY = settings(
    max_examples=150,
    deadline=None,  # a slow machine is no fault
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
DOORS: Mapping[str, Door] = {
    "/hooks/sf/{secret}": SfDoor(Sf()),
    "/hooks/kuaidi100": Kuaidi100Door(Kuaidi100()),
    "/hooks/qimen": QimenDoor(Qimen()),
    "/hooks/mes": MesDoor(Mes()),
    "/hooks/corner": CornerDoor(),
    "/api/order/create": AskingCorner("asking"),
}
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
VALUES = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b""))
HEADERS = st.dictionaries(
    st.sampled_from(
        ["content-type", "x-corner-sign", "event-sign", "x-lifeline-sign", "x-lifeline-timestamp",
         "pdd-sign", "event-type", "host", "transfer-encoding"]
    ) | NAMES.filter(lambda name: name != "content-length"),
    VALUES,
    max_size=6,
)  # fmt: skip # one list of the names that doors look at
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["Body", "WaybillRoute", "id", "mailno", "orderid", "opCode", "acceptTime",
                         "lastResult", "data", "com", "nu", "state", "number", "kind", "order_no",
                         "tag", "msg_id", "msg", "type", "kdt_id"]) | st.text(max_size=5),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip # as above
BODIES = st.binary(max_size=200) | DOCUMENTS.map(lambda document: json.dumps(document).encode())


@dataclass(frozen=True)
class Genuine:
    """A push whose bytes its partner has signed, whatever they say."""

    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


def sf(body: bytes) -> Genuine:
    secret = Sf().push_path_secret.get_secret_value()
    return Genuine(f"/hooks/sf/{secret}", {"content-type": "application/json"}, {}, body)


def kuaidi100(body: bytes) -> Genuine:
    param = body.decode("latin-1")
    form = {"param": param, "sign": signature(param, Kuaidi100().salt.get_secret_value())}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Genuine("/hooks/kuaidi100", headers, {}, urlencode(form).encode())


def qimen(body: bytes, method: str = "deliveryorder.confirm") -> Genuine:
    query = {"method": method, "v": "2.0"}
    query["sign"] = sign(Qimen().secret.get_secret_value(), query, body)
    return Genuine("/hooks/qimen", {"content-type": "text/xml"}, query, body)


def mes(body: bytes) -> Genuine:
    token = Mes().token.get_secret_value()
    headers = {"x-mes-token": token, "content-type": "application/json"}
    return Genuine("/hooks/mes", headers, {}, body)


def corner(body: bytes) -> Genuine:
    return Genuine("/hooks/corner", signed(body), {}, body)


def asking(body: bytes) -> Genuine:
    return Genuine("/api/order/create", signed(body), {}, body)


SIGNERS: Mapping[str, Callable[[bytes], Genuine]] = {
    "sf": sf,
    "kuaidi100": kuaidi100,
    "qimen": qimen,
    "mes": mes,
    "corner": corner,
    "asking": asking,
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    url = f"sqlite:///{Path(tmp_path_factory.mktemp('hub')) / 'hub.sqlite'}"
    migrate_hub(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
async def front(hub: Engine) -> AsyncIterator[Front]:
    async with fronted(hub, DOORS) as front:
        shops = ChannelShops.of(Settings(), hub, front.http)
        # As the starter has it: a channel whose messages we fetch ourselves has no door here.
        front.channels |= {name: door for name in shops.doors if (door := shops.door(name))}
        yield front


PATHS = st.sampled_from(
    [*(path.replace("{secret}", "guess") for path in DOORS),
     *(f"/hooks/{name}" for name in CHANNELS)]
) | st.text(max_size=12).map(lambda name: f"/hooks/{quote(name)}")  # fmt: skip # as above
METHODS = st.sampled_from(["POST"] * 6 + ["GET", "PUT", "HEAD", "OPTIONS", "BREW"])


@ANY
@given(
    method=METHODS,
    path=PATHS,
    headers=HEADERS,
    body=BODIES,
    query=st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")),
)
@example(method="POST", path="/hooks/qimen", headers={"host": b"["}, body=b"", query="")
@example(method="POST", path="/hooks/kuaidi100", headers={}, body=b"sign=%ff&param=%00", query="")
async def test_what_nobody_signed_breaks_nothing_and_is_not_kept(
    front: Front, hub: Engine, method: str, path: str, **parts: Any
) -> None:
    before = _count(hub)

    answer = await front.http.request(
        method,
        path,
        headers={name.encode(): value for name, value in parts["headers"].items()},
        content=parts["body"],
        params=parts["query"],
    )

    assert answer.status_code < 500
    assert before == _count(hub)


@pytest.mark.parametrize("partner", SIGNERS)
@ANY
@given(body=BODIES)
@example(body=b"<request><deliveryOrder><status>DELIVERED</status></deliveryOrder></request>")
@example(body=rb'{"number": "\ud800\ud800", "kind": "order"}')
@example(body=b'{"number": "' + b"9" * 900 + b'", "kind": "claim"}')
@example(body=b"[" * 5000)
async def test_whatever_a_partner_signed_is_kept_once(
    front: Front, hub: Engine, partner: str, body: bytes
) -> None:
    push = SIGNERS[partner](body)

    for _ in range(2):
        answer = await front.http.post(
            push.path, headers=push.headers, params=push.query, content=push.body
        )
        assert answer.status_code < 500

    assert 1 == _count(hub, INBOX.c.body == push.body, INBOX.c.path == push.path)


async def test_a_channel_that_we_call_ourselves_takes_no_pushes(front: Front) -> None:
    answer = await front.http.post("/hooks/pinduoduo", content=b"{}")

    assert 404 == answer.status_code


async def test_a_secret_is_no_header(front: Front) -> None:
    answer = await front.http.post(
        "/hooks/corner", content=b"{}", headers={"x-corner-sign": SECRET.decode()}
    )

    assert 401 == answer.status_code


def _count(hub: Engine, *which: ColumnElement[bool]) -> int:
    with hub.connect() as connection:
        return connection.execute(
            select(func.count()).select_from(INBOX).where(*which)
        ).scalar_one()
