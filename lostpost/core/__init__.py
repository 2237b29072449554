"""What every package stands on: money, keys of seller-owned rows, errors, idempotency, clock."""
