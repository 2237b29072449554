"""The customer's link: what became of their query, without a login."""
