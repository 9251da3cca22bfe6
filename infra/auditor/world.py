"""The merchant's goods as the world knows them: warehouses, articles, and what came in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infra.auditor.records import Abuser, Count, Warehouse
from infra.auditor.source import Doc, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The merchant's goods.

    Attributes:
        received: Pieces that came in, by warehouse and SKU.
        bands: At what temperature each article is kept.
        abusers: Buyers who claim money back too often, where the world plays some.
        awaited: Articles of which more is just coming in: receipt and shelf may differ for now.
    """

    warehouses: Mapping[str, Warehouse]
    bands: Mapping[str, str]
    received: Mapping[tuple[str, str], int]
    awaited: frozenset[str]
    abusers: tuple[Abuser, ...] = ()


def read_world(folder: Path) -> World:
    """Read what the world says of warehouses and goods."""
    source = Source(folder, "world", "warehouse", "sku", "receipt", "short", "agenda", "abuser")
    received: Counter[tuple[str, str]] = Counter()
    for place, quantity in source.each("receipt", _receipt):
        received[place] += quantity
    coming = set(source.each("agenda", _wave_to_come))
    short = source.each("short", lambda sku, doc: (sku, doc["wave"]))
    return World(
        warehouses={house.code: house for house in source.each("warehouse", _warehouse)},
        bands=dict(source.each("sku", lambda sku, doc: (sku, str(doc["band"])))),
        received=received,
        awaited=frozenset(sku for sku, wave in short if wave in coming),
        abusers=source.each("abuser", _abuser),
    )


def _warehouse(code: str, doc: Doc) -> Warehouse:
    return Warehouse(code=code, bands=frozenset(doc["bands"]), count=Count(doc["stock"]))


def _receipt(_: str, doc: Doc) -> tuple[tuple[str, str], int]:
    return (doc["warehouse"], doc["sku"]), doc["quantity"]


def _wave_to_come(_: str, doc: Doc) -> int | None:
    """Tell the wave of goods that this piece of the agenda brings; ``None`` when it brings none."""
    return int(doc["payload"]["wave"]) if doc["what"] == "goods_in" else None


def _abuser(name: str, doc: Doc) -> Abuser:
    third = doc["third_claim_at"]
    return Abuser(
        name=name,
        orders=tuple(doc["orders"]),
        third_claim_at=None if third is None else datetime.fromisoformat(third),
    )
