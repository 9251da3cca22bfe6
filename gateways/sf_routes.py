"""SF's scans in our words, whether SF was asked for them or pushed them (protocols 4.2, 4.3)."""

from collections.abc import Iterable

from domain.parcel import Milestone, Scan
from gateways.carrier_forms import ChinaTime, Text, Wire

# A code that is not here is a scan on the way: it belongs to the trace and changes nothing.
MILESTONES: dict[str, Milestone] = {
    "50": Milestone.COLLECTED,
    "54": Milestone.COLLECTED,
    "30": Milestone.IN_TRANSIT,
    "31": Milestone.IN_TRANSIT,
    "36": Milestone.IN_TRANSIT,
    "123": Milestone.IN_TRANSIT,
    "407": Milestone.IN_TRANSIT,
    "501": Milestone.IN_TRANSIT,
    "3036": Milestone.IN_TRANSIT,
    "44": Milestone.OUT_FOR_DELIVERY,
    "204": Milestone.OUT_FOR_DELIVERY,
    # At a shop or an agent is not yet in the buyer's hands: only 80 is the signature.
    "130": Milestone.OUT_FOR_DELIVERY,
    "607": Milestone.OUT_FOR_DELIVERY,
    "33": Milestone.PROBLEM,
    "70": Milestone.PROBLEM,
    # 648 is "returned" and "forwarded" alike, so nobody can call the parcel back at the sender.
    "99": Milestone.PROBLEM,
    "648": Milestone.PROBLEM,
    "80": Milestone.DELIVERED,
    "8000": Milestone.DELIVERED,
}


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
            milestone=MILESTONES.get(self.op_code, Milestone.IN_TRANSIT),
            at=self.accept_time,
            text=" ".join(part for part in (self.accept_address, self.remark) if part),
        )


def scans_of(routes: Iterable[Route]) -> tuple[Scan, ...]:
    """Tell scans oldest first."""
    return tuple(sorted((route.scan() for route in routes), key=lambda scan: scan.at))
