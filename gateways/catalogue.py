"""The article master, kept in the hub's own database and remembered in memory."""

import csv
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from sqlalchemy import Engine, insert, update
from sqlmodel import Session, col, select

from domain.catalogue import Sku
from domain.errors import Untranslatable
from domain.parcel import Band
from gateways.database import READING
from gateways.tables import SkuRow


class Catalogue:
    """Finds articles. What was once found is kept until the next import in this process.

    A weight or a price that another process imports is so seen after a restart; a new article
    at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Sku] = {}

    def lookup(self, codes: Collection[str]) -> Mapping[str, Sku]:
        """Tell the articles by code; one that nobody imported is missing."""
        unknown = [code for code in codes if code not in self._known]
        if unknown:
            self._known |= {sku.code: sku for sku in self._read(unknown)}
        return {code: self._known[code] for code in codes if code in self._known}

    def is_empty(self) -> bool:
        """Tell whether nobody has given us any article yet."""
        with Session(self._engine.execution_options(**READING)) as session:
            return session.exec(select(SkuRow.sku).limit(1)).first() is None

    def import_skus(self, path: Path) -> int:
        """Take over an article list; known articles are replaced, others stay.

        Args:
            path: CSV (UTF-8) with ``sku,name,temperature,weight_g,volume_cm3,price_fen``.

        Returns:
            How many articles the list has.

        Raises:
            Untranslatable: a row can not be read; nothing is taken over then.
        """
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [_row(number, fields) for number, fields in enumerate(csv.DictReader(file), 2)]
        with Session(self._engine) as session:
            known = set(session.exec(select(SkuRow.sku)))
            new = [row for row in rows if row["sku"] not in known]
            changed = [row for row in rows if row["sku"] in known]
            for statement, share in ((insert(SkuRow), new), (update(SkuRow), changed)):
                if share:
                    session.execute(statement, share)
            session.commit()
        self._known = {}
        return len(rows)

    def _read(self, codes: Collection[str]) -> Iterable[Sku]:
        with Session(self._engine.execution_options(**READING)) as session:
            for row in session.exec(select(SkuRow).where(col(SkuRow.sku).in_(codes))):
                yield _sku(row)


def _row(number: int, fields: Mapping[str, str]) -> dict[str, str | int]:
    try:
        return {
            "sku": fields["sku"],
            "name": fields["name"],
            "band": Band(fields["temperature"]).value,
            "weight_g": int(fields["weight_g"]),
            "volume_cm3": int(fields["volume_cm3"]),
            "price_fen": int(fields["price_fen"]),
        }
    except (KeyError, TypeError, ValueError) as fault:
        raise Untranslatable("商品主档", f"第 {number} 行", fault) from fault


def _sku(row: SkuRow) -> Sku:
    return Sku(
        code=row.sku,
        name=row.name,
        band=Band(row.band),
        weight_g=row.weight_g,
        volume_cm3=row.volume_cm3,
        price_fen=row.price_fen,
    )
