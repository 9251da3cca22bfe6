"""Fetches a life's history and opens everything in it, so that it can be read as it was lived."""

import json
from collections.abc import Iterator, Mapping, Sequence

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.converter import PayloadCodec


async def fetch(client: Client, workflow_id: str) -> Sequence[HistoryEvent]:
    """Fetch the events of a life, opened.

    Raises:
        CannotOpen: A key that sealed part of it is not on the ring.
        RPCError: The engine does not know the life, or not any more.
    """
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    codec = client.data_converter.payload_codec
    if codec is not None:
        await unseal(codec, history.events)
    return history.events


async def unseal(codec: PayloadCodec, events: Sequence[HistoryEvent]) -> None:
    """Open every payload of these events where it stands."""
    found = [part for event in events for part in _parts(event)]
    payloads = [part for part in found if isinstance(part, Payload)]
    for payload, opened in zip(payloads, await codec.decode(payloads), strict=True):
        payload.CopyFrom(opened)
    for part in found:
        if isinstance(part, Failure) and part.HasField("encoded_attributes"):
            _say(part)


def _parts(message: Message) -> Iterator[Payload | Failure]:
    """Tell every payload and every failure in a message."""
    if isinstance(message, Payload):
        yield message
        return
    if isinstance(message, Failure):
        yield message
    for _, value in message.ListFields():
        for below in _messages(value):
            yield from _parts(below)


def _messages(value: object) -> Iterator[Message]:
    """Tell the messages in a field's value, which may be one, a list, a map, or no message."""
    if isinstance(value, Message):
        yield value
    elif isinstance(value, Mapping):
        yield from (each for each in value.values() if isinstance(each, Message))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        yield from (each for each in value if isinstance(each, Message))


def _say(failure: Failure) -> None:
    """Put the message and the stack back where they stand in a failure that is not sealed."""
    said = json.loads(failure.encoded_attributes.data)
    failure.message, failure.stack_trace = said["message"], said["stack_trace"]
    failure.ClearField("encoded_attributes")
