"""The paths of a document's fields, without what is in them: ``order.item_list[].goods_price``."""

from collections.abc import Iterator

MOST_PATHS = 500  # a document has a few hundred; a hostile one shall not fill a table
DEEPEST = 8


def paths_of(document: object) -> frozenset[str]:
    """Tell every path in a document; the elements of a list share theirs."""
    found: set[str] = set()
    for path in _paths(document, "", 0):
        found.add(path)
        if len(found) == MOST_PATHS:
            break
    return frozenset(found)


def _paths(value: object, path: str, depth: int) -> Iterator[str]:
    if depth == DEEPEST:
        return
    match value:
        case dict():
            for key, inner in value.items():
                below = f"{path}.{key}" if path else str(key)
                yield below
                yield from _paths(inner, below, depth + 1)
        case list():
            for inner in value:
                yield from _paths(inner, f"{path}[]", depth + 1)
        case _:
            return
