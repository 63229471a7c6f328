"""Every door of the site, in the order in which addresses are tried."""

from __future__ import annotations

from flask import Blueprint

from shop.accounts.views import door
from shop.catalog.views import customer as market
from shop.orders.views import customer, hooks

BLUEPRINTS: tuple[Blueprint, ...] = (
    door.bp,
    hooks.bp,
    market.bp,
    customer.bp,
)
