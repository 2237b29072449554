"""Sellers, their members, and the marketplace's versioned policy."""
