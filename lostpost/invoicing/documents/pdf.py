"""Sales invoices and credit notes as PDF: set by Typst, tagged for screen readers, kept readable for archives.

PDF/A-2a and PDF/UA-1 at once. The same content in the same language gives the same bytes: no clock, no font of the
machine's, nothing random.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import typst
from django.utils import translation

from lostpost.invoicing.documents.content import CreditNoteContent, InvoiceContent
from lostpost.invoicing.documents.fonts import UNKNOWN, drawable, shipped_fonts
from lostpost.invoicing.documents.languages import written_language
from lostpost.invoicing.documents.words import credit_note_words, invoice_words, unknown_signs

Words: TypeAlias = dict[str, Any]


def invoice_pdf(content: InvoiceContent, language: str = "en") -> bytes:
    """Set a sales invoice, in the language of its reader."""
    language = written_language(language)
    with translation.override(language):
        return _set(invoice_words(content, language), language, content.issued_on)


def credit_note_pdf(content: CreditNoteContent, language: str = "en") -> bytes:
    """Set a credit note to a customer, in the language of its reader."""
    language = written_language(language)
    with translation.override(language):
        return _set(credit_note_words(content, language), language, content.issued_on)


def _set(words: Words, language: str, issued_on: date) -> bytes:
    drawn = _drawable(words)
    if UNKNOWN in json.dumps(drawn, ensure_ascii=False):
        drawn["notes"]["sentences"].append(drawable(unknown_signs()))
    drawn["date"] = [issued_on.year, issued_on.month, issued_on.day]
    drawn["language"] = language
    timestamp = int(datetime.combine(issued_on, time(12), UTC).timestamp())
    compiler = typst.Compiler(
        _template(), font_paths=shipped_fonts(), ignore_system_fonts=True, sys_inputs={"data": json.dumps(drawn)}
    )
    try:
        made = compiler.compile(format="pdf", timestamp=timestamp, pdf_standards=["a-2a", "ua-1"])
    except typst.TypstError:
        # Marks of a script that cannot be put on their letters, say: a document that promises less is better than none.
        made = compiler.compile(format="pdf", timestamp=timestamp)
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return (Path(__file__).parent / "document.typ").read_bytes()


def _drawable(value: Any) -> Any:
    """Return the words with every text as our fonts can draw it."""
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, Mapping):
        return {name: _drawable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_drawable(each) for each in value]
    return value
