"""Auxiliary records in Kingdee: which customers are a high risk.

The form and its fields are assumed, as the hub assumes them; see the hub's own account of it.
Ledger kind ``customer_mark`` by the customer's number: ``{id, category, name, description,
saves}``.
"""

from infra.sandbox.ledger import Doc, Ledger
from infra.sandbox.partners.kingdee_words import Complaint, MsgCode, done

FORM = "BOS_ASSISTANTDATA_DETAIL"
CATEGORIES = frozenset({"GFXKH"})
FIRST_ID = 500001


class Marks:
    """Kingdee's auxiliary records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def save(self, data: Doc) -> Doc:
        """Keep a record. A new one whose number is taken is refused, as base data is."""
        model = data.get("Model")
        if not isinstance(model, dict):
            raise Complaint(MsgCode.PARAMETERS, "缺少 Model", "Model")
        number, known = str(model.get("FNumber") or ""), str(model.get("FEntryID") or "0")
        category = str((model.get("FId") or {}).get("FNumber") or "")
        if category not in CATEGORIES:
            raise Complaint(MsgCode.VALIDATION, f"辅助资料类别 {category} 不存在", "FId")
        if not number or not model.get("FDataValue"):
            raise Complaint(MsgCode.MISSING, "编码与名称必填", "FNumber")
        said = {
            "category": category,
            "name": model["FDataValue"],
            "description": str(model.get("FDescription") or ""),
        }
        return self._keep(number, known, said)

    def query(self, fields: list[str], conditions: list[tuple[str, str]]) -> list[list[object]]:
        """Tell a row for each record that fits."""
        found = []
        for number, mark in self._ledger.each("customer_mark"):
            row = {"FEntryID": int(mark["id"]), "FNumber": number}
            row |= {"FId.FNumber": mark["category"]}
            row |= {"FDataValue": mark["name"], "FDescription": mark["description"]}
            if all(str(_field(row, name)) == value for name, value in conditions):
                found.append([_field(row, name) for name in fields])
        return found

    def _keep(self, number: str, known: str, said: Doc) -> Doc:
        mark = self._ledger.get("customer_mark", number)
        if mark is None:
            if known != "0":
                raise Complaint(MsgCode.NOT_FOUND, f"辅助资料 {known} 不存在", "FEntryID")
            mark = {"id": str(FIRST_ID + self._ledger.count("customer_mark")), "saves": 0}
            self._ledger.put("customer_mark", number, mark)
        elif mark["id"] != known:
            raise Complaint(MsgCode.VALIDATION, f"编码 {number} 已存在", "FNumber")
        self._ledger.amend("customer_mark", number, **said, saves=mark["saves"] + 1)
        return done([{"Id": int(mark["id"]), "Number": number}])


def _field(row: Doc, name: str) -> object:
    if name not in row:
        raise Complaint(MsgCode.EXCEPTION, f"字段不存在:{name}", name)
    return row[name]
