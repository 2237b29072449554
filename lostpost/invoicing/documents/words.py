"""What a document says, word for word and number for number, in the language that is active.

These are the words for the page's places; where they stand is in `document.typ`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from babel import Locale
from babel.dates import format_date, format_interval, format_time
from babel.numbers import format_decimal, format_percent
from django.utils.translation import gettext as _

from lostpost.core.money import exponent, format_money
from lostpost.core.vat import (
    EXEMPT,
    EXPORT,
    INTRA_COMMUNITY,
    OUTSIDE,
    REVERSE_CHARGE,
    STANDARD,
    TRANSFERRED,
    ZERO_RATED,
)
from lostpost.invoicing.documents.content import (
    CreditLine,
    CreditNoteContent,
    DocumentLine,
    InvoiceContent,
    Party,
    VatGroup,
    grouped,
)
from lostpost.invoicing.documents.vat_notes import vat_note, vat_note_of_goods
from lostpost.invoicing.documents.words_of_credit import credit_words, paid_again_words
from lostpost.ledger.models import InvoiceLineKind

Words: TypeAlias = dict[str, Any]

_MINUS = "\N{MINUS SIGN}"
_BOUND = "\N{NO-BREAK SPACE}"


class _Figures:
    """Numbers and dates as readers of the language write them."""

    def __init__(self, currency: str, language: str) -> None:
        self.currency = currency
        self.language = language
        # English without a country is that of our neighbours: the day before the month.
        self._locale = {"en": "en_GB"}.get(language, language)
        self._decimals = exponent(currency)
        self._pattern = "#,##0" + ("." + "0" * self._decimals if self._decimals else "")

    def amount(self, minor: int) -> str:
        """Write an amount for a column that names its currency."""
        number = Decimal(minor).scaleb(-self._decimals)
        return format_decimal(number, self._pattern, locale=self._locale).replace("-", _MINUS)

    def money(self, minor: int) -> str:
        """Write an amount with its currency, never broken over two lines."""
        return format_money(minor, self.currency, self._locale).replace("-", _MINUS).replace(" ", _BOUND)

    def number(self, number: Decimal) -> str:
        """Write a number with the decimals that it has."""
        return format_decimal(number.normalize(), "#,##0.##########", locale=self._locale)

    def rate(self, rate_bp: int) -> str:
        """Write a rate in per cent."""
        return format_percent(Decimal(rate_bp) / 10_000, "#,##0.##%", locale=self._locale)

    def country(self, code: str) -> str:
        """Write a country's name, or its code where there is no such country."""
        return str(Locale.parse(self._locale).territories.get(code.upper(), code))

    def day(self, day: date) -> str:
        """Write a day with its month in words."""
        return format_date(day, "long", locale=self._locale)

    def period(self, content: InvoiceContent) -> str:
        """Write the first and the last day of what it holds, the month once if it is the same."""
        first, last = content.held_from_on, content.held_to_on
        return format_interval(first, last, "yMMMMd", locale=self._locale)

    def instant(self, content: InvoiceContent) -> str:
        """Write the cut-off to the minute, with its zone."""
        at = content.cut_off_at
        return f"{self.day(at.date())}, {format_time(at, 'HH:mm', locale=self._locale)} {at.tzname()}"


def invoice_words(content: InvoiceContent, language: str) -> Words:
    """Say what stands on a sales invoice."""
    figures = _Figures(content.currency, language)
    lines = content.lines
    return {
        "title": _("Sales invoice %(number)s") % {"number": content.number},
        "description": _("What %(supplier)s settles with %(customer)s for %(period)s")
        % {
            "supplier": content.supplier.name,
            "customer": content.customer.name,
            "period": figures.period(content),
        },
        "author": content.supplier.name,
        "heading": _("Sales invoice"),
        "footer": f"{content.supplier.name} · {_('Sales invoice %(number)s') % {'number': content.number}}",
        "page": _page(),
        "from": _party(_("From"), content.supplier, figures),
        "to": _party(_("To"), content.customer, figures),
        "facts": {
            "left": [
                [_("Invoice number"), content.number],
                [_("Invoice date"), figures.day(content.issued_on)],
                [_("Your shop"), content.customer.code or content.customer.name],
            ],
            "right": [
                [_("Period"), figures.period(content)],
                [_("Everything before"), figures.instant(content)],
                [_("Currency"), content.currency],
            ],
        },
        "outcome": _outcome(content, figures),
        "lines": {
            "title": _("What it is made of"),
            "columns": [
                _column(_("Line"), wide=True),
                _column(_("Entries"), number=True),
                _column(_("VAT")),
                *_amount_columns(content.currency),
            ],
            "rows": [_invoice_row(line, figures) for line in lines] or [_nothing(figures)],
        },
        "totals": _invoice_totals(content, figures),
        "vat": _vat(grouped(lines, [line.vat_category for line in lines]), figures),
        "notes": {
            "title": _("How to read this invoice"),
            "sentences": [
                _("Amounts that you owe us are positive. Amounts that we owe you have a minus sign (%(minus)s).")
                % {"minus": _MINUS},
                _("What we heard of too late for this invoice stands on your next one."),
                _("The specification lists every order behind these lines; you find it beside this invoice."),
            ],
        },
    }


