"""Orders that another platform hands over, the rounds that serve them, and who found better."""
