"""How the named functions of a mapping read what channels write."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.functions import (
    NAMED,
    Unreadable,
    cn_time,
    decoded,
    degrees,
    digits,
    epoch_s,
    fen,
    fingerprint,
    iso_time,
    json,
    shares,
    text,
)


@pytest.mark.parametrize(
    ("written", "amount_fen"),
    [("12.30", 1230), ("12.3", 1230), ("12", 1200), (12.3, 1230), (12, 1200), ("0.07", 7)],
)
def test_yuan_become_whole_fen(written: Any, amount_fen: int) -> None:
    assert fen(written) == amount_fen


@pytest.mark.parametrize("written", ["12.345", "-1", "1e3", "", " 1", True, None, float("nan")])
def test_what_is_no_price_is_refused(written: Any) -> None:
    with pytest.raises(Unreadable):
        fen(written)


def test_chinas_clock_is_eight_hours_ahead() -> None:
    assert cn_time("2026-02-06 12:34:56") == datetime(2026, 2, 6, 4, 34, 56, tzinfo=UTC)
    assert epoch_s(1_770_352_496) == datetime(2026, 2, 6, 4, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-02-30 00:00:00", "2026-02-06", "0001-01-01 00:00:00"])
def test_a_day_that_never_was_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        cn_time(written)


def test_blanks_around_a_text_go() -> None:
    assert text(" 文三路 \n") == "文三路"


@pytest.mark.parametrize("written", [180.5, float("nan"), float("inf"), True, "120"])
def test_what_is_no_angle_is_refused(written: Any) -> None:
    with pytest.raises(Unreadable):
        degrees(written)


@pytest.mark.parametrize("name", sorted(NAMED.keys() - {"shares", "fingerprint"}))
def test_no_function_reads_a_list(name: str) -> None:
    with pytest.raises(Unreadable):
        NAMED[name]([])


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [5, 5], [1, 0]),
        (0, [3, 4], [0, 0]),
        (2570, [2460, 110], [2460, 110]),
    ],
)
def test_what_was_paid_is_shared_to_the_fen(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert parts == shares(total, weights)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1.0], "12", None])
def test_nothing_is_shared_by_weights_that_are_none(weights: Any) -> None:
    with pytest.raises(Unreadable):
        shares(100, weights)


@pytest.mark.parametrize(
    ("written", "read"),
    [(6917529027641081856, "6917529027641081856"), ("E1", "E1"), (0, "0")],
)
def test_an_id_beyond_what_other_readers_know_stays_exact(written: Any, read: str) -> None:
    assert read == digits(written)


@pytest.mark.parametrize("written", [2**63, -1, True, 1.5, "a/b", None])
def test_what_is_no_id_is_refused(written: Any) -> None:
    with pytest.raises(Unreadable):
        digits(written)


def test_a_time_with_its_zone_is_the_same_moment_everywhere() -> None:
    assert iso_time("2022-09-02T10:27:50+08:00") == datetime(2022, 9, 2, 2, 27, 50, tzinfo=UTC)
    with pytest.raises(Unreadable):
        iso_time("2022-09-02T10:27:50")  # whose clock?


def test_a_document_in_a_text_is_read_as_one() -> None:
    assert json(decoded("%7B%22tid%22%3A+%22E1%22%7D")) == {"tid": "E1"}


def test_the_order_of_keys_makes_no_other_document() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
