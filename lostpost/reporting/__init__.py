"""The statement of an account and the specification of an invoice."""
