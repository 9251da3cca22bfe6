"""The search attributes of an order's workflow: what Temporal's lists can be filtered by.

They are set when the workflow starts and afterwards only with a coarse phase, because each change
costs the engine a row in its heaviest table. The engine must know them first:
``infra.search_attributes`` registers every key of ``ALL``. An SQL visibility store has room for ten
keywords, three datetimes and three keyword lists per namespace.
"""

from temporalio.common import SearchAttributeKey

# The sales channel, as in the order's key: "pinduoduo", "miniprogram".
CHANNEL = SearchAttributeKey.for_keyword("LifelineChannel")

# The order's derived stage.
STAGE = SearchAttributeKey.for_keyword("LifelineStage")

# Why the order waits for a person; unset while nothing is wrong.
EXCEPTION = SearchAttributeKey.for_keyword("LifelineException")

# The group-buy leader, if there is one.
LEADER = SearchAttributeKey.for_keyword("LifelineLeader")

# The buyer's keyed hash: never a name, a phone number or a channel's user id.
BUYER = SearchAttributeKey.for_keyword("LifelineBuyer")

# The codes of the warehouses that the order's parcels leave from.
WAREHOUSES = SearchAttributeKey.for_keyword_list("LifelineWarehouses")

# When the buyer paid.
PAID_AT = SearchAttributeKey.for_datetime("LifelinePaidAt")

ALL = (CHANNEL, STAGE, EXCEPTION, LEADER, BUYER, WAREHOUSES, PAID_AT)
