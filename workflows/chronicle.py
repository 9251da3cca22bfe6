"""Reads a life's history back: every step, attempt, fault, fact and hand, with times.

The history is the truth; whatever shows an order's past is drawn from here.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent

from activities.logistics import NOTHING_NEW

Document = dict[str, Any]


ACCEPT = "accept"  # the one update that nobody's hand makes
PLEASE = "please_"  # a signal that asks for a hand; also one that was refused is a person's work
NOT_NEEDED = "不再需要"  # a push was faster, or somebody changed their mind


class Kind(StrEnum):
    """What sort of moment it was."""

    OPENED = "opened"
    STEP = "step"
    FACT = "fact"  # a signal: a partner told us
    HAND = "hand"  # an update, or a signal that asks for the same: a person acted
    QUESTION = "question"  # an update too: whoever opened the order asks whether it is taken
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened.

    Attributes:
        name: The step's, signal's or update's name on the wire.
        at: When it was over; for a step that is under way, when it was begun.
        summary: What the life itself called it, for people; empty for facts and hands.
        began: When it was begun; the same as ``at`` for facts and hands.
        asked: What it was asked or told, as JSON.
        answer: What it answered, as JSON; ``None`` while it is under way or when it failed.
        attempts: How often it was tried.
        fault: What kept going wrong, if anything did.
        done: Whether it is over.
    """

    kind: Kind
    name: str
    at: datetime
    began: datetime
    summary: str = ""
    asked: Any = None
    answer: Any = None
    attempts: int = 1
    fault: str = ""
    done: bool = True


def read(events: Iterable[HistoryEvent]) -> tuple[Moment, ...]:
    """Tell a history's moments in the order in which they were over."""
    return tuple(_Reading().moments(events))


class _Reading:
    """Joins the events of each step; the engine writes up to three for one."""

    def __init__(self) -> None:
        self._scheduled: dict[int, HistoryEvent] = {}
        self._started: dict[int, HistoryEvent] = {}

    def moments(self, events: Iterable[HistoryEvent]) -> Iterator[Moment]:
        for event in events:
            kind = event.WhichOneof("attributes")
            reader = getattr(self, f"_{kind}", None)
            if reader is not None and (moment := reader(event)) is not None:
                yield moment
        for scheduled in self._scheduled:
            yield self._step(scheduled, None)

    def _workflow_execution_started_event_attributes(self, event: HistoryEvent) -> Moment:
        started = event.workflow_execution_started_event_attributes
        return _instant(Kind.OPENED, "opened", event, _first(started.input))

    def _workflow_execution_completed_event_attributes(self, event: HistoryEvent) -> Moment:
        result = event.workflow_execution_completed_event_attributes.result
        return _instant(Kind.CLOSED, "closed", event, _first(result))

    def _workflow_execution_signaled_event_attributes(self, event: HistoryEvent) -> Moment:
        signal = event.workflow_execution_signaled_event_attributes
        name = signal.signal_name
        kind = Kind.HAND if name.startswith(PLEASE) else Kind.FACT
        return _instant(kind, name.removeprefix(PLEASE), event, _first(signal.input))

    def _workflow_execution_update_accepted_event_attributes(self, event: HistoryEvent) -> Moment:
        request = event.workflow_execution_update_accepted_event_attributes.accepted_request
        name = request.input.name
        kind = Kind.QUESTION if name == ACCEPT else Kind.HAND
        return _instant(kind, name, event, _first(request.input.args))

    def _marker_recorded_event_attributes(self, event: HistoryEvent) -> Moment | None:
        """A near call: the engine hears of it once it is over."""
        marker = event.marker_recorded_event_attributes
        if marker.marker_name != "core_local_activity":
            return None
        data = _first(marker.details["data"])
        return Moment(
            kind=Kind.STEP,
            name=data["activity_type"],
            at=_seconds(data["complete_time"]),
            began=_seconds(data["original_schedule_time"]),
            summary=_summary(event),
            answer=_first(marker.details["result"]) if "result" in marker.details else None,
            attempts=data["attempt"],
            fault=marker.failure.message,
        )

    def _activity_task_scheduled_event_attributes(self, event: HistoryEvent) -> None:
        self._scheduled[event.event_id] = event

    def _activity_task_started_event_attributes(self, event: HistoryEvent) -> None:
        self._started[event.activity_task_started_event_attributes.scheduled_event_id] = event

    def _activity_task_completed_event_attributes(self, event: HistoryEvent) -> Moment:
        done = event.activity_task_completed_event_attributes
        return self._step(done.scheduled_event_id, event, answer=_first(done.result))

    def _activity_task_failed_event_attributes(self, event: HistoryEvent) -> Moment:
        failed = event.activity_task_failed_event_attributes
        return self._step(failed.scheduled_event_id, event, fault=failed.failure.message)

    def _activity_task_timed_out_event_attributes(self, event: HistoryEvent) -> Moment:
        late = event.activity_task_timed_out_event_attributes
        return self._step(late.scheduled_event_id, event, fault=late.failure.message)

    def _activity_task_canceled_event_attributes(self, event: HistoryEvent) -> Moment:
        gone = event.activity_task_canceled_event_attributes
        return self._step(gone.scheduled_event_id, event, fault=NOT_NEEDED)

    def _step(
        self, scheduled: int, end: HistoryEvent | None, *, answer: Any = None, fault: str = ""
    ) -> Moment:
        asked = self._scheduled[scheduled] if end is None else self._scheduled.pop(scheduled)
        began = _time(asked.event_time)
        task = asked.activity_task_scheduled_event_attributes
        attempts, last_fault = self._attempts(scheduled)
        return Moment(
            kind=Kind.STEP,
            name=task.activity_type.name,
            at=began if end is None else _time(end.event_time),
            began=began,
            summary=_summary(asked),
            asked=_first(task.input),
            answer=answer,
            attempts=attempts,
            fault=fault or last_fault,
            done=end is not None,
        )

    def _attempts(self, scheduled: int) -> tuple[int, str]:
        started = self._started.get(scheduled)
        if started is None:
            return 0, ""
        task = started.activity_task_started_event_attributes
        failure = task.last_failure
        waiting = failure.application_failure_info.type == NOTHING_NEW  # asked again, not failed
        return task.attempt, "" if waiting else failure.message


def _instant(kind: Kind, name: str, event: HistoryEvent, asked: Any) -> Moment:
    at = _time(event.event_time)
    return Moment(kind=kind, name=name, at=at, began=at, asked=asked)


def _summary(event: HistoryEvent) -> str:
    data = event.user_metadata.summary.data
    return str(json.loads(data)) if data else ""


def _first(payloads: Payloads) -> Any:
    """Tell the first payload as JSON, ``None`` when there is none, or it is none."""
    data = payloads.payloads[0].data if payloads.payloads else b""
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None  # a person may signal anything


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def _seconds(stamp: Document) -> datetime:
    return datetime.fromtimestamp(stamp["seconds"] + stamp["nanos"] / 1e9, tz=UTC)
