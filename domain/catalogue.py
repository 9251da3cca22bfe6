"""What is sold: the article behind a line, as far as storing and moving it matters."""

from dataclasses import dataclass

from domain.parcel import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One article; weight, volume and price are of one piece.

    Attributes:
        made_to_order: It is made once it is ordered: the MES says when it is ready.
    """

    code: str
    name: str
    band: Band
    weight_g: int
    volume_cm3: int
    price_fen: int
    made_to_order: bool = False


def band_name(band: Band) -> str:
    """Say a temperature band the way the warehouse does."""
    match band:
        case Band.AMBIENT:
            return "常温"
        case Band.CHILLED:
            return "冷藏"
        case Band.FROZEN:
            return "冷冻"