def credit_note_words(content: CreditNoteContent, language: str) -> Words:
    """Say what stands on a credit note to a customer, or on the invoice over what was paid again.

    No bank account, for nothing is to be paid.
    """
    figures = _Figures(content.currency, language)
    lines = content.lines
    initial = {
        "number": content.invoice_number,
        "date": figures.day(content.invoice_issued_on),
        "between": content.amends_number,
    }
    own = paid_again_words(content, initial) if content.is_invoice else credit_words(content, initial)
    return {
        "author": content.supplier.name,
        "footer": f"{content.supplier.name} · {own['title']}",
        "page": _page(),
        "from": _party(_("From"), content.supplier, figures),
        "to": _party(_("To"), content.customer, figures),
        "facts": {
            "left": [
                [own.pop("number"), content.number],
                [_("Date"), figures.day(content.issued_on)],
                [_("Order"), content.order_number],
                [_("Currency"), content.currency],
            ],
            "right": [
                [own.pop("amends"), content.invoice_number],
                [_("Invoice date"), initial["date"]],
                *([[own.pop("between"), content.amends_number]] if content.amends_number else []),
                *([[_("Date of supply"), figures.day(content.supplied_on)]] if content.supplied_on else []),
            ],
        },
        "outcome": {
            "words": own.pop("outcome"),
            "amount": figures.money(content.total_minor),
            "details": own.pop("details"),
        },
        "lines": {
            "title": own.pop("lines"),
            "columns": [
                _column(_("Item"), wide=True),
                _column(_("Quantity"), number=True),
                _column(_("VAT"), number=True),
                *_amount_columns(content.currency),
            ],
            "rows": [_credit_row(line, figures) for line in lines],
        },
        "totals": [
            _total(_("Net"), figures.amount(content.net_minor)),
            _total(_("VAT"), figures.amount(content.vat_minor)),
            _total(_("Total"), figures.money(content.total_minor), strong=True),
        ],
        "vat": _vat(grouped(lines, [line.vat_category for line in lines]), figures, of_goods=True),
        "notes": {"title": _("Why you receive this"), "sentences": own.pop("sentences")},
        **own,
    }


def unknown_signs() -> str:
    """Say what the squares stand for."""
    return _(
        "A square (%(square)s) stands for a sign that we cannot print; the structured e-invoice has every name in full."
    ) % {"square": "\N{WHITE SQUARE}"}


def _page() -> str:
    """Say which page it is; the numbers are known when the page is set."""
    return _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"}


def _party(title: str, party: Party, figures: _Figures) -> Words:
    place = f"{party.postal_code} {party.city}".strip()
    facts = [
        [_("VAT number"), party.vat_number],
        [_("Registration number"), party.registration_number],
    ]
    return {
        "title": title,
        "name": party.name,
        "lines": [line for line in (party.street, place, figures.country(party.country)) if line],
        "facts": [fact for fact in facts if fact[1]],
    }


def _outcome(content: InvoiceContent, figures: _Figures) -> Words:
    """Say who pays whom how much, where and when."""
    if content.payable_minor < 0:
        words, details = _("We pay you"), _we_pay(content.customer)
    elif content.payable_minor > 0:
        words, details = _("You owe us"), _you_owe(content, figures)
    else:
        words, details = _("Nothing is to be paid"), ""
    return {"words": words, "amount": figures.money(abs(content.payable_minor)), "details": details}


def _we_pay(customer: Party) -> str:
    if not customer.iban:
        return _("On the invoice date we knew no bank account of yours; we pay to the one that you give us.")
    return _("To your account %(iban)s, unless it is set off with what you owe us on a later sales invoice.") % {
        "iban": _spaced(customer.iban)
    }


def _you_owe(content: InvoiceContent, figures: _Figures) -> str:
    settled = _("It is settled with your next sales invoice.")
    if content.due_on:
        settled = _("It is settled with your next sales invoice, and is to be paid by %(date)s at the latest.") % {
            "date": figures.day(content.due_on)
        }
    if not content.supplier.iban:
        return settled
    transfer = _("If you would rather pay now, transfer it to %(iban)s in the name of %(name)s, with %(number)s.") % {
        "iban": _spaced(content.supplier.iban),
        "name": content.supplier.name,
        "number": content.number,
    }
    return f"{settled} {transfer}"


