"""Requests to Partnerservice."""
