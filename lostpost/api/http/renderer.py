"""Render responses as JSON, with one format for each kind of value."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from lostpost.core.clock import rfc3339


class ExactEncoder(NinjaJSONEncoder):
    """Instants to the microsecond, in UTC: what is cut off would be another instant, and `eligible_from` too early."""

    def default(self, o: Any) -> Any:
        """Convert a value that JSON has no type for."""
        return rfc3339(o) if isinstance(o, datetime) else super().default(o)


class ExactRenderer(JSONRenderer):
    """Write answers down."""

    encoder_class = ExactEncoder
