"""The lives of a crate, of a truck round, of its stops, and of searches for plans."""

from __future__ import annotations

from shop.kernel.lifecycle import Lifecycle

CRATE = Lifecycle(
    name="crate",
    initial="expected",
    moves={
        ("expected", "receive"): "received",
        ("expected", "hand_over"): "handed_over",
        ("expected", "miss"): "missing",
        ("received", "reopen"): "expected",
        ("missing", "reopen"): "expected",
        ("received", "load"): "loaded",
        ("received", "quarantine"): "quarantined",
        ("received", "hand_over"): "handed_over",
        ("loaded", "hand_over"): "handed_over",
        ("loaded", "miss"): "missing",
        ("loaded", "bring_back"): "received",
        ("missing", "receive"): "received",
        ("quarantined", "receive"): "received",
    },
)

TRUCK_ROUND = Lifecycle(
    name="truck_round",
    initial="draft",
    moves={
        ("draft", "publish"): "published",
        ("draft", "discard"): "discarded",
        ("published", "load"): "loading",
        ("published", "depart"): "underway",
        ("loading", "depart"): "underway",
        ("underway", "finish"): "done",
    },
)

STOP = Lifecycle(
    name="stop",
    initial="planned",
    moves={
        ("planned", "arrive"): "arrived",
        ("planned", "serve"): "served",
        ("planned", "fail"): "failed",
        ("arrived", "serve"): "served",
        ("arrived", "fail"): "failed",
        ("failed", "serve"): "served",
    },
)

PLAN_RUN = Lifecycle(
    name="plan_run",
    initial="queued",
    moves={
        ("queued", "start"): "running",
        ("running", "finish"): "done",
        ("queued", "fail"): "failed",
        ("running", "fail"): "failed",
        ("queued", "give_up"): "abandoned",
        ("running", "give_up"): "abandoned",
    },
)

EXCHANGE_RUN = Lifecycle(
    name="exchange_run",
    initial="queued",
    moves={
        ("queued", "start"): "running",
        ("running", "finish"): "done",
        ("queued", "fail"): "failed",
        ("running", "fail"): "failed",
    },
)
