"""The article master, kept in the hub's own database and remembered in memory."""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, insert, update
from sqlmodel import Session, col, select

from domain.catalogue import Sku
from domain.errors import Untranslatable
from domain.parcel import Band
from gateways.channel_articles import Article
from gateways.database import READING
from gateways.tables import SkuRow

YES_OR_NO = {
    "1": True,
    "true": True,
    "是": True,
    "0": False,
    "false": False,
    "否": False,
    "": False,
}
AT_ONCE = 1000  # codes in one question
LONGEST_NAME = 255  # what its column holds


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What became of a channel's articles.

    Attributes:
        changed: How many of ours have another price, name or weight now.
        same: How many were the same already.
        unknown: What is sold there and unknown here.
    """

    changed: int
    same: int
    unknown: tuple[Article, ...]


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
            path: CSV (UTF-8) with ``sku,name,temperature,weight_g,volume_cm3,price_fen``, and
                ``made_to_order`` where some articles are (1, true or 是).

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

    def update_from_channel(self, articles: Iterable[Article]) -> TakenOver:
        """Take prices, names and weights over from a channel, of known articles only.

        A channel does not know temperature bands and volumes, so it can not bring new ones.
        """
        sold = list(articles)
        ours = {sku.code: sku for sku in self._read([article.sku for article in sold])}
        wanted = {a.sku: _row_of_channel(ours[a.sku], a) for a in sold if a.sku in ours}
        changed = [row for code, row in wanted.items() if row != _row_of(ours[code])]
        if changed:
            with Session(self._engine) as session:
                session.execute(update(SkuRow), changed)
                session.commit()
        self._known = {}
        unknown = tuple(article for article in sold if article.sku not in ours)
        return TakenOver(changed=len(changed), same=len(wanted) - len(changed), unknown=unknown)

    def _read(self, codes: Collection[str]) -> Iterable[Sku]:
        with Session(self._engine.execution_options(**READING)) as session:
            for some in _portions(list(codes)):
                for row in session.exec(select(SkuRow).where(col(SkuRow.sku).in_(some))):
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
            "made_to_order": YES_OR_NO[(fields.get("made_to_order") or "").strip().lower()],
        }
    except (KeyError, TypeError, ValueError) as fault:
        raise Untranslatable("商品主档", f"第 {number} 行", fault) from fault


def _row_of(sku: Sku) -> dict[str, str | int]:
    """Write down what a channel may know of an article."""
    return {
        "sku": sku.code,
        "name": sku.name,
        "weight_g": sku.weight_g,
        "price_fen": sku.price_fen,
    }


def _row_of_channel(ours: Sku, sold: Article) -> dict[str, str | int]:
    return {
        "sku": ours.code,
        "name": sold.name[:LONGEST_NAME],
        "weight_g": sold.weight_g or ours.weight_g,
        "price_fen": sold.price_fen,
    }


def _portions(codes: Sequence[str]) -> Iterable[Sequence[str]]:
    """Cut a long list, which no statement has room for."""
    return (codes[begin : begin + AT_ONCE] for begin in range(0, len(codes), AT_ONCE))


def _sku(row: SkuRow) -> Sku:
    return Sku(
        code=row.sku,
        name=row.name,
        band=Band(row.band),
        weight_g=row.weight_g,
        volume_cm3=row.volume_cm3,
        price_fen=row.price_fen,
        made_to_order=row.made_to_order,
    )
