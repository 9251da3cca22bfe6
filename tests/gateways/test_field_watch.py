"""Fields that nobody has seen before: counted by their paths, whatever the document does."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from channels.paths import DEEPEST, MOST_PATHS, paths_of
from channels.samples import known_paths
from domain.errors import GatewayBusy
from gateways import field_watch
from gateways.database import open_database
from gateways.field_watch import FieldWatch
from gateways.tables import LONG_KEY
from infra.migrate import migrate_hub
from tests.fakes.hub import eventually
from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]

KNOWN = {"order": {"no": "1", "items": [{"sku": "A"}]}}
NOON = datetime(2026, 2, 6, 4, 0, tzinfo=UTC)


class Clock:
    """The time, which goes forward when somebody says so."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watching(hub: Engine, clock: Clock) -> FieldWatch:
    return FieldWatch(hub, lambda _: paths_of(KNOWN), clock)


@pytest.fixture
def watch(hub: Engine, clock: Clock) -> FieldWatch:
    return watching(hub, clock)


@pytest.fixture
def quiet_hub(tmp_path: Path) -> Iterator[Engine]:
    """A database that a test may take away for a while."""
    url = f"sqlite:///{tmp_path / 'quiet.sqlite'}"
    migrate_hub(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@contextlib.contextmanager
def away(hub: Engine) -> Iterator[None]:
    """Let nothing be written meanwhile."""
    _rename(hub, "channel_field", "gone")
    yield
    _rename(hub, "gone", "channel_field")


def counts(watch: FieldWatch) -> dict[str, int]:
    return {field.path: field.times for field in watch.seen()}


def test_what_is_new_is_counted_and_what_is_known_is_not(watch: FieldWatch) -> None:
    for _ in range(3):
        watch.see("douyin", "1", {"order": {"no": "2", "gift": {"no": "1"}, "items": []}})
    watch.see("douyin", "1", KNOWN)
    watch.write()

    assert {"order.gift": 3, "order.gift.no": 3} == counts(watch)


def test_counts_add_up_with_the_first_and_the_last_time(watch: FieldWatch, clock: Clock) -> None:
    watch.see("douyin", "1", {"gift": 1})
    watch.write()
    clock.now += timedelta(hours=1)
    watch.see("douyin", "1", {"gift": None})
    watch.write()

    (field,) = watch.seen()
    assert ("gift", 2) == (field.path, field.times)
    assert (NOON, NOON + timedelta(hours=1)) == (field.first_seen, field.last_seen)


def test_each_channel_and_version_counts_for_itself(watch: FieldWatch) -> None:
    for channel, version in (("douyin", "1"), ("pinduoduo", "3.1"), ("pinduoduo", "3.2")):
        watch.see(channel, version, {"gift": 1})
    watch.write()

    assert 3 == len(watch.seen())
    assert {"3.1", "3.2"} == {field.version for field in watch.seen("pinduoduo")}


def test_a_channel_without_recorded_documents_has_no_news(hub: Engine) -> None:
    watch = FieldWatch(hub, lambda _: frozenset())

    watch.see("lantern", "1", {"gift": 1})
    watch.write()

    assert [] == list(watch.seen())


def test_what_is_in_a_field_is_not_kept(watch: FieldWatch) -> None:
    watch.see("douyin", "1", {"buyer": {"phone": "13800000000"}, "names": ["张三"]})
    watch.write()

    shown = repr(watch.seen())
    assert "13800000000" not in shown
    assert "张三" not in shown


def test_a_document_with_ever_more_fields_does_not_fill_the_table(watch: FieldWatch) -> None:
    watch.see("douyin", "1", {f"field_{n}": n for n in range(10 * MOST_PATHS)})
    watch.write()

    assert MOST_PATHS == len(watch.seen())


def test_a_document_that_goes_ever_deeper_is_looked_into_so_far(watch: FieldWatch) -> None:
    deep: Any = 1
    for _ in range(900):
        deep = {"a": deep}
    watch.see("douyin", "1", deep)
    watch.write()

    assert DEEPEST == max(path.count("a") for path in counts(watch))


@pytest.mark.parametrize("document", [None, 1, "text", [], [[["a"]]], {}])
def test_a_document_without_fields_has_none(watch: FieldWatch, document: Any) -> None:
    watch.see("douyin", "1", document)
    watch.write()

    assert {} == counts(watch)


@pytest.mark.parametrize(
    "name", ["x" * 1000, "\ud800", "😀", "a b", "", "'; DROP TABLE sku; --", "\x00", " "]
)
def test_a_field_of_any_name_is_written_down(watch: FieldWatch, name: str) -> None:
    watch.see("douyin", "1", {name: 1})
    watch.write()

    (path,) = counts(watch)
    assert len(path) <= LONG_KEY


def test_counts_survive_a_busy_database(quiet_hub: Engine, clock: Clock) -> None:
    watch = watching(quiet_hub, clock)
    watch.see("douyin", "1", {"gift": 1})
    with away(quiet_hub):
        with pytest.raises(GatewayBusy):
            watch.write()
        watch.see("douyin", "1", {"gift": 1})

    watch.write()

    assert {"gift": 2} == counts(watch)


async def test_counts_are_written_by_themselves_and_go_on_after_a_pause(
    quiet_hub: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field_watch, "WRITE_EVERY_S", 0.01)
    watch = watching(quiet_hub, clock)
    running = asyncio.create_task(watch.run())
    with away(quiet_hub), capture_logs() as logs:
        watch.see("douyin", "1", {"gift": 1})
        await eventually(lambda: "fields_not_written" in [entry["event"] for entry in logs])
    watch.see("douyin", "1", {"gift": 1})

    await eventually(lambda: {"gift": 2} == counts(watch))
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("channel", ["douyin", "pinduoduo", "youzan", "miniprogram"])
def test_each_channel_has_recorded_documents(channel: str) -> None:
    assert len(known_paths(channel)) > 10


def _rename(hub: Engine, old: str, new: str) -> None:
    with hub.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
