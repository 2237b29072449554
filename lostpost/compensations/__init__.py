"""Money that Partnerservice grants a customer without a write-off: a part of what was paid, or the delivery costs."""
