"""The self-check: what must be true of units, money and documents, checked against the rows."""
