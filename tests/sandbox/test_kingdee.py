import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox.partners import kingdee
from tests.partnered import Outside, partnered
from tests.sandbox.kingdee_client import a_voucher, an_entry, ask, complaint


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with partnered(tmp_path, kingdee.build) as served:
        yield served


async def test_a_voucher_is_saved_submitted_and_audited(outside: Outside) -> None:
    key = str((await ask(outside, "Save", a_voucher()))["Result"]["Id"])
    for service in ("Submit", "Audit"):
        answer = await ask(outside, service, {"formid": "GL_VOUCHER", "data": {"Ids": key}})
        assert answer["Result"]["ResponseStatus"]["SuccessEntitys"][0]["Id"] == int(key)

    voucher = outside.ledger.get("voucher", key)

    assert voucher is not None
    assert (voucher["reference"], voucher["status"]) == ("A1", "C")
    assert [(e["account"], e["debit_fen"], e["credit_fen"]) for e in voucher["entries"]] == [
        ("1122", 1000, 0),
        ("6001", 0, 1000),
    ]


async def test_saved_twice_is_there_twice(outside: Outside) -> None:
    first = await ask(outside, "Save", a_voucher())
    second = await ask(outside, "Save", a_voucher())

    assert first["Result"]["Id"] != second["Result"]["Id"]
    assert outside.ledger.count("voucher") == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (a_voucher(an_entry("1122", "10.00", "0")), (11, "FEntity")),
        (a_voucher(an_entry("1122", "10.00", "10.00")), (11, "FDEBIT")),
        (a_voucher(an_entry("1122", "0", "0")), (11, "FDEBIT")),
        (a_voucher(an_entry("1122", "1.001", "0")), (11, "FDEBIT")),
        (a_voucher(an_entry("9999", "10.00", "0")), (11, "FACCOUNTID")),
        (a_voucher(FEntity=[]), (9, "FEntity")),
        (a_voucher(FDate=""), (9, "FDate")),
        (a_voucher(FVOUCHERGROUPID=None), (9, "FVOUCHERGROUPID")),
        (a_voucher(FAccountBookID={"FNumber": "9"}), (11, "FAccountBookID")),
        ({**a_voucher(), "formid": "SAL_ORDER"}, (5, "formid")),
        ({"formid": "GL_VOUCHER"}, (8, "Model")),
    ],
)
async def test_a_wrong_voucher_is_refused_by_its_field(
    outside: Outside, body: Any, said: tuple[int, str]
) -> None:
    assert complaint(await ask(outside, "Save", body)) == said
    assert outside.ledger.count("voucher") == 0


async def test_steps_out_of_turn_are_refused(outside: Outside) -> None:
    key = str((await ask(outside, "Save", a_voucher()))["Result"]["Id"])
    step = {"formid": "GL_VOUCHER", "data": {"Ids": key}}

    assert complaint(await ask(outside, "Audit", step))[0] == 12
    await ask(outside, "Submit", step)
    assert complaint(await ask(outside, "Submit", step))[0] == 12
    assert complaint(await ask(outside, "Save", a_voucher(FVOUCHERID=key))) == (12, "FVOUCHERID")


async def test_a_draft_need_not_balance_and_is_saved_over(outside: Outside) -> None:
    draft = await ask(outside, "Draft", a_voucher(an_entry("1122", "10.00", "0")))
    key = str(draft["Result"]["Id"])

    await ask(outside, "Save", a_voucher(FVOUCHERID=key))

    voucher = outside.ledger.get("voucher", key)
    assert voucher is not None
    assert (voucher["status"], outside.ledger.count("voucher")) == ("A", 1)


async def test_a_body_by_place_is_read_like_one_by_name(outside: Outside) -> None:
    named = a_voucher()
    placed = {"parameters": ["GL_VOUCHER", json.dumps(named["data"])]}

    saved = await ask(outside, "Save", placed)
    seen = await ask(
        outside, "View", {"formid": "GL_VOUCHER", "data": {"Id": saved["Result"]["Id"]}}
    )

    assert seen["Result"]["Result"]["BillNo"] == saved["Result"]["Number"]


def a_query(filter_string: str, keys: str = "FVOUCHERID") -> dict[str, Any]:
    data = {"FormId": "GL_VOUCHER", "FieldKeys": keys, "FilterString": filter_string}
    return {"data": data}


async def test_a_field_of_an_entry_makes_a_row_for_each_entry(outside: Outside) -> None:
    await ask(outside, "Save", a_voucher())

    heads = await ask(outside, "ExecuteBillQuery", a_query("FDocumentStatus = 'A'"))
    entries = await ask(outside, "ExecuteBillQuery", a_query("FBUSNO = 'A1'"))

    assert heads == [[100001]]
    assert entries == [[100001], [100001]]


@pytest.mark.parametrize(
    ("filter_string", "rows"),
    [
        ("FBUSNO='A1' and FACCOUNTID.FNumber = '1122'", 1),
        ("FBUSNO = 'A1' AND FDocumentStatus = 'C'", 0),
        ("FBUSNO = 'nobody''s'", 0),
    ],
)
async def test_conditions_are_joined(outside: Outside, filter_string: str, rows: int) -> None:
    await ask(outside, "Save", a_voucher())

    assert len(await ask(outside, "ExecuteBillQuery", a_query(filter_string))) == rows


@pytest.mark.parametrize(
    "filter_string",
    ["FBUSNO like 'A%'", "FBUSNO = 'A1' or FBUSNO = 'A2'", "FBUSNO = 'A1' and", "x", "F = '1'"],
)
async def test_a_filter_that_is_not_understood_is_refused_and_not_guessed(
    outside: Outside, filter_string: str
) -> None:
    answer = await ask(outside, "ExecuteBillQuery", a_query(filter_string))

    assert complaint(answer[0][0])[0] == 4
