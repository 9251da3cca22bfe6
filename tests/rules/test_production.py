"""Which lines may go after what the MES has made."""

import pytest

from domain.opening import MadeNews
from domain.order import Line
from domain.production import Production
from tests.fakes.orders import PAID_AT

CAKE, BREAD = "CAKE", "BREAD"


def a_line(no: int, sku: str, quantity: int) -> Line:
    return Line(no=no, sku=sku, name=sku, quantity=quantity, paid_fen=100)


def made(completion_id: str, quantity: int, sku: str = CAKE) -> MadeNews:
    return MadeNews(completion_id=completion_id, sku=sku, quantity=quantity, at=PAID_AT)


@pytest.mark.parametrize(
    ("told", "ready"),
    [
        ([], ()),
        ([made("1", 1)], ()),
        ([made("1", 2)], (1,)),
        ([made("1", 1), made("2", 1)], (1,)),
        ([made("1", 1), made("1", 1)], ()),  # the same completion twice
        ([made("1", 2), made("1", 1, BREAD)], (1, 2)),  # one completion of two articles
        ([made("1", 4)], (1,)),  # one piece is left over
        ([made("1", 5)], (1, 3)),
        ([made("1", 9)], (1, 3)),
        ([made("1", 9, "OTHER")], ()),
    ],
)
def test_lines_are_ready_once_all_their_pieces_are_made(
    told: list[MadeNews], ready: tuple[int, ...]
) -> None:
    production = Production([a_line(1, CAKE, 2), a_line(2, BREAD, 1), a_line(3, CAKE, 3)])

    for news in told:
        production.hear(news)

    assert ready == production.ready()


def test_only_news_that_readies_a_line_is_worth_waking_an_order() -> None:
    production = Production([a_line(1, CAKE, 2)])

    assert [False, False, True, False] == [
        production.hear(news) for news in (made("1", 1), made("1", 1), made("2", 1), made("3", 1))
    ]
