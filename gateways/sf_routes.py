"""SF's scans in our words, whether SF was asked for them or pushed them (protocols 4.2, 4.3).

What each code means is in ``rules/statuses.yaml``.
"""

from collections.abc import Iterable

from domain.parcel import Scan
from gateways.carrier_forms import ChinaTime, Text, Wire
from rulebook.statuses import standard_statuses


class Route(Wire):
    """One scan as SF writes it; the time is China's."""

    accept_time: ChinaTime
    op_code: str
    remark: Text = ""
    accept_address: Text = ""

    def scan(self) -> Scan:
        """Tell the scan; its id is the same for a push and for a question, which knows no id."""
        return Scan(
            id=f"{self.accept_time:%Y%m%d%H%M%S}/{self.op_code}",
            milestone=standard_statuses().sf.read(self.op_code),
            at=self.accept_time,
            text=" ".join(part for part in (self.accept_address, self.remark) if part),
        )


def scans_of(routes: Iterable[Route]) -> tuple[Scan, ...]:
    """Tell scans oldest first."""
    return tuple(sorted((route.scan() for route in routes), key=lambda scan: scan.at))
