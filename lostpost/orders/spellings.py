"""Texts that are kept as they came, the forms in which they are searched, and when two of them are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lostpost.core.text import compact_form, search_form, spelling

# The columns that keep a form of another: of which, and which form.
_FORMS: dict[str, Callable[[str], str]] = {
    "customer_name": search_form,
    "title": search_form,
    "carrier": compact_form,
    "tracking_number": compact_form,
}


def with_forms(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the values of a row the forms that are kept beside them."""
    forms = {f"{name}_normalised": form(values[name]) for name, form in _FORMS.items() if name in values}
    return {**values, **forms}


def same_value(known: Any, sent: Any) -> bool:
    """Tell whether what is sent is what is known; texts are the same however two programs spell them."""
    if isinstance(known, str) and isinstance(sent, str):
        return known == sent or spelling(known) == spelling(sent)
    return bool(known == sent)
