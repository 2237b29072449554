"""What a credit note says that an invoice over what was paid again does not, and the other way round."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lostpost.invoicing.documents.content import CreditNoteContent


def credit_words(content: CreditNoteContent, initial: dict[str, str]) -> dict[str, Any]:
    """Say what is said of a credit note alone."""
    amends = _("This credit note amends invoice %(number)s of %(date)s and belongs to it.") % initial
    if content.amends_number:
        amends = (
            _("This credit note amends invoice %(number)s of %(date)s and invoice %(between)s, and belongs to them.")
            % initial
        )
    reason = _("These items were lost in the mail, so you do not pay for them.")
    if content.for_compensation:
        reason = _("You get this amount back as a compensation.")
    return {
        "title": _("Credit note %(number)s") % {"number": content.number},
        "description": _("Credits invoice %(number)s of %(date)s") % initial,
        "heading": _("Credit note"),
        "number": _("Credit note number"),
        "amends": _("Credits invoice"),
        "between": _("and invoice"),
        "outcome": _("You get back"),
        "details": _("It is paid back the way you paid."),
        "lines": _("What is credited"),
        "sentences": [reason, amends],
    }


def paid_again_words(content: CreditNoteContent, initial: dict[str, str]) -> dict[str, Any]:
    """Say what is said of an invoice over what was paid again alone."""
    takes_back = _("This invoice takes credit note %(between)s back, which amended invoice %(number)s of %(date)s.")
    return {
        "title": _("Invoice %(number)s") % {"number": content.number},
        "description": _("Takes credit note %(between)s of invoice %(number)s back") % initial,
        "heading": _("Invoice"),
        "number": _("Invoice number"),
        "amends": _("Belongs to invoice"),
        "between": _("Takes back credit note"),
        "outcome": _("You paid"),
        "details": _("It is paid; nothing is to be paid."),
        "lines": _("What you paid again"),
        "sentences": [_("These items arrived after all, and you paid for them again."), takes_back % initial],
    }
