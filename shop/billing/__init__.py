"""What follows a sale: invoices, the till, settlement with producers, the bank."""
