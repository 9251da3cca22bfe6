"""Label printers in memory, with the moods of real ones."""

from datetime import UTC, datetime

from domain.errors import GatewayBusy
from domain.parcel import Dispatch, Printed

AT = datetime(2026, 2, 6, 5, 0, tzinfo=UTC)


class FakePrinters:
    """Prints each parcel's label once; ``labels`` is what lies in the trays, by parcel key.

    Attributes:
        out_of_paper: Warehouses whose printer has no paper.
        silent: Warehouses whose printer does not answer.
        confirms: ``False`` lets labels come out without a word.
    """

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.out_of_paper: set[str] = set()
        self.silent: set[str] = set()
        self.confirms = True

    async def print(self, dispatch: Dispatch) -> Printed:
        """Print, unless the label lies there already."""
        warehouse, key = dispatch.parcel.warehouse, dispatch.parcel.key
        if warehouse in self.silent:
            raise GatewayBusy("printer", f"{warehouse} 仓面单打印机无响应")
        if warehouse in self.out_of_paper:
            raise GatewayBusy("printer", f"{warehouse} 仓面单打印机缺纸")
        if key not in self.labels:
            self.labels.append(key)
            if not self.confirms:
                raise GatewayBusy("printer", f"{warehouse} 仓面单打印机没有确认收到面单")
        return Printed(printer=warehouse, at=AT)
