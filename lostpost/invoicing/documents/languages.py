"""Which languages documents can be written in."""

from __future__ import annotations

from django.utils.translation import get_supported_language_variant


def written_language(language: str) -> str:
    """Return the language itself or its parent (`nl` for `nl-be`), else English: no document is half in each."""
    try:
        return get_supported_language_variant(language)
    except LookupError:
        return "en"
