"""Who works with the hub, and what each may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a member of the staff may do. Everybody may look."""

    VIEWER = "viewer"  # look
    OPERATOR = "operator"  # act on orders and on the inbox
    RISK = "risk"  # freeze and unfreeze buyers
    ADMIN = "admin"  # everything

    def covers(self, wanted: "Role") -> bool:
        """Tell whether who has this role may do what takes the role ``wanted``."""
        return self in {Role.ADMIN, wanted} or wanted is Role.VIEWER


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """A person who is signed in; ``name`` goes on record with everything that they do."""

    name: str
    role: Role
