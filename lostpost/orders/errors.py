"""Refusals about orders."""

from __future__ import annotations

from lostpost.core.errors import NotFound


class OrderNotFound(NotFound):
    """There is no such order in this shop."""
