"""The general ledger behind Kingdee's gate: vouchers are saved, submitted, audited, viewed.

Like the real one, Save never asks whether it has met a voucher before: saved twice, it is there
twice.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from infra.sandbox.ledger import Ledger
from infra.sandbox.partners.kingdee_words import Complaint, Doc, MsgCode, done

FIRST_ID = 100001
BOOKS = frozenset({"001"})
GROUPS = frozenset({"PZZ1", "PRE001"})
CHART = {"1002": "银行存款", "1122": "应收账款", "2221.01.02": "销项税额", "6001": "主营业务收入"}
OPEN = frozenset({"Z", "A", "D"})


class Books:
    """Kingdee's vouchers, in the ledger under ``voucher`` by id."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def save(self, data: Doc) -> Doc:
        """Keep a voucher that balances; an id overwrites one that is not in review yet."""
        model = _mapping(data, "Model")
        entries = _entries(model)
        _check_balance(entries)
        return self._keep(model, entries, "A")

    def draft(self, data: Doc) -> Doc:
        """Keep a voucher for later, balanced or not."""
        model = _mapping(data, "Model")
        return self._keep(model, _entries(model), "Z")

    def submit(self, data: Doc) -> Doc:
        """Send vouchers into review."""
        return self._move(data, frozenset({"A", "D"}), "B")

    def audit(self, data: Doc) -> Doc:
        """Audit vouchers that are in review."""
        return self._move(data, frozenset({"B"}), "C")

    def view(self, data: Doc) -> Doc:
        """Show one voucher."""
        key = str(data.get("Id") or "")
        voucher = self._get(key)
        answer = done([{"Id": int(key), "Number": voucher["number"]}])
        entries = [
            {"Id": no, "EXPLANATION": entry["explanation"], "BUSNO": entry["reference"]}
            for no, entry in enumerate(voucher["entries"], start=1)
        ]
        shown = {
            "Id": int(key),
            "BillNo": voucher["number"],
            "DocumentStatus": voucher["status"],
            "GL_VOUCHERENTRY": entries,
        }
        return {"Result": {**answer["Result"], "Result": shown}}

    def _keep(self, model: Doc, entries: list[Doc], status: str) -> Doc:
        key = str(model.get("FVOUCHERID") or "0")
        head = _head(model) | {"status": status, "entries": entries}
        head["reference"] = next((e["reference"] for e in entries if e["reference"]), "")
        if key == "0":
            count = self._ledger.count("voucher")
            key = str(FIRST_ID + count)
            numbers = {"number": f"PZ{count + 1:08d}", "group_no": str(count + 1)}
            self._ledger.put("voucher", key, numbers | head)
        elif self._get(key)["status"] not in OPEN:
            raise Complaint(MsgCode.NOT_OPERABLE, "单据已提交或已审核,不允许修改", "FVOUCHERID")
        else:
            self._ledger.amend("voucher", key, **head)
        self._index(head["reference"], key)
        return done([{"Id": int(key), "Number": self._get(key)["number"]}])

    def _index(self, reference: str, key: str) -> None:
        """Remember whose business number this is, so that a query need not read every voucher."""
        self._ledger.put("reference", reference, {"ids": []})
        ids = (self._ledger.get("reference", reference) or {})["ids"]
        self._ledger.amend("reference", reference, ids=sorted({*ids, key}))

    def _move(self, data: Doc, before: frozenset[str], after: str) -> Doc:
        keys = [key.strip() for key in str(data.get("Ids") or "").split(",") if key.strip()]
        if not keys:
            raise Complaint(MsgCode.PARAMETERS, "Ids 不能为空", "Ids")
        wrong = next((key for key in keys if self._get(key)["status"] not in before), None)
        if wrong is not None:
            status = self._get(wrong)["status"]
            raise Complaint(MsgCode.NOT_OPERABLE, f"单据 {wrong} 状态为 {status},不允许此操作")
        moved = [(key, self._ledger.amend("voucher", key, status=after)) for key in keys]
        return done([{"Id": int(key), "Number": doc["number"]} for key, doc in moved])

    def _get(self, key: str) -> Doc:
        voucher = self._ledger.get("voucher", key)
        if voucher is None:
            raise Complaint(MsgCode.NOT_FOUND, f"单据 {key} 不存在", "Id")
        return voucher


def _head(model: Doc) -> Doc:
    book = _known(model, "FAccountBookID", BOOKS)
    _known(model, "FVOUCHERGROUPID", GROUPS)
    if not model.get("FDate"):
        raise Complaint(MsgCode.MISSING, "字段“日期”是必填项", "FDate")
    return {"book": book, "date": str(model["FDate"])[:10]}


def _entries(model: Doc) -> list[Doc]:
    entries = model.get("FEntity")
    if not isinstance(entries, list) or not entries:
        raise Complaint(MsgCode.MISSING, "凭证至少有一条分录", "FEntity")
    return [_entry(entry) for entry in entries]


def _entry(entry: Mapping[str, Any]) -> Doc:
    for name in ("FCURRENCYID", "FEXCHANGERATETYPE"):
        _number(entry, name)
    debit, credit = _fen(entry, "FDEBIT"), _fen(entry, "FCREDIT")
    if (debit != 0) == (credit != 0):
        raise Complaint(MsgCode.VALIDATION, "每条分录须且只须有借方或贷方金额", "FDEBIT")
    return {
        "account": _known(entry, "FACCOUNTID", CHART),
        "debit_fen": debit,
        "credit_fen": credit,
        "explanation": str(entry.get("FEXPLANATION") or ""),
        "reference": str(entry.get("FBUSNO") or ""),
    }


def _check_balance(entries: list[Doc]) -> None:
    debit = sum(entry["debit_fen"] for entry in entries)
    credit = sum(entry["credit_fen"] for entry in entries)
    if debit != credit:
        raise Complaint(MsgCode.VALIDATION, f"借贷不平衡:借 {debit} 分,贷 {credit} 分", "FEntity")


def _fen(entry: Mapping[str, Any], name: str) -> int:
    try:
        amount = Decimal(str(entry.get(name) or 0)).scaleb(2)
    except InvalidOperation as e:
        raise Complaint(MsgCode.VALIDATION, f"{name} 不是数字", name) from e
    if amount != amount.to_integral_value():
        raise Complaint(MsgCode.VALIDATION, f"{name} 须精确到分", name)
    return int(amount)


def _known(fields: Mapping[str, Any], name: str, known: Any) -> str:  # noqa: ANN401 - any container
    number = _number(fields, name)
    if number not in known:
        raise Complaint(MsgCode.VALIDATION, f"编码 {number} 不存在", name)
    return number


def _number(fields: Mapping[str, Any], name: str) -> str:
    number = (fields.get(name) or {}).get("FNumber")
    if not number:
        raise Complaint(MsgCode.MISSING, f"字段 {name} 是必填项", name)
    return str(number)


def _mapping(data: Doc, name: str) -> Doc:
    found = data.get(name)
    if not isinstance(found, dict):
        raise Complaint(MsgCode.PARAMETERS, f"缺少 {name}", name)
    return found
