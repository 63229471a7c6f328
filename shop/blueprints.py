"""Every door of the site, in the order in which addresses are tried."""

from __future__ import annotations

from flask import Blueprint

from shop.accounts.views import door
from shop.billing.views import (
    customer_invoices,
    desk_exports,
    desk_invoices,
    desk_sellers,
    invoice_door,
    payouts,
    producer_invoices,
    reconciliation,
    settlements,
    settling_door,
    till,
)
from shop.catalog.views import customer as market
from shop.catalog.views import desk as market_desk
from shop.catalog.views import (
    desk_communes,
    desk_delivery,
    desk_edit,
    desk_slots,
    producer,
    producer_imports,
)
from shop.logistics.views import (
    board,
    crates,
    desk_takeaway,
    driver,
    driver_calendar,
    exchange,
    failed_stops,
    picker,
    planner,
    receipts,
    relay,
    today,
    what_if,
)
from shop.orders.views import (
    amending,
    answers,
    basket,
    cards,
    credits,
    customer,
    desk,
    desk_amending,
    desk_door,
    desk_fees,
    desk_money,
    desk_pin,
    desk_supply,
    diary,
    hooks,
    owing,
    refunding,
    season,
)
from shop.orders.views import producer as producer_orders

BLUEPRINTS: tuple[Blueprint, ...] = (
    door.bp,
    hooks.bp,
    planner.bp,
    failed_stops.bp,
    receipts.bp,
    today.bp,
    board.bp,
    what_if.bp,
    exchange.bp,
    picker.bp,
    driver.bp,
    relay.bp,
    crates.bp,
    answers.bp,
    desk_door.bp,
    settling_door.desk,
    settling_door.producer,
    producer_orders.bp,
    market_desk.bp,
    producer.bp,
    invoice_door.desk,
    invoice_door.producer,
    invoice_door.customer,
    market.bp,
    customer.bp,
)

WRITTEN_ELSEWHERE = (
    amending,
    basket,
    cards,
    desk_amending,
    desk,
    credits,
    customer_invoices,
    desk_communes,
    desk_delivery,
    desk_edit,
    desk_exports,
    desk_fees,
    desk_invoices,
    desk_money,
    desk_pin,
    desk_sellers,
    desk_slots,
    desk_supply,
    desk_takeaway,
    diary,
    driver_calendar,
    owing,
    payouts,
    producer_imports,
    reconciliation,
    producer_invoices,
    refunding,
    season,
    settlements,
    till,
)
"""Modules that add their pages to one of these doors by being imported."""