def _invoice_totals(content: InvoiceContent, figures: _Figures) -> list[Words]:
    totals = [
        _total(_("Net"), figures.amount(content.net_minor)),
        _total(_("VAT"), figures.amount(content.vat_minor)),
        _total(_("Total of this invoice"), figures.amount(content.total_minor), strong=True),
    ]
    if national := content.national_vat:
        in_national = _Figures(national.currency, figures.language)
        label = _("VAT in %(national)s, at %(rate)s %(currency)s for 1 %(national)s on %(date)s") % {
            "national": national.currency,
            "currency": content.currency,
            "rate": figures.number(national.rate),
            "date": figures.day(national.rate_on),
        }
        totals.insert(2, _total(label, in_national.amount(national.vat_minor)))
    if content.carried_minor > 0:
        totals.append(_total(_("Still owed on earlier sales invoices"), figures.amount(content.carried_minor)))
    if content.carried_minor < 0:
        totals.append(_total(_("We still owed you on earlier sales invoices"), figures.amount(content.carried_minor)))
    totals.append(_total(_("To be paid"), figures.money(content.payable_minor), strong=True))
    return totals


def _invoice_row(line: DocumentLine, figures: _Figures) -> Words:
    meaning = {
        InvoiceLineKind.TURNOVER: _("What customers paid for parcels that you handed over to the carrier"),
        InvoiceLineKind.CORRECTION_TURNOVER: _("Lost parcels, returns and changed orders; payments that were restored"),
        InvoiceLineKind.COMMISSION: _("What we charge for these sales"),
        InvoiceLineKind.CORRECTION_COMMISSION: _("Commission on what was corrected"),
        InvoiceLineKind.VAT_ROUNDING: _("VAT is rounded on the total, not sale by sale"),
    }
    rate = f" {figures.rate(line.vat_rate_bp)}" if line.vat_category == STANDARD else ""
    return {
        "note": meaning[line.kind],
        "cells": [
            str(line.kind.label),
            str(line.transfers),
            f"{line.vat_category}{rate}".replace(" ", _BOUND),
            *_amounts(line.net_minor, line.vat_minor, figures),
        ],
    }


def _nothing(figures: _Figures) -> Words:
    """Say that an invoice only takes a debt over."""
    return {"note": "", "cells": [_("Nothing in this period"), "0", "", *_amounts(0, 0, figures)]}


def _credit_row(line: CreditLine, figures: _Figures) -> Words:
    code = line.sku or line.item
    return {
        "note": _("Article number %(code)s") % {"code": code} if code else "",
        "cells": [
            line.title or code or _("Delivery costs"),
            str(line.quantity),
            figures.rate(line.vat_rate_bp) if line.vat_category in (STANDARD, ZERO_RATED) else line.vat_category,
            *_amounts(line.net_minor, line.vat_minor, figures),
        ],
    }


def _vat(groups: Iterable[VatGroup], figures: _Figures, *, of_goods: bool = False) -> Words:
    """Add up by category. Args: `of_goods`: of a seller's, and not of what the marketplace settles."""
    note = vat_note_of_goods if of_goods else vat_note
    return {
        "title": _("VAT"),
        "columns": [
            _column(_("Category"), wide=True),
            *_amount_columns(figures.currency),
        ],
        "rows": [
            {
                "note": note(group.category),
                "cells": [_vat_category(group, figures), *_amounts(group.net_minor, group.vat_minor, figures)],
            }
            for group in groups
        ],
    }


def _vat_category(group: VatGroup, figures: _Figures) -> str:
    rate = {"rate": figures.rate(group.rate_bp)}
    if group.category == TRANSFERRED:
        return _("B: transferred, no VAT")
    if group.category == STANDARD:
        return _("S: %(rate)s of the net amount") % rate
    if group.category == REVERSE_CHARGE:
        return _("AE: VAT reverse charged")
    if group.category == OUTSIDE:
        return _("O: outside the scope of VAT")
    if group.category == INTRA_COMMUNITY:
        return _("K: intra-community supply, no VAT")
    if group.category == EXPORT:
        return _("G: export, no VAT")
    if group.category == EXEMPT:
        return _("E: exempt from VAT")
    return _("No VAT")


def _amount_columns(currency: str) -> list[Words]:
    return [
        _column(_("Net (%(currency)s)") % {"currency": currency}, number=True),
        _column(_("VAT (%(currency)s)") % {"currency": currency}, number=True),
        _column(_("Total (%(currency)s)") % {"currency": currency}, number=True),
    ]


def _amounts(net_minor: int, vat_minor: int, figures: _Figures) -> list[str]:
    return [figures.amount(net_minor), figures.amount(vat_minor), figures.amount(net_minor + vat_minor)]


def _column(name: str, *, number: bool = False, wide: bool = False) -> Words:
    return {"name": name, "number": number, "wide": wide}


def _total(words: str, amount: str, *, strong: bool = False) -> Words:
    return {"words": words, "amount": amount, "strong": strong}


def _spaced(iban: str) -> str:
    """Write an account number in groups of four that stay on one line."""
    plain = "".join(iban.split())
    return _BOUND.join(plain[at : at + 4] for at in range(0, len(plain), 4))
