"""Finds ports in a row that nobody listens on, below those that the system hands out."""

import socket
from collections.abc import Iterator

FIRST, LAST = 21_000, 32_000


def a_free_row(length: int) -> int:
    """Tell the first of ``length`` free ports in a row."""
    return next(first for first in range(FIRST, LAST, length) if all(_free(first, length)))


def _free(first: int, length: int) -> Iterator[bool]:
    for port in range(first, first + length):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                yield False
            else:
                yield True
