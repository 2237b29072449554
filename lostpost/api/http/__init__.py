"""What all routes share: authentication, idempotency keys, pagination, rate limits and how requests are read."""
