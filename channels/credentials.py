"""Who we are at one channel; secrets come from the settings and show themselves to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a channel gave us.

    Attributes:
        account: client_id, app_key, or however the channel calls it.
        secret: What is signed with.
        shop: The channel's id of the shop: mall_id, kdt_id, shop_id.
        more: Further secrets by name, such as the key that pushes are encrypted with.
    """

    account: str
    secret: str = field(repr=False)
    shop: str = ""
    more: Mapping[str, str] = field(default_factory=dict, repr=False)

    def facts(self) -> Mapping[str, object]:
        """Tell the mapping's cells who we are; no secret among it."""
        return {"id": self.account, "shop": self.shop}
