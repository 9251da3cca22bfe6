"""Red letters at the bureau behind Nuonuo: applied for, confirmed, issued (protocols 9.1).

Ledger ``nuonuo``, kind ``red_confirm`` by bill id: ``{blue, lines: [[place, fen]], amount_fen,
state, applied_at}``. The red invoice is of kind ``invoice`` under the same key, with ``kind: red``,
its amount above zero, and ``blue``. Kind ``policy``, key ``red``: ``{is}``, what buyers do:
``confirm``, ``hang`` until it lapses after 72 h, or ``reject``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.nuonuo_words import Refusal
from infra.sandbox.world import World

CONFIRMED_AFTER, LAPSES_AFTER = timedelta(minutes=3), timedelta(hours=72)
CONFIRM, LAPSE = "nuonuo.red", "nuonuo.red_lapse"  # on the agenda
LONGEST_BILL_ID = 64
REASONS = ("1", "2", "3", "4")
APPLYING, WAITS, NOT_NEEDED, REJECTED, LAPSED = "15", "02", "01", "05", "07"
OPEN = (APPLYING, WAITS)


@dataclass(frozen=True, slots=True)
class RedBureau:
    """Takes applications, has them confirmed, and issues the red letters."""

    ledger: Ledger
    world: World
    tax_no: str

    def __post_init__(self) -> None:
        """Have a word on the agenda."""
        self.world.on_agenda(CONFIRM, self.confirm)
        self.world.on_agenda(LAPSE, self.lapse)

    def apply(self, asked: Doc) -> Doc:
        """``saveInvoiceRedConfirm``."""
        bill_id = str(asked.get("billId") or "")
        if not bill_id or len(bill_id) > LONGEST_BILL_ID or str(asked.get("applySource")) != "0":
            raise Refusal("E4000", "billId 或 applySource 缺失或格式不对")
        if asked.get("sellerTaxNo") != self.tax_no or str(asked.get("redReason")) not in REASONS:
            raise Refusal("E4000", "sellerTaxNo 或 redReason 不正确")
        if self.ledger.get("red_confirm", bill_id) is not None:
            raise Refusal("E9106", "单据编号不能重复")
        key, blue = self._blue(str(asked.get("blueElecInvoiceNumber") or ""))
        lines = self._checked(key, blue, asked.get("detail"))
        now = self.world.clock.now().isoformat()
        doc = {"blue": key, "lines": lines, "state": APPLYING, "applied_at": now}
        self.ledger.put("red_confirm", bill_id, {**doc, "amount_fen": sum(n for _, n in lines)})
        self.world.later(CONFIRMED_AFTER, CONFIRM, bill_id, {"bill_id": bill_id})
        return {"billId": bill_id, "billStatus": APPLYING}

    def tell(self, asked: Doc) -> list[Doc]:
        """``queryInvoiceRedConfirm``."""
        bill_id = str(asked.get("billId") or "")
        found = self.ledger.get("red_confirm", bill_id)
        if found is None:
            raise Refusal("E9500", "红字确认单不存在")
        red = self.ledger.get("invoice", bill_id) or {"number": "", "issued_at": None}
        issued_at = red["issued_at"]
        at = (
            None if issued_at is None else int(datetime.fromisoformat(issued_at).timestamp() * 1000)
        )
        told = {"billId": bill_id, "billStatus": found["state"], "billMessage": ""}
        return [{**told, "redElecInvoiceNumber": red["number"], "redInvoiceTime": at}]

    async def confirm(self, payload: Doc) -> None:
        """The buyer's side confirms, lets it hang, or rejects it; safe to repeat."""
        bill_id = payload["bill_id"]
        found = self.ledger.get("red_confirm", bill_id) or {}
        if found["state"] != APPLYING:
            return
        match (self.ledger.get("policy", "red") or {}).get("is", "confirm"):
            case "hang":
                self.ledger.amend("red_confirm", bill_id, state=WAITS)
                self.world.later(LAPSES_AFTER, LAPSE, bill_id, payload)
            case "reject":
                self.ledger.amend("red_confirm", bill_id, state=REJECTED)
            case _:
                with self.ledger.together():
                    self._issue(bill_id, found)

    async def lapse(self, payload: Doc) -> None:
        """Nobody confirmed in time."""
        found = self.ledger.get("red_confirm", payload["bill_id"]) or {}
        if found["state"] == WAITS:
            self.ledger.amend("red_confirm", payload["bill_id"], state=LAPSED)

    def _issue(self, bill_id: str, found: Doc) -> None:
        now = self.world.clock.now()
        number = f"{now:%y}333{self.ledger.count('invoice') + 1:015d}"
        red = {
            "serial": "",
            "number": number,
            "amount_fen": found["amount_fen"],
            "tax_fen": 0,
            "status": "issued",
            "kind": "red",
            "lines": found["lines"],
            "blue": found["blue"],
            "buyer_masked": "",
            "requested_at": found["applied_at"],
            "issued_at": now.isoformat(),
        }
        self.ledger.put("invoice", bill_id, red)
        self.ledger.amend("red_confirm", bill_id, state=NOT_NEEDED)

    def _blue(self, number: str) -> tuple[str, Doc]:
        for key, doc in self.ledger.each("invoice"):
            if doc["kind"] == "blue" and doc["number"] == number and number:
                return key, doc
        raise Refusal("E9500", "蓝字发票不存在或未开具")

    def _checked(self, key: str, blue: Doc, detail: object) -> list[tuple[int, int]]:
        """Tell what is taken back of each line; never more than is left of it."""
        left = Counter(dict(enumerate(blue["lines"], start=1)))
        for taken in self._taken(key):
            left.subtract(dict([taken]))
        lines = [(no, fen) for no, fen in left.items() if fen] if detail is None else _read(detail)
        if not lines or any(fen > left[no] for no, fen in lines):
            raise Refusal("E9103", "发票已冲红,或红字金额超过蓝票剩余金额")
        return lines

    def _taken(self, key: str) -> Iterator[tuple[int, int]]:
        for _, found in self.ledger.each("red_confirm"):
            if found["blue"] == key and found["state"] in (*OPEN, NOT_NEEDED):
                yield from ((int(no), int(fen)) for no, fen in found["lines"])


def _read(detail: object) -> list[tuple[int, int]]:
    if not isinstance(detail, list) or not detail:
        raise Refusal("E4000", "detail 须为数组")
    return [(int(str(line.get("blueDetailIndex") or 0)), _fen(line)) for line in detail]


def _fen(line: Mapping[str, Any]) -> int:
    """Read a line's amount, tax included: below zero, and its parts must sum up to it."""
    try:
        whole, net, tax = (
            Decimal(str(line.get(name)))
            for name in ("taxIncludedAmount", "taxExcludedAmount", "tax")
        )
    except InvalidOperation as e:
        raise Refusal("E4000", "detail 的金额不是数字") from e
    if whole >= 0 or net + tax != whole:
        raise Refusal("E4000", "detail 的金额须小于 0,且含税金额等于不含税金额加税额")
    return int(-whole.scaleb(2))
