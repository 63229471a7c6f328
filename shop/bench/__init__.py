"""Measures of the shop against floors that are run beside it, in the same minute."""
