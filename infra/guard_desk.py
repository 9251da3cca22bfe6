"""What ``lifeline guard`` does: asks the hub's record of buyers, and the guards themselves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from domain.hands import Hand
from gateways.buyer_acts import BuyerActs
from gateways.buyers import BuyerBook
from gateways.database import open_database
from infra.connect import connect
from infra.guard_screens import acts_table, data_of, state_lines
from infra.migrate import migrate_hub
from settings import Settings
from web.guards import NotFrozen
from web.telling import build_guards

REFUSED = 2


async def show(buyer_key: str, console: Console, *, as_json: bool) -> int:
    """Show one buyer: the freeze, the guard, and what was done."""
    settings = Settings()
    with open_hub() as (book, acts):
        frozen = next((each for each in book.frozen() if each.buyer_key == buyer_key), None)
        done = acts.of(buyer_key)
    state = await build_guards(settings, await connect(settings)).state(buyer_key)
    if as_json:
        told = {
            "buyer_key": buyer_key,
            "frozen": data_of(frozen) if frozen else None,
            "guard": data_of(state) if state else None,
            "acts": [data_of(act) for act in done],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    for line in state_lines(buyer_key, frozen, state):
        console.print(line, markup=False, highlight=False)
    if done:
        console.print(acts_table(done))
    return 0


async def confirm(buyer_key: str, hand: Hand, console: Console, *, as_json: bool) -> int:
    """Stand by a freeze of the guard's."""
    settings = Settings()
    guards = build_guards(settings, await connect(settings))
    try:
        words = await guards.confirm(buyer_key, hand)
    except NotFrozen as why:
        Console(stderr=True).print(str(why), style="red", markup=False, highlight=False)
        return REFUSED
    if as_json:
        typer.echo(json.dumps({"done": words}, ensure_ascii=False))
    else:
        console.print(words, markup=False, highlight=False)
    return 0


@contextmanager
def open_hub() -> Iterator[tuple[BuyerBook, BuyerActs]]:
    """Open the record of buyers, and the record of what was done to them."""
    url = Settings().hub.url
    migrate_hub(url)
    hub = open_database(url)
    try:
        yield BuyerBook(hub), BuyerActs(hub)
    finally:
        hub.dispose()
