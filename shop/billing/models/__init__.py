"""Tables of what follows a sale."""
