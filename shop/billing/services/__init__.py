"""Deciding and writing what follows a sale."""
