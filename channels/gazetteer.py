"""Where a district lies, for channels that tell no coordinates (``data/districts.csv``).

The centre of the district is good enough to choose a warehouse; it is not good enough for goods
that need one within 3 km, which routing then refuses with its reason.
"""

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

from domain.order import Place

DATA = Path(__file__).parent / "data" / "districts.csv"


def place_of(province: str, city: str, district: str) -> Place | None:
    """Tell the centre of a district; ``None`` when nobody knows it.

    A municipality such as 上海市 stands for its province and its city; some channels leave one of
    the two empty or write 市辖区, so a district that is the only one of its name in the province is
    found without its city.
    """
    known = _districts()
    exact = known.get((province, city, district))
    if exact is not None:
        return exact
    alike = [
        spot
        for (of_province, _, name), spot in known.items()
        if name == district and _same(of_province, province)
    ]
    return alike[0] if len(alike) == 1 else None


def _same(full: str, said: str) -> bool:
    return bool(said) and full.startswith(said.removesuffix("省").removesuffix("市"))


@functools.cache
def _districts() -> Mapping[tuple[str, str, str], Place]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return {
            (row["province"], row["city"], row["district"]): Place(
                longitude=float(row["longitude"]), latitude=float(row["latitude"])
            )
            for row in csv.DictReader(file)
        }
