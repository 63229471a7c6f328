"""What can go wrong after a sale."""
