"""The guard: whoever claims too often is frozen at the third claim, and nobody else is.

Only a world that plays abusers can be judged so: there everybody who is not one is honest.
"""

from datetime import timedelta

from infra.auditor.evidence import Evidence
from infra.auditor.promises import Check, Checks
from infra.auditor.records import Abuser

CLOCKS = timedelta(seconds=1)  # the shop and the hub may differ by so much


def examine(evidence: Evidence) -> Checks:
    """Compare who was frozen with who deserved it."""
    if not evidence.world.abusers:
        return
    theirs = set[str]()
    for abuser in evidence.world.abusers:
        keys = {evidence.hub.buyers[no] for no in abuser.orders if no in evidence.hub.buyers}
        theirs |= keys
        yield _frozen_in_time(evidence, abuser, keys)
    for freeze in evidence.hub.freezes:
        honest = freeze.buyer_key not in theirs
        yield f"守卫冻结了没有滥用退款的买家 {freeze.buyer_key[:8]}" if honest else None


def _frozen_in_time(evidence: Evidence, abuser: Abuser, keys: set[str]) -> Check:
    frozen = sorted(freeze.at for freeze in evidence.hub.freezes if freeze.buyer_key in keys)
    third = abuser.third_claim_at
    if third is not None and not frozen:
        return f"滥用退款的买家 {abuser.name} 第三笔售后之后没有被冻结"
    if frozen and (third is None or frozen[0] < third - CLOCKS):
        return f"滥用退款的买家 {abuser.name} 在第三笔售后之前就被冻结"
    return None
