"""What both carrier gateways share: one form post, and reading JSON into its shape."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import httpx
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError
from pydantic.alias_generators import to_camel

from domain.clock import CHINA
from domain.errors import GatewayBusy, GatewayRefused, Untranslatable

PATIENCE_S = 3.0


def _china_time(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=CHINA).astimezone(UTC)


ChinaTime = Annotated[datetime, PlainValidator(_china_time)]  # "2026-01-31 08:00:00", kept as UTC
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class Wire(BaseModel):
    """A piece of a partner's JSON: new fields pass, and numbers may stand for text."""

    model_config = ConfigDict(
        frozen=True, coerce_numbers_to_str=True, alias_generator=to_camel, populate_by_name=True
    )


Shape = TypeVar("Shape", bound=Wire)


def read_as(partner: str, shape: type[Shape], text: str | bytes) -> Shape:
    """Read JSON into ``shape``.

    Raises:
        Untranslatable: a field is missing or ill-formed; ``path`` names it. What was found stays
            out of the message, since it may be a buyer's address.
    """
    try:
        return shape.model_validate_json(text)
    except ValidationError as e:
        fault = e.errors(include_input=False)[0]
        path = ".".join(str(step) for step in fault["loc"]) or "正文"
        raise Untranslatable(partner, path, fault["type"]) from None


async def post_form(
    http: httpx.AsyncClient, partner: str, url: str, form: Mapping[str, str]
) -> bytes:
    """Post a form and tell the answer's body.

    Raises:
        GatewayBusy: no answer within 3 s, HTTP 429 or 5xx; what the partner did is unknown.
        GatewayRefused: any other HTTP status than success.
    """
    try:
        answer = await http.post(url, data=dict(form), timeout=PATIENCE_S)
    except httpx.TransportError as e:
        raise GatewayBusy(partner, f"网络无应答({type(e).__name__})") from e
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise GatewayBusy(partner, f"HTTP {answer.status_code}")
    if not answer.is_success:
        raise GatewayRefused(partner, f"HTTP {answer.status_code}", "请检查接口地址配置")
    return answer.content
