"""Marks a buyer in Kingdee K3 Cloud as a high risk: one auxiliary record for each buyer.

A freeze that was lifted is marked as well: the record then says that the risk is taken back.

The session and the calls are those of ``gateways.kingdee`` (protocols 5.1). Assumed, since no
source of ours shows it: the form ``BOS_ASSISTANTDATA_DETAIL`` and its fields ``FId`` (category),
``FNumber``, ``FDataValue`` and ``FDescription``. All of that is in this file.
"""

import asyncio
from weakref import WeakValueDictionary

import httpx

from domain.clock import CHINA
from domain.errors import GatewayRefused
from domain.freeze import FreezeNotice, standing_words
from gateways.answers import my_turn
from gateways.kingdee_call import KingdeeCalls
from gateways.kingdee_session import PARTNER
from settings import Kingdee

FORM = "BOS_ASSISTANTDATA_DETAIL"
SHORT = 8  # so much of a buyer's key is enough for a name that people read
LONGEST = 200


class KingdeeRisk:
    """Keeps the auxiliary records of buyers of high risk.

    Args:
        patience_s: How long to wait for one answer.
    """

    def __init__(
        self, settings: Kingdee, http: httpx.AsyncClient, *, patience_s: float = 3.0
    ) -> None:
        self._category = settings.risk_category
        self._patience_s = patience_s
        self._calls = KingdeeCalls(settings, http, patience_s)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def mark(self, notice: FreezeNotice) -> None:
        """Write the record, or write over the one that is there.

        Save does not know what it has saved before, so Kingdee is asked first; the marks of one
        buyer take turns.

        Raises:
            GatewayBusy: no answer; the next attempt finds what was saved.
            GatewayRefused: Kingdee names the field that is wrong.
        """
        turn = self._turns.setdefault(notice.buyer_key, asyncio.Lock())
        async with my_turn(PARTNER, turn, self._patience_s):
            known = await self._find(notice.buyer_key)
            await self._calls.act("Save", FORM, {"Model": self._model(notice, known)})

    async def _find(self, number: str) -> str:
        """Tell the record's id; "0" stands for a new one."""
        rows = await self._calls.query(
            {
                "FormId": FORM,
                "FieldKeys": "FEntryID,FNumber",
                "FilterString": f"FNumber = '{number}' and FId.FNumber = '{self._category}'",
                "Limit": 2,
            }
        )
        if len(rows) > 1:
            reason = "同一买家有两条辅助资料,请财务只保留一条后重试"
            raise GatewayRefused(PARTNER, "FNumber", reason)
        return rows[0][0] if rows else "0"

    def _model(self, notice: FreezeNotice, known: str) -> dict[str, object]:
        freeze = notice.freeze
        at = freeze.since.astimezone(CHINA)
        said = f"{at:%Y-%m-%d %H:%M} {freeze.reason},{standing_words(freeze)}"
        risk = "高风险买家" if freeze.bites else "已解除风险"
        return {
            "FEntryID": known,
            "FId": {"FNumber": self._category},
            "FNumber": notice.buyer_key,
            "FDataValue": f"{risk} {notice.buyer_key[:SHORT]}",
            "FDescription": f"{said}({notice.key})"[:LONGEST],
        }
