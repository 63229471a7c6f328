"""The demonstration market: a year-round shop of the Var, as it would stand today.

Rows are made here directly, in bulk, because a history cannot be lived through in seconds; what
they hold comes from the same rules as in the rooms (prices, ledger, lifecycles, planning).
"""
