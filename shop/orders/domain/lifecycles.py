"""The lives of an order, of its payment and what follows it, and of what farms are asked."""

from __future__ import annotations

from shop.kernel.lifecycle import Lifecycle

ORDER = Lifecycle(
    name="order",
    initial="awaiting_payment",
    moves={
        ("awaiting_payment", "secure"): "placed",
        ("awaiting_payment", "cancel"): "canceled",
        ("placed", "cancel"): "canceled",
        ("placed", "confirm"): "firm",
        ("firm", "fulfill"): "fulfilled",
        ("fulfilled", "settle"): "settled",
        ("settled", "reopen"): "fulfilled",
    },
)

PAYMENT = Lifecycle(
    name="payment",
    initial="created",
    moves={
        ("created", "authorize"): "authorized",
        ("created", "keep_card"): "card_kept",
        ("created", "cancel"): "canceled",
        ("created", "fail"): "failed",
        ("card_kept", "charge"): "captured",
        ("card_kept", "cancel"): "canceled",
        ("card_kept", "fail"): "failed",
        ("card_kept", "debit"): "processing",
        ("processing", "charge"): "captured",
        ("processing", "fail"): "failed",
        ("captured", "return"): "returned",
        ("authorized", "capture"): "captured",
        ("authorized", "cancel"): "canceled",
        ("authorized", "fail"): "failed",
    },
)

PURCHASE_ORDER = Lifecycle(
    name="purchase_order",
    initial="draft",
    moves={
        ("draft", "issue"): "issued",
        ("issued", "accept"): "accepted",
        ("issued", "refuse"): "refused",
        ("accepted", "refuse"): "refused",
        ("refused", "accept"): "accepted",
        ("refused", "collect"): "collected",
        ("issued", "collect"): "collected",
        ("accepted", "accept"): "accepted",
        ("accepted", "collect"): "collected",
    },
)

BASKET = Lifecycle(
    name="basket",
    initial="open",
    moves={
        ("open", "lapse"): "lapsed",
        ("lapsed", "revive"): "open",
        ("open", "order"): "ordered",
    },
)

REFUND = Lifecycle(
    name="refund",
    initial="noted",
    moves={
        ("noted", "succeed"): "done",
        ("noted", "refuse"): "refused",
        ("done", "bounce"): "refused",
    },
)

AMENDMENT = Lifecycle(
    name="amendment",
    initial="waiting",
    moves={
        ("waiting", "apply"): "applied",
        ("waiting", "lapse"): "lapsed",
    },
)

DISPUTE = Lifecycle(
    name="dispute",
    initial="open",
    moves={
        ("open", "answer"): "under_review",
        ("open", "win"): "won",
        ("open", "lose"): "lost",
        ("under_review", "win"): "won",
        ("under_review", "lose"): "lost",
    },
)

DISPUTE_ANSWER = Lifecycle(
    name="dispute_answer",
    initial="noted",
    moves={
        ("noted", "send"): "sent",
        ("noted", "refuse"): "refused",
    },
)

VOUCHER = Lifecycle(
    name="voucher",
    initial="waiting",
    moves={
        ("waiting", "activate"): "active",
        ("waiting", "end"): "ended",
        ("active", "end"): "ended",
    },
)

DISCOUNT_CODE = Lifecycle(
    name="discount_code",
    initial="active",
    moves={("active", "end"): "ended"},
)

SEASON_CONTRACT = Lifecycle(
    name="season_contract",
    initial="offered",
    moves={
        ("offered", "sign"): "signed",
        ("offered", "drop"): "dropped",
        ("signed", "end"): "ended",
    },
)
