"""How the command line speaks to a running sandbox."""

from typing import Any

import httpx

PATIENCE_S = 30.0
Answer = dict[str, Any]


class SandboxError(Exception):
    """The sandbox is not up, or says no; one Chinese sentence with the remedy."""


def urls(base: str) -> Answer:
    """Tell each partner's base, paths and test credentials."""
    return _call("GET", base, "urls")


def fault(base: str, partner: str, kind: str, rate: float) -> Answer:
    """Let a fault strike this share of a partner's calls; 0 switches it off."""
    return _call("POST", base, "faults", {"partner": partner, "kind": kind, "rate": rate})


def ledger(base: str, partner: str) -> Answer:
    """Tell what a partner did: ``{entries: {kind: {key: doc}}, calls: [...]}``."""
    return _call("GET", base, f"ledger/{partner}")


def push_orders(
    base: str, count: int, *, seed: int | None = None, first: int = 1, channel: str = "miniprogram"
) -> Answer:
    """Let buyers order the samples from ``first`` on; without a seed, the world's own."""
    asked: Answer = {"count": count, "from": first, "channel": channel}
    return _call("POST", base, "orders", asked if seed is None else {**asked, "seed": seed})


def progress(base: str) -> Answer:
    """Count the shop's orders, those that the hub has, and the shipments it told of."""
    return _call("GET", base, "orders/progress")


def printer(base: str, warehouse: str, **flags: bool) -> Answer:
    """Do to a printer what a person would: ``paper_out``, ``paused``, ``head_open``, ``silent``."""
    return _call("POST", base, f"printers/{warehouse}", dict(flags))


def deed(base: str, name: str, **payload: object) -> Answer:
    """Let a buyer or a platform do something; ``infra.sandbox.shop`` names the deeds."""
    return _call("POST", base, f"deeds/{name}", payload)


def abuser(base: str, name: str, channel: str, *, orders: int, seed: int) -> Answer:
    """Let somebody who claims too often order, each time for more than 200 yuan."""
    return _call(
        "POST", base, f"abusers/{name}", {"channel": channel, "orders": orders, "seed": seed}
    )


def abuse(base: str, name: str) -> Answer:
    """Let an abuser claim the money of three orders back at once."""
    return _call("POST", base, f"abusers/{name}/claims", {})


def _call(method: str, base: str, path: str, body: Answer | None = None) -> Answer:
    try:
        with httpx.Client(timeout=PATIENCE_S, trust_env=False) as http:
            answer = http.request(method, f"{base}/_sandbox/{path}", json=body)
            said: Answer = answer.json()
    except (httpx.TransportError, ValueError) as e:
        raise SandboxError(f"沙箱没有在 {base} 运行,请先执行 lifeline up 再试") from e
    if not answer.is_success:
        raise SandboxError(str(said.get("error", f"沙箱答复 HTTP {answer.status_code}")))
    return said
