"""Plumbing without business: database, unit of work, outbox and inbox, ports, clock, logs."""
