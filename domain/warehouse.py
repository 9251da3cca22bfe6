"""Where goods wait, and what that place can and will do."""

from dataclasses import dataclass
from datetime import date

from domain.order import Place
from domain.parcel import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """One warehouse, as ``rules/warehouses.yaml`` describes it.

    Attributes:
        carrier: Who fetches its parcels.
        regions: What it serves: ``浙江省``, ``浙江省/杭州市`` or ``浙江省/杭州市/西湖区``.
        radius_m: How far it delivers.
        rank: Between equals the lower rank is chosen.
        reserve: Pieces of each article that are kept for the counter.
        parcel_fen: What a parcel costs before it moves.
        fen_per_km: What each begun kilometre adds.
        closed_on: Days without shipping, by the Chinese calendar day.
        rest_weekdays: Weekdays without shipping, 1 is Monday.
        opens_hour: First hour of the day in which orders are taken, Chinese time.
        closes_hour: The hour from which no order is taken; 24 never closes.
    """

    code: str
    name: str
    bands: tuple[Band, ...]
    district: str
    place: Place
    carrier: str
    regions: tuple[str, ...]
    radius_m: int
    rank: int
    reserve: int
    parcel_fen: int
    fen_per_km: int
    closed_on: tuple[date, ...]
    rest_weekdays: tuple[int, ...]
    opens_hour: int
    closes_hour: int

    def cost_fen(self, distance_m: int) -> int:
        """Tell what one parcel to a receiver this far away costs."""
        begun_km = -(-distance_m // 1000)
        return self.parcel_fen + begun_km * self.fen_per_km
