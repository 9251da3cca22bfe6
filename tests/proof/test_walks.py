"""A few walks, the same in every run of the tests; ``make prove`` goes many, each time others."""

from tests.proof.walks import walk


def test_no_walk_breaks_a_promise() -> None:
    walk(times=12, derandomize=True)
