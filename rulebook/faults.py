"""What is wrong with a rule, and where: for the person who wrote it."""

from domain.errors import HubError


class BrokenRules(HubError):
    """Rules that can not be used; each fault is a Chinese sentence that begins with its place.

    A place is a file and a path in it: ``rules/routing.yaml rules[2].when``.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults

    @classmethod
    def at(cls, place: str, reason: str) -> "BrokenRules":
        """Say one fault."""
        return cls(f"{place}: {reason}")
