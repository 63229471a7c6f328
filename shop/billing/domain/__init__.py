"""Rules of invoices, the till and settlement, over plain values."""
