"""The hands of whoever can only signal: the same deeds under the same rules.

A signal has no answer, so a refusal is written where the order is looked at. The payload is read
here and not by the SDK, which would drop what it can not read where nobody sees it.
"""

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from domain.words import zh
from workflows import deeds
from workflows.deeds import Act, Argument, hand_of
from workflows.life import Life

NOTHING = RawValue(Payload())  # a signal may come without any payload


class Unreadable(Exception):
    """A signal's payload is not what its hand takes; the message names the field."""


class OrderRequests:
    """The signals that people send: ``please_`` and the name of the update.

    Each takes what the update takes.
    """

    _life: Life

    @workflow.signal
    def please_reroute(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.REROUTE, asked)

    @workflow.signal
    def please_hold(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.HOLD, asked)

    @workflow.signal
    def please_release(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.RELEASE, asked)

    @workflow.signal
    def please_cancel(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.CANCEL, asked)

    @workflow.signal
    def please_edit_address(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.EDIT_ADDRESS, asked)

    @workflow.signal
    def please_correct_waybill(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.CORRECT_WAYBILL, asked)

    @workflow.signal
    def please_decide_claim(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.DECIDE_CLAIM, asked)

    @workflow.signal
    def please_retry_now(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.RETRY_NOW, asked)

    @workflow.signal
    def please_resolve(self, asked: RawValue = NOTHING) -> None:
        _hear(self._life, deeds.RESOLVE, asked)


def _hear(life: Life, act: Act[Argument], said: RawValue) -> None:
    """Do what is asked, or keep why not where it is seen."""
    try:
        asked = _read(said, act.takes)
    except Unreadable as odd:
        life.note(f"有人发信号要求{zh(act.deed)},被拒绝:{odd}")
        return
    if refusal := act.may(life, asked):
        life.note(f"{hand_of(asked).by.strip() or '有人'} 要求{zh(act.deed)},被拒绝:{refusal}")
    else:
        act.do(life, asked)


def _read(said: RawValue, takes: type[Argument]) -> Argument:
    """Read a payload; what was sent is not repeated, since it may be somebody's address."""
    try:
        asked = workflow.payload_converter().from_payload(said.payload, takes)
    except (ValueError, KeyError, RuntimeError) as odd:
        raise Unreadable(f"参数的字段 {_field(odd)} 不正确,请按 docs/hands.md 填写") from odd
    if not isinstance(asked, takes):
        raise Unreadable("缺少参数,请按 docs/hands.md 填写 JSON")
    return asked


def _field(odd: Exception) -> str:
    """Name the first field that is wrong, if pydantic found it."""
    errors = getattr(odd, "errors", None)  # pydantic is not for stories to import
    first = errors(include_input=False)[0] if callable(errors) else {}
    return ".".join(str(step) for step in first.get("loc", ())) or "(全部)"
