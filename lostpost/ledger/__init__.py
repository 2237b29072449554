"""Double-entry transfers, append-only."""
