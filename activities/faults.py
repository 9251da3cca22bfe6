"""Tells Temporal which faults not to retry, and how long a busy partner wants to be left alone."""

from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.errors import GatewayBusy, HubError


class FaultInterceptor(Interceptor):
    """Wraps every activity that the worker runs."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - Temporal's name
        """Put our inbound step in front of the next one."""
        return _Faults(next)


class _Faults(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - Temporal's signature
        try:
            return await super().execute_activity(input)
        except HubError as fault:
            raise as_application_error(fault) from fault


def as_application_error(fault: HubError) -> ApplicationError:
    """Say a fault in Temporal's words: its type's name, and whether and when to try again."""
    return ApplicationError(
        str(fault),
        type=type(fault).__name__,
        non_retryable=not fault.retry,
        next_retry_delay=fault.wait if isinstance(fault, GatewayBusy) else None,
    )
