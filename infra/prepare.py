"""What must be there before the first worker: tables of today, and search attributes.

``lifeline up`` does it at each start; a cluster runs ``python -m infra.prepare`` as a job, once for
each release. Safe to repeat.
"""

import asyncio

from infra import search_attributes
from infra.connect import connect
from infra.departure import leave
from infra.migrate import migrate_hub, migrate_stock
from settings import Settings


def make_tables(settings: Settings) -> None:
    """Bring both databases up to date."""
    migrate_hub(settings.hub.url)
    migrate_stock(settings.stock.url, settings.stock.names)


async def teach_engine(settings: Settings) -> None:
    """Register the search attributes, also with an engine that is not ours.

    Raises:
        CannotStart: The engine does not answer, or does not let us.
    """
    await search_attributes.register(await connect(settings))


def main() -> None:
    """Prepare everything."""
    settings = Settings()
    make_tables(settings)
    asyncio.run(teach_engine(settings))
    leave(0)


if __name__ == "__main__":
    main()
