"""The channels' doors: who is let in, what a push is called, what it says, and what is answered."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.buyer import buyer_key
from channels.samples import SampleKind, samples
from channels.signatures import FRESH_S, lifeline_signature
from domain.acceptance import Acceptance, Decision
from domain.clock import utc_now
from domain.errors import ForgedPush, Untranslatable
from domain.events import AskingDoor, OrderNamed, OrderSeen, Push, RefundNamed, RefundSeen
from gateways.channel_acts import ChannelActs
from gateways.channel_door import ChannelDoor
from gateways.channel_shelf import ChannelShelf
from gateways.channel_shops import credentials
from gateways.database import open_database
from gateways.field_watch import FieldWatch
from infra.migrate import migrate_hub
from settings import CHANNELS

AT = utc_now()
NAMES = ("douyin", "miniprogram", "youzan")
Json = Any


def signature(name: str, body: bytes, secret: str | None = None) -> Mapping[str, str]:
    """Sign as the channel does, by the rules that it publishes."""
    there = CHANNELS[name]
    key = secret or there.secret.get_secret_value()
    if name == "miniprogram":
        stamp = str(int(AT.timestamp()))
        return {
            "x-lifeline-timestamp": stamp,
            "x-lifeline-nonce": "n1",
            "x-lifeline-sign": lifeline_signature(key.encode(), stamp, "n1", body),
        }
    sign = md5(there.account.encode() + body + key.encode(), usedforsecurity=False)
    return {"event-sign": sign.hexdigest()}


def pushed(name: str, said: Json, headers: Mapping[str, str] | None = None) -> Push:
    """Let a channel push a document, or bytes, signed rightly unless told otherwise."""
    body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    right = signature(name, body) if headers is None else headers
    return Push(path=f"/hooks/{name}", headers=right, query={}, body=body, received_at=AT)


def recorded(name: str, title: str) -> Json:
    """Tell a push as the channel once made it."""
    (sample,) = (s for s in samples(name) if s.name == f"push-{title}.json")
    assert SampleKind.PUSH is sample.kind
    return sample.document


@dataclass(frozen=True)
class Hall:
    """All doors, and the shelf that says which versions are in force."""

    shelf: ChannelShelf
    watch: FieldWatch

    def door(self, name: str) -> ChannelDoor:
        who = credentials(CHANNELS[name])
        return ChannelDoor(
            name, self.shelf, who, lambda buyer: buyer_key(b"key", buyer), self.watch
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doors")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    yield from opened(tmp_path)


@pytest.fixture(scope="module")
def one_hall(folder: Path) -> Iterator[Hall]:
    """A hall for tests that change nothing in it."""
    yield from opened(folder)


def opened(folder: Path) -> Iterator[Hall]:
    url = f"sqlite:///{folder / 'hub.sqlite'}"
    migrate_hub(url)
    engine = open_database(url)
    yield Hall(ChannelShelf(ChannelActs(engine)), FieldWatch(engine))
    engine.dispose()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", ["order", "refund"])
def test_what_a_channel_signed_is_let_in(one_hall: Hall, name: str, title: str) -> None:
    push = pushed(name, recorded(name, title))

    one_hall.door(name).verify(push)

    (event,) = one_hall.door(name).read(push)
    wanted = {"order": OrderNamed | OrderSeen, "refund": RefundNamed | RefundSeen}
    assert isinstance(event, wanted[title])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "tampered",
    [
        lambda push: replace(push, headers={}),
        lambda push: replace(push, body=push.body + b" "),
        lambda push: replace(push, headers=dict.fromkeys(push.headers, "")),
        lambda push: replace(push, headers=dict.fromkeys(push.headers, "验")),
        lambda push: replace(push, headers=signature(push.path[7:], push.body, "another")),
    ],
)
def test_what_a_channel_did_not_sign_stays_out(
    one_hall: Hall, name: str, tampered: Callable[[Push], Push]
) -> None:
    door = one_hall.door(name)

    with pytest.raises(ForgedPush) as fault:
        door.verify(tampered(pushed(name, recorded(name, "order"))))

    answer = door.refuse(str(fault.value))
    assert 401 == answer.status
    assert json.loads(answer.body)["code"] != 0


@pytest.mark.parametrize("seconds", [FRESH_S + 1, -FRESH_S - 1])
def test_an_old_signature_is_no_proof_where_it_is_dated(one_hall: Hall, seconds: int) -> None:
    door, push = one_hall.door("miniprogram"), pushed("miniprogram", {})
    late = replace(push, received_at=AT + timedelta(seconds=seconds))

    with pytest.raises(ForgedPush) as fault:
        door.verify(late)

    assert 40002 == json.loads(door.refuse(str(fault.value)).body)["code"]


@pytest.mark.parametrize("name", NAMES)
def test_a_redelivery_has_the_same_name_and_a_changed_document_another(
    one_hall: Hall, name: str
) -> None:
    door, document = one_hall.door(name), recorded(name, "order")
    again = json.loads(json.dumps(document))
    changed = [dict(document[0], msg_id="9")] if name == "douyin" else dict(document, id="E9")

    first = door.key(pushed(name, document))

    assert first == door.key(pushed(name, again))
    assert first == door.key(pushed(name, _reordered(document)))
    assert first != door.key(pushed(name, changed))


def test_what_counts_the_deliveries_is_no_part_of_the_name(one_hall: Hall) -> None:
    """Youzan writes into the body how often it has sent it before."""
    door, document = one_hall.door("youzan"), recorded("youzan", "order")

    names = {door.key(pushed("youzan", {**document, "sendCount": n})) for n in range(3)}

    assert 1 == len(names)


def test_a_document_that_changed_within_the_second_has_another_name(one_hall: Hall) -> None:
    door, document = one_hall.door("miniprogram"), recorded("miniprogram", "order")
    moved = {**document, "receiver": {**document["receiver"], "address": "网商路 599 号"}}

    assert door.key(pushed("miniprogram", document)) != door.key(pushed("miniprogram", moved))


def test_an_array_brings_each_of_its_events(one_hall: Hall) -> None:
    titles = ("nothing", "order", "refund")
    events = [event for title in titles for event in recorded("douyin", title)]
    door, push = one_hall.door("douyin"), pushed("douyin", events)

    door.verify(push)

    named, claimed = door.read(push)
    assert OrderNamed(channel="douyin", number="6900000700000000001") == named
    assert isinstance(claimed, RefundNamed)
    assert ("6900000700000000003", "5000001") == (claimed.number, claimed.refund_id)
    assert 3 == len(door.key(push).split("+"))


def test_one_wrong_event_of_an_array_is_named_by_its_place(one_hall: Hall) -> None:
    events = [*recorded("douyin", "order"), {"tag": "100", "msg_id": "1", "data": "{}"}]

    with pytest.raises(Untranslatable) as fault:
        one_hall.door("douyin").read(pushed("douyin", events))

    assert "$[1].data.p_id" == fault.value.path


@pytest.mark.parametrize(("name", "title"), [("douyin", "nothing"), ("youzan", "nothing")])
def test_a_probe_is_let_in_and_tells_nobody_anything(one_hall: Hall, name: str, title: str) -> None:
    door, push = one_hall.door(name), pushed(name, recorded(name, title))

    door.verify(push)

    assert () == door.read(push)


def test_a_kind_that_nobody_has_heard_of_is_kept_and_tells_nobody_anything(
    one_hall: Hall,
) -> None:
    push = pushed("youzan", {**recorded("youzan", "order"), "type": "cake_Baked"})

    assert () == one_hall.door("youzan").read(push)


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("douyin", {"code": 0, "msg": "success"}),
        ("youzan", {"code": 0, "msg": "success"}),
        ("miniprogram", {"code": 0, "msg": "ok"}),
    ],
)
def test_each_channel_hears_got_it_in_its_own_words(
    one_hall: Hall, name: str, accepted: Json
) -> None:
    door = one_hall.door(name)

    answer = door.accept()

    assert (200, "application/json") == (answer.status, answer.media_type)
    assert accepted == json.loads(answer.body)
    refusal = door.refuse("$.sku 不对")
    assert (400, "$.sku 不对") == (refusal.status, json.loads(refusal.body)["msg"])


def test_who_waits_to_hear_is_answered_about_an_order_and_about_nothing_else(
    one_hall: Hall,
) -> None:
    door = one_hall.door("miniprogram")
    assert isinstance(door, AskingDoor)
    order = door.opening(pushed("miniprogram", recorded("miniprogram", "order")))

    assert order is not None
    assert ("miniprogram/MP7-00001", AT) == (order.id, order.received_at)
    assert buyer_key(b"key", "13701023377") == order.buyer_key
    assert door.opening(pushed("miniprogram", recorded("miniprogram", "refund"))) is None


def test_an_order_that_is_cancelled_is_no_opening(one_hall: Hall) -> None:
    cancelled = {**recorded("miniprogram", "order"), "status": "cancelled"}

    assert one_hall.door("miniprogram").opening(pushed("miniprogram", cancelled)) is None


@pytest.mark.parametrize("name", ["douyin", "youzan"])
def test_who_does_not_wait_opens_nothing(one_hall: Hall, name: str) -> None:
    assert one_hall.door(name).opening(pushed(name, recorded(name, "order"))) is None


@pytest.mark.parametrize(
    ("acceptance", "code"),
    [
        (Acceptance.ACCEPTED, 0),
        (Acceptance.PENDING, 0),
        (Acceptance.FROZEN, 40301),
        (Acceptance.OUT_OF_RANGE, 40302),
    ],
)
def test_the_shop_hears_what_was_decided(one_hall: Hall, acceptance: Acceptance, code: int) -> None:
    decision = Decision(acceptance=acceptance, reason="因为")

    answer = one_hall.door("miniprogram").decided(decision)

    told = json.loads(answer.body)
    assert (200, code, acceptance.value) == (answer.status, told["code"], told["decision"])
    assert "因为" == told["msg"]


def claim(version: str) -> Json:
    return recorded("pinduoduo", "refund-3.2" if version == "3.2" else "refund")


def test_two_protocols_are_read_side_by_side(hall: Hall) -> None:
    door = hall.door("pinduoduo")
    hall.shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")

    named = [door.read(pushed("pinduoduo", claim(version)))[0] for version in ("3.1", "3.2")]

    assert ["5000001", "5000002"] == [
        event.refund_id for event in named if isinstance(event, RefundNamed)
    ]
    order = recorded("pinduoduo", "order")
    assert [OrderNamed] == [type(event) for event in door.read(pushed("pinduoduo", order))]


def test_a_push_has_one_name_whichever_versions_are_in_force(hall: Hall) -> None:
    door, push = hall.door("pinduoduo"), pushed("pinduoduo", claim("3.1"))
    before = door.key(push)

    hall.shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")

    assert before == door.key(push)


def test_a_protocol_that_nobody_let_in_is_parked_until_it_is(hall: Hall) -> None:
    door, push = hall.door("pinduoduo"), pushed("pinduoduo", claim("3.2"))
    with pytest.raises(Untranslatable):
        door.read(push)

    hall.shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")

    assert ["5000002"] == [e.refund_id for e in door.read(push) if isinstance(e, RefundNamed)]


def test_an_event_that_no_version_in_force_reads_is_named_by_its_place(hall: Hall) -> None:
    hall.shelf.activate("pinduoduo", "3.2", by="李四", reason="平台升级")
    hall.shelf.withdraw("pinduoduo", "3.1", by="李四", reason="平台升级")

    with pytest.raises(Untranslatable, match="没有一个启用的协议版本认得它") as fault:
        hall.door("pinduoduo").key(pushed("pinduoduo", claim("3.1")))

    assert "$[0]" == fault.value.path


def test_what_nobody_has_seen_before_is_counted_and_hurts_nobody(hall: Hall) -> None:
    said = {**recorded("miniprogram", "order"), "gift_card": {"no": "1"}}

    hall.door("miniprogram").read(pushed("miniprogram", said))
    hall.watch.write()

    assert {"gift_card", "gift_card.no"} == {field.path for field in hall.watch.seen()}


# Whatever comes, it is an event or a fault with a name.

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MUCH = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVENTS = (OrderNamed, OrderSeen, RefundNamed, RefundSeen)


def survives(door: ChannelDoor, push: Push) -> None:
    """Hold what every door promises of bytes that are signed rightly."""
    door.verify(push)
    with contextlib.suppress(Untranslatable):
        assert door.key(push)
        assert all(isinstance(event, EVENTS) for event in door.read(push))
        door.opening(push)


@MUCH
@given(name=st.sampled_from(NAMES), said=anything | st.binary())
def test_any_json_and_any_bytes_are_read_or_named(one_hall: Hall, name: str, said: Json) -> None:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()

    survives(one_hall.door(name), pushed(name, body))


@MUCH
@given(data=st.data(), name=st.sampled_from(NAMES), title=st.sampled_from(["order", "refund"]))
def test_a_push_with_one_strange_field_is_read_or_named(
    one_hall: Hall, data: st.DataObject, name: str, title: str
) -> None:
    document = recorded(name, title)
    place = data.draw(st.sampled_from(list(_places(document))))
    said = _with(document, place, data.draw(anything))

    survives(one_hall.door(name), pushed(name, json.dumps(said).encode()))


@MUCH
@given(said=anything, title=st.sampled_from(["order", "refund"]))
def test_strange_content_inside_of_a_right_envelope_is_read_or_named(
    one_hall: Hall, said: Json, title: str
) -> None:
    text = json.dumps(said)
    (event,) = recorded("douyin", title)
    survives(one_hall.door("douyin"), pushed("douyin", [{**event, "data": text}]))
    envelope = {**recorded("youzan", title), "msg": quote_plus(text)}
    survives(one_hall.door("youzan"), pushed("youzan", envelope))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [50, 500, 100_000])
@pytest.mark.parametrize("shape", ['{"a":%s}', "[%s]"])
def test_a_deep_document_is_read_or_named(
    one_hall: Hall, name: str, depth: int, shape: str
) -> None:
    before, after = shape.split("%s")

    survives(one_hall.door(name), pushed(name, (before * depth + "1" + after * depth).encode()))


@pytest.mark.parametrize("number", [10**30, -1, 1.5, True, "1" * 65, "1/2", "\ud800", None])
def test_a_number_that_no_order_has_is_named(one_hall: Hall, number: Json) -> None:
    data = json.dumps({"p_id": number})

    with pytest.raises(Untranslatable) as fault:
        one_hall.door("douyin").read(
            pushed("douyin", [{"tag": "100", "msg_id": "1", "data": data}])
        )

    assert fault.value.path.startswith("$[0].data")


@MUCH
@given(name=st.sampled_from(NAMES), body=st.binary(), sign=st.text(), stamp=st.text())
def test_whatever_is_not_signed_stays_out(
    one_hall: Hall, name: str, body: bytes, sign: str, stamp: str
) -> None:
    headers = {
        "event-sign": sign,
        "x-lifeline-sign": sign,
        "x-lifeline-timestamp": stamp,
        "x-lifeline-nonce": stamp,
    }
    with pytest.raises(ForgedPush):
        one_hall.door(name).verify(pushed(name, body, headers))


def _reordered(value: Json) -> Json:
    """Write the same document with its keys in another order."""
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(inner) for inner in value] if isinstance(value, list) else value


def _places(value: Json, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield place
    if isinstance(value, dict | list):
        steps = value if isinstance(value, dict) else range(len(value))
        for step in steps:
            yield from _places(value[step], (*place, step))


def _with(value: Json, place: tuple[str | int, ...], new: Json) -> Json:
    """Write a document with another value in one place."""
    if not place:
        return new
    step, *below = place
    changed = value.copy()
    changed[step] = _with(value[step], tuple(below), new)
    return changed
