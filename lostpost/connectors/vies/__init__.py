"""VIES: whether VAT numbers of other countries of the Union are valid."""
