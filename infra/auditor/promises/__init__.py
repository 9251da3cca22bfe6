"""The promises of the hub (design 6), each a pure function from the evidence to its checks."""

from collections.abc import Iterator

Check = str | None
"""One fact looked at: ``None`` when it is as it must be, else what is wrong, for people."""

Checks = Iterator[Check]
