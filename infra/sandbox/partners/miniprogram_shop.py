"""The mini program's shop: what it sells, and what becomes of it (``infra.sandbox.shop``).

An ``order`` also holds ``refused``: the hub's code, when it answered that it does not take the
order. Such a sale is taken back, and nothing of it is due any more.
"""

import json
from dataclasses import dataclass

import httpx

from infra.sandbox.faults import FaultPlan
from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.push import Acknowledged, Push, Pusher, Seal
from infra.sandbox.shop import kind_offered, may_claim, now_ms

OURS = {"channel", "due", "standing", "refused"}  # of an order's document: not sent
REFUSALS = (40301, 40302)  # the buyer is frozen; nobody delivers there
NOT_LEFT = ("pending", "due")
OVER = ("refunded", "withdrawn")  # stages after which nothing happens to a claim
JSON_HEADERS = {"content-type": "application/json"}


class SalePusher(Pusher):
    """Also learns from the answers which sales the hub does not take."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        ledger: Ledger,
        plan: FaultPlan,
        acknowledged: Acknowledged,
        seal: Seal,
    ) -> None:
        super().__init__(http, ledger, plan, acknowledged, seal)
        self._record = ledger

    def understood(self, key: str, answer: httpx.Response) -> bool:
        """Take a refused sale back; a refusal is an answer like another."""
        said = answer.json()
        code = said.get("code") if isinstance(said, dict) else None
        if code in REFUSALS:
            number = key.partition("/")[0]
            self._record.amend("order", number, due=False, standing="cancelled", refused=code)
            return True
        return super().understood(key, answer)


@dataclass(frozen=True, slots=True)
class Shop:
    """Sells, lets buyers change their minds, and pushes every change."""

    ledger: Ledger
    pusher: Pusher
    hub_url: str

    async def sell(self, sample: Doc) -> None:
        """Take a buyer's order and push it to the hub; a number is sold once."""
        at_ms = now_ms()
        sold = {"due": True, "standing": "due", "paid_at": at_ms, "updated_at": at_ms}
        self.ledger.put("order", sample["order_no"], {**sample, **sold})
        self._push_order(sample["order_no"])

    async def move(self, deed: Doc) -> None:
        """Send what has not left to another address."""
        order = self.ledger.get("order", deed["order_no"]) or {}
        if order["standing"] in NOT_LEFT:
            receiver = {**order["receiver"], **deed["receiver"]}
            self._change(deed["order_no"], order, receiver=receiver)

    async def cancel(self, deed: Doc) -> None:
        """Close an order of which nothing has left."""
        order = self.ledger.get("order", deed["order_no"]) or {}
        if order["standing"] in NOT_LEFT:
            self._change(deed["order_no"], order, standing="cancelled", due=False)

    async def claim(self, deed: Doc) -> None:
        """Hear what a buyer wants back; a claim is opened once."""
        if not may_claim(self.ledger, deed):
            return
        at_ms = now_ms()
        asked = {name: deed[name] for name in ("order_no", "amount_fen", "reason")}
        kind = kind_offered(deed["kind"], bool(self._told_lines(deed["order_no"])))
        dates = {"created_at": at_ms, "updated_at": at_ms}
        lines = list(deed.get("lines") or [])
        doc = {**asked, "kind": kind, "lines": lines, "stage": "asked", **dates}
        self.ledger.put("after_sale", deed["claim"], doc)
        self._push_claim(deed["claim"])

    async def withdraw(self, deed: Doc) -> None:
        """Close a claim at the buyer's wish."""
        self.step(deed["claim"], "withdrawn")

    async def pay_back(self, deed: Doc) -> None:
        """Return a claim's money."""
        with self.ledger.together():
            self.refund(deed["claim"])

    async def send_back(self, news: Doc) -> None:
        """Hear that a buyer handed the goods to a carrier."""
        if (self.ledger.get("after_sale", news["claim_id"]) or {}).get("stage") == "agreed":
            self.step(news["claim_id"], "returning")

    def refund(self, refund_no: str) -> None:
        """Return a claim's money, once."""
        claim = self.step(refund_no, "refunded")
        if claim["stage"] == "refunded":
            back = {"order_no": claim["order_no"], "amount_fen": claim["amount_fen"]}
            self.ledger.put("refund", refund_no, back)
            self._close_if_all_is_refunded(claim["order_no"])

    def resume(self) -> None:
        """After a restart: push what is still owed, also what was changed and never pushed."""
        self.pusher.resume()
        for number, _ in self.ledger.each("order"):
            self._push_order(number)
        for refund_no, _ in self.ledger.each("after_sale"):
            self._push_claim(refund_no)

    def left(self, number: str) -> None:
        """Note that all of an order left, once the hub told of every line."""
        order, told = self.ledger.get("order", number) or {}, self._told_lines(number)
        if order.get("standing") == "due" and told == set(range(1, len(order["items"]) + 1)):
            self.ledger.amend("order", number, standing="shipped")

    def _told_lines(self, number: str) -> set[int]:
        """Tell the lines that the hub has told of as shipped."""
        every = [doc for _, doc in self.ledger.each("shipment") if doc["order_no"] == number]
        return {no for doc in every for no in doc["lines"]}

    def _close_if_all_is_refunded(self, number: str) -> None:
        """An order that is paid back altogether before anything left is closed."""
        order = self.ledger.get("order", number) or {}
        back = [
            doc["amount_fen"] for _, doc in self.ledger.each("refund") if doc["order_no"] == number
        ]
        if order["standing"] in NOT_LEFT and sum(back) >= order["pay_amount"]:
            self._change(number, order, standing="cancelled", due=False)

    def _change(self, number: str, order: Doc, **changes: object) -> None:
        dated = max(now_ms(), order["updated_at"] + 1)
        self.ledger.amend("order", number, **changes, updated_at=dated)
        self._push_order(number)

    def step(self, refund_no: str, stage: str, **more: object) -> Doc:
        """Take a claim further and push it; one that is over stays as it is."""
        claim = self.ledger.get("after_sale", refund_no) or {}
        if claim["stage"] in OVER:
            return claim
        dated = max(now_ms(), claim["updated_at"] + 1)
        claim = self.ledger.amend("after_sale", refund_no, stage=stage, updated_at=dated, **more)
        self._push_claim(refund_no)
        return claim

    def _push_order(self, number: str) -> None:
        sent = shown(self.ledger.get("order", number) or {})
        key = number if sent["updated_at"] == sent["paid_at"] else f"{number}/{sent['updated_at']}"
        self._push(key, "/api/order/create", sent)

    def _push_claim(self, refund_no: str) -> None:
        claim = self.ledger.get("after_sale", refund_no) or {}
        sent = shown_claim(refund_no, claim)
        self._push(
            f"{claim['order_no']}/{refund_no}/{claim['updated_at']}", "/hooks/miniprogram", sent
        )

    def _push(self, key: str, path: str, sent: Doc) -> None:
        body = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()
        self.pusher.send(key, Push(url=self.hub_url + path, body=body, headers=JSON_HEADERS))


def shown(order: Doc) -> Doc:
    """Write an order as the shop shows it."""
    status = "cancelled" if order["standing"] == "cancelled" else "paid"
    sent = {name: value for name, value in order.items() if name not in OURS}
    return {**sent, "status": status}


def shown_claim(refund_no: str, claim: Doc) -> Doc:
    """Write a claim as the shop shows it."""
    return {
        "kind": "refund",
        "refund_no": refund_no,
        "order_no": claim["order_no"],
        "type": claim["kind"],
        "status": claim["stage"],
        "amount": claim["amount_fen"],
        "lines": claim["lines"],
        "reason": claim["reason"],
        "created_at": claim["created_at"],
        "updated_at": claim["updated_at"],
    }
