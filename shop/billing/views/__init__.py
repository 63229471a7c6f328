"""Pages of what follows a sale."""
