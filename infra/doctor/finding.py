"""What the doctor says about one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What was looked at, in Chinese.
        ok: Whether Lifeline can run with it as it is.
        sentence: What was found and, when it is not ok, the remedy; in Chinese.
    """

    name: str
    ok: bool
    sentence: str


def fine(name: str, sentence: str) -> Finding:
    """Say that a thing is as it should be."""
    return Finding(name=name, ok=True, sentence=sentence)


def wrong(name: str, sentence: str) -> Finding:
    """Say that a thing is in the way, with the remedy."""
    return Finding(name=name, ok=False, sentence=sentence)
