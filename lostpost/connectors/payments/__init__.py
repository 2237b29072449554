"""Refunds on their way through payment providers, each by its provider's own library."""
