"""Reading what was invoiced, paid and settled."""
