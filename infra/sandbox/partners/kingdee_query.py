"""ExecuteBillQuery: one row for each voucher, or for each entry once an entry's field is named.

The filter is read honestly or refused: ``FIELD = 'value'`` conditions joined by ``and``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from infra.sandbox.ledger import Ledger
from infra.sandbox.partners.kingdee_words import Complaint, Doc, MsgCode

Field = Callable[[str, Doc, Doc], object]

HEAD: Mapping[str, Field] = {
    "FVOUCHERID": lambda key, _, __: int(key),
    "FBillNo": lambda _, voucher, __: voucher["number"],
    "FDate": lambda _, voucher, __: f"{voucher['date']}T00:00:00",
    "FDocumentStatus": lambda _, voucher, __: voucher["status"],
    "FVOUCHERGROUPNO": lambda _, voucher, __: voucher["group_no"],
    "FAccountBookID.FNumber": lambda _, voucher, __: voucher["book"],
}
ENTRY: Mapping[str, Field] = {
    "FEXPLANATION": lambda _, __, entry: entry["explanation"],
    "FACCOUNTID.FNumber": lambda _, __, entry: entry["account"],
    # The real one answers amounts as JSON numbers, so these two leave the world of whole fen.
    "FDEBIT": lambda _, __, entry: float(Decimal(entry["debit_fen"]).scaleb(-2)),
    "FCREDIT": lambda _, __, entry: float(Decimal(entry["credit_fen"]).scaleb(-2)),
    "FBUSNO": lambda _, __, entry: entry["reference"],
}
CONDITION = re.compile(r"\s*([A-Za-z_.]+)\s*=\s*'((?:[^']|'')*)'\s*")
AND = re.compile(r"and\b", re.IGNORECASE)
MOST_ROWS = 2000


def execute(ledger: Ledger, data: Doc) -> list[list[object]]:
    """Answer a query on GL_VOUCHER.

    Raises:
        Complaint: another form, an unknown field, or a filter beyond what is read here.
    """
    if data.get("FormId") != "GL_VOUCHER":
        raise Complaint(MsgCode.NO_FORM, f"表单不存在:{data.get('FormId')}", "FormId")
    if data.get("OrderString"):
        raise Complaint(MsgCode.PARAMETERS, "不支持排序", "OrderString")
    keys = [key.strip() for key in str(data.get("FieldKeys") or "").split(",")]
    conditions = read_filter(str(data.get("FilterString") or ""))
    fields = [_field(name) for name in keys]
    wanted = [(_field(name), value) for name, value in conditions]
    by_entry = any(name in ENTRY for name in (*keys, *(name for name, _ in conditions)))
    rows = [
        [field(*facts) for field in fields]
        for facts in _facts(ledger, conditions, by_entry=by_entry)
        if all(str(field(*facts)) == value for field, value in wanted)
    ]
    start = int(data.get("StartRow") or 0)
    return rows[start : start + (int(data.get("Limit") or 0) or MOST_ROWS)]


def read_filter(text: str) -> list[tuple[str, str]]:
    """Read a filter as pairs of field and value; a doubled quote is one quote."""
    conditions: list[tuple[str, str]] = []
    position = 0
    while text.strip():
        found = CONDITION.match(text, position)
        if found is None:
            raise Complaint(MsgCode.EXCEPTION, f"过滤条件无法解析:{text}", "FilterString")
        conditions.append((found[1], found[2].replace("''", "'")))
        joined = AND.match(text, found.end())
        if joined is None and found.end() == len(text):
            break
        if joined is None:
            raise Complaint(MsgCode.EXCEPTION, f"过滤条件无法解析:{text}", "FilterString")
        position = joined.end()
    return conditions


def _field(name: str) -> Field:
    field = HEAD.get(name) or ENTRY.get(name)
    if field is None:
        raise Complaint(MsgCode.EXCEPTION, f"字段不存在:{name}", name)
    return field


def _facts(
    ledger: Ledger, conditions: list[tuple[str, str]], *, by_entry: bool
) -> Iterator[tuple[str, Doc, Doc]]:
    for key, voucher in _vouchers(ledger, dict(conditions).get("FBUSNO")):
        entries = voucher["entries"] if by_entry else [{}]
        for entry in entries:
            yield key, voucher, entry


def _vouchers(ledger: Ledger, reference: str | None) -> Iterator[tuple[str, Doc]]:
    """Tell the vouchers that may fit; those of one reference without a look at all the others."""
    if reference is None:
        yield from ledger.each("voucher")
        return
    for key in (ledger.get("reference", reference) or {"ids": []})["ids"]:
        voucher = ledger.get("voucher", key)
        if voucher is not None:
            yield key, voucher
