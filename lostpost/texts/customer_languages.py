"""The languages in which customers are written to: more than those of the shops' own pages."""

from __future__ import annotations

from django.conf import settings

FALLBACK = "en"


def customer_language(*languages: str) -> str:
    """Return the first of the languages in which customers are written to; English if none is."""
    plain = (language.lower().replace("_", "-").partition("-")[0] for language in languages)
    return next((language for language in plain if language in settings.CUSTOMER_LANGUAGES), FALLBACK)
