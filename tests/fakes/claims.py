"""The rules of claims and the record of write-offs, in memory."""

from domain.claim import RefundKind
from domain.ruling import ClaimCase, Ruling, Verdict, Whereabouts, WriteOff

SMALL_FEN = 1000


class FakeClaimRules:
    """Says what the shipped rules say, unless a test puts another verdict in."""

    def __init__(self) -> None:
        self.said: dict[Whereabouts, Verdict] = {}

    def rule(self, case: ClaimCase) -> Ruling:
        verdict = self.said.get(case.goods) or _usual(case)
        return Ruling(verdict=verdict, reason=f"规则:{case.goods}", rule=case.goods, digest="fake")


class FakeWriteOffs:
    """Write-offs by order and subject."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], WriteOff] = {}

    def keep(self, write_off: WriteOff) -> None:
        self.kept.setdefault((write_off.order_id, write_off.subject), write_off)


def _usual(case: ClaimCase) -> Verdict:
    is_money = case.refund.kind in {RefundKind.REFUND_ONLY, RefundKind.RETURN}
    if not is_money or case.refund.amount_fen > case.left_fen:
        return Verdict.ASK
    is_return = case.refund.kind is RefundKind.RETURN
    match case.goods:
        case Whereabouts.WITH_US | Whereabouts.LOST:
            return Verdict.AGREE
        case Whereabouts.COMING_BACK:
            return Verdict.WAIT
        case Whereabouts.ON_THE_WAY:
            return Verdict.AGREE_RETURN if is_return else Verdict.REFUSE
        case Whereabouts.WITH_BUYER:
            return Verdict.AGREE_RETURN if is_return else Verdict.ASK
        case Whereabouts.NO_MATTER:
            small = case.refund.amount_fen <= SMALL_FEN
            return (
                Verdict.AGREE
                if small and case.refund.amount_fen * 5 <= case.paid_fen
                else Verdict.ASK
            )
