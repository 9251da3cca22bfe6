"""Writes faults into histories: sealed like everything else, and short enough to be kept.

Our own messages name no buyer, but a library's may quote what it could not read. So messages and
stacks go where the codec seals them. The engine throws a whole failure away above 4 KB, with its
sealed parts, and the trace would give no reason; the logs have what is cut off here.
"""

from collections.abc import Iterator

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, FailureConverter, PayloadConverter

# Together below 4 KB: the fault with its stack, and what lay beneath it in a line each.
MESSAGE_BYTES = 600
STACK_BYTES = 1200
CAUSE_BYTES = 300
CAUSES = 3

HIDDEN = "Encoded failure"  # the SDK's own words: the UI and other SDKs know them


class SealedFailures(FailureConverter):
    """Converts as the SDK does, and moves what people read to where the codec seals it."""

    def __init__(self) -> None:
        self._sdk = DefaultFailureConverter()

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Write an exception down."""
        self._sdk.to_failure(exception, payload_converter, failure)
        for depth, each in enumerate(_chain(failure)):
            if depth == CAUSES:
                each.ClearField("cause")
            if each.message != HIDDEN:  # what came from another history is hidden already
                _shorten(each, depth)
                _hide(each, payload_converter)

    def from_failure(self, failure: Failure, payload_converter: PayloadConverter) -> BaseException:
        """Read an exception back, whether it was hidden or not."""
        return self._sdk.from_failure(failure, payload_converter)


def _chain(failure: Failure) -> Iterator[Failure]:
    """Tell a failure and what caused it, outermost first."""
    yield failure
    while failure.HasField("cause"):
        failure = failure.cause
        yield failure


def _shorten(failure: Failure, depth: int) -> None:
    message, stack = (MESSAGE_BYTES, STACK_BYTES) if depth == 0 else (CAUSE_BYTES, 0)
    failure.message = failure.message.encode()[:message].decode(errors="ignore")
    # The end of a stack is where it happened.
    start = max(0, len(failure.stack_trace.encode()) - stack)
    failure.stack_trace = failure.stack_trace.encode()[start:].decode(errors="ignore")


def _hide(failure: Failure, payload_converter: PayloadConverter) -> None:
    said = {"message": failure.message, "stack_trace": failure.stack_trace}
    failure.encoded_attributes.CopyFrom(payload_converter.to_payloads([said])[0])
    failure.message, failure.stack_trace = HIDDEN, ""
