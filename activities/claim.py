"""Durable steps: what the rules say of a buyer's claim, and who bears a loss."""

from typing import Protocol

from temporalio import activity

from domain.ruling import ClaimCase, Ruling, WriteOff


class ClaimRules(Protocol):
    """What the first step needs: the rules that staff can change."""

    def rule(self, case: ClaimCase) -> Ruling: ...


class WriteOffs(Protocol):
    """What the second step needs: the hub's record of what was given up."""

    def keep(self, write_off: WriteOff) -> None: ...


class ClaimActivities:
    """Judges claims, and keeps what is written off."""

    def __init__(self, rules: ClaimRules, write_offs: WriteOffs) -> None:
        self._rules = rules
        self._write_offs = write_offs

    @activity.defn(name="claim.judge")
    def judge(self, case: ClaimCase) -> Ruling:
        """Ask the rules; the first that fits speaks, and ``ASK`` stands where none does."""
        return self._rules.rule(case)

    @activity.defn(name="claim.write_off")
    def write_off(self, write_off: WriteOff) -> None:
        """Keep who gave up which goods and why; once for each order and subject."""
        self._write_offs.keep(write_off)
