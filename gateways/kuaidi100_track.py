"""kuaidi100's trace in our words, whether it was asked for or pushed (protocols 8.1).

What each state means is in ``rules/statuses.yaml``.
"""

from domain.parcel import Milestone, Scan
from gateways.carrier_forms import ChinaTime, Text, Wire
from rulebook.statuses import standard_statuses

NO_STATE = "0"  # a row without any is a scan on the way


class Row(Wire):
    """One scan; ``status`` is the state's name, ``status_code`` its number (protocols 8.1)."""

    time: ChinaTime
    context: Text = ""
    status: Text = ""
    status_code: Text = ""

    def scan(self) -> Scan:
        """Tell the scan; its id is the same for a push and for a question."""
        names = standard_statuses().kuaidi100.names
        state = self.status_code or names.get(self.status, NO_STATE)
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
    words = standard_statuses().kuaidi100
    base = state[:-2] if len(state) > 2 else state  # noqa: PLR2004 - 301 is 3 in detail
    return words.read(state if words.knows(state) else base)
