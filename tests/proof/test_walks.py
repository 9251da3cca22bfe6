"""A few random walks in every run of the tests; ``make prove`` goes many."""

from tests.proof.walks import walk


def test_no_walk_breaks_a_promise() -> None:
    walk(times=10)
