"""How the named functions of a mapping read what channels write."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.functions import NAMED, Unreadable, cn_time, degrees, epoch_s, fen, text


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


@pytest.mark.parametrize("name", sorted(NAMED))
def test_no_function_reads_a_list(name: str) -> None:
    with pytest.raises(Unreadable):
        NAMED[name]([])
