"""A shop's feed of events, and the webhooks that deliver it."""
