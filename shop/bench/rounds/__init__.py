"""Measures the planner of rounds on files of the literature and our own, beside its peers."""
