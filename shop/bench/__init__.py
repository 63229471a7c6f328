"""Measures of the shop against floors that are run beside it, in the same minute.

Figures move from machine to machine, so each is a ratio to a floor on the same core. The shop
and its database run on one core, the load comes from another; the payment provider is left out.
"""
