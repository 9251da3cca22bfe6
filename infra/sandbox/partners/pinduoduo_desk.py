"""What Pinduoduo's order interfaces answer once a call is believed (protocols 1.2)."""

from collections.abc import Callable

from infra.sandbox.ledger import Doc
from infra.sandbox.partners.pinduoduo_asked import Asked, wrong
from infra.sandbox.partners.pinduoduo_book import Book
from infra.sandbox.partners.pinduoduo_gate import business_fault
from infra.sandbox.partners.pinduoduo_order import document
from infra.sandbox.partners.pinduoduo_seal import CannotOpen, Sealed, plain, unseal

DAY_S = 24 * 3600
HALF_HOUR_S = 1800
ALL = 5  # of the filters by order and refund status
LUCKY = 2  # orders of a lottery; there are none here
MOST_OPENED = 100


def known_order(book: Book, number: str) -> Doc:
    """Look an order up, or refuse."""
    try:
        return book.order(number)
    except LookupError as e:
        raise business_fault(f"订单不存在:{number}") from e


class OrderDesk:
    """Tells orders, opens their sealed fields, and permits messages."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def order(self, asked: Asked) -> Doc:
        """``pdd.order.information.get``."""
        return {"order_info": self._told(known_order(self._book, asked.text("order_sn")))}

    def by_deal(self, asked: Asked) -> Doc:
        """``pdd.order.list.get``: by the time of the deal, at most a day."""
        window = asked.window("start_confirm_at", "end_confirm_at", DAY_S)
        rows = self._sorted("paid_at", lambda order: window.holds(order["paid_at"]))
        return self._listed("order_list", rows, asked)

    def by_change(self, asked: Asked) -> Doc:
        """``pdd.order.number.list.increment.get``: by the last change, at most half an hour.

        Oldest change first, so an order that changes meanwhile leaves its page and moves the later
        ones forward: whoever pages forward misses one, whoever pages backward does not.
        """
        window = asked.window("start_updated_at", "end_updated_at", HALF_HOUR_S)
        if asked.one_of("is_lucky_flag", (0, 1, LUCKY)) == LUCKY:
            return self._listed("order_sn_list", [], asked)
        rows = self._sorted("updated_at", lambda order: window.holds(order["updated_at"]))
        return self._listed("order_sn_list", rows, asked)

    def opened(self, asked: Asked) -> Doc:
        """``pdd.open.decrypt.batch``: each ciphertext on its own; fields from memory."""
        rows = asked.each("data_list")
        if len(rows) > MOST_OPENED:
            raise wrong("data_list", f"最多 {MOST_OPENED} 条")
        return {"data_decrypt_list": [self._opened(row) for row in rows]}

    def permit(self, asked: Asked) -> Doc:
        """``pdd.pmc.user.permit``: note which topics the shop lets the client hear of."""
        topics = asked.text("topics") if asked.knows("topics") else ""
        self._book.ledger.put("permit", "shop", {})
        self._book.ledger.amend("permit", "shop", topics=topics)
        return {"is_success": True}

    def _told(self, order: Doc) -> Doc:
        return document(order, self._book.claims_of(order))

    def _sorted(self, by: str, wanted: Callable[[Doc], bool]) -> list[Doc]:
        orders = [order for _, order in self._book.ledger.each("order") if wanted(order)]
        return sorted(orders, key=lambda order: (order[by], order["order_no"]))

    def _listed(self, name: str, orders: list[Doc], asked: Asked) -> Doc:
        """Tell one page of those that pass the filters; "has next" instead of the total."""
        status = asked.one_of("order_status", (1, 2, 3, ALL))
        refund = asked.one_of("refund_status", (1, 2, 3, 4, ALL))
        ordinary = asked.one_of("trade_type", (0, 1), 0) == 0
        told = [self._told(order) for order in orders if ordinary]
        rows = [
            row
            for row in told
            if status in (ALL, row["order_status"]) and refund in (ALL, row["refund_status"])
        ]
        page = asked.page()
        if asked.says("use_has_next"):
            return {name: page.of(rows), "has_next": not page.is_last(rows)}
        return {name: page.of(rows), "total_count": len(rows)}

    def _opened(self, row: Asked) -> Doc:
        number, ciphertext = row.text("data_tag"), row.text("encrypted_data")
        told: Doc = {"data_tag": number, "encrypted_data": ciphertext}
        try:
            kind, text = self._unsealed(number, ciphertext)
        except CannotOpen:
            return {
                **told,
                "decrypted_data": "",
                "error_code": 50002,
                "error_msg": "密文或订单号不正确",
            }
        success = {"decrypted_data": text, "data_type": kind.value, "error_code": 0}
        return {**told, **success, "error_msg": "", "virtual_number_type": 0}

    def _unsealed(self, number: str, ciphertext: str) -> tuple[Sealed, str]:
        """Open a ciphertext for the order it was given on, also from before the buyer moved."""
        kind, text = unseal(ciphertext)
        order = self._book.ledger.get("order", number) or {"receiver": None, "former": []}
        receivers = [receiver for receiver in (order["receiver"], *order["former"]) if receiver]
        if text not in (plain(receiver)[kind] for receiver in receivers):
            raise CannotOpen
        return kind, text
