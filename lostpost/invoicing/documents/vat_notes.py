"""What a category of VAT means for the reader of a document."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lostpost.core.vat import EXPORT, INTRA_COMMUNITY, OUTSIDE, REVERSE_CHARGE, TRANSFERRED


def vat_note_of_goods(category: str) -> str:
    """Say what a category means for the customer; nothing of those that need no words."""
    if category == REVERSE_CHARGE:
        return _("You account for the VAT in your country.")
    if category == INTRA_COMMUNITY:
        return _("You account for the VAT in your country (Directive 2006/112/EC, articles 138 and 200).")
    if category == EXPORT:
        return _("The goods left the European Union (Directive 2006/112/EC, article 146).")
    return ""


def vat_note(category: str) -> str:
    """Say what a category means for the shop; nothing of those that need no words."""
    if category == TRANSFERRED:
        return _("Passed through in your name and on your behalf; VAT on your sales is yours to declare.")
    if category == REVERSE_CHARGE:
        return _("You account for the VAT in your country (Directive 2006/112/EC, articles 44 and 196).")
    if category == OUTSIDE:
        return _("Supplied to a business outside the European Union (Directive 2006/112/EC, article 44).")
    return ""
