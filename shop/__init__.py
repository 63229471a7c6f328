"""Carriole: an open multi-producer local-food shop, and the logistics behind it."""
