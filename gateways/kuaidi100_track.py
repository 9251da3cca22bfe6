"""kuaidi100's trace in our words, whether it was asked for or pushed (protocols 8.1)."""

from domain.parcel import Milestone, Scan
from gateways.carrier_forms import ChinaTime, Text, Wire

# Three- and four-digit codes begin with one of these; the exceptions have entries of their own.
MILESTONES: dict[str, Milestone] = {
    "0": Milestone.IN_TRANSIT,
    "1": Milestone.COLLECTED,
    "101": Milestone.BOOKED,  # ordered
    "102": Milestone.BOOKED,  # waits for the courier
    "2": Milestone.PROBLEM,
    "3": Milestone.DELIVERED,
    "4": Milestone.RETURNED,
    "401": Milestone.PROBLEM,  # the order was cancelled, which brings nothing back
    "5": Milestone.OUT_FOR_DELIVERY,
    "6": Milestone.PROBLEM,  # on its way back
    "7": Milestone.IN_TRANSIT,  # passed on to another carrier
    "10": Milestone.IN_TRANSIT,  # 10 to 13: customs
    "11": Milestone.IN_TRANSIT,
    "12": Milestone.IN_TRANSIT,
    "13": Milestone.IN_TRANSIT,
    "14": Milestone.PROBLEM,  # the buyer refused it
}

# What a row says when it has no code.
STATES_BY_NAME: dict[str, str] = {
    "在途": "0",
    "揽收": "1",
    "疑难": "2",
    "签收": "3",
    "退签": "4",
    "派件": "5",
    "退回": "6",
    "转投": "7",
    "拒签": "14",
}


class Row(Wire):
    """One scan; ``status`` is the state's name, ``status_code`` its number (protocols 8.1)."""

    time: ChinaTime
    context: Text = ""
    status: Text = ""
    status_code: Text = ""

    def scan(self) -> Scan:
        """Tell the scan; its id is the same for a push and for a question."""
        state = self.status_code or STATES_BY_NAME.get(self.status, "0")
        return Scan(
            id=f"{self.time:%Y%m%d%H%M%S}/{state}",
            milestone=milestone_of(state),
            at=self.time,
            text=self.context,
        )


class Track(Wire):
    """One parcel's trace, newest or oldest first."""

    com: str
    nu: str
    data: tuple[Row, ...] | None = None

    def scans(self) -> tuple[Scan, ...]:
        """Tell the scans oldest first."""
        rows = sorted(self.data or (), key=lambda row: row.time)
        return tuple(row.scan() for row in rows)


def milestone_of(state: str) -> Milestone:
    """Read a state of one to four digits; an unknown one is a scan on the way."""
    base = state[:-2] if len(state) > 2 else state  # noqa: PLR2004 - 301 is 3 in detail
    return MILESTONES.get(state) or MILESTONES.get(base, Milestone.IN_TRANSIT)
