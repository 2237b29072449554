"""Normalised forms of texts for searching, and the comparison of two spellings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lostpost.core.text import compact_form, search_form, spelling

# The columns with a normalised form beside them, and which form.
_FORMS: dict[str, Callable[[str], str]] = {
    "customer_name": search_form,
    "customer_postal_code": compact_form,
    "title": search_form,
    "carrier": compact_form,
    "tracking_number": compact_form,
}


def with_forms(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the values of a row their normalised forms."""
    forms = {f"{name}_normalised": form(values[name]) for name, form in _FORMS.items() if name in values}
    return {**values, **forms}


def same_value(known: Any, sent: Any) -> bool:
    """Return whether a value sent is the value stored; texts are the same however two programs spell them."""
    if isinstance(known, str) and isinstance(sent, str):
        return known == sent or spelling(known) == spelling(sent)
    return bool(known == sent)
