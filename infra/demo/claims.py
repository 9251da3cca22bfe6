"""Reads out of the ledgers what became of claims."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from infra.demo.figures import ClaimFigures, percentiles
from infra.sandbox import client as sandbox

Ledgers = Mapping[str, Mapping[str, Mapping[str, Any]]]  # by partner, kind and key
CARRIERS = ("sf", "kuaidi100")


def claim_figures(sandbox_url: str, channels: tuple[str, ...]) -> ClaimFigures | None:
    """Count the claims of a run; ``None`` when nobody claimed anything."""
    partners = (*channels, *CARRIERS, "qimen", "nuonuo", "wecom_app")
    ledgers = {name: sandbox.ledger(sandbox_url, name)["entries"] for name in partners}
    claims = list(_documents(ledgers, channels, "after_sale"))
    if not claims:
        return None
    booked = _documents(ledgers, CARRIERS, "order")
    returns = _documents(ledgers, ("qimen",), "return_order")
    papers = _documents(ledgers, ("nuonuo",), "invoice")
    return ClaimFigures(
        outcomes=dict(Counter(str(claim["stage"]) for claim in claims)),
        answered_ms=percentiles(
            timedelta(milliseconds=claim["answered_at"] - claim["created_at"])
            for claim in claims
            if claim.get("answered_at")
        ),
        intercepted=sum(bool(order.get("intercepted")) for order in booked),
        returned=sum(order["status"] == "FULFILLED" for order in returns),
        red_letters=sum(paper["kind"] == "red" for paper in papers),
        frozen=len(list(_documents(ledgers, ("wecom_app",), "card"))),
    )


def _documents(
    ledgers: Ledgers, partners: tuple[str, ...], kind: str
) -> Iterator[Mapping[str, Any]]:
    for partner in partners:
        yield from ledgers[partner].get(kind, {}).values()
