"""Labels in the hub's own database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from domain.order import order_id
from gateways.database import open_database
from gateways.label_store import LabelStore, write_png

AT = datetime(2026, 2, 6, 5, 0, tzinfo=UTC)
KEY = "miniprogram/1/1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    engine = open_database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    SQLModel.metadata.create_all(engine)
    yield LabelStore(engine)
    engine.dispose()


def keep(store: LabelStore, key: str = KEY, waybill: str = "SF1") -> None:
    store.keep(key, waybill, b"png of " + key.encode(), "^XA^XZ", "HZ-GS")


def test_a_label_is_found_under_its_parcel(store: LabelStore) -> None:
    keep(store)

    label = store.find(KEY)

    assert label is not None
    assert (label.waybill, label.zpl, label.printed_at) == ("SF1", "^XA^XZ", None)
    assert store.png(KEY) == b"png of miniprogram/1/1"
    assert store.png("miniprogram/2/1") is None


def test_the_first_time_on_paper_counts(store: LabelStore) -> None:
    keep(store)

    store.printed(KEY, AT)
    store.printed(KEY, AT + timedelta(hours=1))

    label = store.find(KEY)
    assert label is not None
    assert label.printed_at == AT


def test_a_label_for_another_waybill_is_not_yet_on_paper(store: LabelStore) -> None:
    keep(store)
    store.printed(KEY, AT)

    keep(store, waybill="SF2")

    label = store.find(KEY)
    assert label is not None
    assert (label.waybill, label.printed_at) == ("SF2", None)


def test_a_label_that_was_never_drawn_can_not_be_printed(store: LabelStore) -> None:
    with pytest.raises(KeyError):
        store.printed(KEY, AT)


def test_an_orders_labels_are_its_own_only(store: LabelStore) -> None:
    for key in (KEY, "miniprogram/1/2", "miniprogram/12/1", "miniprogram/%/1"):
        keep(store, key)

    assert [row.parcel_key for row in store.of_order(order_id("miniprogram", "1"))] == [
        "miniprogram/1/1",
        "miniprogram/1/2",
    ]
    assert len(store.of_order(order_id("miniprogram", "%"))) == 1


def test_the_pictures_of_an_order_are_written_as_files(store: LabelStore, tmp_path: Path) -> None:
    keep(store)

    (path,) = write_png(store, order_id("miniprogram", "1"), tmp_path / "labels")

    assert path == tmp_path / "labels" / "miniprogram-1-1_SF1.png"
    assert path.read_bytes() == b"png of miniprogram/1/1"
