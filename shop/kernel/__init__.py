"""Words that every room speaks: money, quantities, lifecycles, errors. No framework here."""
