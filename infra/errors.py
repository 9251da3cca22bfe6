"""What keeps Lifeline from starting on this machine."""

from domain.errors import HubError


class CannotStart(HubError):
    """Something is in the way; the message is one Chinese sentence with the remedy."""
