"""Delivery of events to partners' addresses, after the Standard Webhooks specification."""
