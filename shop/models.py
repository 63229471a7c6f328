"""Every table of the shop, gathered for the migrations."""

from shop.accounts import models as accounts
from shop.billing import models as billing
from shop.catalog import models as catalog
from shop.infra import inbox, outbox, transitions
from shop.infra.db import Base
from shop.logistics import models as logistics
from shop.orders import models as orders

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "accounts",
    "billing",
    "catalog",
    "inbox",
    "logistics",
    "orders",
    "outbox",
    "transitions",
]
