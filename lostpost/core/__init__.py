"""Shared basics: money, keys of seller-owned rows, errors, idempotency, clock."""
