"""The intake: what is proved and kept is answered; what is not proved leaves nothing behind."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine

from domain.errors import GatewayBusy
from domain.events import Answer, Door, Push
from gateways.inbox import Inbox
from tests.web.corner import CornerDoor, said, signed
from tests.web.fronts import ASKING, PLAIN, Front, fronted
from web.reading import BODY_LIMIT_BYTES


@pytest.fixture
async def front(hub: Engine) -> AsyncIterator[Front]:
    async with fronted(hub) as front:
        yield front


async def test_a_signed_push_is_kept_as_it_came_and_answered(front: Front) -> None:
    body = said("A1")
    answer = await front.push(PLAIN, body)

    assert {"code": 0} == answer.json()
    assert [body] == front.kept()
    assert 1 == len(front.arrivals)


async def test_the_same_push_five_times_is_kept_once_and_answered_each_time(front: Front) -> None:
    answers = [await front.push(PLAIN, said("A1")) for _ in range(5)]

    assert [{"code": 0}] * 5 == [answer.json() for answer in answers]
    assert 1 == len(front.kept()) == len(front.arrivals)


@pytest.mark.parametrize("path", [PLAIN, ASKING])
async def test_a_forged_push_is_refused_and_leaves_nothing(front: Front, path: str) -> None:
    answer = await front.http.post(path, content=said("A1") + b" ", headers=signed(said("A1")))

    assert 401 == answer.status_code
    assert [] == front.kept()
    assert [] == front.lives.opened


@pytest.mark.parametrize("path", [PLAIN, ASKING])
@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b'{"number": 7}'])
async def test_a_genuine_push_that_has_no_name_is_refused_but_kept(
    front: Front, path: str, body: bytes
) -> None:
    """The shop hears what is wrong, and a person can still see what it sent."""
    answer = await front.push(path, body)

    assert 400 == answer.status_code
    assert [body] == front.kept()


async def test_a_name_that_is_half_a_character_is_kept(front: Front) -> None:
    body = rb'{"number": "\ud800", "kind": "claim"}'

    assert 200 == (await front.push(PLAIN, body)).status_code
    assert [body] == front.kept()


async def test_ten_megabytes_of_rubbish_are_refused_unread(front: Front) -> None:
    read: list[bytes] = []

    async def rubbish() -> AsyncIterator[bytes]:
        for _ in range(160):
            read.append(b"x" * 64 * 1024)
            yield read[-1]

    ten_megabytes = {"content-length": str(10 * 1024 * 1024)}
    answer = await front.http.post(PLAIN, content=rubbish(), headers=ten_megabytes)

    assert 413 == answer.status_code
    assert [] == read
    assert [] == front.kept()


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_at_the_limit(front: Front) -> None:
    sent = 0

    async def rubbish() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 64 * 1024

    answer = await front.http.post(PLAIN, content=rubbish())

    assert 413 == answer.status_code
    assert sent <= BODY_LIMIT_BYTES // (64 * 1024) + 1
    assert [] == front.kept()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", [PLAIN, ASKING, "/hooks/new"])
async def test_a_door_only_takes_posts(front: Front, path: str, method: str) -> None:
    answer = await front.http.request(method, path, content=said("A1"), headers=signed(said("A1")))

    assert 405 == answer.status_code
    assert [] == front.kept()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("", 200),  # some platforms say nothing; the signature says enough
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
    ],
)
async def test_a_door_takes_what_its_partner_sends(front: Front, given: str, status: int) -> None:
    answer = await front.push(PLAIN, said("A1"), content_type=given)

    assert status == answer.status_code
    assert (status == 200) == (len(front.kept()) == 1)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"{PLAIN}?q={'x' * 9000}", {}, 414),
        (PLAIN, {"x_noise": "x" * 9000}, 431),
        (PLAIN, {"content_length": "soon"}, 400),
    ],
)
async def test_a_head_that_no_partner_sends_is_refused(
    front: Front, path: str, headers: dict[str, str], status: int
) -> None:
    assert status == (await front.push(path, said("A1"), **headers)).status_code
    assert [] == front.kept()


async def test_a_channel_that_is_set_up_is_served_at_once(front: Front) -> None:
    """Nobody restarts anything for a new channel."""
    missing = await front.push("/hooks/kuaishou", said("A1"))
    assert 404 == missing.status_code
    assert "没有这个渠道" in missing.text

    front.channels["kuaishou"] = CornerDoor("kuaishou")

    assert 200 == (await front.push("/hooks/kuaishou", said("A1"))).status_code
    assert ["kuaishou"] == [entry.door for entry in front.entries()]


@pytest.mark.parametrize("name", ["..", "%2e%2e", "A", "a%2fb", "快手", "a" * 33, "%00", "a."])
async def test_a_name_that_is_none_is_never_looked_up(front: Front, name: str) -> None:
    front.channels |= {"..": CornerDoor(), "A": CornerDoor(), "快手": CornerDoor()}

    assert 404 == (await front.push(f"/hooks/{name}", said("A1"))).status_code


class LockedInbox(Inbox):
    """An inbox whose database is down."""

    def keep(self, door: str, key: str, push: Push) -> bool:
        raise GatewayBusy("hub", "数据库没有答复(2003)")

    def keep_claimed(self, door: str, key: str, push: Push) -> int | None:
        raise GatewayBusy("hub", "数据库没有答复(2003)")


@pytest.mark.parametrize("path", [PLAIN, ASKING])
async def test_while_nothing_can_be_kept_the_partner_is_asked_to_push_again(
    hub: Engine, path: str
) -> None:
    async with fronted(hub, keeper=LockedInbox(hub)) as front:
        answer = await front.push(path, said("A1"))

    assert 503 == answer.status_code
    assert "重推" in answer.json()["msg"]  # in the partner's own form
    assert [] == front.lives.opened


class ClumsyDoor(CornerDoor):
    """A door with faults of our own."""

    def key(self, push: Push) -> str:
        raise ZeroDivisionError

    def verify(self, push: Push) -> None:
        if push.headers.get("x-clumsy"):
            raise ZeroDivisionError
        CornerDoor.verify(self, push)


class AwayDoor(CornerDoor):
    """A channel whose mapping is out of reach just now."""

    def verify(self, push: Push) -> None:
        raise GatewayBusy("hub", "数据库没有答复(2003)")

    def refuse(self, reason: str) -> Answer:
        raise GatewayBusy("hub", "数据库没有答复(2003)")


async def test_a_fault_of_our_own_in_a_door_loses_no_genuine_push(hub: Engine) -> None:
    doors: dict[str, Door] = {PLAIN: ClumsyDoor()}
    async with fronted(hub, doors) as front:
        assert 200 == (await front.push(PLAIN, said("A1"))).status_code
        assert [said("A1")] == front.kept()

        assert 401 == (await front.push(PLAIN, said("A2"), x_clumsy="1")).status_code
        assert [said("A1")] == front.kept()


async def test_a_channel_whose_mapping_is_out_of_reach_asks_for_another_push(hub: Engine) -> None:
    doors: dict[str, Door] = {PLAIN: AwayDoor()}
    async with fronted(hub, doors) as front:
        answer = await front.push(PLAIN, said("A1"))

    assert 503 == answer.status_code
    assert "重推" in answer.text


async def test_while_nobody_knows_the_channels_partners_are_asked_to_push_again(
    hub: Engine,
) -> None:
    def out_of_reach(_: str) -> Door | None:
        raise GatewayBusy("hub", "数据库没有答复(2003)")

    async with fronted(hub, channel=out_of_reach) as front:
        assert 503 == (await front.push("/hooks/kuaishou", said("A1"))).status_code


async def test_a_fault_of_our_own_is_logged_without_what_it_says(
    hub: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may repeat what the push says, and that may be a buyer's address."""

    class TalkativeDoor(CornerDoor):
        def key(self, push: Push) -> str:
            raise ValueError(push.body.decode())

    doors: dict[str, Door] = {PLAIN: TalkativeDoor()}
    async with fronted(hub, doors) as front:
        await front.push(PLAIN, said("文三路 90 号"))

    logged = capsys.readouterr().out
    assert "door_stumbled" in logged
    assert "ValueError" in logged
    assert " key" in logged  # where it was
    assert "u6587" not in logged  # the body is ASCII: this is the first letter of the address
