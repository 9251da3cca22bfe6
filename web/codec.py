"""Opens sealed payloads for Temporal's UI and command line: for signed-in staff, and on record.

The protocol is Temporal's remote codec: protobuf's JSON of payloads, to ``/decode``, ``/encode``.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import structlog
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response, status
from fastapi.middleware.cors import CORSMiddleware
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from domain.staff import StaffMember
from gateways.key_ring import CannotOpen
from web.staff import Staff

Codec = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]

log = structlog.get_logger()


def codec_app(codec: PayloadCodec, staff: Staff, origins: Sequence[str]) -> FastAPI:
    """Serve the codec to pages of these origins, and to whoever has a token.

    An application of its own, to be mounted: what it lets browsers do holds for it alone, also for
    its refusals, which the UI could not read otherwise.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_credentials=True,
        allow_methods=["POST"],
        allow_headers=["Authorization", "Authorization-Extras", "Content-Type", "X-Namespace"],
    )
    app.post("/decode")(_desk(codec.decode, staff, "payloads_opened"))
    app.post("/encode")(_desk(codec.encode, staff, "payloads_sealed"))
    return app


def _desk(
    work: Codec, staff: Staff, event: str
) -> Callable[[Request, StaffMember, str], Awaitable[Response]]:
    """Make one endpoint; what it does goes on record under ``event``, without the contents."""

    async def serve(
        request: Request,
        member: Annotated[StaffMember, Depends(staff.must())],
        x_namespace: Annotated[str, Header()] = "",
    ) -> Response:
        asked = _read(await request.body())  # as large as it likes: it comes from our own staff
        try:
            answer = Payloads(payloads=await work(asked.payloads))
        except CannotOpen as fault:
            log.warning("codec_failed", wanted=event, who=member.name, fault=str(fault))
            raise HTTPException(status.HTTP_400_BAD_REQUEST, str(fault)) from fault
        log.info(event, who=member.name, payloads=len(asked.payloads), namespace=x_namespace)
        return Response(
            MessageToJson(answer, indent=None),
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return serve


def _read(body: bytes) -> Payloads:
    try:
        return Parse(body, Payloads())
    except (ParseError, UnicodeDecodeError, RecursionError) as odd:
        raise HTTPException(
            status.HTTP_400_BAD_REQUEST, '报文不是 {"payloads": […]} 形式的 JSON'
        ) from odd
