"""Relay addresses in use."""

from __future__ import annotations

from tests.relay.conftest import relay, relay_domain

__all__ = ["relay", "relay_domain"]
