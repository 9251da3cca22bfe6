"""How Kingdee K3 Cloud talks: its result wrapper and its error codes (protocols 5.1)."""

from enum import IntEnum
from typing import Any

Doc = dict[str, Any]


class MsgCode(IntEnum):
    """Why a call failed."""

    NONE = 0
    SESSION_LOST = 1
    NO_PERMISSION = 2
    EXCEPTION = 4
    NO_FORM = 5
    PARAMETERS = 8
    MISSING = 9
    NOT_FOUND = 10
    VALIDATION = 11
    NOT_OPERABLE = 12
    TOO_MANY = 14


class Complaint(Exception):
    """Kingdee says no: why, and which field it means."""

    def __init__(self, code: MsgCode, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


def refused(complaint: Complaint) -> Doc:
    """Say what is wrong, at HTTP 200."""
    error = {"FieldName": complaint.field, "Message": complaint.message, "DIndex": 0}
    status = {
        "IsSuccess": False,
        "ErrorCode": 500,
        "MsgCode": int(complaint.code),
        "Errors": [error],
        "SuccessEntitys": [],
        "SuccessMessages": [],
    }
    return {"Result": {"ResponseStatus": status}}


def done(documents: list[Doc]) -> Doc:
    """Say which documents were worked on, each {Id, Number}."""
    entities = [{**document, "DIndex": index} for index, document in enumerate(documents)]
    status = {
        "IsSuccess": True,
        "MsgCode": int(MsgCode.NONE),
        "Errors": [],
        "SuccessEntitys": entities,
        "SuccessMessages": [],
    }
    first = documents[0] if documents else {"Id": "", "Number": ""}
    return {"Result": {"ResponseStatus": status, **first, "NeedReturnData": [{}]}}
