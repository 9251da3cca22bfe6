"""The doctor's findings: each thing that can be in the way is named with its remedy."""

import base64
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from domain.staff import Role
from infra.doctor import databases, engine, examine, machine, partners, secrets
from infra.engine.binary import engine_version
from infra.lock import sole_user
from infra.migrate import migrate_hub
from settings import Engine, Hub, Keys, Label, Member, Sandbox, Settings, Stock, Web
from tests.infra.waiting import free_port
from tests.serving import served

A_KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        var=tmp_path / "var",
        engine=Engine(port=free_port(), ui_port=free_port()),
        web=Web(port=free_port()),
        sandbox=Sandbox(enabled=False),
        buyer_secret=SecretStr("a-buyer-secret-of-our-own"),
        keys=Keys(current="2026", ring={"2026": SecretStr(A_KEY)}),
        staff={"王芳": Member(role=Role.ADMIN, token=SecretStr("a-token-of-our-own"))},
        hub=Hub(url=f"sqlite:///{tmp_path}/hub.sqlite"),
        stock=Stock(url=f"sqlite:///{tmp_path}/stock.sqlite"),
    )


@pytest.fixture
def web_taken(settings: Settings) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", settings.web.port)):
        yield


async def test_a_fresh_machine_is_well_and_stays_untouched(settings: Settings) -> None:
    findings = await examine(settings)

    assert [finding.sentence for finding in findings if not finding.ok] == []
    assert len(findings) == 19
    assert not settings.var.exists()
    assert not any(settings.var.parent.iterdir())


def test_an_old_python_is_named() -> None:
    assert not machine.python((3, 10)).ok
    assert machine.python().ok


@pytest.mark.usefixtures("web_taken")
def test_a_port_of_somebody_else_is_in_the_way(settings: Settings) -> None:
    (finding,) = machine.ports(settings)

    assert not finding.ok
    assert f"端口 {settings.web.port} 已被占用" in finding.sentence
    assert "[web] port" in finding.sentence


@pytest.mark.usefixtures("web_taken")
def test_a_port_of_our_own_running_hub_is_fine(settings: Settings) -> None:
    with sole_user(settings.var):
        (finding,) = machine.ports(settings)

    assert finding.ok
    assert "由正在运行的 Lifeline 使用" in finding.sentence


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    assert "请清理磁盘" in machine.room(tmp_path, least_bytes=10**18).sentence
    assert machine.room(tmp_path / "not" / "there" / "yet", least_bytes=1).ok


def test_a_missing_font_is_named_with_its_setting(tmp_path: Path) -> None:
    finding = machine.font(Settings(label=Label(font=tmp_path / "missing.ttf")))

    assert not finding.ok
    assert "[label] font" in finding.sentence


def test_the_bundled_font_opens() -> None:
    assert machine.font(Settings()).ok


def test_public_secrets_are_named_once_the_sandbox_is_off(settings: Settings) -> None:
    assert secrets.sandbox(Settings()).ok  # with the sandbox they do no harm

    finding = secrets.sandbox(Settings(sandbox=Sandbox(enabled=False)))

    assert not finding.ok
    assert "buyer_secret、staff 的 demo、[keys] ring 的 sandbox" in finding.sentence
    assert secrets.sandbox(settings).ok


def test_a_public_key_under_another_name_is_found(settings: Settings) -> None:
    public = Settings().keys.ring["sandbox"]
    keys = Keys(current="2027", ring={"2027": public})

    assert (
        "[keys] ring 的 2027"
        in secrets.sandbox(settings.model_copy(update={"keys": keys})).sentence
    )


def test_a_key_that_can_not_be_used_is_named(settings: Settings) -> None:
    broken = Keys(current="2026", ring={"2026": SecretStr("c2hvcnQ=")})

    finding = secrets.keys(settings.model_copy(update={"keys": broken}))

    assert not finding.ok
    assert "[keys] ring 的 2026 是 5 字节,应为 32" in finding.sentence


def test_an_engine_database_of_another_version_is_named(settings: Settings) -> None:
    settings.var.mkdir()
    (settings.var / "engine.sqlite").touch()
    (settings.var / "engine.version").write_text("1.20.4\n")

    finding = engine.place(settings)

    assert not finding.ok
    assert "1.20.4" in finding.sentence
    assert engine_version() in finding.sentence


def test_a_profile_that_is_not_there_is_named() -> None:
    finding = engine.place(Settings(engine=Engine(profile="no-such-cluster")))

    assert not finding.ok
    assert "no-such-cluster" in finding.sentence


def test_a_database_without_our_tables_is_named_and_a_migrated_one_is_fine(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "hub.sqlite").touch()
    assert "lifeline up 会自动升级" in databases.hub(settings).sentence

    migrate_hub(settings.hub.url)

    assert databases.hub(settings).ok
    assert "表结构" in databases.hub(settings).sentence


def test_a_database_that_is_down_is_named_without_its_password() -> None:
    url = f"mysql://lifeline:secret-word@127.0.0.1:{free_port()}/stock"
    finding = databases.stock(Settings(stock=Stock(url=url)))

    assert not finding.ok
    assert "[stock] url" in finding.sentence
    assert "secret-word" not in finding.sentence


async def test_partners_that_answer_are_reached_and_silent_ones_named(settings: Settings) -> None:
    silent = f"http://127.0.0.1:{free_port()}"
    async with served(Starlette()) as url:
        sf = settings.sf.model_copy(update={"url": f"{url}/sf/std/service"})
        wecom = settings.wecom.model_copy(update={"url": f"{silent}/send"})
        found = await partners.reach(settings.model_copy(update={"sf": sf, "wecom": wecom}))

    sentences = {finding.sentence: finding.ok for finding in found}
    assert sentences[f"{url}/ 有应答"]
    assert not sentences[f"{silent}/ 没有应答:请检查网络,以及 lifeline.toml 里的地址。"]


@pytest.mark.parametrize(
    ("behind", "ok"), [(timedelta(seconds=30), True), (timedelta(hours=8), False)]
)
def test_a_clock_far_from_the_partners_is_named(behind: timedelta, ok: bool) -> None:  # noqa: FBT001 - a case's answer
    theirs = datetime(2026, 11, 22, 12, tzinfo=UTC)
    answer = httpx.Response(200, headers={"date": format_datetime(theirs, usegmt=True)})

    assert partners.clock([answer], now=theirs - behind).ok is ok


def test_a_clock_that_was_never_set_is_named() -> None:
    assert not partners.clock([], now=datetime(1970, 1, 1, tzinfo=UTC)).ok
