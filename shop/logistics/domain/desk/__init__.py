"""What people do to a plan by hand, and what the day does to it: plain values, no database."""
