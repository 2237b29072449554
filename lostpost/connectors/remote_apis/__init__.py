"""Asking the interfaces of carriers and shop platforms: deadlines, access tokens, budgets, and what went wrong."""
