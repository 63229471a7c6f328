"""Tables of billing."""

from shop.billing.models.till import Till, TillClosing, TillEntry

__all__ = ["Till", "TillClosing", "TillEntry"]
