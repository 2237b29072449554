"""How the scans of carriers reach the marketplace."""
