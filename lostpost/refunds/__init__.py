"""Refunds, their states and the gateway that pays them."""
